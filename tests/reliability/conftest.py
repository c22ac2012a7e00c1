"""The buying department, with a connection for each of its many clients."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.procurement.conftest import department
from tests.support.crowd import CROWD

__all__ = ["department"]


@pytest.fixture(scope="session")
def servers(running_servers: RunningServers) -> Settings:
    return replace(running_servers.settings, pool_size=CROWD)
