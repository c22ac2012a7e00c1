"""The embedded servers: what they let in, and whom."""

import io

import asyncpg
import pytest
import redis.asyncio
from minio import Minio
from minio.error import S3Error

from adapters.embedded import postgres
from bizcore.settings import Settings


async def test_the_provisioner_makes_databases_and_roles_but_is_no_superuser(servers: Settings) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        role = await connection.fetchrow(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls "
            "FROM pg_roles WHERE rolname = $1",
            postgres.PROVISIONER,
        )
    finally:
        await connection.close()
    assert tuple(role) == (False, True, True, False, False)


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_a_new_role_may_not_enter_a_shared_database(servers: Settings, database: str) -> None:
    provisioner = await asyncpg.connect(servers.database_url)
    try:
        await provisioner.execute("CREATE ROLE stranger LOGIN PASSWORD 'known'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(servers.database_url, user="stranger", password="known", database=database)
    finally:
        await provisioner.execute("DROP ROLE stranger")
        await provisioner.close()


async def test_every_service_may_hold_its_connections_at_once(servers: Settings) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        most = int(await connection.fetchval("SHOW max_connections"))
    finally:
        await connection.close()
    assert (servers.connections, servers.connections_behind) == (160, 40)
    assert most == 160 + 40 + 40 + postgres.OTHER_CONNECTIONS


async def test_a_wrong_password_is_refused_by_postgresql(servers: Settings) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(servers.database_url, password="guessed")


async def test_text_sorts_by_code_point_and_folds_case_beyond_ascii(servers: Settings) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        row = await connection.fetchrow("SELECT lower('ÄÖ'), 'Z' < 'a', current_setting('timezone')")
    finally:
        await connection.close()
    assert tuple(row) == ("äö", True, "UTC")


async def test_valkey_answers_the_password_only(servers: Settings) -> None:
    async with redis.asyncio.from_url(servers.redis_url) as client:
        assert await client.ping() is True
    stranger = redis.asyncio.from_url("redis://" + servers.redis_url.rpartition("@")[2])
    with pytest.raises(redis.exceptions.AuthenticationError):
        await stranger.ping()
    await stranger.aclose()


def test_a_bucket_outlives_its_last_object_and_strangers_are_refused(servers: Settings) -> None:
    def client(secret: str) -> Minio:
        return Minio(
            endpoint=servers.s3_endpoint, access_key=servers.s3_access_key, secret_key=secret, secure=False,
            region=servers.s3_region,
        )  # fmt: skip

    store = client(servers.s3_secret_key)
    store.make_bucket(bucket_name="house")
    store.put_object(bucket_name="house", object_name="a", data=io.BytesIO(b"text"), length=4)
    answer = store.get_object(bucket_name="house", object_name="a")
    assert answer.read() == b"text"
    answer.close()
    answer.release_conn()
    store.remove_object(bucket_name="house", object_name="a")
    assert store.bucket_exists(bucket_name="house") is True
    with pytest.raises(S3Error):
        client("guessed-secret").bucket_exists(bucket_name="house")
    store.remove_bucket(bucket_name="house")
