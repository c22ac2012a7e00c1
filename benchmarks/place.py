"""Where measurements happen: servers of their own with durable writes, the services as `bizcore run` starts them,
and organizations that signed up."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psutil

from adapters.embedded.ports import CANDIDATES, LOOPBACK, is_free
from adapters.embedded.process import Keeper, Program
from adapters.embedded.servers import EmbeddedServers
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.tenancy.provision import prepare_cluster
from adapters.postgres.tenancy.resolver import open_tenants
from benchmarks.http import Client
from bizcore.settings import Settings
from services.cli.run import services

PASSWORD = "correct horse"
UNLIMITED = 1_000_000

T = TypeVar("T")


class Aside:
    """A loop of asyncio's own in a thread: uvloop, which measures, starts no process as another user."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="servers", daemon=True).start()

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)


@dataclass(frozen=True, slots=True)
class Place:
    """The running servers. Limits on requests are lifted; all other settings are as shipped."""

    settings: Settings
    superuser_url: str
    aside: Aside

    @asynccontextmanager
    async def serving(self, *names: str) -> AsyncIterator[list[Keeper]]:
        """The services of these names (api, worker, relay), started as `bizcore run` does it."""
        chosen = [program for program in services(self.settings) if program.name in (names or ("api",))]
        async with self.running(chosen) as keepers:
            yield keepers

    @asynccontextmanager
    async def running(self, programs: Iterable[Program]) -> AsyncIterator[list[Keeper]]:
        keepers: list[Keeper] = []
        try:
            for program in programs:
                pid_file = self.settings.home / "run" / f"{program.name}.pid"
                keeper = Keeper(program, pid_file, lambda *_: None, print)
                keepers.append(keeper)
                await self.aside.do(keeper.start())
            yield keepers
        finally:
            for keeper in reversed(keepers):
                await self.aside.do(keeper.stop())

    @asynccontextmanager
    async def tenant(self, office: Office, *, connections: int) -> AsyncIterator[TenantDatabase]:
        """The organization's database, reached as the services do."""
        async with open_tenants(replace(self.settings, pool_size=connections)) as tenants:
            yield await tenants.get(office.organization_id)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in."""

    client: Client
    token: str
    user_id: UUID

    async def get(self, path: str) -> Any:
        return await self.client.send("GET", path, token=self.token)

    async def post(self, path: str, body: object = None) -> Any:
        return await self.client.send("POST", path, {} if body is None else body, token=self.token)


@dataclass(frozen=True, slots=True)
class Office:
    """One organization: who signed up, and a colleague with every right, for nobody approves what is their own."""

    organization_id: UUID
    company_id: UUID
    owner: Member
    approver: Member


async def open_office(client: Client, name: str) -> Office:
    session = await sign_up(client, name)
    owner = _signed_in(client, session)
    email = f"approver-{os.urandom(6).hex()}@example.com"
    colleague = {"email": email, "name": "Approver", "password": PASSWORD, "roles": ["admin"]}
    await owner.post("access/members", colleague)
    approver = _signed_in(client, await client.send("POST", "auth/login", {"email": email, "password": PASSWORD}))
    return Office(UUID(session["organization"]["id"]), UUID(session["company"]["id"]), owner, approver)


async def sign_up(client: Client, name: str) -> Any:
    body = {
        "email": f"owner-{os.urandom(6).hex()}@example.com",
        "password": PASSWORD,
        "name": "Owner",
        "organization": {"name": name},
        "company": {"name": name, "country": "DE", "currency": "EUR"},
    }
    return await client.send("POST", "auth/signup", body)


def _signed_in(client: Client, session: Any) -> Member:
    return Member(client, session["access_token"], UUID(session["user"]["id"]))


def processor_seconds(keeper: Keeper) -> float:
    """How long the process has worked so far."""
    assert keeper.pid is not None
    times = psutil.Process(keeper.pid).cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    home = Path(tempfile.mkdtemp(prefix="bizcore-bench-", dir="/tmp"))  # short: a socket's path holds 103 bytes
    home.chmod(0o755)
    port = next(port for port in random.sample(CANDIDATES, 100) if is_free(LOOPBACK, port))
    settings = Settings(
        home=home,
        port=port,
        signups_per_address=UNLIMITED,
        login_attempts_per_address=UNLIMITED,
        tenant_requests_per_second=UNLIMITED,
        tenant_burst=UNLIMITED,
    )
    aside, servers = Aside(), EmbeddedServers(settings, durable=True)
    try:
        settings = await aside.do(servers.start())
        await prepare_cluster(settings)
        yield Place(settings, servers.superuser_url, aside)
    finally:
        await aside.do(servers.stop())
        aside.end()
        shutil.rmtree(home)
