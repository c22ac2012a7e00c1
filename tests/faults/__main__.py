"""`python -m tests.faults [--seed N …] [--case F1 …]`: kills, cuts and crowds, and what was still true afterwards.

Everything that a seed decides (who is killed where, what clients ask, which COMMIT is cut) is the same at the next run
with that seed; the moments are the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import httpx

from adapters.embedded.process import Program, StartError, run_once
from bizcore.settings import Settings
from services.cli.run import prepare
from tests.faults.cases import CASES, Run
from tests.faults.house import House, standing_house
from tests.faults.journal import Journal
from tests.faults.office import PATIENCE, Office
from tests.faults.receiver import Post, open_post
from tests.faults.truth import delivered, judge, sampling, verified

SEEDS = (1, 2, 3)


@dataclass(slots=True)
class Result:
    """What one case with one seed came to."""

    seed: int
    case: str
    office: Office
    seconds: float = 0.0
    samples: int = 0
    broken_off: bool = False
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--keep", action="store_true", help="keep the data, journals and logs even if all went well")
    given = parser.parse_args(arguments)
    home = Path(tempfile.mkdtemp(prefix="bizcore-faults-", dir="/tmp"))  # short: a socket's path holds 103 bytes
    home.chmod(0o755)
    began = time.monotonic()
    results = asyncio.run(run_all(home, given.seed, [case for case in CASES if case in given.case]))
    wrong = sum(len(result.wrong) for result in results)
    _tell(results, time.monotonic() - began)
    if wrong or given.keep:
        print(f"Journals and logs: {home}")
    else:
        shutil.rmtree(home)
    return 1 if wrong else 0


async def run_all(home: Path, seeds: Sequence[int], cases: Sequence[str]) -> list[Result]:
    results: list[Result] = []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    async with (
        standing_house(home) as house,
        open_post() as post,
        httpx.AsyncClient(timeout=PATIENCE, limits=limits) as client,
    ):
        for seed in seeds:
            print(f"seed {seed}", flush=True)
            of_seed = [await _run(house, post, client, seed, case) for case in cases]
            await _settle(house, of_seed)
            results += of_seed
        try:
            await run_once(_verify(house.settings), house.write)
        except StartError as error:
            results[-1].wrong.append(f"`bizcore verify`: {error}")
        for program, count in house.errors.items():
            results[-1].wrong.append(f"{program} logged {count} unexpected errors")
    return results


def _verify(settings: Settings) -> Program:
    """The operator's command, over all organizations."""
    return replace(prepare(settings), name="verify", argv=(sys.executable, "-m", "services.cli", "verify"))


async def _run(house: House, post: Post, client: httpx.AsyncClient, seed: int, case: str) -> Result:
    name = f"{case.lower()}s{seed}"
    dice = Random(f"{seed} {case}")
    post.dice = Random(dice.random())
    journal = Journal(house.home / f"{name}.jsonl")
    office = Office(name, house, client, journal, Random(dice.random()))
    result = Result(seed, case, office)
    began = time.monotonic()
    try:
        await office.found(post)
        run = Run(house, office, seed, dice, result.wrong, result.notes)
        async with sampling(house, office) as samples:
            await CASES[case].run(run)
            await house.calm()
        result.samples = samples.taken
        if not samples.taken:
            result.wrong.append("the books were never looked at meanwhile")
        result.wrong += await judge(house, office)
    except Exception as error:  # the other cases shall still be seen
        result.broken_off = True
        result.wrong += [f"the case broke off: {error!r}", *office.broken[:3]]
        await house.calm()
    result.seconds = time.monotonic() - began
    print(f"  {case:<4}{result.seconds:5.1f} s  {_short(result)}", flush=True)
    return result


async def _settle(house: House, results: Sequence[Result]) -> None:
    """Faults are over: everything due arrives, everything is sealed, and everything still holds."""
    began = time.monotonic()
    for result in results:
        if result.broken_off:
            continue
        late = await delivered(house, result.office) + await verified(house, result.office)
        result.wrong += late
        for line in late:
            print(f"      {result.case}: {line}")
    print(f"  all delivered and sealed after {time.monotonic() - began:.1f} s more", flush=True)


def _short(result: Result) -> str:
    lines = [*result.wrong[:20]]
    if len(result.wrong) > len(lines):
        lines.append(f"and {len(result.wrong) - len(lines)} more")
    return "; ".join(result.notes) + "".join(f"\n      WRONG: {line}" for line in lines)


def _tell(results: Sequence[Result], seconds: float) -> None:
    print("\ncase seed  commands  in doubt  delivered  again  samples  wrong")
    for result in results:
        counts = result.office.counts
        answered = sum(count for status, count in counts.items() if status.isdigit())
        doubts = counts["not answered"] + counts["503"]
        print(
            f"{result.case:<5}{result.seed:>4}{answered:>10}{doubts:>10}{counts['delivered']:>11}"
            f"{counts['delivered again']:>7}{result.samples:>9}{len(result.wrong):>7}"
        )
    survived = sum(not result.wrong for result in results)
    print(f"{survived} of {len(results)} survived, {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
