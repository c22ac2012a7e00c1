"""The control database as its administrator sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from adapters.postgres.control.connection import CONTROL_DATABASE, url_of
from bizcore.settings import Settings


@asynccontextmanager
async def control(servers: Settings) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url_of(servers.database_url, database=CONTROL_DATABASE))
    try:
        yield connection
    finally:
        await connection.close()
