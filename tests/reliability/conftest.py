"""The buying department, with a connection for each of its many clients."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.procurement.conftest import department

__all__ = ["department"]

CROWD = 50


@pytest.fixture(scope="session")
def servers(running_servers: RunningServers) -> Settings:
    return replace(running_servers.settings, pool_size=CROWD)
