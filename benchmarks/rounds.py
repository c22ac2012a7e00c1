"""Contestants in interleaved rounds: whatever else the machine does in a round, it does to all of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Job = Callable[[], Awaitable[object]]
Prepare = Callable[[int], Awaitable[Sequence[Job]]]

ROUNDS = 7


@dataclass(slots=True)
class Measured:
    """One contestant's rounds: operations a second and processor seconds for one operation of each, and the seconds
    of every operation."""

    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(self.rates)

    def times(self, other: "Measured") -> float:
        """How many times the other's rate: the median over the rounds."""
        return median(mine / base for mine, base in zip(self.rates, other.rates, strict=True))

    def percentile(self, percent: float) -> float:
        """Of the seconds of one operation, by nearest rank."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def compare(
    contestants: Mapping[str, Prepare],
    *,
    jobs: int,
    clients: int,
    rounds: int = ROUNDS,
    processor: Callable[[], float] = time.process_time,
) -> dict[str, Measured]:
    """Each contestant does `jobs` operations in each round, `clients` of them at once; one round before warms up.

    What a contestant needs is prepared for all of a round before its clock starts. `processor` reads the seconds that
    the measured process has worked; unlike the rates they hardly depend on who else uses the machine.
    """
    found = {name: Measured() for name in contestants}
    for number in range(rounds + 1):
        for name, prepare in contestants.items():
            ready = await prepare(jobs)
            before = processor()
            rate, seconds = await _timed(ready, clients)
            if number:
                found[name].rates.append(rate)
                found[name].processor.append((processor() - before) / jobs)
                found[name].seconds += seconds
    return found


async def _timed(jobs: Sequence[Job], clients: int) -> tuple[float, list[float]]:
    waiting, seconds = iter(jobs), []

    async def client() -> None:
        for job in waiting:
            began = time.perf_counter()
            await job()
            seconds.append(time.perf_counter() - began)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return len(jobs) / (time.perf_counter() - started), seconds
