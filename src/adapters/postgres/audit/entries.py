"""Audit entries as the database holds them."""

import json
from decimal import Decimal
from typing import Final

import asyncpg

from bizcore.audit import AuditEntry

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
