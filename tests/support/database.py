"""A tenant's database as a whole, as its provisioner sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from adapters.postgres.control.connection import url_of
from bizcore.settings import Settings
from tests.support.control import control

Connection = asyncpg.Connection  # type: ignore[type-arg]


@asynccontextmanager
async def database_of(servers: Settings, organization_id: str) -> AsyncIterator[Connection]:
    async with control(servers) as connection:
        name = await connection.fetchval(
            "SELECT database FROM control.placement WHERE organization_id = $1", UUID(organization_id)
        )
    opened = await asyncpg.connect(url_of(servers.database_url, database=name))
    try:
        yield opened
    finally:
        await opened.close()


async def contents(connection: Connection, *, but: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """The number of rows and a hash of all of them, for each table; two that are equal hold the same."""
    tables = await _tables(connection)
    parts = [
        f"""SELECT '{table}' AS name, count(*) AS rows,
                   coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS hash FROM {table} t"""
        for table in tables
        if table not in but
    ]
    return {row["name"]: (row["rows"], row["hash"]) for row in await connection.fetch(" UNION ALL ".join(parts))}


async def tables_with(connection: Connection, *texts: str) -> dict[str, list[str]]:
    """For each text the tables in whose rows it stands."""
    parts = [
        f"""SELECT '{table}' AS name, x AS text FROM unnest($1::text[]) AS x
            WHERE EXISTS (SELECT FROM {table} t WHERE strpos(t::text, x) > 0)"""
        for table in await _tables(connection)
    ]
    found: dict[str, list[str]] = {text: [] for text in texts}
    for row in await connection.fetch(" UNION ALL ".join(parts), texts) if parts else ():
        found[row["text"]].append(row["name"])
    return found


async def _tables(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        """SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
           WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
    )
    return [row["name"] for row in rows]
