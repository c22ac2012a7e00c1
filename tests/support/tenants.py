"""Organizations for tests: cloned from the template as sign-up does it, in about 0.2 s."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.control.connection import open_control, url_of
from adapters.postgres.control.organizations import NewUser, Organizations
from adapters.postgres.tenancy.migrate import head
from adapters.postgres.tenancy.provision import Provisioner, prepare_cluster
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.ids import new_id
from bizcore.settings import Settings
from bizcore.tenancy import Signup


class NoBuckets:
    """For tests that store no objects."""

    async def create_bucket(self, name: str) -> None:
        return None


async def new_organization(
    servers: Settings, *, company: str = "Acme", country: str = "DE", currency: str = "EUR", email: str | None = None
) -> Signup:
    """A new active organization with one company and its owner; the answer names their ids.

    The first call of a run prepares the cluster and builds the template, about 0.5 s.
    """
    await _prepare_once(servers)
    pool = await open_control(servers)
    try:
        organizations = Organizations(pool, Secrets.of(servers.master_key))
        address = email or f"owner-{os.urandom(6).hex()}@example.com"
        user_id, organization = await organizations.reserve(
            NewUser(address, "Olga Owner", None), name=company, slug=None, schema_version=head("tenant")
        )
        now = datetime.now(UTC)
        signup = Signup(
            organization_id=organization.id,
            user_id=user_id,
            email=address,
            name="Olga Owner",
            company_id=new_id(),
            principal_id=new_id(),
            company_name=company,
            country=country,
            currency=currency,
            timezone="UTC",
            at=now,
            today=now.date(),
            request_id="test",
        )
        await Provisioner(servers.database_url, organizations, NoBuckets()).provision(signup)
        return signup
    finally:
        await pool.close()


@asynccontextmanager
async def open_tenant(servers: Settings, organization_id: UUID) -> AsyncIterator[TenantDatabase]:
    """Its database, for as long as the block lasts. Pools belong to one event loop: open it in the test's own."""
    async with open_tenants(servers) as tenants:
        yield await tenants.get(organization_id)


async def new_tenant(
    servers: Settings, *, company: str = "Acme", country: str = "DE", currency: str = "EUR"
) -> TenantDatabase:
    """A new organization's database, opened in this event loop; its owner is the only person in it.

    The caller ends with `await tenant.engine.dispose()`.
    """
    signup = await new_organization(servers, company=company, country=country, currency=currency)
    async with open_tenants(servers) as tenants:
        return await tenants.get(signup.organization_id)  # closing disposes of connections, not of the engine


async def as_owner_of(tenant: TenantDatabase, servers: Settings) -> asyncpg.Connection[asyncpg.Record]:
    """A connection of the provisioner to the tenant's database: it may do what `app` may not. Close it."""
    return await asyncpg.connect(url_of(servers.database_url, database=tenant.id))


async def owner_id(tenant: TenantDatabase) -> UUID:
    """The principal that signed up."""
    async with tenant.connection() as connection:
        found = await connection.fetchval("SELECT id FROM platform.principal WHERE kind = 'user' ORDER BY id LIMIT 1")
    assert isinstance(found, UUID)
    return found


_prepared: set[Path] = set()


async def _prepare_once(servers: Settings) -> None:
    if servers.home not in _prepared:
        await prepare_cluster(servers)
        _prepared.add(servers.home)
