"""Everything that runs, as real processes that die: three servers, two APIs behind a proxy, two workers, a relay."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg
import httpx
import psutil
from sqlalchemy.engine import make_url

from adapters.embedded.ports import remembered
from adapters.embedded.process import Keeper, Program, all_started, run_once
from adapters.embedded.servers import EmbeddedServers
from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import url_of
from bizcore.faults import VARIABLE
from bizcore.settings import Settings
from services.api.app import PREFIX
from services.cli.run import prepare, services
from tests.faults.proxy import Proxy, proxying

APIS = ("api-1", "api-2")
WORKERS = ("worker-1", "worker-2")
RELAYS = ("relay-1", "relay-2")
UNLIMITED = 1_000_000
POLL = 0.05


@dataclass(slots=True, eq=False)
class Process:
    """A service and its deaths to come: each start arms it with the next of `fates`, a fault point that kills it."""

    keeper: Keeper
    environment: dict[str, str]
    fates: deque[str] = field(default_factory=deque)
    starts: int = 0

    @property
    def armed(self) -> bool:
        return bool(self.environment[VARIABLE])

    @property
    def deaths(self) -> int:
        return self.starts - 1

    async def before(self) -> None:
        self.starts += 1
        self.environment[VARIABLE] = f"{self.fates.popleft()}=kill" if self.fates else ""

    def kill(self) -> None:
        if (pid := self.keeper.pid) is not None:
            os.kill(pid, signal.SIGKILL)


@dataclass(slots=True, eq=False)
class House:
    """`settings` lead straight to the servers; the APIs reach PostgreSQL through `proxy`."""

    home: Path
    embedded: EmbeddedServers
    settings: Settings
    proxy: Proxy
    ports: dict[str, int]
    processes: dict[str, Process] = field(default_factory=dict)
    log: Path = Path()
    errors: Counter[str] = field(default_factory=Counter)  # by program: lines that tell of an unexpected error

    def url(self, api: str) -> str:
        return f"http://127.0.0.1:{self.ports[api]}{PREFIX}/"

    def write(self, program: str, line: str) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{program:<9} {line}\n")
        if '"unexpected error"' in line:
            self.errors[program] += 1

    async def start(self) -> None:
        through = make_url(self.settings.database_url).set(port=self.proxy.port)
        proxied = replace(self.settings, database_url=through.render_as_string(hide_password=False))
        await run_once(prepare(self.settings), self.write)
        for name in APIS:
            self._add(name, services(replace(proxied, port=self.ports[name]))[0])
        _, worker, relay = services(self.settings)
        for name in WORKERS:
            self._add(name, worker)
        for name in RELAYS:
            self._add(name, relay)
        await all_started(self.processes[name].keeper.start() for name in (*APIS, *WORKERS, RELAYS[0]))

    def _add(self, name: str, program: Program) -> None:
        environment = dict(program.environment)

        async def before() -> None:
            await self.processes[name].before()

        program = replace(program, name=name, environment=environment, before=before)
        keeper = Keeper(program, self.home / "run" / f"{name}.pid", self.write, lambda news: self.write(name, news))
        self.processes[name] = Process(keeper, environment)

    async def stop(self) -> None:
        await asyncio.gather(*(process.keeper.stop() for process in self.processes.values()))

    # -- what befalls it -------------------------------------------------------------------------------------------

    def doom(self, name: str, fates: Iterable[str]) -> None:
        """From its next start, which is now, each life of the process ends at the next of these fault points."""
        process = self.processes[name]
        process.fates.extend(fates)
        process.kill()

    async def calm(self) -> None:
        """Nobody is armed, everybody is up."""
        self.proxy.behave()
        for process in self.processes.values():
            process.fates.clear()
            if process.armed:
                process.kill()
        await self.ready()

    def deaths(self, names: Iterable[str]) -> int:
        return sum(self.processes[name].deaths for name in names)

    async def kill_postgres(self) -> None:
        """The postmaster and every process of it at once, as when the machine loses power."""
        keeper = self.embedded.keepers["postgres"]
        while (pid := keeper.pid) is None:
            await asyncio.sleep(POLL)
        postmaster = psutil.Process(pid)
        for process in (postmaster, *postmaster.children(recursive=True)):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def kill_valkey(self) -> None:
        if (pid := self.embedded.keepers["valkey"].pid) is not None:
            os.kill(pid, signal.SIGKILL)

    async def ready(self, within: float = 30.0) -> float:
        """Seconds until both APIs serve and every process that shall run does. Errors: TimeoutError."""
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(within), httpx.AsyncClient(timeout=2) as client:
            for name in APIS:
                while not await _serves(client, self.ports[name]):
                    await asyncio.sleep(POLL)
            for name in (*WORKERS, RELAYS[0]):
                while self.processes[name].keeper.pid is None:
                    await asyncio.sleep(POLL)
        return asyncio.get_running_loop().time() - began

    async def connect(self, database: str) -> Connection:
        """As the operator, past the proxy."""
        connection: Connection = await asyncpg.connect(
            url_of(self.settings.database_url, database=database), timeout=5, command_timeout=60
        )
        return connection


async def _serves(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def standing_house(home: Path) -> AsyncIterator[House]:
    asked = Settings(home=home, login_attempts_per_address=UNLIMITED, signups_per_address=UNLIMITED)
    log = home / "log"
    house: House | None = None

    def write(program: str, line: str) -> None:
        if house is not None:
            house.write(program, line)

    embedded = EmbeddedServers(asked, durable=True, log=write, report=lambda news: write("servers", news))
    settings = await embedded.start()
    try:
        port = make_url(settings.database_url).port
        assert port is not None
        async with proxying(port) as proxy:
            house = House(home, embedded, settings, proxy, remembered(home / "apis.json", APIS), log=log)
            try:
                await house.start()
                yield house
            finally:
                await house.stop()
    finally:
        await embedded.stop()
