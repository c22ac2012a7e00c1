"""The one-statement flush against the same rows in separate statements: a document with five lines and its history."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.flush import Writes
from adapters.postgres.platform import tables
from benchmarks.place import Place
from benchmarks.rounds import Job, Measured, Prepare, compare
from bizcore.ids import new_id
from tests.support.tenants import new_tenant

LINES = 5
REPEATS = 40
CONNECTIONS = (1, 4)
AT = datetime(2026, 1, 1, tzinfo=UTC)

Rows = list[tuple[Table, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows refer to."""

    company: UUID
    person: UUID
    workflow: UUID

    def rows(self) -> Rows:
        """A new document, submitted: what one command writes."""
        id, entry, event = new_id(), new_id(), new_id()
        moment = {"created_at": AT, "created_by": self.person, "updated_at": AT, "updated_by": self.person}
        header = {
            "id": id, "type": "requisition", "number": str(id), "company_id": self.company, "currency": "EUR",
            "document_date": date(2026, 1, 1), "title": "Workbenches", "state": "draft", "phase": "draft", "version": 1,
            "entry_no": 1, "total_minor": 0, "total_company_minor": 0, "workflow_id": self.workflow,
            "attributes": {"cost_centre": "1000"}, **moment,
        }  # fmt: skip
        lines: Rows = [
            (tables.line, {"id": new_id(), "document_id": id, "position": position}) for position in range(1, LINES + 1)
        ]
        return [
            (tables.document, header),
            (tables.document_step, {
                "document_id": id, "entry_no": 1, "action": "create", "actor_id": self.person, "at": AT,
                "to_state": "draft", "to_phase": "draft", "round": 0,
            }),
            *lines,
            (tables.task, {
                "id": new_id(), "document_id": id, "action": "approve", "permission": "procurement.requisition.approve",
                "round": 1, "created_at": AT,
            }),
            (tables.audit_entry, {
                "id": entry, "subject_kind": "document", "subject_id": id, "entry_no": 1, "at": AT,
                "actor_id": self.person, "request_id": "bench", "command": "procurement.requisition.create",
                "before": {}, "after": {"/title": "Workbenches"},
            }),
            (tables.audit_unsealed, {"entry_id": entry}),
            (tables.outbox_event, {
                "id": event, "type": "procurement.requisition.created.v1", "occurred_at": AT,
                "subject_kind": "document", "subject_type": "requisition", "subject_id": id, "subject_version": 1,
                "sequence": 1, "data": {"currency": "EUR"}, "request_id": "bench",
            }),
            (tables.outbox_due, {"event_id": event}),
            (tables.idempotency_key, {
                "principal_id": self.person, "command": "procurement.requisition.create", "key": str(id),
                "body_hash": "0" * 64, "status": 201, "subject_id": id, "created_at": AT,
            }),
        ]  # fmt: skip


async def separate(connection: Connection, rows: Rows) -> None:
    """One prepared statement for each row; the document's comes with its first step, or PostgreSQL would refuse it."""
    document, step, *others = rows
    born = f"WITH document AS ({_insert(document)}) {_insert(step, after=len(document[1]))}"
    async with connection.transaction():
        await connection.execute(born, *_values(document), *_values(step))
        for row in others:
            await connection.execute(_insert(row), *_values(row))


def _insert(row: tuple[Table, dict[str, Any]], *, after: int = 0) -> str:
    """Its parameters are counted from the one `after` so many."""
    table, values = row
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${after + n}" for n in range(1, len(values) + 1))
    return f"INSERT INTO {table.fullname} ({names}) VALUES ({places})"


def _values(row: tuple[Table, dict[str, Any]]) -> list[Any]:
    table, values = row
    return [_plain(table, name, value) for name, value in values.items()]


async def flushed(connection: Connection, rows: Rows) -> None:
    """What commands do."""
    async with connection.transaction():
        writes = Writes()
        for table, values in rows:
            writes.insert(table, values)
        await writes.flush(connection)


def _plain(table: Table, name: str, value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(table.c[name].type, JSONB) else value


async def check(connection: Connection, ground: Ground) -> None:
    """Both write the same: all rows of a document but their ids. Errors: AssertionError."""
    seen = []
    for contestant in (separate, flushed):
        rows = ground.rows()
        await contestant(connection, rows)
        found = []
        for table, values in rows:
            key = {column.name: values[column.name] for column in table.primary_key.columns}
            where = " AND ".join(f'"{name}" = ${n}' for n, name in enumerate(key, start=1))
            row = await connection.fetchrow(f"SELECT * FROM {table.fullname} WHERE {where}", *key.values())
            assert row is not None, table.fullname
            found.append({name: value for name, value in row.items() if not _own(table, name)})
        seen.append(found)
    assert seen[0] == seen[1], "the contestants write different rows"


def _own(table: Table, name: str) -> bool:
    """Whether a column differs between two documents that are otherwise alike."""
    return name in ("id", "document_id", "subject_id", "event_id", "entry_id", "number", "key", "recorded_at")


async def measure(tenant: TenantDatabase) -> dict[int, dict[str, Measured]]:
    """Each contestant by the number of connections."""
    async with tenant.connection() as connection:
        row = await connection.fetchrow(
            """SELECT (SELECT id FROM platform.company LIMIT 1), (SELECT id FROM platform.principal LIMIT 1),
                      (SELECT id FROM platform.workflow WHERE document_type = 'requisition')"""
        )
        assert row is not None
        ground = Ground(*row)
        await check(connection, ground)

    found = {}
    for count in CONNECTIONS:
        async with AsyncExitStack() as stack:
            free = [await stack.enter_async_context(tenant.connection()) for _ in range(count)]

            def prepare(how: Callable[[Connection, Rows], Awaitable[None]], free: list[Connection] = free) -> Prepare:
                async def write(rows: Rows) -> None:
                    connection = free.pop()
                    await how(connection, rows)
                    free.append(connection)

                async def documents(jobs: int) -> list[Job]:
                    return [partial(write, ground.rows()) for _ in range(jobs)]

                return documents

            contestants = {"separate statements": prepare(separate), "one statement": prepare(flushed)}
            found[count] = await compare(contestants, jobs=REPEATS * count, clients=count)
    return found


async def main(place: Place) -> None:
    tenant = await new_tenant(place.settings)
    print(f"Flush: a document with {LINES} lines and its history, {len(Ground(*[new_id()] * 3).rows())} rows")
    for count, results in (await measure(tenant)).items():
        first = results["separate statements"]
        for name, measured in results.items():
            print(f"  {count} connection(s)  {name:20} {measured.rate:8.0f}/s  x {measured.times(first):.2f}")
    await tenant.engine.dispose()
