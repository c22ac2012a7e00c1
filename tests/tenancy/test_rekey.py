"""A master key is replaced while everything goes on being served, and the old one is not needed any more."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from adapters.embedded.keys import new_master_key
from adapters.identity.secrets import Secrets, SecretUnreadable
from adapters.postgres.control.connection import open_control
from adapters.postgres.outbox.endpoints import secret_binding
from adapters.postgres.records import key_binding
from adapters.postgres.tenancy import rekey as module
from adapters.postgres.tenancy.rekey import Rekeyed, rekey
from bizcore.settings import Settings
from services.cli import keys
from tests.support.api import Api, Office, running_api
from tests.support.cluster import own_cluster
from tests.support.filled import fill


@pytest.fixture(scope="module")
async def cluster(servers: Settings) -> AsyncIterator[Settings]:
    async with own_cluster(servers) as (settings, _):
        yield settings


async def renewed(settings: Settings) -> Rekeyed:
    pool = await open_control(settings)
    try:
        return await rekey(settings.database_url, pool, Secrets.of(settings.master_key))
    finally:
        await pool.close()


async def sealed(api: Api, office: Office, master_key: str) -> list[bytes]:
    """What the organization's ciphertexts hold, read under that key alone."""
    secrets, tenant = Secrets.of(master_key), await api.app.state.surface.tenants.get(UUID(office.id))
    async with tenant.connection() as connection:
        endpoints = await connection.fetch("SELECT id, secret FROM outbox.endpoint ORDER BY id")
        subjects = await connection.fetch("SELECT subject_id, wrapped_key FROM audit.subject_key ORDER BY subject_id")
    return [
        *(secrets.decrypt(row["secret"], secret_binding(row["id"])) for row in endpoints),
        *(secrets.decrypt(row["wrapped_key"], key_binding(row["subject_id"])) for row in subjects),
    ]


async def test_every_secret_is_encrypted_anew_and_the_old_key_can_go(
    cluster: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = cluster.master_key, new_master_key()
    async with running_api(cluster) as api:
        office = await api.sign_up()
        filled = await fill(office)
        used = (await office.owner.made("access/api-keys", {"name": "Used", "roles": [filled["role"]]}))["key"]
        before = await sealed(api, office, old)
        assert len(before) >= 2
        with pytest.raises(asyncpg.InvalidPasswordError):
            await renewed(replace(cluster, master_key=f"{new} {old}"))

    both = replace(cluster, master_key=f"{new} {old}")
    async with running_api(both) as api:
        assert await sealed(api, office, old) == before
        again = module._again
        count = iter(range(2))

        def dies(secrets: Secrets, ciphertext: bytes, bound_to: str) -> bytes:
            if next(count, None) is None:
                raise KeyboardInterrupt
            return again(secrets, ciphertext, bound_to)

        monkeypatch.setattr(module, "_again", dies)
        with pytest.raises(KeyboardInterrupt):
            await renewed(both)
        monkeypatch.undo()
        assert (await renewed(both)).renewed == len(before), "the two passwords of its place were done before"
        assert await renewed(both) == Rekeyed(renewed=0, waiting=2)
        assert (await api.machine(used).seen("me"))["organization"]["slug"] == office.slug
        assert await renewed(both) == Rekeyed(renewed=0, waiting=1)

    async with running_api(replace(cluster, master_key=new)) as api:
        assert await sealed(api, office, new) == before
        assert (await api.machine(used).seen("me"))["organization"]["slug"] == office.slug
        assert len((await (await api.log_in(office.owner.email)).seen("parties"))["data"]) == 1
        with pytest.raises(SecretUnreadable):
            await sealed(api, office, old)


def test_a_new_master_key_is_one_and_another_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main(["new"]) == keys.main(["new"]) == 0
    one, other = capsys.readouterr().out.split()
    assert one != other
    assert len(base64.b64decode(one)) == 32
