"""Webhook endpoints: their commands, each with its audit entry in the caller's transaction, and their reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg

from adapters.postgres.audit.entries import SYSTEM, append_entry
from adapters.postgres.connection import Connection
from bizcore.call import Call
from bizcore.errors import NotFound, VersionConflict, plain

KIND: Final = "webhook_endpoint"
ROTATION: Final = timedelta(hours=24)  # how long the replaced secret signs too
GONE: Final = "The receiver answered 410 Gone."
DISABLED: Final = "Disabled by a user."

_COLUMNS: Final = """id, url, events::text AS events, filter::text AS filter, active, disabled_reason,
    previous_secret_until, version, entry_no, created_at, updated_at"""
GET: Final = f"SELECT {_COLUMNS} FROM outbox.endpoint WHERE id = $1"
LIST: Final = f"SELECT {_COLUMNS} FROM outbox.endpoint WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"
CREATE: Final = """
    INSERT INTO outbox.endpoint (id, url, events, filter, secret, entry_no, created_at, created_by, updated_at)
    VALUES ($1, $2, $3::text::jsonb, $4::text::jsonb, $5, 1, $6, $7, $6)"""
CHANGE: Final = """
    UPDATE outbox.endpoint SET url = $2, events = $3::text::jsonb, filter = $4::text::jsonb, active = $5,
        disabled_reason = $6, version = version + 1, entry_no = entry_no + 1, updated_at = $7
    WHERE id = $1"""
ROTATE: Final = """
    UPDATE outbox.endpoint SET previous_secret = secret, previous_secret_until = $3, secret = $2,
        version = version + 1, entry_no = entry_no + 1, updated_at = $4
    WHERE id = $1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events go. Its secrets stay encrypted in their row and are no part of it."""

    id: UUID
    url: str
    events: Sequence[str]
    filter: Mapping[str, Any]
    active: bool
    disabled_reason: str | None
    previous_secret_until: datetime | None
    version: int
    entry_no: int
    created_at: datetime
    updated_at: datetime

    def settings(self) -> dict[str, object]:
        """What a user may change, as the audit shows it."""
        return {"url": self.url, "events": list(self.events), "filter": dict(self.filter), "active": self.active}


def secret_binding(endpoint_id: UUID) -> str:
    """What an endpoint's encrypted secrets are bound to: in another row they cannot be read."""
    return f"outbox.endpoint:{endpoint_id}"


async def get(connection: Connection, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    """Errors: NOT_FOUND."""
    row = await connection.fetchrow(GET + " FOR NO KEY UPDATE" if lock else GET, endpoint_id)
    if row is None:
        raise NotFound("There is no such webhook endpoint.", id=endpoint_id)
    return _endpoint(row)


async def page(connection: Connection, *, after: UUID | None, limit: int) -> Sequence[Endpoint]:
    """Newest first, behind an id."""
    return [_endpoint(row) for row in await connection.fetch(LIST, after, limit)]


async def create(
    connection: Connection,
    endpoint_id: UUID,
    *,
    url: str,
    events: Sequence[str],
    conditions: Mapping[str, Any],
    secret: bytes,
    actor_id: UUID,
    call: Call,
) -> Endpoint:
    """`secret` is encrypted, bound by `secret_binding`."""
    await connection.execute(
        CREATE, endpoint_id, url, _json(list(events)), _json(conditions), secret, call.at, actor_id
    )
    created = await get(connection, endpoint_id)
    await _audit(connection, created, actor_id, call, "CreateWebhookEndpoint", {}, created.settings())
    return created


async def change(
    connection: Connection,
    endpoint_id: UUID,
    changes: Mapping[str, Any],
    *,
    version: int | None,
    actor_id: UUID,
    call: Call,
) -> Endpoint:
    """Merge `changes` (url, events, filter, active) into it. What is due stays due and follows the new URL; while it
    is not active nothing is sent. Errors: NOT_FOUND, VERSION_CONFLICT."""
    present = await get(connection, endpoint_id, lock=True)
    if version is not None and version != present.version:
        raise VersionConflict(given=version, current=present.version)
    wanted = present.settings() | dict(changes)
    reason = None if wanted["active"] else present.disabled_reason or DISABLED
    return await _write(connection, present, wanted, reason, actor_id, call, "ChangeWebhookEndpoint")


async def rotate_secret(
    connection: Connection, endpoint_id: UUID, secret: bytes, *, actor_id: UUID, call: Call
) -> Endpoint:
    """The new secret signs from now on, the replaced one too for ROTATION. Errors: NOT_FOUND."""
    await get(connection, endpoint_id, lock=True)
    await connection.execute(ROTATE, endpoint_id, secret, call.at + ROTATION, call.at)
    rotated = await get(connection, endpoint_id)
    after = {"previous_secret_until": rotated.previous_secret_until}
    await _audit(connection, rotated, actor_id, call, "RotateWebhookSecret", {}, after)
    return rotated


async def disable_gone(connection: Connection, endpoint_id: UUID, at: datetime) -> None:
    """The receiver wants no more: 410 is its word for it. What is due waits until a user makes it active again."""
    present = await get(connection, endpoint_id, lock=True)
    if present.active:
        call = Call(request_id="delivery", at=at)
        wanted = present.settings() | {"active": False}
        await _write(connection, present, wanted, GONE, SYSTEM, call, "DisableWebhookEndpoint")


async def _write(
    connection: Connection,
    present: Endpoint,
    wanted: Mapping[str, Any],
    reason: str | None,
    actor_id: UUID,
    call: Call,
    command: str,
) -> Endpoint:
    await connection.execute(
        CHANGE,
        present.id,
        wanted["url"],
        _json(wanted["events"]),
        _json(wanted["filter"]),
        wanted["active"],
        reason,
        call.at,
    )
    written = await get(connection, present.id)
    before, after = present.settings(), written.settings()
    changed = [name for name in after if before[name] != after[name]]
    await _audit(
        connection,
        written,
        actor_id,
        call,
        command,
        {name: before[name] for name in changed},
        {name: after[name] for name in changed},
    )
    return written


async def _audit(
    connection: Connection,
    endpoint: Endpoint,
    actor_id: UUID,
    call: Call,
    command: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    await append_entry(
        connection,
        subject_kind=KIND,
        subject_id=endpoint.id,
        entry_no=endpoint.entry_no,
        actor_id=actor_id,
        call=call,
        command=command,
        before=before,
        after=after,
    )


def _json(value: object) -> str:
    return json.dumps(plain(value))


def _endpoint(row: asyncpg.Record) -> Endpoint:
    parsed = {name: json.loads(row[name], parse_float=Decimal) for name in ("events", "filter")}
    return Endpoint(**{**dict(row.items()), **parsed})
