"""The rival of a command: raw asyncpg that does the same reads and writes the same rows, statement by statement.

One run of the command is recorded; every replay repeats it for another document with new ids, keys and numbers. The
rival parses no request, checks no rule and decides nothing: it sends statements that were made ready before its clock
starts. It holds the row locks of numbers as briefly as it can: rows that carry none come first. Rows that the database
takes only together, because a trigger of the statement holds them together, go in one statement.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self, cast
from uuid import UUID

import orjson
from sqlalchemy.dialects.postgresql import JSONB

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.flush import Row, Write, Writes
from adapters.postgres.metadata import metadata
from adapters.postgres.session import Caller, PostgresUnit
from benchmarks.rounds import Job
from bizcore.call import Call
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.registry import Registered
from services.api.parsing import parse_body
from services.composition import CONSUMERS, compose

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[A-Z]{1,3}-\d{4}-\d{5,}")
_TOGETHER = (
    ("platform.document", "platform.document_step"),
    ("ledger.entry", "ledger.posting"),
    ("inventory.move", "inventory.layer"),
)
_ASKING = ("execute", "fetch", "fetchrow", "fetchval")

Names = Mapping[str, str]
_AHEAD = count(1_000_000)


class Counted(int):
    """Of a row that is counted within its item: a replay counts on, far ahead of what commands count meanwhile."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement. `draws`: the printed numbers that the rows of its answer decide, in their order."""

    method: str
    query: str
    values: tuple[Any, ...]
    draws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """A command as it was carried out: its statements one by one, and the rows that its flush wrote."""

    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    fresh: frozenset[str]  # the ids it made

    def job(self, tenant: TenantDatabase, names: Names) -> tuple[Job, Names]:
        """The command for another subject, and all its ids for the recorded ones. `names` gives those that exist."""
        every = {**{id: str(new_id()) for id in self.fresh}, **names}
        steps = [Step(s.method, s.query, _renamed(s.values, every), s.draws) for s in self.steps]

        async def replay() -> None:
            drawn: dict[str, str] = {}
            async with tenant.connection() as connection:
                for step in steps:
                    values = _renamed(step.values, drawn) if drawn else step.values
                    answer = await getattr(connection, step.method)(step.query, *values)
                    for text, row in zip(step.draws, answer if step.draws else (), strict=True):
                        drawn[text] = _numbered(text, row["next_value"] - 1)

        return replay, every

    async def check(self, connection: Connection, names: Names) -> None:
        """That a replay wrote the same rows as the command did. Errors: AssertionError."""
        for row in self.rows:
            found = [
                await _written(connection, row, row.key),
                await _written(connection, row, _renamed(row.key, names)),
            ]
            expected, actual = _NUMBER.sub("#", _renamed((found[0],), names)[0]), _NUMBER.sub("#", found[1])
            assert expected == actual, f"{row.table.fullname}: {actual} is not {expected}"


async def record(
    tenant: TenantDatabase,
    secrets: Secrets,
    user_id: UUID,
    registered: Registered[Any, Any],
    body: object,
    route: Mapping[str, object],
) -> Recording:
    """Carries the command out once, noting each statement. What a process caches is to be read before."""
    began, watched = str(new_id()), _Watched.of(tenant)
    call = Call(request_id=str(new_id()), at=datetime.now(UTC), key=str(new_id()), ip="127.0.0.1")

    async def wake(_: UUID) -> None:
        return None

    unit = PostgresUnit(watched, Caller(user_id), call, compose(secrets), wake)
    await run(
        registered,
        lambda: parse_body(registered.command, orjson.dumps(body), route),
        lambda: unit,
        CONSUMERS,
        dry_run=False,
    )
    rows = _ordered(unit.work.writes.rows.values())
    for row in rows:
        if row.table.fullname == "inventory.layer":
            row.values["sequence"] = Counted(row.values["sequence"])
    written = {id for row in rows for id in _UUID.findall(" ".join(map(str, (*row.key, *row.values.values()))))}
    return Recording(tuple(await _steps(watched.noted, rows)), rows, frozenset(id for id in written if id > began))


def paired(one: object, other: object) -> dict[str, str]:
    """The ids and numbers of one document's JSON, each with what stands at its place in a like document's."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: name for at in one for key, name in paired(one[at], other[at]).items()}
    if isinstance(one, list) and isinstance(other, list):
        return {key: name for pair in zip(one, other, strict=True) for key, name in paired(*pair).items()}
    named = isinstance(one, str) and one != other and (_UUID.fullmatch(one) or _NUMBER.fullmatch(one))
    return {str(one): str(other)} if named else {}


async def _steps(noted: Sequence[tuple[str, str, tuple[Any, ...], Any]], rows: Sequence[Row]) -> list[Step]:
    """The recorded statements, the flush replaced by a statement for each row."""
    flush = next(at for at, (_, query, _, _) in enumerate(noted) if query.startswith("WITH w0 AS"))
    draws = [step for step in noted[:flush] if "platform.number_counter" in step[1]]
    reads = [Step(*step[:3]) for step in noted[:flush] if step not in draws]
    numbers = [Step(*step[:3], tuple(_drawn(row, rows) for row in step[3])) for step in draws]
    texts = {text for step in numbers for text in step.draws}
    early: list[Row] = []
    late: list[Row] = []
    for row in rows:
        held = any(str(text) in texts or any(t in str(text) for t in texts) for text in row.values.values())
        behind = {key.column.table for key in row.table.foreign_keys} & {other.table for other in late}
        (late if held or behind else early).append(row)
    writes = [[*await _statements(part)] for part in (early, late)]
    return [*reads, *writes[0], *numbers, *writes[1], *(Step(*step[:3]) for step in noted[flush + 1 :])]


async def _statements(rows: Sequence[Row]) -> list[Step]:
    found, left = [], list(rows)
    while left:
        new = [row for row in left if row.write is Write.INSERT]
        names = next((names for names in _TOGETHER if left[:1] == new[:1] and left[0].table.fullname in names), ())
        group = [row for row in new if row.table.fullname in names] or left[:1]
        left = [row for row in left if row not in group]
        found.append(_single(group[0]) if len(group) == 1 else await _joint(group))
    return found


def _single(row: Row) -> Step:
    values = {name: _plain(row, name) for name in row.values}
    if row.write is Write.INSERT:
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        columns = ", ".join(f'"{name}"' for name in values)
        return Step(
            "execute", f"INSERT INTO {row.table.fullname} ({columns}) VALUES ({places})", tuple(values.values())
        )
    keys = [column.name for column in row.table.primary_key.columns]
    where = " AND ".join(f"{name} = ${n}" for n, name in enumerate(keys, start=1))
    if row.write is Write.DELETE:
        return Step("execute", f"DELETE FROM {row.table.fullname} WHERE {where}", row.key)
    changes = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(values, start=len(keys) + 1))
    return Step("execute", f"UPDATE {row.table.fullname} SET {changes} WHERE {where}", (*row.key, *values.values()))


async def _joint(rows: Sequence[Row]) -> Step:
    """Rows that a trigger of the statement holds together."""
    noted: list[Step] = []

    class Noting:
        async def fetchrow(self, query: str, *values: Any) -> dict[str, int]:
            noted.append(Step("fetchrow", query, values))
            tables = list(dict.fromkeys((row.table, tuple(sorted(row.values))) for row in rows))
            return {
                str(at): sum((row.table, tuple(sorted(row.values))) == table for row in rows)
                for at, table in enumerate(tables)
            }

    await Writes({(row.table.fullname, row.key): row for row in rows}).flush(cast("Connection", Noting()))
    return noted[0]


def _ordered(rows: Any) -> tuple[Row, ...]:
    """Inserts first, each after the rows it refers to; then changes, whose triggers look at what was inserted."""
    place = {table: at for at, table in enumerate(metadata.sorted_tables)}
    return tuple(sorted(rows, key=lambda row: (row.write is not Write.INSERT, place[row.table])))


def _drawn(answer: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """The printed number that a row of the counter's answer became."""
    series = answer["document_type"]
    kind, _, book = series.partition(":")
    found = {
        str(row.values["number"])
        for row in rows
        if row.values.get("number") is not None
        and (row.table.fullname == "ledger.entry" and row.values["book"] == book
             if kind == "entry" else row.table.fullname == "platform.document")
    }  # fmt: skip
    number = next(text for text in found if int(text.rpartition("-")[2]) == answer["next_value"] - 1)
    assert len(found) == 1, f"more than one number of {series}"
    return number


def _numbered(text: str, value: int) -> str:
    head, _, digits = text.rpartition("-")
    return f"{head}-{value:0{len(digits)}}"


def _renamed(values: Sequence[Any], names: Names) -> tuple[Any, ...]:
    return tuple(_rename(value, names) for value in values)


def _rename(value: Any, names: Names) -> Any:
    if isinstance(value, Counted):
        return next(_AHEAD)
    if isinstance(value, UUID):
        return UUID(names.get(str(value), str(value)))
    if isinstance(value, str):
        renamed = _UUID.sub(lambda found: names.get(found[0], found[0]), value)
        return _NUMBER.sub(lambda found: names.get(found[0], found[0]), renamed)
    return [_rename(item, names) for item in value] if isinstance(value, list) else value


def _plain(row: Row, name: str) -> Any:
    value = row.values[name]
    return orjson.dumps(value).decode() if isinstance(row.table.c[name].type, JSONB) and value is not None else value


async def _written(connection: Connection, row: Row, key: Sequence[Any]) -> str:
    """The written columns of a row, as PostgreSQL's JSON."""
    names = [column.name for column in row.table.primary_key.columns]
    where = " AND ".join(f"{name} = ${n}" for n, name in enumerate(names, start=1))
    columns = ", ".join(f'"{name}"' for name, value in sorted(row.values.items()) if not isinstance(value, Counted))
    found = await connection.fetchval(
        f"SELECT to_jsonb(r)::text FROM (SELECT {columns} FROM {row.table.fullname} WHERE {where}) r", *key
    )
    assert found is not None or row.write is Write.DELETE, f"{row.table.fullname}: a row is missing"
    return str(found)


class _Watched(TenantDatabase):
    """Notes each statement with its values and its answer."""

    noted: list[tuple[str, str, tuple[Any, ...], Any]]

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:
            yield cast("Connection", _Noting(connection, self.noted))

    @classmethod
    def of(cls, tenant: TenantDatabase) -> Self:
        watched = cls(**{field.name: getattr(tenant, field.name) for field in fields(tenant)})
        watched.noted = []
        return watched


class _Noting:
    def __init__(self, connection: Connection, noted: list[tuple[str, str, tuple[Any, ...], Any]]) -> None:
        self._connection = connection
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in _ASKING:
            return found

        async def asked(query: str, *values: Any) -> Any:
            answer = await found(query, *values)
            self._noted.append((name, query, values, answer))
            return answer

        return asked
