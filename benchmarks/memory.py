"""Memory of the API process with every module and after work, against a bare application of the same packages; and how
long the unlucky wait when every connection is busy."""

import asyncio
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from adapters.embedded.process import Keeper, Program, inherited_environment
from benchmarks.commands import TODAY
from benchmarks.http import Client, request
from benchmarks.place import Place, open_office
from benchmarks.rounds import Job, compare

ROOT = Path(__file__).parents[1]
REQUESTS = 200
SATURATING = 16


async def main(place: Place) -> None:
    client = Client(place.settings.port)
    async with place.serving() as keepers:
        office = await open_office(client, "Memory")
        body = {
            "entry_date": TODAY,
            "description": "Rent",
            "lines": [{"account": "6010", "debit": "119.00"}, {"account": "1020", "credit": "119.00"}],
        }

        async def entries(count: int) -> list[Job]:
            token = office.owner.token
            return [
                partial(client.exchange, request("POST", "ledger/journal-entries", body, token=token, port=client.port))
                for _ in range(count)
            ]

        async def balances(count: int) -> list[Job]:
            asked = request("GET", "ledger/accounts/1020/balance", token=office.owner.token, port=client.port)
            return [partial(client.exchange, asked)] * count

        found = await compare({"journal entries": entries, "balances": balances}, jobs=REQUESTS, clients=SATURATING)
        for name, measured in found.items():
            half, most = measured.percentile(50), measured.percentile(99)
            print(
                f"{SATURATING} clients at once, {name}: {measured.rate:.0f}/s, p50 {half * 1000:.1f} ms, "
                f"p99 {most * 1000:.1f} ms, p99 x {most / half:.1f} of p50"
            )
        own = _resident(keepers[0])
        client.close()
    program = Program(
        name="bare",
        argv=(
            sys.executable, "-m", "uvicorn", "benchmarks.bare:app", "--port", str(place.settings.port),
            "--no-access-log", "--log-level", "warning",
        ),
        environment=inherited_environment() | {"BARE_DATABASE": place.settings.database_url},
        folder=ROOT,
    )  # fmt: skip
    async with place.running([replace(program, ready=partial(_answers, place.settings.port))]) as keepers:
        async with asyncio.timeout(20):
            await _asked(place.settings.port)
        bare = _resident(keepers[0])
    print(
        f"Resident memory of the API process: {own:.0f} MiB, x {own / bare:.1f} of a bare application ({bare:.0f} MiB)"
    )


def _resident(keeper: Keeper) -> float:
    """MiB."""
    assert keeper.pid is not None
    return float(psutil.Process(keeper.pid).memory_info().rss) / 2**20


async def _answers(port: int) -> bool:
    try:
        await _asked(port)
    except OSError:
        return False
    return True


async def _asked(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in range(100):
            writer.write(b"GET / HTTP/1.1\r\nHost: bare\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(size.partition(b":")[2]))
    finally:
        writer.close()
