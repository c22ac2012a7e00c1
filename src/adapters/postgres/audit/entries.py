"""Audit entries as the database holds them, and how work outside the command pipeline adds one."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from adapters.postgres.connection import Connection
from bizcore.audit import AuditEntry
from bizcore.call import Call
from bizcore.errors import plain
from bizcore.ids import new_id

SYSTEM: Final = UUID(int=0)  # the actor of what nobody asked for

APPEND: Final = """
    WITH added AS (
        INSERT INTO audit.entry (id, subject_kind, subject_id, entry_no, at, actor_id, ip, request_id, command,
                                 before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11::text::jsonb) RETURNING id)
    INSERT INTO audit.unsealed (entry_id) SELECT id FROM added"""

# As text: the driver's own JSON codec depends on how the connection was opened.
COLUMNS: Final = """e.id, e.subject_kind, e.subject_id, e.entry_no, e.at, e.actor_id, e.ip, e.request_id, e.command,
    e.before::text AS before, e.after::text AS after"""


def entry(row: asyncpg.Record) -> AuditEntry:
    """The entry in a row of COLUMNS."""
    return AuditEntry(
        id=row["id"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        entry_no=row["entry_no"],
        at=row["at"],
        actor_id=row["actor_id"],
        ip=row["ip"],
        request_id=row["request_id"],
        command=row["command"],
        before=json.loads(row["before"], parse_float=Decimal),
        after=json.loads(row["after"], parse_float=Decimal),
    )


async def append_entry(
    connection: Connection,
    *,
    subject_kind: str,
    subject_id: UUID,
    entry_no: int,
    actor_id: UUID,
    call: Call,
    command: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """Add an entry and queue it for its seal, in the caller's transaction."""
    await connection.execute(
        APPEND,
        new_id(),
        subject_kind,
        subject_id,
        entry_no,
        call.at,
        actor_id,
        call.ip,
        call.request_id,
        command,
        json.dumps(plain(before)),
        json.dumps(plain(after)),
    )
