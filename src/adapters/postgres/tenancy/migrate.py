"""Bringing a database to the newest schema. Alembic keeps its state in module globals: one upgrade at a time in a
process, a fleet in several processes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

Tree = Literal["control", "tenant"]

MIGRATIONS: Final = Path(__file__).resolve().parents[4] / "migrations"
VERSION_SCHEMA: Final = "migration"
LOCK_TIMEOUT_SECONDS: Final = 5
_ONE_UPGRADE: Final = "hashtextextended('bizcore.migrate:' || current_database(), 0)"
_SEVERAL_STATEMENTS: Final = re.compile(r";\s*\S")


def head(tree: Tree) -> str:
    """The newest revision of the tree, which its file names begin with."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / tree / "versions").glob("[0-9]*_*.py"))


async def version(connection: asyncpg.Connection[asyncpg.Record]) -> str | None:
    """The revision that the database is at; None where nothing was ever migrated."""
    if await connection.fetchval(f"SELECT to_regclass('{VERSION_SCHEMA}.schema_version')") is None:
        return None
    found: str | None = await connection.fetchval(f"SELECT version_num FROM {VERSION_SCHEMA}.schema_version")
    return found


async def upgrade(url: str, tree: Tree, *, role: str | None = None) -> None:
    """Upgrade the database at `url` to the head of `tree` in one transaction, as `role` if given.

    A lock that is not had within 5 seconds, the upgrade's own included, is an error: nobody waits behind a migration.
    """
    # The driver reads the address by itself: SQLAlchemy would hand on its `sslmode` as an argument that there is not.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(asyncpg.connect, url), poolclass=NullPool
    )
    event.listen(engine.sync_engine, "do_execute", _run_script)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            if role is not None:
                await connection.exec_driver_sql(f'SET ROLE "{role}"')
            await connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ONE_UPGRADE})")
            await connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {VERSION_SCHEMA}")
            await connection.commit()  # settings and lock are the session's, which ends with this block
            await connection.run_sync(partial(_upgrade_to_head, tree))
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade_to_head(tree: Tree, connection: Connection) -> None:
    from alembic import command  # a start that finds everything at head, as nearly all do, needs none of it
    from alembic.config import Config

    config = Config(MIGRATIONS / "alembic.ini", ini_section=tree)
    config.attributes |= {"connection": connection, "version_schema": VERSION_SCHEMA}
    command.upgrade(config, "head")


def _run_script(cursor: Any, statement: str, parameters: Sequence[Any], _: object) -> bool:
    """Run several statements in one text by the simple protocol: a prepared statement can hold only one.

    Alembic has asked for its version table before, so the dialect's transaction is open by now.
    """
    if parameters or not _SEVERAL_STATEMENTS.search(statement):
        return False
    await_only(cursor._connection.execute(statement))
    return True
