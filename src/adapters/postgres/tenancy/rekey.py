"""A new master key: every secret at rest is encrypted anew under it, after which the old one may go."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg

from adapters.identity.secrets import KEY_ID_BYTES, Secrets
from adapters.postgres.control.connection import Connection, Pool, url_of
from adapters.postgres.control.organizations import secret_binding as place_binding
from adapters.postgres.outbox.endpoints import secret_binding as endpoint_binding
from adapters.postgres.records import key_binding

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """`renewed` secrets this time. `waiting` API keys are hashed anew at their next use: only then are they here."""

    renewed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class _Column:
    table: str
    id: str
    column: str
    binding: Callable[[UUID], str]


def _place(column: str, organization_id: UUID) -> str:
    return place_binding(organization_id, column)


_CONTROL: Final = tuple(
    _Column("control.placement", "organization_id", column, partial(_place, column))
    for column in ("app_secret", "read_secret")
)
_TENANT: Final = (
    _Column("audit.subject_key", "subject_id", "wrapped_key", key_binding),
    _Column("outbox.endpoint", "id", "secret", endpoint_binding),
    _Column("outbox.endpoint", "id", "previous_secret", endpoint_binding),
)


async def rekey(url: str, control: Pool, secrets: Secrets) -> Rekeyed:
    """May be broken off and run again, while everything is served by processes that know both keys.

    `url` is the provisioner's. Errors: SecretUnreadable, when a key is missing.
    """
    renewed = 0
    async with control.acquire() as connection:
        for column in _CONTROL:
            renewed += await _renew(connection, secrets, column)
    places = await control.fetch(
        """SELECT p.database FROM control.placement p JOIN control.organization o ON o.id = p.organization_id
           WHERE o.status <> 'pending' ORDER BY p.organization_id"""
    )
    for place in places:
        tenant = await asyncpg.connect(url_of(url, database=place["database"]))
        try:
            for column in _TENANT:
                renewed += await _renew(tenant, secrets, column)
        finally:
            await tenant.close()
    waiting = await control.fetchval(
        "SELECT count(*) FROM control.api_key WHERE revoked_at IS NULL AND substring(hash FOR $1) <> $2",
        KEY_ID_BYTES,
        secrets.current,
    )
    return Rekeyed(renewed, waiting)


async def _renew(connection: Connection, secrets: Secrets, kept: _Column) -> int:
    """Batch by batch; a secret that changes meanwhile was written under the new key by whoever changed it."""
    renewed = 0
    while rows := await connection.fetch(
        f"""SELECT {kept.id} AS id, {kept.column} AS old FROM {kept.table}
            WHERE substring({kept.column} FOR $1) <> $2 LIMIT {BATCH}""",
        KEY_ID_BYTES,
        secrets.current,
    ):
        await connection.executemany(
            f"UPDATE {kept.table} SET {kept.column} = $3 WHERE {kept.id} = $1 AND {kept.column} = $2",
            [(row["id"], row["old"], _again(secrets, row["old"], kept.binding(row["id"]))) for row in rows],
        )
        renewed += len(rows)
    return renewed


def _again(secrets: Secrets, ciphertext: bytes, bound_to: str) -> bytes:
    return secrets.encrypt(secrets.decrypt(ciphertext, bound_to), bound_to)
