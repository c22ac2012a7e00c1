"""Organizations of an older version are brought to the newest schema; who fails stays as he was, and closed."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.control.connection import open_control, url_of
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.fleet import upgrade_fleet
from adapters.postgres.tenancy.migrate import head, version
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.errors import Unavailable
from bizcore.settings import Settings
from services.cli.migrate import migrated
from tests.support.tenants import new_organization, open_tenant

OLDER, NEWEST = f"{int(head('tenant')) - 1:04}", head("tenant")


async def upgraded(servers: Settings) -> list[tuple[UUID, bool]]:
    control = await open_control(servers)
    try:
        fleet = upgrade_fleet(servers.database_url, Organizations(control, Secrets.of(servers.master_key)))
        return [(placement.organization_id, error is None) async for placement, error in fleet]
    finally:
        await control.close()


async def an_older_one(servers: Settings, *, broken: bool = False) -> tuple[UUID, str]:
    """An organization as the version before the newest left it, or with something in the way of the newest."""
    id = (await new_organization(servers)).organization_id
    async with open_tenant(servers, id) as tenant:
        database = tenant.id
    connection = await asyncpg.connect(url_of(servers.database_url, database=database))
    control = await open_control(servers)
    try:
        if not broken:
            await connection.execute("DROP SCHEMA billing CASCADE")
        await connection.execute("UPDATE migration.schema_version SET version_num = $1", OLDER)
        await Organizations(control, Secrets.of(servers.master_key)).migrated(id, OLDER)
    finally:
        await connection.close()
        await control.close()
    return id, database


async def schema_of(servers: Settings, database: str) -> str | None:
    connection = await asyncpg.connect(url_of(servers.database_url, database=database))
    try:
        return await version(connection)
    finally:
        await connection.close()


async def _serves(servers: Settings, id: UUID) -> bool:
    async with open_tenants(servers) as tenants:
        try:
            tenant = await tenants.get(id)
        except Unavailable:
            return False
        return await _writes(tenant)


async def _writes(tenant: TenantDatabase) -> bool:
    """Whether the role of the API may use what the newest schema brought."""
    async with tenant.connection() as connection:
        return bool(await connection.fetchval("SELECT has_table_privilege('billing.supplier_invoice', 'INSERT')"))


async def test_whoever_is_behind_is_closed_until_brought_to_the_newest_schema(servers: Settings) -> None:
    (first, _), (broken, in_the_way), (last, database) = [
        await an_older_one(servers),
        await an_older_one(servers, broken=True),
        await an_older_one(servers),
    ]
    assert [await _serves(servers, id) for id in (first, broken, last)] == [False, False, False]
    found = await upgraded(servers)
    assert found[0] == (first, True)
    assert sorted(found[1:]) == sorted([(broken, False), (last, True)])
    assert [await _serves(servers, id) for id in (first, broken, last)] == [True, False, True]
    assert (await schema_of(servers, database), await schema_of(servers, in_the_way)) == (NEWEST, OLDER)
    await _out_of_the_way(servers, in_the_way)
    assert await upgraded(servers) == [(broken, True)]
    assert await _serves(servers, broken)
    assert await upgraded(servers) == []


async def test_where_the_first_fails_no_other_is_touched(servers: Settings) -> None:
    (_, in_the_way), (other, database) = await an_older_one(servers, broken=True), await an_older_one(servers)
    said = [line async for line in migrated(servers)]
    assert [went_well for _, went_well in said] == [False]
    assert said[0][0].startswith(f"{in_the_way} stays at schema {OLDER}, and closed: ")
    assert "already exists" in said[0][0]
    assert (await schema_of(servers, database), await _serves(servers, other)) == (OLDER, False)
    await _out_of_the_way(servers, in_the_way)
    assert [line async for line in migrated(servers)] == [
        (f"{name} is at the newest schema.", True) for name in (in_the_way, database)
    ]


async def _out_of_the_way(servers: Settings, database: str) -> None:
    connection = await asyncpg.connect(url_of(servers.database_url, database=database))
    try:
        await connection.execute("DROP SCHEMA billing CASCADE")
    finally:
        await connection.close()
