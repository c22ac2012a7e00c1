"""A payload that kills whoever sends it: dead after five workers, and hardly felt by anybody else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from adapters.broker.wake import Wake
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.outbox.deliveries import LEASE, MAX_CRASHES, turn
from adapters.postgres.outbox.relay import relay_batch
from bizcore.clock import SystemClock
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.delivery.support import Received, Receiver, publish, subscribe
from tests.delivery.test_processes import process
from tests.support.tenants import new_tenant

QUIET = 3  # organizations beside the one with the poison
EVERY = 0.2  # seconds between two events of an organization
ALONE = 20.0  # seconds
LEASE_ENDS = 90.0  # seconds within which what a dead worker was sending is tried again: its lease is 30 to 40
LEAST = 0.5  # seconds: below a second nobody is kept waiting, and two cores that start a worker are no less busy

_caller: ContextVar[int] = ContextVar("caller")


class Hearing(Receiver):
    """A receiver whose plan may know from which port of this machine it was called."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _caller.set(writer.get_extra_info("peername")[1])
        await super().serve(reader, writer)


@asynccontextmanager
async def hearing() -> AsyncIterator[Hearing]:
    receiver = Hearing()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@dataclass(slots=True)
class Poison:
    """Kills the worker that calls with an event of `subject`; keeps when each event was committed and heard first."""

    workers: list[list[asyncio.subprocess.Process]]
    subject: UUID = field(default_factory=new_id)
    killed: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)  # workers that have called
    committed: dict[UUID, float] = field(default_factory=dict)
    heard: dict[UUID, float] = field(default_factory=dict)

    def plan(self, got: Received) -> tuple[int, dict[str, str]]:
        pid = next((pid for pid in self.alive if _calls_from(pid, _caller.get())), None)
        if pid is None:
            return 500, {}  # it died while it called
        self.seen.add(pid)
        if got.subject == str(self.subject):
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)
            return 500, {}
        self.heard.setdefault(UUID(json.loads(got.body)["id"]), time.monotonic())
        return 200, {}

    @property
    def alive(self) -> set[int]:
        return {worker.pid for held in self.workers for worker in held if worker.returncode is None}

    async def all_at_work(self) -> None:
        """Until every worker that lives has called; a new one takes its time to start."""
        async with asyncio.timeout(120):
            while len(self.alive) < len(self.workers) or not self.alive <= self.seen:
                await asyncio.sleep(0.1)

    def slow(self, events: Sequence[set[UUID]]) -> float:
        """Seconds from the commit of an event to its first attempt that 95 of a hundred stay below."""
        waits = sorted(self.heard[id] - self.committed[id] for each in events for id in each)
        return waits[int(len(waits) * 0.95)]


def _calls_from(pid: int, port: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(link.laddr.port == port for link in psutil.Process(pid).net_connections("tcp"))
    return False


@asynccontextmanager
async def flowing(tenants: Sequence[TenantDatabase], poison: Poison, wake: Wake) -> AsyncIterator[list[set[UUID]]]:
    """Each organization's events while the block lasts, every one of another document; at its end all were heard."""
    events: list[set[UUID]] = [set() for _ in tenants]

    async def flow(tenant: TenantDatabase, own: set[UUID]) -> None:
        while not over.is_set():
            own.add(await publish_one(tenant, poison, wake, new_id()))
            await asyncio.sleep(EVERY)

    over = asyncio.Event()
    flows = [asyncio.create_task(flow(*each)) for each in zip(tenants, events, strict=True)]
    try:
        yield events
    finally:
        over.set()
        await asyncio.gather(*flows)
    async with asyncio.timeout(LEASE_ENDS):
        while not set[UUID]().union(*events) <= poison.heard.keys():
            await asyncio.sleep(0.1)


async def publish_one(tenant: TenantDatabase, poison: Poison, wake: Wake, subject: UUID) -> UUID:
    async with tenant.connection() as connection, connection.transaction():
        id = await publish(connection, subject, 1)
    poison.committed[id] = time.monotonic()
    await wake(tenant.organization_id)
    return id


async def test_what_was_sent_beside_a_poison_is_not_tried_again_beside_it(servers: Settings) -> None:
    """Or it would die with every worker that the poison kills, and be taken for poison itself."""
    tenant = await new_tenant(servers)
    await subscribe(tenant, servers, "https://example.com/")
    async with tenant.connection() as connection:
        async with connection.transaction():
            for _ in range(6):
                await publish(connection, new_id(), 1)
        await relay_batch(connection, tenant.slug, SystemClock().now())
        assert len(await turn(connection, [], 6, SystemClock().now())) == 6
        leases = await connection.fetchrow(
            "SELECT count(DISTINCT due_at) AS apart, min(due_at - now()) AS first, max(due_at - now()) AS last "
            "FROM outbox.delivery"
        )
    assert leases is not None
    assert leases["apart"] == 6
    assert LEASE - timedelta(seconds=1) < leases["first"] < leases["last"] < LEASE * 4 / 3
    await tenant.engine.dispose()


@pytest.mark.slow
async def test_a_payload_that_kills_its_worker_is_dead_after_five_and_others_hardly_wait(
    servers: Settings, tmp_path: Path
) -> None:
    *quiet, poisoned = tenants = [await new_tenant(servers) for _ in range(QUIET + 1)]
    wake, log = Wake(servers.redis_url), tmp_path / "log"
    async with (
        hearing() as receiver,
        process("services.worker.relay", servers, log),
        process("services.worker", servers, log) as one,
        process("services.worker", servers, log) as another,
    ):
        poison = Poison([one, another])
        receiver.plan = poison.plan
        for tenant in tenants:
            await subscribe(tenant, servers, receiver.url)
        async with flowing(tenants, poison, wake):
            await poison.all_at_work()
        async with flowing(tenants, poison, wake) as alone:
            await asyncio.sleep(ALONE)
        async with flowing(tenants, poison, wake) as beside:
            deadly = await publish_one(poisoned, poison, wake, poison.subject)
            for deaths in range(1, MAX_CRASHES + 1):
                async with asyncio.timeout(LEASE_ENDS):
                    while len(poison.killed) < deaths:
                        await asyncio.sleep(0.1)
            async with asyncio.timeout(LEASE_ENDS):
                while await _state(poisoned, deadly) != "dead":
                    await asyncio.sleep(0.1)

    assert len(poison.killed) == MAX_CRASHES
    async with poisoned.connection() as connection:
        row = await connection.fetchrow("SELECT attempts, last_error FROM outbox.delivery WHERE event_id = $1", deadly)
    assert row is not None
    assert tuple(row) == (MAX_CRASHES, "Sending it stopped 5 workers.")
    assert poison.slow(beside[: len(quiet)]) < 2 * max(LEAST, poison.slow(alone[: len(quiet)]))
    await wake.close()
    for tenant in tenants:
        await tenant.engine.dispose()


async def _state(tenant: TenantDatabase, event_id: UUID) -> str | None:
    async with tenant.connection() as connection:
        state: str | None = await connection.fetchval("SELECT state FROM outbox.delivery WHERE event_id = $1", event_id)
    return state
