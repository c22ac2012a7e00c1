from collections.abc import AsyncIterator

import pytest

from bizcore.settings import Settings
from tests.support.api import Api, Office, running_api


@pytest.fixture(scope="session")
async def api(servers: Settings) -> AsyncIterator[Api]:
    async with running_api(servers) as api:
        yield api


@pytest.fixture(scope="module")
async def acme(api: Api) -> Office:
    """An organization of this module's own."""
    return await api.sign_up("Acme")
