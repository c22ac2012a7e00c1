"""Master records: one row each, with version, audit and event by the convention of documents.

A personal value stands in the audit trail encrypted under its subject's own key. Whoever destroys the key has erased it
there for good, and the trail still verifies.
"""

import base64
import os
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import Connection
from adapters.postgres.platform import tables
from adapters.postgres.work import PostgresWork, Subject
from bizcore.errors import NotFound, VersionConflict, plain
from bizcore.events import Event
from bizcore.ids import new_id

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_UNAUDITED: Final = frozenset({"id", "version", "entry_no", "created_at", "updated_at"})
WRAPPED_KEY: Final = "wrapped_key"  # beside a loaded row's columns: its subject key as it is kept

NO_PERSONAL: Final[frozenset[str]] = frozenset()


def add_record(
    work: PostgresWork, kind: str, table: Table, values: Mapping[str, Any], *, personal: Collection[str] = NO_PERSONAL
) -> UUID:
    """A new row at version 1, its id made unless `values` has one. `personal` names the columns with personal data."""
    id = values.get("id") or new_id()
    row = {**values, "id": id, "version": 1, "entry_no": 1, "created_at": work.call.at, "updated_at": work.call.at}
    work.writes.insert(table, row)
    announce_added(work, kind, table, row, personal=personal)
    return id


def announce_added(
    work: PostgresWork, kind: str, table: Table, row: Mapping[str, Any], *, personal: Collection[str] = NO_PERSONAL
) -> None:
    """The history of a new row that is written at version 1: for one that had to be there before the flush."""
    id: UUID = row["id"]
    known = {name: value for name, value in row.items() if name not in _UNAUDITED and value is not None}
    key = _new_key(work, id) if any(name in personal for name in known) else None
    _announce(work, kind, table, row, Subject(kind, 1, {}, _diff(id, known, personal, key)), known, personal, "created")


async def load_record(work: PostgresWork, kind: str, table: Table, id: UUID, version: int | None) -> dict[str, Any]:
    """The row, locked, as `save_record` takes it back; beside its columns its wrapped subject key.

    Errors: NOT_FOUND, also for another company's; VERSION_CONFLICT telling what was changed since, by whom.
    """
    found = await work.connection.fetchrow(_lock_statement(table), id)
    company = work.catalogue.records[kind].company
    if found is None or (company is not None and not work.scope.covers(found[company])):
        raise NotFound(f"No such {kind.replace('_', ' ')}.")
    row = dict(found)
    for column in table.columns:
        if isinstance(column.type, JSONB) and row[column.name] is not None:
            row[column.name] = orjson.loads(row[column.name])
    if version is not None and version != row["version"]:
        changes = await _changes_since(work.connection, id, row["entry_no"] - (row["version"] - version))
        raise VersionConflict(given=version, current=row["version"], changes=changes)
    return row


def save_record(
    work: PostgresWork,
    kind: str,
    table: Table,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    personal: Collection[str] = NO_PERSONAL,
    happened: str = "changed",
    touched: bool = False,
) -> None:
    """Writes what of `changes` differs from `before`, and its history; nothing when nothing does. Once a command.

    `touched` says that what belongs to the record changed elsewhere, so that its version moves all the same.
    """
    new = {name: value for name, value in changes.items() if not _same(before[name], value)}
    if not new and not touched:
        return
    id: UUID = before["id"]
    if id in work.subjects:
        raise ValueError(f"{kind} {id} is saved twice in one command")
    row = {**before, **new, "version": before["version"] + 1, "entry_no": before["entry_no"] + 1}
    kept = {name: row[name] for name in ("version", "entry_no")}
    work.writes.update(table, {"id": id}, {**new, **kept, "updated_at": work.call.at})
    old = {name: before[name] for name in new}
    key = None
    if any(name in personal and (old[name] is not None or new[name] is not None) for name in new):
        wrapped = before[WRAPPED_KEY]
        key = work.secrets.decrypt(wrapped, key_binding(id)) if wrapped is not None else _new_key(work, id)
    subject = Subject(kind, row["entry_no"], _diff(id, old, personal, key), _diff(id, new, personal, key))
    _announce(work, kind, table, row, subject, new, personal, happened)


def destroy_key(work: PostgresWork, before: Mapping[str, Any]) -> None:
    """Makes what the audit trail holds of the loaded record's personal data unreadable for ever, this command's too."""
    key = {"subject_id": before["id"]}
    if before[WRAPPED_KEY] is not None or (tables.audit_subject_key.fullname, (before["id"],)) in work.writes.rows:
        work.writes.delete(tables.audit_subject_key, key)


def reveal(secrets: Secrets, id: UUID, wrapped_key: bytes | None, diff: Mapping[str, Any]) -> dict[str, Any]:
    """One side of an audit entry as it may be shown: personal values decrypted, erased ones named so."""
    key = secrets.decrypt(wrapped_key, key_binding(id)) if wrapped_key is not None else None
    return {path: _revealed(key, id, path, value) for path, value in diff.items()}


def _same(before: object, after: object) -> bool:
    """Equal as values (1.10 is 1.1) or as what JSON keeps of them (a tuple is its list)."""
    return before == after or plain(before) == plain(after)


@lru_cache(maxsize=64)
def _lock_statement(table: Table) -> str:
    # jsonb as text: what the driver makes of it depends on how the connection was opened.
    columns = (f"r.{column.name}{'::text' * isinstance(column.type, JSONB)}" for column in table.columns)
    return f"""
        SELECT {", ".join(columns)},
               (SELECT k.wrapped_key FROM audit.subject_key k WHERE k.subject_id = r.id) AS {WRAPPED_KEY}
        FROM {table.fullname} r WHERE r.id = $1 FOR NO KEY UPDATE OF r"""


_SINCE: Final = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'at', platform.instant_text(e.at), 'by', p.name,
    'fields', (SELECT jsonb_agg(f ORDER BY f) FROM jsonb_object_keys(e.before || e.after) AS f)
) ORDER BY e.entry_no), '[]')::text
FROM audit.entry e LEFT JOIN platform.principal p ON p.id = e.actor_id
WHERE e.subject_id = $1 AND e.entry_no > $2
"""


async def _changes_since(connection: Connection, id: UUID, entry_no: int) -> object:
    return orjson.loads(await connection.fetchval(_SINCE, id, entry_no))


def _announce(
    work: PostgresWork,
    kind: str,
    table: Table,
    row: Mapping[str, Any],
    subject: Subject,
    values: Mapping[str, Any],
    personal: Collection[str],
    happened: str,
) -> None:
    """The audit entry and the event. The event names the personal fields that changed, never what is in them."""
    work.subjects[row["id"]] = subject
    work.publish(
        Event(
            type=f"{table.schema}.{kind}.{happened}.v1",
            subject_kind="record",
            subject_type=kind,
            subject_id=row["id"],
            subject_number=row[work.catalogue.records[kind].code],
            subject_version=row["version"],
            data={
                "fields": sorted(values),
                "values": {name: value for name, value in values.items() if name not in personal},
            },
        )
    )


def _diff(id: UUID, values: Mapping[str, Any], personal: Collection[str], key: bytes | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in values.items():
        path = f"/{name}"
        if name in personal and value is not None:
            assert key is not None
            found[path] = _encrypted(key, id, path, value)
        else:
            found[path] = value
    return found


def key_binding(id: UUID) -> str:
    return f"audit.subject_key.{id}"


def _new_key(work: PostgresWork, id: UUID) -> bytes:
    key = os.urandom(_KEY_BYTES)
    wrapped = work.secrets.encrypt(key, key_binding(id))
    work.writes.insert(tables.audit_subject_key, {"subject_id": id, "wrapped_key": wrapped})
    return key


def _encrypted(key: bytes, id: UUID, path: str, value: object) -> dict[str, str]:
    nonce = os.urandom(_NONCE_BYTES)
    # Bound to its subject and place, so that it cannot be shown as another's.
    ciphertext = AESGCM(key).encrypt(nonce, orjson.dumps(plain(value)), f"{id}{path}".encode())
    return {"encrypted": base64.b64encode(nonce + ciphertext).decode()}


def _revealed(key: bytes | None, id: UUID, path: str, value: object) -> object:
    if not isinstance(value, dict) or value.keys() != {"encrypted"}:
        return value
    if key is None:
        return {"erased": True}
    raw = base64.b64decode(value["encrypted"])
    return orjson.loads(AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{id}{path}".encode()))
