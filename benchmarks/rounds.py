"""Contestants in interleaved rounds: whatever else the machine does in a round, it does to all of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

C = TypeVar("C")
Contestant = Callable[[C], Awaitable[None]]

ROUNDS = 7


async def compare(
    contestants: Mapping[str, Contestant[C]], workers: Sequence[C], *, repeats: int, rounds: int = ROUNDS
) -> dict[str, tuple[float, float]]:
    """Of each contestant (operations a second, times the first one's), medians over the rounds.

    In a round each contestant in turn does `repeats` operations with every worker at once; one round before warms up.
    """
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            rate = await _rate(contestant, workers, repeats)
            if number:
                rates[name].append(rate)
    first = next(iter(rates.values()))
    return {
        name: (median(own), median(mine / base for mine, base in zip(own, first, strict=True)))
        for name, own in rates.items()
    }


async def _rate(contestant: Contestant[C], workers: Sequence[C], repeats: int) -> float:
    async def work(worker: C) -> None:
        for _ in range(repeats):
            await contestant(worker)

    started = time.perf_counter()
    await asyncio.gather(*(work(worker) for worker in workers))
    return repeats * len(workers) / (time.perf_counter() - started)
