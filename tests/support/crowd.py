"""Many clients at one point, each on a connection of its own, and what became of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.postgres.connection import Connection, TenantDatabase
from bizcore.errors import BusinessError
from bizcore.settings import Settings
from tests.support.tenants import open_tenant

CLIENTS, ROUNDS = 16, 20
CROWD = 50
crowds = pytest.mark.parametrize(
    ("clients", "rounds"), [(CLIENTS, ROUNDS), pytest.param(CROWD, 200, marks=pytest.mark.slow)]
)


@asynccontextmanager
async def wide_open(
    servers: Settings, organization_id: UUID, *, clients: int = CLIENTS
) -> AsyncIterator[TenantDatabase]:
    """Its database with a connection for each client: with fewer, most would wait before they meet the others."""
    async with open_tenant(replace(servers, pool_size=clients), organization_id) as tenant:
        yield tenant


async def waiting(connection: Connection, count: int = 1) -> None:
    """Until so many others wait for a lock."""
    async with asyncio.timeout(30):
        while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < count:
            await asyncio.sleep(0.005)


async def outcome(attempt: Awaitable[object]) -> str:
    """ "done", or the code of the refusal."""
    try:
        await attempt
    except BusinessError as refusal:
        return refusal.code
    return "done"


async def outcomes(attempts: Iterable[Awaitable[object]]) -> list[str]:
    """Of all of them at once, in their order."""
    return await asyncio.gather(*map(outcome, attempts))


async def counted(attempts: Iterable[Awaitable[object]]) -> Counter[str]:
    return Counter(await outcomes(attempts))
