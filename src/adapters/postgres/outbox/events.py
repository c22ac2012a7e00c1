"""Published events: their envelope, and the log in which each has its place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from adapters.postgres.connection import Connection

# `data` as text: it goes to the receiver as it was written, with no number read and written again.
COLUMNS: Final = """e.id, e.type, e.occurred_at, e.subject_kind, e.subject_type, e.subject_id, e.subject_number,
    e.subject_version, e.sequence, e.data::text AS data, e.request_id, e.traceparent"""

PAGE = f"""
    SELECT l.position, {COLUMNS} FROM outbox.log l JOIN outbox.event e ON e.id = l.event_id
    WHERE l.position > $1 ORDER BY l.position LIMIT $2"""

LATEST = "SELECT coalesce(max(position), 0) FROM outbox.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEvent:
    id: UUID
    type: str
    occurred_at: datetime
    subject_kind: str
    subject_type: str
    subject_id: UUID
    subject_number: str | None
    subject_version: int
    sequence: int
    data: str  # JSON
    request_id: str
    traceparent: str | None

    def body(self, organization: str) -> bytes:
        """The envelope as every receiver sees it; `organization` is the slug."""
        head = json.dumps(self._head(organization), separators=(",", ":"), ensure_ascii=False)
        return f'{head[:-1]},"data":{self.data}}}'.encode()

    def envelope(self, organization: str) -> dict[str, object]:
        """The same, to look into."""
        return {**self._head(organization), "data": json.loads(self.data, parse_float=Decimal)}

    def _head(self, organization: str) -> dict[str, object]:
        return {
            "id": str(self.id),
            "type": self.type,
            "occurred_at": self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "organization": organization,
            "sequence": self.sequence,
            "subject": {
                "kind": self.subject_kind,
                "type": self.subject_type,
                "id": str(self.subject_id),
                "number": self.subject_number,
                "version": self.subject_version,
            },
        }


_NAMES: Final = tuple(PublishedEvent.__dataclass_fields__)


def event(row: asyncpg.Record) -> PublishedEvent:
    """The event in a row of COLUMNS."""
    return PublishedEvent(**{name: row[name] for name in _NAMES})


async def read_log(connection: Connection, *, after: int, limit: int) -> Sequence[tuple[int, PublishedEvent]]:
    """Events behind a position, with their own."""
    return [(row["position"], event(row)) for row in await connection.fetch(PAGE, after, limit)]


async def latest_position(connection: Connection) -> int:
    """The position of the newest event; 0 when there is none."""
    position: int = await connection.fetchval(LATEST)
    return position
