"""The flush: every write of a command in one statement.

A handler collects rows; here they are merged per (table, key), grouped by shape, and written by one statement of CTEs
over `unnest`. That is one round trip however many tables a document touches, and the statement-level triggers that hold
the books see all of it at once. Two traps decide the shape: a row inserted in a statement cannot be updated in it, and
of two CTEs that update one row the second is lost silently. Hence the merge, and hence the counts are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ARRAY, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.connection import Connection

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Key = tuple[Any, ...]


class RowCountMismatch(Exception):
    """A row that should have changed did not: somebody else's change, or our bug. `table` is its full name."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class Write(Enum):
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(slots=True)
class Row:
    """One row to write. `key` holds the primary key's values in the table's order."""

    table: Table
    write: Write
    key: Key
    values: dict[str, Any]


@dataclass(slots=True)
class Writes:
    """The rows of one command, one entry per (table, key)."""

    rows: dict[tuple[str, Key], Row] = field(default_factory=dict)

    def insert(self, table: Table, values: Mapping[str, Any]) -> None:
        key = _key(table, values)
        earlier = self.rows.get((table.fullname, key))
        if earlier is None:
            self.rows[table.fullname, key] = Row(table, Write.INSERT, key, dict(values))
        elif earlier.write is Write.DELETE:
            del self.rows[table.fullname, key]
            self.update(table, values, _whole(table, values))
        else:
            raise ValueError(f"{table.fullname} {key} is inserted twice")

    def update(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        if not values:
            return
        at = _key(table, key)
        earlier = self.rows.get((table.fullname, at))
        if earlier is None:
            self.rows[table.fullname, at] = Row(table, Write.UPDATE, at, dict(values))
        elif earlier.write is Write.DELETE:
            raise ValueError(f"{table.fullname} {at} is updated after it was deleted")
        else:
            earlier.values.update(values)

    def delete(self, table: Table, key: Mapping[str, Any]) -> None:
        at = _key(table, key)
        earlier = self.rows.get((table.fullname, at))
        if earlier is not None and earlier.write is Write.INSERT:
            del self.rows[table.fullname, at]
        else:
            self.rows[table.fullname, at] = Row(table, Write.DELETE, at, {})

    async def flush(self, connection: Connection) -> None:
        """Writes everything in one statement. Errors: RowCountMismatch, and what the database's own rules refuse."""
        groups: dict[tuple[Table, Write, tuple[str, ...]], list[Row]] = {}
        for row in self.rows.values():
            groups.setdefault((row.table, row.write, tuple(sorted(row.values))), []).append(row)
        if not groups:
            return
        parameters: list[list[Any]] = []
        for (table, write, names), rows in groups.items():
            columns = _columns(table, write, names)
            encode = [_encoder(table, name) for name in columns]
            keys = _key_names(table)
            for position, name in enumerate(columns):
                at = keys.index(name) if name in keys and write is not Write.INSERT else None
                values = [row.values[name] if at is None else row.key[at] for row in rows]
                parameters.append([encode[position](value) for value in values])
        counts = await connection.fetchrow(_statement(tuple(groups)), *parameters)
        assert counts is not None
        for count, (group, rows) in zip(counts.values(), groups.items(), strict=True):
            if count != len(rows):
                raise RowCountMismatch(group[0].fullname)


@lru_cache(maxsize=256)
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def _key(table: Table, values: Mapping[str, Any]) -> Key:
    return tuple(values[name] for name in _key_names(table))


def _whole(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an insert of `values` means for a row that is still there: columns it does not name are empty again."""
    empty = {column.name: None for column in table.columns if column.nullable and column.server_default is None}
    return {name: value for name, value in {**empty, **values}.items() if name not in _key_names(table)}


def _columns(table: Table, write: Write, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns a group passes: all that are written, and the key by which rows are found."""
    return names if write is Write.INSERT else (*_key_names(table), *names)


@lru_cache(maxsize=4096)
def _encoder(table: Table, name: str) -> Any:
    """A jsonb value goes as text."""
    if isinstance(table.c[name].type, JSONB):
        # A command's mappings are read-only views, which JSON knows only as what they show.
        return lambda value: None if value is None else orjson.dumps(value, default=dict).decode()
    return lambda value: value


@lru_cache(maxsize=1024)
def _statement(groups: tuple[tuple[Table, Write, tuple[str, ...]], ...]) -> str:
    """The statement text for one shape of work. Table and column names are our own, never input."""
    parts, position = [], 0
    for number, (table, write, names) in enumerate(groups):
        columns = _columns(table, write, names)
        arrays = []
        for name in columns:
            position += 1
            arrays.append(f"${position}::{_array_type(table, name)}")
        given = f"unnest({', '.join(arrays)}) AS v({', '.join(map(_quote, columns))})"
        parts.append(f"w{number} AS ({_write(table, write, names, given)} RETURNING 1)")
    counts = ", ".join(f"(SELECT count(*) FROM w{number})" for number in range(len(groups)))
    return f"WITH {', '.join(parts)} SELECT {counts}"


def _write(table: Table, write: Write, names: tuple[str, ...], given: str) -> str:
    where = " AND ".join(f"t.{_quote(name)} = v.{_quote(name)}" for name in _key_names(table))
    match write:
        case Write.INSERT:
            columns = ", ".join(map(_quote, names))
            return f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {given}"
        case Write.UPDATE:
            changes = ", ".join(f"{_quote(name)} = v.{_quote(name)}" for name in names)
            return f"UPDATE {table.fullname} t SET {changes} FROM {given} WHERE {where}"
        case Write.DELETE:
            return f"DELETE FROM {table.fullname} t USING {given} WHERE {where}"


def _array_type(table: Table, name: str) -> str:
    if isinstance(table.c[name].type, ARRAY):
        raise ValueError(f"{table.fullname}.{name}: unnest would flatten arrays into rows; make it jsonb")
    kind = table.c[name].type.compile(dialect=_DIALECT)
    return ("TEXT" if kind.startswith(("CHAR", "VARCHAR")) else kind) + "[]"


def _quote(name: str) -> str:
    return f'"{name}"'
