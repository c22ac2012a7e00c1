"""One organization for the tests of the write path, and a corner of it where they may make tables of their own."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.connection import TenantDatabase
from adapters.postgres.control.connection import url_of
from bizcore.settings import Settings
from tests.kernel.office import Office, open_office
from tests.support.crowd import wide_open
from tests.support.tenants import as_owner_of, new_tenant

Connection = asyncpg.Connection  # type: ignore[type-arg]


@pytest_asyncio.fixture(scope="module")
async def tenant(servers: Settings) -> AsyncIterator[TenantDatabase]:
    found = await new_tenant(servers)
    yield found
    await found.engine.dispose()


@pytest_asyncio.fixture(scope="module")
async def owner(tenant: TenantDatabase, servers: Settings) -> AsyncIterator[Connection]:
    """May do what the application's role may not."""
    connection = await as_owner_of(tenant, servers)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def url(tenant: TenantDatabase, servers: Settings) -> str:
    """For connections beside those of the pool."""
    return url_of(servers.database_url, database=tenant.id)


@pytest_asyncio.fixture(scope="module")
async def office(tenant: TenantDatabase) -> Office:
    return await open_office(tenant)


@pytest_asyncio.fixture(scope="module")
async def crowd(office: Office, servers: Settings) -> AsyncIterator[Office]:
    """The same office with a connection for each client."""
    async with wide_open(servers, office.tenant.organization_id) as tenant:
        yield replace(office, tenant=tenant)
