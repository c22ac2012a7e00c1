"""The faults: what is done to the house while an organization works. Each is a plan that its seed decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from statistics import median
from uuid import UUID

import asyncpg
import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.broker import QUEUE
from adapters.broker.queue import DueWork
from tests.faults.house import APIS, RELAYS, WORKERS, House
from tests.faults.office import ANOTHER_MONTH, EVERYTHING, InDoubt, Json, Office, Refused
from tests.faults.proxy import CommitCut
from tests.faults.truth import end

BEFORE_COMMIT = (
    "pipeline.before_claim",
    "pipeline.after_claim",
    "pipeline.after_lock",
    "pipeline.before_flush",
    "pipeline.after_flush",
    "pipeline.after_number",
    "pipeline.before_commit",
)
RELAY = ("relay.after_claim", "relay.before_commit", "relay.after_commit", "relay.after_announce")
WORKER = ("worker.before_post", "worker.after_post", "worker.after_record")
QUEUE_KEY = f"dramatiq:{QUEUE}"
AGAIN_WITHIN = 10.0  # seconds in which an API serves again once PostgreSQL takes connections
SOON = 3.0  # seconds that 99 of 100 clients who meet at one point wait at most, beside what one at a time would take


@dataclass(slots=True)
class Run:
    """One case on one organization. `wrong` collects what the case itself sees, `notes` what it did."""

    house: House
    office: Office
    seed: int
    dice: Random
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def shuffled(self, names: Sequence[str]) -> list[str]:
        return self.dice.sample(names, len(names))

    async def dead(self, names: Sequence[str], deaths: int, *, before: int, within: float = 60.0) -> None:
        """Waits until these processes have died so often."""
        try:
            async with asyncio.timeout(within):
                while self.house.deaths(names) - before < deaths:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            self.wrong.append(f"only {self.house.deaths(names) - before} of {deaths} deaths in {within:.0f} s")


async def _die(run: Run, names: Sequence[str], fates: Mapping[str, Sequence[str]]) -> None:
    """Under load, each process dies at each of its fates, and comes back."""
    before = run.house.deaths(names)
    async with run.office.load(EVERYTHING):
        for name in names:
            run.house.doom(name, fates[name])
        # Beside the deaths at fault points there is one each, by which the process was armed.
        await run.dead(names, sum(map(len, fates.values())) + len(names), before=before)
    run.notes.append(f"{sum(map(len, fates.values()))} deaths")


async def api_killed_before_commit(run: Run) -> None:
    """At four of the points; three seeds that follow each other come to all of them."""
    first = 4 * run.seed
    points = [BEFORE_COMMIT[(first + index) % len(BEFORE_COMMIT)] for index in range(4)]
    await _die(run, APIS, {APIS[0]: points[:2], APIS[1]: points[2:]})


async def api_killed_after_commit(run: Run) -> None:
    await _die(run, APIS, dict.fromkeys(APIS, ("pipeline.after_commit",)))
    run.notes.append(f"{run.office.counts['replayed']} answers replayed so far")


async def relay_killed(run: Run) -> None:
    await _die(run, RELAYS[:1], {RELAYS[0]: run.shuffled(RELAY)})


async def worker_killed(run: Run) -> None:
    """One death each, at two of the three points."""
    points = run.shuffled(WORKER)
    await _die(run, WORKERS, {name: [points.pop()] for name in WORKERS})


async def postgres_killed(run: Run) -> None:
    house, office = run.house, run.office
    services = (*APIS, *WORKERS, *RELAYS)
    before = house.deaths(services)
    async with office.load((*EVERYTHING, _close_and_reopen)):
        for _ in range(2):
            await asyncio.sleep(1.0 + run.dice.random())
            await house.kill_postgres()
            await _serving_again(run)
        await asyncio.sleep(1.0)
    await house.kill_postgres()  # idle: the pools hold connections that nobody uses just now
    await _serving_again(run)
    if (deaths := house.deaths(services) - before) != 0:
        run.wrong.append(f"{deaths} processes died with PostgreSQL")


async def _serving_again(run: Run) -> None:
    """Waits until a read succeeds at both APIs, neither of which is restarted."""
    clock = asyncio.get_running_loop().time
    began = clock()
    recovery = asyncio.create_task(_recovered(run.house))
    for api in APIS:
        while not await _serves(run, api):
            await asyncio.sleep(0.05)
    recovered = await recovery
    wait = max(clock() - recovered, 0.0)
    run.notes.append(f"PostgreSQL back after {recovered - began:.1f} s, APIs {wait:.1f} s later")
    if wait > AGAIN_WITHIN:
        run.wrong.append(f"it took {wait:.1f} s until the APIs served again, {AGAIN_WITHIN:.0f} are allowed")


async def _recovered(house: House) -> float:
    """When PostgreSQL takes connections again."""
    while True:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await house.connect("postgres")
            await connection.close()
            return asyncio.get_running_loop().time()
        await asyncio.sleep(0.05)


async def _serves(run: Run, api: str) -> bool:
    """Whether a read succeeds; without a database it must say so and when to come back."""
    headers = {"Authorization": run.office.tokens["owner"]}
    try:
        answer = await run.office.client.get(run.house.url(api) + "companies", headers=headers)
    except httpx.TransportError:
        return False
    if not answer.is_success and (answer.status_code != 503 or "Retry-After" not in answer.headers):
        run.wrong.append(f"without a database a read was answered {answer.status_code}: {answer.text}")
    return answer.is_success


async def _close_and_reopen(office: Office, dice: Random) -> None:
    """A period that closes and opens while others post into it, who may be refused for that."""
    with suppress(Refused):  # somebody else closed or opened it first
        if dice.random() < 0.5:
            await office.entry("1.00", on=ANOTHER_MONTH)
            return
        periods = (await office.get("ledger/periods", "accountant", limit="50"))["data"]
        period = next(each for each in periods if each["starts_on"] == str(ANOTHER_MONTH.replace(day=1)))
        change = "close" if period["state"] == "open" else "reopen"
        await office.command("accountant", f"ledger/periods/{period['id']}/{change}", {"reason": "A case"})


async def valkey_killed(run: Run) -> None:
    keeper = run.house.embedded.keepers["valkey"]
    async with run.office.load(EVERYTHING), _broker(run.house) as redis:
        for _ in range(2):
            await asyncio.sleep(0.5 + run.dice.random())
            run.house.kill_valkey()
            while keeper.pid is None or not await _emptied(redis):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
    if run.office.counts["503"] or run.office.counts["not answered"]:
        run.wrong.append("commands failed because the broker was away")
    run.notes.append("killed and emptied twice")


async def _emptied(redis: Redis) -> bool:
    try:
        await redis.flushall()
    except (RedisError, OSError):
        return False
    return True


@asynccontextmanager
async def _broker(house: House) -> AsyncIterator[Redis]:
    redis = Redis.from_url(house.settings.redis_url)
    try:
        yield redis
    finally:
        await redis.aclose()


async def connection_cut(run: Run) -> None:
    proxy, dice = run.house.proxy, run.dice
    proxy.dice = Random(dice.random())
    cuts, commits = proxy.cuts, proxy.commits_cut
    async with run.office.load(EVERYTHING):
        for _ in range(15):  # in the middle of whatever is asked just then
            await asyncio.sleep(dice.random() * 0.15)
            proxy.cut_all()
        proxy.commits.extend(dice.choice(list(CommitCut)) for _ in range(40))
        async with asyncio.timeout(20):
            while proxy.commits:
                await asyncio.sleep(0.05)
        proxy.sliced = True
        await asyncio.sleep(1.5)
        proxy.sliced = False
        proxy.delay = 0.02
        await asyncio.sleep(1)
        proxy.delay = 0.0
        proxy.fall_silent()
        await asyncio.sleep(2.5)
        proxy.cut_all()
        proxy.flow()
        await asyncio.sleep(0.5)
    budget = 2 * (run.house.settings.connections + 8)
    if proxy.open_links > budget:
        run.wrong.append(f"{proxy.open_links} connections are open, {budget} are allowed")
    run.notes.append(f"{proxy.cuts - cuts} connections and {proxy.commits_cut - commits} COMMITs cut")


async def everything_thrice(run: Run) -> None:
    """Every command three times at once, every message of the queue three times."""
    run.office.copies = 3
    due_work = DueWork(run.house.settings.redis_url)
    id = UUID(run.office.session["organization"]["id"])
    async with _meanwhile(_announce(due_work, [id] * 3)), run.office.load(EVERYTHING, clients=3):
        await asyncio.sleep(5)
    due_work.close()
    counts = run.office.counts
    run.notes.append(f"{counts['replayed']} replayed, {counts['in use']} came while the first was running")
    if not counts["replayed"] or not counts["in use"]:
        run.wrong.append("no command met its copy")


@asynccontextmanager
async def _meanwhile(doing: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(doing)
    try:
        yield
    finally:
        await end(task)


async def _announce(due_work: DueWork, organizations: Sequence[UUID]) -> None:
    """Past the mark that keeps a tenant to one message."""
    while True:
        for id in organizations:
            await asyncio.to_thread(due_work.taken, id)
            await asyncio.to_thread(due_work.announce, id)
        await asyncio.sleep(0.1)


async def reordered(run: Run) -> None:
    """A second relay, and a queue that is shuffled all the time."""
    second = run.house.processes[RELAYS[1]].keeper
    await second.start()
    due_work = DueWork(run.house.settings.redis_url)
    id = UUID(run.office.session["organization"]["id"])
    async with (
        _broker(run.house) as redis,
        _meanwhile(_announce(due_work, [id, id])),
        _meanwhile(_shuffle(redis, run.office, Random(run.dice.random()))),
        run.office.load(EVERYTHING),
    ):
        await asyncio.sleep(6)
    due_work.close()
    await second.stop()
    run.notes.append(f"{run.office.counts['shuffled']} messages shuffled")


async def _shuffle(redis: Redis, office: Office, dice: Random) -> None:
    while True:
        async with redis.pipeline(transaction=True) as turn:
            turn.lrange(QUEUE_KEY, 0, -1)
            turn.delete(QUEUE_KEY)
            messages, _ = await turn.execute()
        if messages:
            dice.shuffle(messages)
            await redis.rpush(QUEUE_KEY, *messages)
            office.counts["shuffled"] += len(messages)
        await asyncio.sleep(0.02)


CROWD = 200


async def everybody_at_once(run: Run) -> None:
    """A crowd at one number series, at one order line, and at one document."""
    office = run.office
    order = await office.approved_order({"item": "BOLT", "quantity": "40", "unit_price": "1.00", "budget_line": "MUCH"})
    requisition = {"lines": [{"item": "BOLT", "quantity": "1", "unit_price": "1", "budget_line": "MUCH"}]}
    drafted = await office.command("requester", "procurement/requisitions", requisition)
    path = f"procurement/requisitions/{drafted['id']}/submit"
    receipts: list[Json] = []

    async def one_receipt() -> None:
        lines = [{"order_line": order["lines"][0]["id"], "quantity": "1"}]
        body = {"purchase_order": order["id"], "lines": lines}
        receipts.append(await office.command("receiver", "procurement/goods-receipts", body))

    await _crowd(run, "receipts drafted", [one_receipt] * 60, {"done": 60})
    await _crowd(run, "entries of one series", [lambda: office.entry("1.00")] * CROWD, {"done": CROWD})
    await _crowd(
        run,
        "receipts of one line",
        [_action(office, "receiver", f"procurement/goods-receipts/{each['id']}/post") for each in receipts],
        {"done": 40, "OVER_RECEIPT": 20},
    )
    await _crowd(
        run,
        "changes of one document",
        [_action(office, "requester", path, version=drafted["version"])] * CROWD,
        {"done": 1, "VERSION_CONFLICT": CROWD - 1},
    )


def _action(office: Office, person: str, path: str, *, version: int | None = None) -> Callable[[], Awaitable[object]]:
    return lambda: office.command(person, path, version=version)


async def _crowd(
    run: Run, what: str, attempts: Sequence[Callable[[], Awaitable[object]]], expected: Mapping[str, int]
) -> None:
    """All at once; what came of them must be exactly what is expected, and soon."""
    office = run.office
    alone = median(office.alone)
    office.seconds.clear()
    found: dict[str, int] = {}

    async def attempt(ask: Callable[[], Awaitable[object]]) -> None:
        came = "done"
        try:
            await ask()
        except Refused as refusal:
            came = refusal.code
        except InDoubt:
            came = "in doubt"
        found[came] = found.get(came, 0) + 1

    await asyncio.gather(*map(attempt, attempts))
    if found != expected:
        run.wrong.append(f"{what}: {found} instead of {dict(expected)}")
    slow = sorted(office.seconds)[int(len(office.seconds) * 0.99) - 1]
    if slow > SOON + alone * len(attempts):
        run.wrong.append(f"{what}: one of a hundred waited {slow:.1f} s, a command alone takes {alone:.3f} s")
    run.notes.append(f"{len(attempts)} {what}: p99 {slow:.1f} s")


@dataclass(frozen=True, slots=True)
class Case:
    fault: str
    run: Callable[[Run], Awaitable[None]]


# In this order: what a killed worker was sending is due again after its lease, while other cases go on.
CASES: Mapping[str, Case] = {
    "F5": Case("workers killed before and after a POST, after the record", worker_killed),
    "F4": Case("relay killed after claim, before and after commit, after announcing", relay_killed),
    "F9": Case("Valkey killed and emptied", valkey_killed),
    "F17": Case("two relays, queue shuffled", reordered),
    "F16": Case("commands and messages three times", everything_thrice),
    "F1": Case("API killed before COMMIT", api_killed_before_commit),
    "F2": Case("API killed after COMMIT, before the answer", api_killed_after_commit),
    "F7": Case("PostgreSQL killed, loaded and idle", postgres_killed),
    "F12": Case("API cut off PostgreSQL", connection_cut),
    "F23": Case("a crowd at one series, line, document", everybody_at_once),
}
