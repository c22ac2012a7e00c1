"""From a commit to the first attempt of its webhook when nothing else happens, and what a dry run costs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import orjson

from benchmarks.commands import TODAY, Trade, open_trade
from benchmarks.http import Client, request
from benchmarks.place import Place, open_office
from benchmarks.rounds import Job, compare

COMMITS = 40
PAUSE = 0.25


class Receiver:
    """Answers every request with 204 and remembers when each event came first, by what it is about."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                at = time.perf_counter()
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                event = orjson.loads(await reader.readexactly(int(length.partition(b":")[2])))
                self.came.setdefault(event["subject"]["id"], at)
                writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    async with server:
        yield receiver, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def main(place: Place) -> None:
    client = Client(place.settings.port)
    async with place.serving("api", "worker", "relay"), receiving() as (receiver, url):
        office = await open_office(client, "Events")
        await office.owner.post("webhooks/endpoints", {"url": url, "events": ["*"]})
        committed: dict[str, float] = {}
        for number in range(COMMITS):
            party = await office.owner.post(
                "parties", {"name": f"Party {number}", "roles": ["supplier"], "country": "DE"}
            )
            committed[party["id"]] = time.perf_counter()
            await asyncio.sleep(PAUSE)
        async with asyncio.timeout(60):
            while committed.keys() - receiver.came.keys():
                await asyncio.sleep(0.1)
        waits = sorted(receiver.came[id] - at for id, at in committed.items())
        p95 = waits[int(len(waits) * 0.95)]
        print(f"Commit to first webhook attempt, idle: median {waits[len(waits) // 2]:.3f} s, p95 {p95:.3f} s")
    async with place.serving() as (api,):
        async with place.tenant(office, connections=2) as tenant:
            await _dry_runs(client, await open_trade(place, client, tenant, office, api))
        client.close()


async def _dry_runs(client: Client, trade: Trade) -> None:
    owner, approver = trade.office.owner, trade.office.approver
    entry = {
        "entry_date": TODAY,
        "description": "Rent",
        "lines": [{"account": "6010", "debit": "119.00"}, {"account": "1020", "credit": "119.00"}],
    }

    def posting(path: str) -> Job:
        return partial(client.exchange, request("POST", path, entry, token=owner.token, port=client.port))

    async def entries(path: str, count: int) -> list[Job]:
        return [posting(path) for _ in range(count)]

    async def approvals(query: str, count: int) -> list[Job]:
        return [
            partial(
                client.exchange,
                request(
                    "POST", f"procurement/purchase-orders/{order['id']}/approve{query}", {},
                    token=approver.token, port=client.port,
                ),
            )
            for order in await trade.submitted(count)
        ]  # fmt: skip

    for name, prepare in (
        ("journal entry", {"real": "ledger/journal-entries", "dry": "ledger/journal-entries?dry_run=true"}),
        ("order approval", {"real": "", "dry": "?dry_run=true"}),
    ):
        make = entries if name == "journal entry" else approvals
        found = await compare({kind: partial(make, given) for kind, given in prepare.items()}, jobs=25, clients=1)
        print(
            f"Dry run of a {name}: {1000 / found['dry'].rate:.1f} ms, "
            f"x {1 / found['dry'].times(found['real']):.2f} of the real one"
        )
