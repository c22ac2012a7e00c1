"""Olga buys and receives, Anna and Axel approve; each has every right, for rights are tested elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from adapters.identity.secrets import Secrets
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.procurement.support import Department
from tests.support.crowd import wide_open
from tests.support.tenants import as_owner_of, new_tenant, owner_id


@pytest_asyncio.fixture(scope="module")
async def department(servers: Settings) -> AsyncIterator[Department]:
    tenant = await new_tenant(servers)
    people = {"olga": await owner_id(tenant)}
    owner = await as_owner_of(tenant, servers)
    for name in ("anna", "axel"):
        people[name] = new_id()
        await owner.execute(
            """INSERT INTO platform.principal (id, kind, name, entry_no, created_at, updated_at)
               VALUES ($1, 'user', $2, 1, now(), now())""",
            people[name],
            name.title(),
        )
        await owner.execute(
            """INSERT INTO platform.role_grant (principal_id, role_id)
               SELECT $1, id FROM platform.role WHERE code = 'admin'""",
            people[name],
        )
    await owner.close()
    yield Department(tenant, Secrets.of(servers.master_key), people)
    await tenant.engine.dispose()


@pytest_asyncio.fixture(scope="module")
async def crowd(department: Department, servers: Settings) -> AsyncIterator[Department]:
    """The same people with a connection for each client."""
    async with wide_open(servers, department.tenant.organization_id) as tenant:
        yield replace(department, tenant=tenant)
