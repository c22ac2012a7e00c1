"""Deliveries: which are due, who is sending them, what came of it. PostgreSQL is the only record of that.

The order of a document at an endpoint is a queue with one head (`due`, `sending` or `dead`) and the rest `waiting`; the
next is promoted when the head is delivered. A dead head keeps its own document waiting until it is replayed, and no
other. All changes of a tenant's queues take one lock, held for milliseconds and never while something is sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.postgres.connection import Connection
from adapters.postgres.outbox import endpoints
from adapters.postgres.outbox.events import COLUMNS, PublishedEvent, event
from adapters.postgres.outbox.locks import DELIVERIES

LEASE: Final = timedelta(seconds=30)  # at least, and a third more at most; twice what an attempt may take
MAX_CRASHES: Final = 5  # workers that may die of one delivery
MAX_IN_FLIGHT: Final = 8  # of one endpoint, so that a slow receiver leaves room for others

PROMOTE = """
    UPDATE outbox.delivery SET state = 'due', due_at = statement_timestamp() WHERE id IN (
        SELECT next.id FROM unnest($1::uuid[], $2::uuid[]) AS queue (endpoint_id, subject_id)
        CROSS JOIN LATERAL (
            SELECT d.id FROM outbox.delivery d
            WHERE d.endpoint_id = queue.endpoint_id AND d.subject_id = queue.subject_id AND d.state = 'waiting'
            ORDER BY d.sequence LIMIT 1) next
        WHERE NOT EXISTS (
            SELECT FROM outbox.delivery head
            WHERE head.endpoint_id = queue.endpoint_id AND head.subject_id = queue.subject_id
              AND head.state IN ('due', 'sending', 'dead')))"""

# A delivery still `sending` after its lease lost its worker. It is counted before the work starts, so that even one
# that kills every worker comes to an end. Leases end apart: what was sent beside it is not sent beside it again.
CLAIM = f"""
    WITH picked AS (
        SELECT d.id, d.state, d.attempts, d.crashes FROM outbox.endpoint p CROSS JOIN LATERAL (
            SELECT d.id, d.state, d.attempts, d.crashes, d.due_at FROM outbox.delivery d
            WHERE d.endpoint_id = p.id AND d.state IN ('due', 'sending') AND d.due_at <= statement_timestamp()
            ORDER BY d.due_at
            LIMIT greatest(0, {MAX_IN_FLIGHT} - (
                SELECT count(*) FROM outbox.delivery s
                WHERE s.endpoint_id = p.id AND s.state = 'sending' AND s.due_at > statement_timestamp()))) d
        WHERE p.active ORDER BY d.due_at LIMIT $1),
    lost AS (
        INSERT INTO outbox.attempt (delivery_id, number, finished_at, error)
        SELECT id, attempts, statement_timestamp(), 'The worker stopped while sending.'
        FROM picked WHERE state = 'sending'),
    dead AS (
        UPDATE outbox.delivery d SET state = 'dead', due_at = NULL, finished_at = statement_timestamp(),
            last_status = NULL, last_error = 'Sending it stopped {MAX_CRASHES} workers.'
        FROM picked WHERE d.id = picked.id AND picked.crashes >= {MAX_CRASHES}),
    claimed AS (
        UPDATE outbox.delivery d SET state = 'sending',
            due_at = statement_timestamp() + $2::interval * (1 + random() / 3),
            attempts = d.attempts + 1, tries = d.tries + 1, crashes = d.crashes + 1
        FROM picked WHERE d.id = picked.id AND picked.crashes < {MAX_CRASHES}
        RETURNING d.id, d.endpoint_id, d.event_id, d.attempts, d.tries)
    SELECT c.id AS delivery_id, c.attempts, c.tries, p.id AS endpoint_id, p.url, p.secret,
        CASE WHEN p.previous_secret_until > statement_timestamp() THEN p.previous_secret END AS previous_secret,
        {COLUMNS}
    FROM claimed c JOIN outbox.endpoint p ON p.id = c.endpoint_id JOIN outbox.event e ON e.id = c.event_id"""

# The number of the attempt fences off a worker whose lease ran out while it slept: another has counted on since.
RECORD = """
    WITH outcome AS (
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::interval[], $5::int[], $6::text[], $7::text[],
                             $8::int[])
            AS o (delivery_id, number, state, wait, status, error, response, duration_ms)),
    recorded AS (
        UPDATE outbox.delivery d SET state = o.state, due_at = statement_timestamp() + o.wait, crashes = 0,
            last_status = o.status, last_error = o.error,
            finished_at = CASE WHEN o.wait IS NULL THEN statement_timestamp() END
        FROM outcome o WHERE d.id = o.delivery_id AND d.attempts = o.number AND d.state = 'sending'
        RETURNING d.id, d.endpoint_id, d.subject_id, d.state),
    attempted AS (
        INSERT INTO outbox.attempt (delivery_id, number, finished_at, duration_ms, status, error, response)
        SELECT o.delivery_id, o.number, statement_timestamp(), o.duration_ms, o.status, o.error, o.response
        FROM outcome o JOIN recorded r ON r.id = o.delivery_id)
    SELECT endpoint_id, subject_id FROM recorded WHERE state = 'delivered'"""

NEXT_DUE = """
    SELECT min(first.due_at) - statement_timestamp() FROM outbox.endpoint p CROSS JOIN LATERAL (
        SELECT d.due_at FROM outbox.delivery d
        WHERE d.endpoint_id = p.id AND d.state IN ('due', 'sending') ORDER BY d.due_at LIMIT 1) first
    WHERE p.active"""

REPLAY = """
    UPDATE outbox.delivery SET state = 'waiting', due_at = NULL, finished_at = NULL, tries = 0, crashes = 0
    WHERE id = ANY ($1::uuid[]) AND state IN ('dead', 'delivered') RETURNING endpoint_id, subject_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that this process may send until its lease ends."""

    delivery_id: UUID
    endpoint_id: UUID
    attempt: int
    tries: int
    url: str
    secrets: tuple[bytes, ...]  # encrypted, the present one first
    event: PublishedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: delivered, to be tried again after `wait`, or dead."""

    claimed: Claimed
    delivered: bool
    gone: bool  # the receiver wants no more of this endpoint
    wait: timedelta | None
    status: int | None
    error: str | None
    response: str | None
    duration_ms: int

    @property
    def state(self) -> str:
        if self.delivered:
            return "delivered"
        return "dead" if self.wait is None else "due"


async def claim(connection: Connection, limit: int) -> list[Claimed]:
    """Take up to `limit` due deliveries, oldest first, one per document and endpoint. The attempts are counted with
    the commit of the caller's transaction, which holds the queue lock."""
    return [
        Claimed(
            delivery_id=row["delivery_id"],
            endpoint_id=row["endpoint_id"],
            attempt=row["attempts"],
            tries=row["tries"],
            url=row["url"],
            secrets=tuple(secret for secret in (row["secret"], row["previous_secret"]) if secret is not None),
            event=event(row),
        )
        for row in await connection.fetch(CLAIM, limit, LEASE)
    ]


async def record(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write what came of attempts and let the next of each delivered document move up. An outcome that comes after
    another worker took the delivery over is dropped. The caller's transaction holds the queue lock."""
    finished = await connection.fetch(
        RECORD,
        [each.claimed.delivery_id for each in outcomes],
        [each.claimed.attempt for each in outcomes],
        [each.state for each in outcomes],
        [None if each.delivered else each.wait for each in outcomes],
        [each.status for each in outcomes],
        [each.error for each in outcomes],
        [each.response for each in outcomes],
        [each.duration_ms for each in outcomes],
    )
    await promote(connection, {(row["endpoint_id"], row["subject_id"]) for row in finished})


async def turn(connection: Connection, outcomes: Sequence[Outcome], limit: int, at: datetime) -> list[Claimed]:
    """Record and claim in one transaction of its own: one round of a worker."""
    async with connection.transaction():
        await connection.execute(DELIVERIES.wait)
        if outcomes:
            await record(connection, outcomes)
            for endpoint_id in sorted({each.claimed.endpoint_id for each in outcomes if each.gone}):
                await endpoints.disable_gone(connection, endpoint_id, at)
        return await claim(connection, limit) if limit > 0 else []


async def promote(connection: Connection, queues: Iterable[tuple[UUID, UUID]]) -> None:
    """Put the first waiting delivery of each (endpoint, subject) at the head where there is none."""
    ordered = sorted(queues)
    if ordered:
        endpoints, subjects = zip(*ordered, strict=True)
        await connection.execute(PROMOTE, endpoints, subjects)


async def next_due(connection: Connection) -> timedelta | None:
    """How long until something may be claimed, not above zero when now; None when nothing is open."""
    wait: timedelta | None = await connection.fetchval(NEXT_DUE)
    return wait


async def replay(connection: Connection, delivery_ids: Sequence[UUID]) -> int:
    """Send dead or delivered ones again, each in its document's order, with fresh tries and the same webhook id.
    Answers how many; the rest are still open. Runs in the caller's transaction."""
    await connection.execute(DELIVERIES.wait)
    queues = [(row["endpoint_id"], row["subject_id"]) for row in await connection.fetch(REPLAY, delivery_ids)]
    await promote(connection, set(queues))
    return len(queues)
