"""An organization whose owner keeps the master data."""

from collections.abc import AsyncIterator

import pytest_asyncio

from adapters.identity.secrets import Secrets
from adapters.postgres.session import Caller
from bizcore.settings import Settings
from tests.masters.support import Masters
from tests.support.tenants import new_organization, open_tenant


@pytest_asyncio.fixture(scope="module")
async def masters(servers: Settings) -> AsyncIterator[Masters]:
    signup = await new_organization(servers)
    async with open_tenant(servers, signup.organization_id) as tenant:
        yield Masters(tenant, Caller(user_id=signup.user_id), Secrets.of(servers.master_key))
