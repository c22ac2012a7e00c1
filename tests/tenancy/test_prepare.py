"""What a start does to a cluster that is ready already: nothing."""

import asyncpg
import pytest

from adapters.postgres.control.connection import CONTROL_DATABASE, url_of
from adapters.postgres.tenancy import provision
from adapters.postgres.tenancy.migrate import head, version
from adapters.postgres.tenancy.provision import prepare_cluster
from bizcore.settings import Settings


async def test_a_second_preparation_migrates_nothing(servers: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    await prepare_cluster(servers)

    async def refused(*_: object) -> None:
        raise AssertionError("there is nothing to upgrade")

    monkeypatch.setattr(provision, "upgrade", refused)
    await prepare_cluster(servers)
    control = await asyncpg.connect(url_of(servers.database_url, database=CONTROL_DATABASE))
    shared = await asyncpg.connect(servers.database_url)
    try:
        assert await version(control) == head("control")
        assert await version(shared) is None
    finally:
        await control.close()
        await shared.close()
