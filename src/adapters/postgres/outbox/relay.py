"""The relay's batch: gives due events their place in the log and makes a delivery for every endpoint that wants them.

Rows are claimed from a queue: a cursor over ids or sequences skips what commits late. One holder at a time per tenant
and a sorted batch keep the order per document.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.postgres.connection import Connection
from adapters.postgres.outbox import deliveries
from adapters.postgres.outbox.events import COLUMNS, PublishedEvent, event
from adapters.postgres.outbox.locks import DELIVERIES, RELAY
from adapters.webhooks.subscription import wants
from bizcore.faults import fault
from bizcore.ids import new_id

BATCH: Final = 1_000

# Ids follow the clocks of the processes that made them, so an older event of a document may have the larger id and
# fall behind the limit; it comes along.
CLAIM = f"""
    WITH oldest AS (
        SELECT e.subject_id, max(e.sequence) AS sequence
        FROM (SELECT event_id FROM outbox.due ORDER BY event_id LIMIT {BATCH}) d
        JOIN outbox.event e ON e.id = d.event_id
        GROUP BY e.subject_id),
    claimed AS (
        DELETE FROM outbox.due WHERE event_id IN (
            SELECT d.event_id FROM outbox.due d JOIN outbox.event e ON e.id = d.event_id
            JOIN oldest o ON o.subject_id = e.subject_id AND e.sequence <= o.sequence)
        RETURNING event_id)
    SELECT {COLUMNS} FROM claimed JOIN outbox.event e ON e.id = claimed.event_id"""

APPEND = """
    INSERT INTO outbox.log (position, event_id)
    SELECT (SELECT coalesce(max(position), 0) FROM outbox.log) + place, event_id
    FROM unnest($1::uuid[]) WITH ORDINALITY AS batch (event_id, place)"""

SUBSCRIPTIONS = """
    SELECT id, events::text AS events, filter::text AS filter FROM outbox.endpoint WHERE active ORDER BY id"""

DELIVER = """
    INSERT INTO outbox.delivery (id, endpoint_id, event_id, subject_id, sequence, created_at)
    SELECT d.id, d.endpoint_id, e.id, e.subject_id, e.sequence, $4
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS d (id, endpoint_id, event_id)
    JOIN outbox.event e ON e.id = d.event_id"""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one pass did: `events` logged, `more` when the queue holds more than it took."""

    events: int
    deliveries: int

    @property
    def more(self) -> bool:
        return self.events >= BATCH


async def relay_batch(connection: Connection, organization: str, at: datetime) -> Batch:
    """One pass in a transaction of its own. Nothing is done while another process holds the tenant."""
    async with connection.transaction():
        if not await connection.fetchval(RELAY.attempt):
            return Batch(0, 0)
        events = in_order([event(row) for row in await connection.fetch(CLAIM)])
        if not events:
            return Batch(0, 0)
        fault("relay.after_claim")
        await connection.execute(APPEND, [each.id for each in events])
        wanted = await _wanted(connection, organization, events)
        if wanted:
            await connection.execute(DELIVERIES.wait)
            endpoints, event_ids, _ = zip(*wanted, strict=True)
            await connection.execute(DELIVER, [new_id() for _ in wanted], endpoints, event_ids, at)
            await deliveries.promote(connection, {(endpoint, subject) for endpoint, _, subject in wanted})
        fault("relay.before_commit")
    fault("relay.after_commit")
    return Batch(len(events), len(wanted))


def in_order(events: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """By id, and within a subject by sequence: its events trade places among themselves where clocks disagreed."""
    by_id = sorted(events, key=lambda each: each.id)
    queues: defaultdict[UUID, list[PublishedEvent]] = defaultdict(list)
    for each in sorted(events, key=lambda each: each.sequence, reverse=True):
        queues[each.subject_id].append(each)
    return [queues[each.subject_id].pop() for each in by_id]


async def _wanted(
    connection: Connection, organization: str, events: Sequence[PublishedEvent]
) -> list[tuple[UUID, UUID, UUID]]:
    """Endpoint, event and subject of each delivery to make."""
    endpoints = [
        (row["id"], json.loads(row["events"]), json.loads(row["filter"]))
        for row in await connection.fetch(SUBSCRIPTIONS)
    ]
    if not endpoints:
        return []
    return [
        (endpoint, each.id, each.subject_id)
        for each, envelope in ((each, each.envelope(organization)) for each in events)
        for endpoint, patterns, conditions in endpoints
        if wants(patterns, conditions, envelope)
    ]
