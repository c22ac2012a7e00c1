"""One set of embedded servers for the whole run, in a thread of its own so that any test's event loop may use it."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded.servers import EmbeddedServers
from bizcore.settings import Settings
from tests.house.support import free_port, new_home, running
from tests.support.folders import new_folder


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end; nobody need look through it again and again."""
    gc.freeze()


class RunningServers:
    """PostgreSQL, Valkey and S3 in a folder that vanishes with them; restarted when a test kills one.

    `log` is what they wrote, line by line.
    """

    def __init__(self, home: Path) -> None:
        self.log: list[str] = []
        self.embedded = EmbeddedServers(Settings(home=home), durable=False, log=self._keep)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="servers", daemon=True)

        self._thread.start()
        self.settings = asyncio.run_coroutine_threadsafe(self.embedded.start(), self._loop).result(120)

    def _keep(self, program: str, line: str) -> None:
        self.log.append(f"{program} {line}")

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.embedded.stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def running_servers() -> Iterator[RunningServers]:
    with new_folder() as home:
        servers = RunningServers(home)
        yield servers
        servers.stop()


@pytest.fixture(scope="session")
def servers(running_servers: RunningServers) -> Settings:
    """Settings that lead to the run's own servers. The superuser's URL: `running_servers.embedded.superuser_url`."""
    return running_servers.settings


@pytest.fixture(scope="session")
def whole_system() -> Iterator[str]:
    """The address of everything, started as `make run` starts it: API, worker and relay on servers of their own."""
    port = free_port()
    with new_home() as home, running(home, port, "-m", "services.cli", "run") as house:
        house.wait_for("is ready at", within=120)
        yield f"http://127.0.0.1:{port}"
        house.process.terminate()
        assert house.end() == 0
