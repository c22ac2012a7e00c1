"""The database every organization's is cloned from: migrated, with package `standard` in it, closed to everybody."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import asyncpg

from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import url_of
from adapters.postgres.tenancy.migrate import MIGRATIONS, upgrade

TEMPLATE: Final = "bizcore_template"
TEMPLATE_OWNER: Final = "bizcore_template_owner"
# Whoever clones shares it, whoever rebuilds holds it alone. Advisory locks are a database's own: both connect to the
# provisioner's.
TEMPLATE_LOCK: Final = "hashtextextended('bizcore.template', 0)"
_NEW: Final = f"{TEMPLATE}_new"
_SOURCE: Final = Path(__file__).resolve().parents[3]


async def ensure_template(provisioner: Connection, url: str) -> bool:
    """Build the template unless there is one of this very code. Whether it was built."""
    digest = _digest()
    await provisioner.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
    try:
        existing = await provisioner.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1 AND NOT datallowconn",
            TEMPLATE,
        )
        if existing == digest:
            return False
        await _build(provisioner, url)
        await _replace(provisioner, digest)
        return True
    finally:
        await provisioner.execute(f"SELECT pg_advisory_unlock({TEMPLATE_LOCK})")


async def drop_database(provisioner: Connection, name: str) -> None:
    """Remove it unless it is gone; whoever is connected to it is thrown out."""
    try:
        await provisioner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except asyncpg.InsufficientPrivilegeError:
        # Vacuuming goes on there: it is nobody's session, so FORCE may not end it. Without FORCE PostgreSQL does.
        await provisioner.execute(f"DROP DATABASE IF EXISTS {name}")


async def _build(provisioner: Connection, url: str) -> None:
    from adapters.postgres.tenancy.standard import STANDARD  # only the first start of a version builds

    if not await provisioner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", TEMPLATE_OWNER):
        await provisioner.execute(f"CREATE ROLE {TEMPLATE_OWNER} NOLOGIN")
    await provisioner.execute(f"GRANT {TEMPLATE_OWNER} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")
    await drop_database(provisioner, _NEW)
    await provisioner.execute(f"CREATE DATABASE {_NEW} TEMPLATE template0 ENCODING 'UTF8'")
    await provisioner.execute(f"REVOKE ALL ON DATABASE {_NEW} FROM PUBLIC")
    await provisioner.execute(f"GRANT CREATE ON DATABASE {_NEW} TO {TEMPLATE_OWNER}")
    new_url = url_of(url, database=_NEW)
    await upgrade(new_url, "tenant", role=TEMPLATE_OWNER)
    connection = await asyncpg.connect(new_url)
    try:
        await connection.execute(f"SET ROLE {TEMPLATE_OWNER}")
        async with connection.transaction():
            for load in STANDARD:
                await load(connection)
    finally:
        await connection.close()


async def _replace(provisioner: Connection, digest: str) -> None:
    if await provisioner.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
        await provisioner.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE false")
        await drop_database(provisioner, TEMPLATE)
    await provisioner.execute(f"ALTER DATABASE {_NEW} RENAME TO {TEMPLATE}")
    await provisioner.execute(f"COMMENT ON DATABASE {TEMPLATE} IS '{digest}'")
    # Last: only a template that nobody can enter counts as finished.
    await provisioner.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")


def _digest() -> str:
    """Of the tenant migrations and of all code and data that package `standard` may be made of."""
    digest = hashlib.sha256()
    roots = (
        MIGRATIONS / "tenant" / "versions",
        *(_SOURCE / name for name in ("bizcore", "contexts", "adapters/postgres")),
    )
    for root in roots:
        for path in sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
