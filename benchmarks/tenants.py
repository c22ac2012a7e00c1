"""Many organizations in one process: signing up, the first request of a cold one, and many warm against one."""

import time
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import Any

from benchmarks.http import Client, request
from benchmarks.place import Place, sign_up
from benchmarks.rounds import Job, compare

TENANTS = 100
CLIENTS = 8
PATH = "ledger/accounts/1020/balance"


async def main(place: Place) -> None:
    client = Client(place.settings.port)
    sessions: list[Any] = []
    seconds: list[float] = []
    async with place.serving():
        for number in range(TENANTS):
            began = time.perf_counter()
            sessions.append(await sign_up(client, f"Tenant {number}"))
            seconds.append(time.perf_counter() - began)
        client.close()
    print(f"Sign-up until the organization is ready: median {median(seconds):.2f} s, slowest {max(seconds):.2f} s")
    asked = [request("GET", PATH, token=session["access_token"], port=client.port) for session in sessions]
    await _cold_and_warm(place, client, asked)


async def _cold_and_warm(place: Place, client: Client, asked: Sequence[bytes]) -> None:
    async with place.serving():  # a process that has seen none of them
        cold = [await _timed(client, each) for each in asked[1:]]
        warm = [await _timed(client, asked[-1]) for _ in asked]

        async def one(count: int) -> list[Job]:
            return [partial(client.exchange, asked[0])] * count

        async def many(count: int) -> list[Job]:
            return [partial(client.exchange, each) for each in islice(cycle(asked), count)]

        found = await compare({"one": one, "many": many}, jobs=2 * TENANTS, clients=CLIENTS, rounds=5)
        client.close()
    print(f"{TENANTS} organizations, {place.settings.connections} connections of the process to all of them")
    print(
        f"  first request of a cold one: median {median(cold) * 1000:.1f} ms, "
        f"x {median(cold) / median(warm):.1f} of a warm one ({median(warm) * 1000:.1f} ms)"
    )
    print(
        f"  all in turn: {found['many'].rate:.0f}/s, "
        f"x {found['many'].times(found['one']):.2f} of one alone ({found['one'].rate:.0f}/s)"
    )


async def _timed(client: Client, asked: bytes) -> float:
    began = time.perf_counter()
    await client.exchange(asked)
    return time.perf_counter() - began
