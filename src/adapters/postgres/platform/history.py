"""Reads that every document has: timeline, audit trail, comments, graph of links, what may be done; and the inbox."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from adapters.postgres.reading import PostgresReading
from adapters.postgres.views import Sight
from adapters.postgres.work import document_of
from bizcore.documents import Availability, Document, availabilities
from bizcore.documents.commands import guard_facts
from bizcore.documents.type import AnyDocumentType
from bizcore.errors import NotFound

# Of a receiver only the host: the path of a webhook's URL is often its key.
_TIMELINE = """
SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('at', platform.instant_text(e.at)) ORDER BY e.at, e.id)::text FROM (
    SELECT s.document_id::text || '-' || s.entry_no AS id, 'step' AS kind, s.at,
           s.actor_id AS actor, p.name AS actor_name,
           jsonb_build_object('action', s.action, 'from_state', s.from_state, 'to_state', s.to_state,
                              'from_phase', s.from_phase, 'to_phase', s.to_phase, 'reason', s.reason) AS content
    FROM platform.document_step s JOIN platform.principal p ON p.id = s.actor_id WHERE s.document_id = $1
    UNION ALL
    SELECT c.id::text, 'comment', c.created_at, c.created_by, p.name, jsonb_build_object('body', c.body)
    FROM platform.comment c JOIN platform.principal p ON p.id = c.created_by WHERE c.document_id = $1
    UNION ALL
    SELECT a.id::text, 'attachment', a.created_at, a.created_by, p.name,
           jsonb_build_object('name', a.name, 'size', a.size, 'media_type', a.media_type)
    FROM platform.attachment a JOIN platform.principal p ON p.id = a.created_by WHERE a.document_id = $1
    UNION ALL
    SELECT d.id::text, 'delivery', t.finished_at, NULL, NULL,
           jsonb_build_object('event', e.type, 'url', substring(n.url FROM '^[^/]*//[^/?]+'), 'state', d.state,
                              'status', t.status, 'attempt', t.number)
    FROM outbox.event e JOIN outbox.delivery d ON d.event_id = e.id JOIN outbox.endpoint n ON n.id = d.endpoint_id
    JOIN outbox.attempt t ON t.delivery_id = d.id WHERE e.subject_id = $1
) e
"""

_AUDIT = """
SELECT jsonb_agg(jsonb_build_object(
    'id', e.id, 'entry_no', e.entry_no, 'at', platform.instant_text(e.at), 'actor', e.actor_id, 'actor_name', p.name,
    'command', e.command, 'request_id', e.request_id, 'before', e.before, 'after', e.after,
    'sealed', EXISTS (SELECT FROM audit.leaf l WHERE l.entry_id = e.id)) ORDER BY e.entry_no)::text
FROM audit.entry e LEFT JOIN platform.principal p ON p.id = e.actor_id WHERE e.subject_id = $1
"""

_COMMENTS = """
SELECT jsonb_agg(jsonb_build_object('id', c.id, 'document', c.document_id, 'body', c.body,
                                    'created_at', platform.instant_text(c.created_at),
                                    'created_by', c.created_by, 'created_by_name', p.name) ORDER BY c.id)::text
FROM platform.comment c JOIN platform.principal p ON p.id = c.created_by WHERE c.document_id = $1
"""

# The chain a document stands in, either way along its links; it ends at what is not in sight, for what lies behind
# would tell of it, and a cycle ends where it closes.
_GRAPH = """
WITH RECURSIVE chain(id) AS (
    SELECT $1::uuid
    UNION
    SELECT d.id FROM chain c JOIN platform.document_link l ON c.id IN (l.source_id, l.target_id)
    JOIN platform.document d ON d.id = CASE WHEN l.source_id = c.id THEN l.target_id ELSE l.source_id END
        AND ($2::text[] IS NULL OR d.type = ANY($2)) AND ($3::uuid[] IS NULL OR d.company_id = ANY($3)))
SELECT jsonb_build_object(
    'documents', (SELECT jsonb_agg(jsonb_build_object(
            'id', d.id, 'type', d.type, 'number', d.number, 'phase', d.phase, 'state', d.state, 'date', d.document_date,
            'currency', d.currency, 'total', platform.amount_text(d.total_minor, d.currency)) ORDER BY d.id)
        FROM platform.document d WHERE d.id IN (SELECT id FROM chain)),
    'links', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'source', l.source_id, 'target', l.target_id)
            ORDER BY l.id)
        FROM platform.document_link l
        WHERE l.source_id IN (SELECT id FROM chain) AND l.target_id IN (SELECT id FROM chain)), '[]'))::text
"""

_TASKS = """
SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.created_at, t.id), '[]')::text FROM (
    SELECT t.id, t.action, platform.instant_text(t.created_at) AS created_at, t.document_id AS document,
           d.type, d.number,
           d.title, d.phase, d.version, c.code AS company_code, d.currency,
           platform.amount_text(d.total_minor, d.currency) AS total, d.document_date,
           d.created_by, p.name AS created_by_name,
           (SELECT count(*) FROM platform.document_step s
            WHERE s.document_id = d.id AND s.action = 'approve' AND s.round = t.round) AS approvals_given
    FROM platform.task t JOIN platform.document d ON d.id = t.document_id
    JOIN platform.company c ON c.id = d.company_id JOIN platform.principal p ON p.id = d.created_by
    WHERE t.closed_at IS NULL AND t.permission = ANY($2) AND ($3::uuid[] IS NULL OR d.company_id = ANY($3))
      AND NOT EXISTS (SELECT FROM platform.document_step s WHERE s.document_id = d.id AND s.actor_id = $1
                      AND (s.action IN ('create', 'change', 'submit', 'amend')
                           OR (s.action = 'approve' AND s.round = t.round)))
    ORDER BY t.created_at, t.id LIMIT $4) t
"""


async def type_code(read: PostgresReading, id: UUID) -> str:
    """The type of a document within the caller's scope. Errors: NOT_FOUND."""
    row = await read.connection.fetchrow("SELECT type, company_id FROM platform.document WHERE id = $1", id)
    if row is None or not read.scope.covers(row["company_id"]):
        raise NotFound("No such document.")
    return str(row["type"])


async def timeline(read: PostgresReading, id: UUID) -> list[dict[str, Any]]:
    return await _list(read, _TIMELINE, id)


async def audit(read: PostgresReading, id: UUID) -> list[dict[str, Any]]:
    return await _list(read, _AUDIT, id)


async def comments(read: PostgresReading, id: UUID) -> list[dict[str, Any]]:
    return await _list(read, _COMMENTS, id)


async def graph(read: PostgresReading, id: UUID, sight: Sight) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await read.connection.fetchval(_GRAPH, id, *sight.given))
    return found


async def tasks(read: PostgresReading, limit: int) -> list[dict[str, Any]]:
    """What waits for this principal: open tasks whose permission they have, on documents they had no part in."""
    rows = await read.connection.fetch("SELECT DISTINCT permission FROM platform.task WHERE closed_at IS NULL")
    permissions = [row["permission"] for row in rows if read.allows(row["permission"])]
    companies = list(read.scope.companies) if read.scope.companies is not None else None
    found = await read.connection.fetchval(_TASKS, read.principal.id, permissions, companies, limit)
    listed: list[dict[str, Any]] = orjson.loads(found)
    return listed


async def actions(
    read: PostgresReading, id: UUID, types: Mapping[str, AnyDocumentType]
) -> tuple[Document, list[Availability]]:
    row = await read.connection.fetchrow(
        """SELECT to_jsonb(d)::text AS header, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.entry_no)
                  FROM platform.document_step s WHERE s.document_id = d.id)::text AS steps
           FROM platform.document d WHERE d.id = $1""",
        id,
    )
    assert row is not None
    document = document_of(read.configuration, orjson.loads(row["header"]), orjson.loads(row["steps"]))
    type = types[document.type]
    offered = [(action.code, action.label, type.permission(action.code)) for action in type.actions]
    return document, availabilities(document, read.principal, offered, read.allows, guard_facts(document))


async def _list(read: PostgresReading, query: str, id: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(await read.connection.fetchval(query, id) or b"[]")
    return found
