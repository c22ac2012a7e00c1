"""The resolver: from an organization to its database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.errors import NotFound, Unavailable
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.support.tenants import new_organization, new_tenant, open_tenant


async def test_a_new_organization_has_its_company_and_its_owner(servers: Settings) -> None:
    signup = await new_organization(servers, company="Müller & Söhne", country="AT", currency="EUR")
    async with open_tenant(servers, signup.organization_id) as tenant, tenant.connection() as connection:
        company = await connection.fetchrow("SELECT id, code, name, country, currency FROM platform.company")
        owners = await connection.fetch(
            "SELECT p.user_id, r.code FROM platform.principal p JOIN platform.role_grant g ON g.principal_id = p.id"
            " JOIN platform.role r ON r.id = g.role_id"
        )
        entries = await connection.fetch("SELECT subject_kind, entry_no FROM audit.entry ORDER BY id")
        unsealed = await connection.fetchval("SELECT count(*) FROM audit.unsealed")
    assert company is not None
    assert tuple(company) == (signup.company_id, "MAIN", "Müller & Söhne", "AT", "EUR")
    assert [tuple(row) for row in owners] == [(signup.user_id, "owner")]
    assert [tuple(row) for row in entries] == [("principal", 1), ("company", 1)]
    assert unsealed == 2


async def test_a_hundred_at_once_open_one_pool(servers: Settings) -> None:
    signup = await new_organization(servers)
    async with open_tenants(servers) as tenants:
        found = await asyncio.gather(*(tenants.get(signup.organization_id) for _ in range(100)))
    assert len({id(tenant) for tenant in found}) == 1


async def test_an_unknown_organization_is_not_found(servers: Settings) -> None:
    await new_organization(servers)
    async with open_tenants(servers) as tenants:
        with pytest.raises(NotFound):
            await tenants.get(new_id())


async def test_all_pools_together_keep_to_the_budget(servers: Settings) -> None:
    signups = [await new_organization(servers) for _ in range(6)]
    async with open_tenants(servers) as tenants:
        tenants.connections = 4

        async def use(number: int) -> int:
            tenant = await tenants.get(signups[number % 6].organization_id)
            async with tenant.connection() as connection:
                await connection.execute("SELECT pg_sleep(0.005)")
                return tenants.connected

        most = max(await asyncio.gather(*(use(number) for number in range(60))))
        assert most == 4
        databases = [(await tenants.get(s.organization_id)).id for s in signups]
        async with asyncio.timeout(5):  # the server takes a moment to see that a session was ended
            while await _sessions(servers, databases) != tenants.connected:
                await asyncio.sleep(0.01)


async def test_a_connection_the_server_ended_is_replaced_unseen(servers: Settings) -> None:
    tenant = await new_tenant(servers)
    try:
        async with tenant.connection() as connection:
            first = await connection.fetchval("SELECT pg_backend_pid()")
        async with tenant.connection() as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") == first
            with pytest.raises(asyncpg.PostgresError):
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        async with tenant.connection() as connection:
            assert await connection.fetchval("SELECT pg_backend_pid()") != first
    finally:
        await tenant.engine.dispose()


async def test_a_connection_cut_while_it_is_made_is_told_in_the_drivers_words(
    servers: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are what the API answers 503 for; SQLAlchemy's own would be a 500."""
    tenant = await new_tenant(servers)

    async def cut(*_: object, **__: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    monkeypatch.setattr(asyncpg, "connect", cut)
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        async with tenant.connection():
            pass
    await tenant.engine.dispose()


async def test_connections_are_given_in_the_order_they_are_asked_for(servers: Settings) -> None:
    signup, asked, served = await new_organization(servers), list[int](), list[int]()
    async with open_tenants(replace(servers, pool_size=1)) as tenants:
        tenant = await tenants.get(signup.organization_id)

        async def use(number: int) -> None:
            asked.append(number)
            async with tenant.connection() as connection:
                served.append(number)
                await connection.execute("SELECT")

        async with asyncio.TaskGroup() as requests:
            for number in range(200):  # while some wait others come, at any moment of a connection's return
                requests.create_task(use(number))
                await asyncio.sleep(0 if number % 2 else 0.0002)
    assert served == asked


async def test_sessions_carry_their_limits(servers: Settings) -> None:
    tenant = await new_tenant(servers)
    try:
        async with tenant.connection() as connection:
            assert await connection.fetchval("SHOW statement_timeout") == "30s"
            assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "15s"
            assert await connection.fetchval("SHOW timezone") == "UTC"
    finally:
        await tenant.engine.dispose()


async def test_a_transaction_left_open_is_rolled_back(servers: Settings) -> None:
    tenant = await new_tenant(servers)
    try:
        async with tenant.connection() as connection:
            await connection.execute("BEGIN; UPDATE platform.configuration SET version = 99")
        async with tenant.connection() as connection:
            assert await connection.fetchval("SELECT version FROM platform.configuration") == 1
    finally:
        await tenant.engine.dispose()


@pytest.mark.parametrize(
    "change",
    ["UPDATE control.organization SET status = 'suspended' WHERE id = $1",
     "UPDATE control.placement SET schema_version = '0000' WHERE organization_id = $1"],
    ids=["suspended", "behind in schema"],
)  # fmt: skip
async def test_an_organization_out_of_service_is_unavailable_and_others_are_not(servers: Settings, change: str) -> None:
    closed, fine = await new_organization(servers), await new_organization(servers)
    async with open_tenants(servers) as tenants:
        await tenants.organizations.pool.execute(change, closed.organization_id)
        with pytest.raises(Unavailable):
            await tenants.get(closed.organization_id)
        assert (await tenants.get(fine.organization_id)).organization_id == fine.organization_id


async def _sessions(servers: Settings, databases: list[str]) -> int:
    connection = await asyncpg.connect(servers.database_url)
    try:
        found = await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = ANY ($1)", databases)
    finally:
        await connection.close()
    assert isinstance(found, int)
    return found
