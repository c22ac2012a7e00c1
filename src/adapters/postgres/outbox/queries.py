"""What a user sees of deliveries, and which of them a replay means."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.postgres.connection import Connection

STATES: Final = ("waiting", "due", "sending", "delivered", "dead")

VIEW: Final = """jsonb_build_object(
    'id', d.id, 'endpoint', d.endpoint_id, 'state', d.state, 'attempts', d.attempts,
    'event', jsonb_build_object('id', e.id, 'type', e.type, 'sequence', e.sequence),
    'subject', jsonb_build_object('kind', e.subject_kind, 'type', e.subject_type, 'id', e.subject_id,
                                  'number', e.subject_number, 'version', e.subject_version),
    'next_attempt_at', CASE WHEN d.state = 'due' THEN platform.instant_text(d.due_at) END,
    'last_status', d.last_status, 'last_error', d.last_error,
    'created_at', platform.instant_text(d.created_at), 'finished_at', platform.instant_text(d.finished_at),
    'log', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'number', a.number, 'at', platform.instant_text(a.finished_at), 'duration_ms', a.duration_ms,
                'status', a.status, 'error', a.error, 'response', a.response) ORDER BY a.number), '[]')
            FROM outbox.attempt a WHERE a.delivery_id = d.id))"""

PAGE: Final = f"""
    SELECT d.id, ({VIEW})::text AS view FROM outbox.delivery d JOIN outbox.event e ON e.id = d.event_id
    WHERE ($1::uuid IS NULL OR d.endpoint_id = $1) AND ($2::text IS NULL OR d.state = $2)
      AND ($3::uuid IS NULL OR d.id < $3)
    ORDER BY d.id DESC LIMIT $4"""
ONE: Final = f"SELECT ({VIEW})::text FROM outbox.delivery d JOIN outbox.event e ON e.id = d.event_id WHERE d.id = $1"
RANGE: Final = """
    SELECT d.id FROM outbox.delivery d JOIN outbox.event e ON e.id = d.event_id
    WHERE d.endpoint_id = $1 AND e.occurred_at >= $2 AND e.occurred_at < $3 AND d.state = ANY ($4::text[])"""


async def page(
    connection: Connection, *, endpoint_id: UUID | None, state: str | None, after: UUID | None, limit: int
) -> Sequence[tuple[UUID, dict[str, Any]]]:
    """Deliveries with their attempts, newest first, behind an id."""
    rows = await connection.fetch(PAGE, endpoint_id, state, after, limit)
    return [(row["id"], json.loads(row["view"])) for row in rows]


async def one(connection: Connection, delivery_id: UUID) -> dict[str, Any] | None:
    view = await connection.fetchval(ONE, delivery_id)
    return None if view is None else dict(json.loads(view))


async def in_range(
    connection: Connection, endpoint_id: UUID, *, since: datetime, until: datetime, states: Sequence[str]
) -> Sequence[UUID]:
    """The deliveries of an endpoint whose events occurred from `since` to before `until`."""
    return [row["id"] for row in await connection.fetch(RANGE, endpoint_id, since, until, states)]
