"""A tenant is a place: its roles enter one database, and what is kept of it is kept there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest
import redis.asyncio as redis

from adapters.identity.secrets import Secrets
from adapters.postgres.control import connection as control_connection
from adapters.postgres.control.connection import CONTROL_DATABASE, open_control, url_of
from adapters.postgres.control.organizations import Organizations, RolePasswords
from adapters.postgres.tenancy.template import TEMPLATE
from bizcore.settings import Settings
from bizcore.tenancy import Placement
from tests.conftest import RunningServers
from tests.house.support import eventually
from tests.support.api import Api, Json, Office, running_api
from tests.support.control import control
from tests.support.database import tables_with
from tests.support.filled import Filled, fill
from tests.support.objects import object_client

IDENTITY = ["control.api_key", "control.users"]  # who may sign in, with their names: what the control plane is for


async def place(servers: Settings, office: Office) -> tuple[Placement, RolePasswords]:
    pool = await open_control(servers)
    try:
        organizations = Organizations(pool, Secrets.of(servers.master_key))
        found = await organizations.placement(UUID(office.id))
        assert found is not None
        return found[1], await organizations.passwords(UUID(office.id))
    finally:
        await pool.close()


@pytest.fixture(scope="module")
async def beta(api: Api) -> Office:
    return await api.sign_up("Beta")


@pytest.mark.parametrize("role", ["app", "read"])
async def test_a_login_role_enters_its_own_database_and_no_other(
    servers: Settings, acme: Office, beta: Office, role: str
) -> None:
    here, passwords = await place(servers, acme)
    there, _ = await place(servers, beta)
    login = {"role": f"{here.database}_{role}", "password": getattr(passwords, role)}

    own = await asyncpg.connect(url_of(servers.database_url, database=here.database, **login))
    assert await own.fetchval("SELECT count(*) FROM platform.company") == 1
    databases = [row["datname"] for row in await own.fetch("SELECT datname FROM pg_database")]
    await own.close()

    assert {"postgres", "template1", TEMPLATE, CONTROL_DATABASE, there.database} <= set(databases)
    for database in sorted(set(databases) - {here.database}):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
            await asyncpg.connect(url_of(servers.database_url, database=database, **login))


async def test_the_owner_cannot_log_in_and_who_logs_in_may_nothing_else(
    servers: Settings, running_servers: RunningServers, acme: Office
) -> None:
    here, _ = await place(servers, acme)
    connection = await asyncpg.connect(running_servers.embedded.superuser_url)
    try:
        rows = await connection.fetch(
            """SELECT rolname, rolcanlogin,
                      rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS more
               FROM pg_roles WHERE starts_with(rolname, $1)""",
            here.database,
        )
    finally:
        await connection.close()
    assert {row["rolname"]: (row["rolcanlogin"], row["more"]) for row in rows} == {
        here.owner_role: (False, False),
        here.app_role: (True, False),
        here.read_role: (True, False),
    }


async def test_no_role_of_a_tenant_may_become_another(servers: Settings, acme: Office, beta: Office) -> None:
    here, passwords = await place(servers, acme)
    there, _ = await place(servers, beta)
    connection = await asyncpg.connect(
        url_of(servers.database_url, database=here.database, role=here.app_role, password=passwords.app)
    )
    try:
        for role in (here.owner_role, here.read_role, there.owner_role, there.app_role, there.read_role):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SET ROLE {role}")
        for statement in ("CREATE TABLE platform.mine (id int)", "CREATE SCHEMA mine",
                          "CREATE TABLE public.mine (id int)",
                          "CREATE ROLE mine", "CREATE DATABASE mine", "ALTER TABLE audit.entry DISABLE TRIGGER ALL",
                          "COPY platform.company TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')"):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_names_in_the_cluster_say_nothing(running_servers: RunningServers, acme: Office) -> None:
    """Every role of a cluster may read the names of its databases and roles."""
    connection = await asyncpg.connect(running_servers.embedded.superuser_url)
    try:
        names = await connection.fetchval(
            "SELECT string_agg(name, ' ') FROM (SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles)"
            " AS all_names(name)"
        )
    finally:
        await connection.close()
    assert "acme" not in names.lower()
    assert acme.id.replace("-", "") not in names


async def test_what_one_organization_wrote_is_kept_nowhere_else(
    servers: Settings, running_servers: RunningServers, api: Api
) -> None:
    """A word of each that no other uses, looked for in every database, bucket, key of the broker, line of the log."""
    async with running_api(servers) as own:
        one, other = await fill(await own.sign_up("One")), await fill(await own.sign_up("Other"))
        for filled in (one, other):
            await _go_wrong(filled)
        log = "\n".join(own.log)
    words = (one.canary, other.canary)
    databases = await _databases_with(running_servers, words)
    buckets, broker = await asyncio.to_thread(_buckets_with, servers, words), await _broker(servers)
    for filled in (one, other):
        here, _ = await place(servers, filled.office)
        assert databases[filled.canary] == [here.database]
        assert buckets[filled.canary] == {here.bucket}
        assert filled.canary not in broker
        assert filled.canary not in log
    assert '"event": "request"' in log
    duplicates = 2 * len(_coded("any"))
    eventually(lambda: sum("duplicate key value" in line for line in running_servers.log) >= duplicates)
    for filled in (one, other):
        assert [line for line in running_servers.log if filled.canary in line] == []


async def test_the_control_plane_holds_no_business(servers: Settings, api: Api) -> None:
    filled = await fill(await api.sign_up("Control"))
    async with control(servers) as connection:
        assert await tables_with(connection, filled.canary) == {filled.canary: IDENTITY}
        columns = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'control'"
        )
    assert not [c for c in columns if c["column_name"] in ("amount", "total", "currency", "number", "iban", "tax_id")]


async def test_no_table_of_a_tenant_names_an_organization(servers: Settings, acme: Office) -> None:
    here, passwords = await place(servers, acme)
    connection = await asyncpg.connect(
        url_of(servers.database_url, database=here.database, role=here.read_role, password=passwords.read)
    )
    try:
        found = await connection.fetch(
            """SELECT table_schema, table_name, column_name FROM information_schema.columns
               WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                 AND (column_name LIKE '%organization%' OR column_name LIKE '%tenant%')"""
        )
    finally:
        await connection.close()
    assert found == []


async def _go_wrong(filled: Filled) -> None:
    """Refusals of every sort that carry what was sent: none of it may reach the log."""
    owner, word = filled.office.owner, filled.canary
    for path, body in (
        ("parties", {"name": word, "country": word}),
        ("procurement/requisitions", {"lines": [{"description": word, "quantity": word}]}),
        ("procurement/purchase-orders", {"supplier": word, "lines": [{"quantity": "1", "unit_price": "1"}]}),
        ("items", {"sku": filled.code, "name": word, "kind": "stock", "unit": word}),
        (f"procurement/purchase-orders/{filled['purchase_order']}/reject", {"reason": word}),
    ):  # fmt: skip
        assert (await owner.post(path, body)).status_code in (409, 422)
    for path, body in _coded(word):
        assert (await owner.post(path, body)).status_code == 201
        assert (await owner.post(path, body)).status_code in (409, 422)
    assert (await owner.get("parties", params={"q": word, "colour": word})).status_code == 400
    assert (await owner.get(f"parties/{word}")).status_code == 404


def _coded(code: str) -> list[tuple[str, Json]]:
    """What takes its code from the request: a second one of that code is refused by PostgreSQL."""
    return [
        ("items", {"sku": code, "name": "Bolt", "kind": "service", "unit": "EA"}),
        ("parties", {"code": code, "name": "Supplier", "roles": ["supplier"], "country": "DE"}),
        ("inventory/locations", {"code": code, "name": "Shed"}),
        ("access/roles", {"code": code, "name": "Role", "permissions": ["procurement.*.read"]}),
    ]


async def _databases_with(running_servers: RunningServers, texts: Sequence[str]) -> dict[str, list[str]]:
    url = running_servers.embedded.superuser_url
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname")
    await connection.close()
    found: dict[str, list[str]] = {text: [] for text in texts}
    for row in rows:
        connection = await asyncpg.connect(url_of(url, database=row["datname"]))
        try:
            tables = await tables_with(connection, *texts)
        finally:
            await connection.close()
        for text in texts:
            if set(tables[text]) - {*IDENTITY}:
                found[text].append(row["datname"])
    return found


def _buckets_with(servers: Settings, texts: Sequence[str]) -> dict[str, set[str]]:
    client = object_client(servers)
    found: dict[str, set[str]] = {text: set() for text in texts}
    for bucket in client.list_buckets():
        for kept in client.list_objects(bucket_name=bucket.name, recursive=True):
            with client.get_object(bucket_name=bucket.name, object_name=str(kept.object_name)) as content:
                everything = str(kept.object_name).encode() + content.read()
            for text in texts:
                if text.encode() in everything:
                    found[text].add(bucket.name)
    return found


async def _broker(servers: Settings) -> str:
    """Every key and value of the broker, as text."""
    client = redis.from_url(servers.redis_url)
    try:
        parts = []
        async for key in client.scan_iter():
            parts.append(repr(key))
            parts.append(repr(await client.dump(key)))
        return " ".join(parts)
    finally:
        await client.aclose()


async def test_a_control_database_that_does_not_answer_is_not_waited_for(
    servers: Settings, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own limit does not end what a dead connection waits for."""
    assert 10 < control_connection.ANSWER_SECONDS < 30, (
        "later than the statement timeout, sooner than a client gives up"
    )
    monkeypatch.setattr(control_connection, "ANSWER_SECONDS", 0.5)
    pool = await open_control(servers)
    try:
        with pytest.raises(TimeoutError):
            await pool.execute("SELECT pg_sleep(3)")
        assert await pool.fetchval("SELECT 1") == 1
    finally:
        await pool.close()
