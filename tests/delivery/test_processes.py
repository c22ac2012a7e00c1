"""The real worker and relay processes: killed, their broker emptied, and still nothing is lost or out of order."""

import asyncio
import itertools
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import standardwebhooks
from redis.asyncio import Redis

from adapters.broker.wake import Wake
from adapters.postgres.connection import TenantDatabase
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.delivery.support import Received, publish, receiving, subscribe
from tests.support.tenants import new_tenant

ROOT = Path(__file__).parents[2]
DOCUMENTS = 12
EVENTS = 480
SEED = 7


@asynccontextmanager
async def process(
    module: str, servers: Settings, log: Path, **extra: str
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """The process in a list, restarted whenever it ends, as the supervisor does."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        **servers.environment(),
        "BIZCORE_WEBHOOK_ALLOW": "127.0.0.0/8",
        **extra,
    }
    held: list[asyncio.subprocess.Process] = []

    async def keep() -> None:
        for start in itertools.count(1):
            # Each start throws its own dice, or a process that died once would die for ever.
            environment["BIZCORE_FAULTS"] = extra.get("BIZCORE_FAULTS", "").replace("{start}", str(start))
            with log.open("ab") as out:
                running = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", module, env=environment, cwd=ROOT, stdout=out, stderr=out
                )
            held[:] = [running]
            await running.wait()

    keeper = asyncio.create_task(keep())
    try:
        yield held
    finally:
        keeper.cancel()
        for running in held:
            if running.returncode is None:
                running.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(running.wait(), 8)
                except TimeoutError:
                    running.kill()
                    await running.wait()
                    raise


@pytest.mark.slow
async def test_kills_of_worker_and_relay_and_an_emptied_broker_lose_nothing(servers: Settings, tmp_path: Path) -> None:
    tenant = await new_tenant(servers)
    dice = Random(SEED)
    documents = [new_id() for _ in range(DOCUMENTS)]
    wake, redis = Wake(servers.redis_url), Redis.from_url(servers.redis_url)
    log = tmp_path / "log"

    def sometimes_failing(_: Received) -> tuple[int, dict[str, str]]:
        return (500 if dice.random() < 0.01 else 200), {}

    async with receiving(sometimes_failing) as receiver:
        _, secret = await subscribe(tenant, servers, receiver.url)
        async with (
            process("services.worker.relay", servers, log) as relay,
            process("services.worker", servers, log) as worker,
        ):
            for number in range(EVENTS):
                async with tenant.connection() as connection, connection.transaction():
                    await publish(connection, documents[number % DOCUMENTS], number // DOCUMENTS + 1)
                await wake(tenant.organization_id)
                if number in (150, 330):
                    worker[0].send_signal(signal.SIGKILL)
                if number in (220, 400):
                    relay[0].send_signal(signal.SIGKILL)
                if number in (260, 440):
                    await redis.flushall()
                await asyncio.sleep(0.01)
            async with asyncio.timeout(150):
                while await _open(tenant) or await _undelivered(tenant):
                    await asyncio.sleep(1)
    await wake.close()
    await redis.aclose()
    first: defaultdict[str, list[int]] = defaultdict(list)
    for got in receiver.got:
        standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))
        if got.sequence not in first[got.subject]:
            first[got.subject].append(got.sequence)
    assert first == {str(each): list(range(1, EVENTS // DOCUMENTS + 1)) for each in documents}
    assert len({got.headers["webhook-id"] for got in receiver.got}) == EVENTS
    assert len(receiver.got) < EVENTS * 1.2
    async with tenant.connection() as connection:
        unsealed = await connection.fetchval("SELECT count(*) FROM audit.unsealed")
    assert unsealed == 0
    await tenant.engine.dispose()


@pytest.mark.parametrize(
    "point",
    ["relay.after_claim", "relay.before_commit", "relay.after_commit", "worker.before_post", "worker.after_post"],
)
@pytest.mark.slow
async def test_a_process_killed_at_any_point_of_its_work_is_made_good(
    servers: Settings, tmp_path: Path, point: str
) -> None:
    """One of four times the point is reached, its process dies there as by SIGKILL: hardly five times in a row, after
    which a delivery is dead."""
    tenant = await new_tenant(servers)
    faults = {"BIZCORE_FAULTS": f"{point}=kill:0.25,seed=" + "{start}"}
    async with receiving() as receiver:
        await subscribe(tenant, servers, receiver.url)
        subject = new_id()
        async with tenant.connection() as connection, connection.transaction():
            for sequence in (1, 2, 3):
                await publish(connection, subject, sequence)
        relay_faults = faults if point.startswith("relay") else {}
        worker_faults = faults if point.startswith("worker") else {}
        async with (
            process("services.worker.relay", servers, tmp_path / "relay", **relay_faults),
            process("services.worker", servers, tmp_path / "worker", **worker_faults),
            asyncio.timeout(400),
        ):
            while await _open(tenant) or await _undelivered(tenant):
                await asyncio.sleep(1)
    assert list(dict.fromkeys(got.sequence for got in receiver.got)) == [1, 2, 3]
    await tenant.engine.dispose()


async def _open(tenant: TenantDatabase) -> int:
    """Events that the relay has not moved on."""
    async with tenant.connection() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM outbox.due")
    return count


async def _undelivered(tenant: TenantDatabase) -> int:
    async with tenant.connection() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM outbox.delivery WHERE state <> 'delivered'")
    return count
