"""Audit entries of changes that are made beside the command pipeline: sign-up, members, roles, keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from adapters.postgres.connection import Connection
from bizcore.ids import new_id


@dataclass(frozen=True, slots=True)
class Change:
    """What a command did to one subject. Names and addresses of people stay out: an audit entry is for ever."""

    subject_kind: str
    subject_id: UUID
    entry_no: int
    command: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


async def record(
    connection: Connection, change: Change, *, actor_id: UUID, at: datetime, request_id: str, ip: str | None = None
) -> None:
    """Write the entry and queue it for sealing, in the caller's transaction."""
    entry_id = new_id()
    await connection.execute(
        """INSERT INTO audit.entry
           (id, subject_kind, subject_id, entry_no, at, actor_id, ip, request_id, command, before, after)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        entry_id,
        change.subject_kind,
        change.subject_id,
        change.entry_no,
        at,
        actor_id,
        ip,
        request_id,
        change.command,
        json.dumps(change.before),
        json.dumps(change.after),
    )
    await connection.execute("INSERT INTO audit.unsealed (entry_id) VALUES ($1)", entry_id)
