"""How much of an organization's work for the outside waits, and for how long: counts and seconds, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection import Connection

_MEASURE: Final = """
    SELECT (SELECT count(*) FROM outbox.due) AS events,
        (SELECT extract(epoch FROM statement_timestamp() - min(recorded_at)) FROM outbox.due)::float8 AS event_seconds,
        count(*) FILTER (WHERE due_at <= statement_timestamp()) AS deliveries,
        extract(epoch FROM statement_timestamp() - min(due_at))::float8 AS delivery_seconds,
        count(*) FILTER (WHERE state = 'dead') AS dead
    FROM outbox.delivery WHERE state IN ('due', 'sending', 'dead')"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """`events` not yet in the log and `deliveries` whose time has come, with the age of the oldest of each in seconds;
    `dead` are deliveries that nobody sends any more until they are replayed."""

    events: int = 0
    event_seconds: float = 0.0
    deliveries: int = 0
    delivery_seconds: float = 0.0
    dead: int = 0


async def backlog(connection: Connection) -> Backlog:
    row = await connection.fetchrow(_MEASURE)
    assert row is not None
    return Backlog(
        row["events"],
        max(row["event_seconds"] or 0.0, 0.0),
        row["deliveries"],
        max(row["delivery_seconds"] or 0.0, 0.0),
        row["dead"],
    )


def together(measured: Iterable[Backlog]) -> Backlog:
    """Of several organizations: counts added, the oldest age of all."""
    each = list(measured)
    return Backlog(
        sum(one.events for one in each),
        max((one.event_seconds for one in each), default=0.0),
        sum(one.deliveries for one in each),
        max((one.delivery_seconds for one in each), default=0.0),
        sum(one.dead for one in each),
    )
