"""Commands over HTTP against raw asyncpg that reads and writes the same, and against a peer's published whole cases."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import Any
from uuid import UUID

from adapters.embedded.process import Keeper
from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from benchmarks.http import Client, request
from benchmarks.place import Member, Office, Place, open_office, processor_seconds
from benchmarks.replay import Recording, paired, record
from benchmarks.rounds import Job, Measured, compare
from bizcore.ids import new_id
from bizcore.registry import Registered
from services.api.mounting import action_command
from services.composition import REGISTRIES

CLIENTS = 8
LINES = 5
ITEMS = 60  # orders take five each in turn, so that no item has everybody waiting for it
TODAY = str(datetime.now(UTC).date())
Json = dict[str, Any]

# A second, as measured of Tryton 8.0.12: in process, no RPC, one process, on two cores like these.
TRYTON = {"journal entry": 17.0, "order": 0.88, "receipt": 1.57, "invoice": 0.87}

COMMANDS: Mapping[str, Registered[Any, Any]] = {
    **{command.name: command for registry in REGISTRIES for command in registry.commands},
    **{
        type.permission(action.code): action_command(type, action)
        for registry in REGISTRIES
        for type in registry.document_types
        for action in type.actions
    },
}


@dataclass(frozen=True, slots=True)
class Trade:
    """An organization that buys items of one supplier."""

    client: Client
    tenant: TenantDatabase
    secrets: Secrets
    office: Office
    supplier: str
    items: Iterator[str]
    processor: Callable[[], float]

    async def each(self, make: Callable[..., Awaitable[Json]], *columns: Sequence[Any]) -> list[Json]:
        """`make` of each, as many at once as there are clients."""
        jobs, found = iter(list(enumerate(zip(*columns, strict=True)))), {}

        async def client() -> None:
            for at, values in jobs:
                found[at] = await make(*values)

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return [found[at] for at in sorted(found)]

    # -- a life's steps, each the answer of a request ----------------------------------------------------------------

    async def draft_order(self, *_: object) -> Json:
        lines = [
            {"item": item, "quantity": "4", "unit_price": f"{12 + n}.50", "tax_code": "VAT19"}
            for n, item in enumerate(islice(self.items, LINES))
        ]
        body = {"supplier": self.supplier, "lines": lines}
        found: Json = await self.office.owner.post("procurement/purchase-orders", body)
        return found

    async def submit_order(self, order: Json) -> Json:
        found: Json = await self.office.owner.post(f"procurement/purchase-orders/{order['id']}/submit")
        return found

    async def approve_order(self, order: Json) -> Json:
        found: Json = await self.office.approver.post(f"procurement/purchase-orders/{order['id']}/approve")
        return found

    async def draft_receipt(self, order: Json) -> Json:
        lines = [{"order_line": line["id"], "quantity": "4"} for line in order["lines"]]
        body = {"purchase_order": order["id"], "lines": lines}
        found: Json = await self.office.owner.post("procurement/goods-receipts", body)
        return found

    async def post_receipt(self, receipt: Json) -> Json:
        found: Json = await self.office.owner.post(f"procurement/goods-receipts/{receipt['id']}/post")
        return found

    async def draft_invoice(self, order: Json) -> Json:
        lines = [
            {"order_line": line["id"], "quantity": "4", "unit_price": line["unit_price"]} for line in order["lines"]
        ]
        body = {
            "supplier": self.supplier, "supplier_reference": f"RE-{new_id()}", "invoice_date": TODAY, "lines": lines,
        }  # fmt: skip
        found: Json = await self.office.owner.post("billing/supplier-invoices", body)
        return found

    async def post_invoice(self, invoice: Json) -> Json:
        found: Json = await self.office.owner.post(f"billing/supplier-invoices/{invoice['id']}/post")
        return found

    # -- many at a certain point of their life -----------------------------------------------------------------------

    async def submitted(self, count: int) -> list[Json]:
        return await self.each(self.submit_order, await self.each(self.draft_order, range(count)))

    async def approved(self, count: int) -> list[Json]:
        return await self.each(self.approve_order, await self.submitted(count))

    async def received(self, count: int) -> list[Json]:
        orders = await self.approved(count)
        await self.each(self.post_receipt, await self.each(self.draft_receipt, orders))
        return orders

    async def drafted_receipts(self, count: int) -> list[Json]:
        return await self.each(self.draft_receipt, await self.approved(count))

    async def drafted_invoices(self, count: int) -> list[Json]:
        return await self.each(self.draft_invoice, await self.received(count))


async def open_trade(place: Place, client: Client, tenant: TenantDatabase, office: Office, api: Keeper) -> Trade:
    owner = office.owner
    supplier = await owner.post("parties", {"name": "Supplier", "roles": ["supplier"], "country": "DE"})
    items = [
        await owner.post(
            "items", {"sku": f"BOLT-{n}", "name": "Bolt", "kind": "stock", "unit": "EA", "valuation": "fifo"}
        )
        for n in range(ITEMS)
    ]
    return Trade(
        client,
        tenant,
        Secrets.of(place.settings.master_key),
        office,
        supplier["id"],
        cycle(item["id"] for item in items),
        partial(processor_seconds, api),
    )


# -- contestants -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """One action on documents that `make` brings to the point before it."""

    command: str
    path: str
    actor: Member
    make: Callable[[int], Awaitable[list[Json]]]

    async def requests(self, client: Client, count: int) -> list[Job]:
        return [
            partial(
                client.exchange,
                request("POST", self.path.format(id=document["id"]), {}, token=self.actor.token, port=client.port),
            )
            for document in await self.make(count)
        ]

    async def recorded(self, trade: Trade) -> tuple[Recording, Json]:
        """The second run of two: the first one fills the caches. Checked to write the same when replayed."""
        tenant = trade.tenant
        first, second, third = await self.make(3)
        registered, verb = COMMANDS[self.command], self.command.rpartition(".")[2]

        async def carried_out(document: Json) -> Recording:
            route = {"id": UUID(document["id"]), "version": None, "action": verb}
            return await record(tenant, trade.secrets, self.actor.user_id, registered, {}, route)

        before = await _tasks(tenant, [first, second, third])
        await carried_out(first)
        recording = await carried_out(second)
        job, names = recording.job(tenant, paired(second, third) | _paired_tasks(second, third, before))
        await job()
        async with tenant.connection() as connection:
            await recording.check(connection, names)
        return recording, second | {"tasks": before[second["id"]]}

    async def replays(self, tenant: TenantDatabase, recording: Recording, of: Json, count: int) -> list[Job]:
        documents = await self.make(count)
        tasks = await _tasks(tenant, documents)
        return [
            recording.job(tenant, paired(of, document | {"tasks": tasks[document["id"]]}))[0] for document in documents
        ]


async def _tasks(tenant: TenantDatabase, documents: Sequence[Json]) -> dict[str, list[str]]:
    async with tenant.connection() as connection:
        rows = await connection.fetch(
            "SELECT document_id, id FROM platform.task WHERE document_id = ANY($1)", [UUID(d["id"]) for d in documents]
        )
    return {d["id"]: [str(row["id"]) for row in rows if str(row["document_id"]) == d["id"]] for d in documents}


def _paired_tasks(one: Json, other: Json, tasks: Mapping[str, list[str]]) -> dict[str, str]:
    return dict(zip(tasks[one["id"]], tasks[other["id"]], strict=True))


async def action(
    trade: Trade, name: str, of: Action, whole: Callable[[Any], Awaitable[object]],
    before: Callable[[int], Awaitable[Sequence[Any]]], *, jobs: int,
) -> dict[str, Measured]:  # fmt: skip
    """One action raw and over HTTP, and the whole life of its document over HTTP."""
    recording, document = await of.recorded(trade)

    async def lives(count: int) -> list[Job]:
        return [partial(whole, each) for each in await before(count)]

    return await compare(
        {
            f"{name}, raw, {len(recording.steps)} statements": partial(of.replays, trade.tenant, recording, document),
            f"{name}, HTTP": partial(of.requests, trade.client),
            f"{name}, HTTP, draft and all": lives,
        },
        jobs=jobs,
        clients=CLIENTS,
        rounds=5,
        processor=trade.processor,
    )


async def journal_entries(trade: Trade) -> dict[str, Measured]:
    body = {
        "entry_date": TODAY,
        "description": "Rent",
        "lines": [{"account": "6010", "debit": "119.00"}, {"account": "1020", "credit": "119.00"}],
    }
    registered, owner = COMMANDS["ledger.journal_entry.create"], trade.office.owner
    await record(trade.tenant, trade.secrets, owner.user_id, registered, body, {})  # fills the caches
    recording = await record(trade.tenant, trade.secrets, owner.user_id, registered, body, {})
    job, names = recording.job(trade.tenant, {})
    await job()
    async with trade.tenant.connection() as connection:
        await recording.check(connection, names)

    async def raw(count: int) -> list[Job]:
        return [recording.job(trade.tenant, {})[0] for _ in range(count)]

    async def http(count: int) -> list[Job]:
        asked = partial(request, "POST", "ledger/journal-entries", body, token=owner.token, port=trade.client.port)
        return [partial(trade.client.exchange, asked()) for _ in range(count)]

    return await compare(
        {f"raw, {len(recording.steps)} statements": raw, "HTTP": http},
        jobs=120,
        clients=CLIENTS,
        processor=trade.processor,
    )


async def main(place: Place) -> None:
    client = Client(place.settings.port)
    async with place.serving() as (api,):
        office = await open_office(client, "Commands")
        async with place.tenant(office, connections=CLIENTS) as tenant:
            trade = await open_trade(place, client, tenant, office, api)
            print("Journal entry of two lines")
            show(await journal_entries(trade), TRYTON["journal entry"])
            for name, case, whole, before, peer in cases(trade):
                print(f"{name} of {LINES} lines")
                show(await action(trade, name, case, whole, before, jobs=24), TRYTON[peer])
        client.close()


def cases(trade: Trade) -> list[tuple[str, Action, Any, Any, str]]:
    owner, approver = trade.office.owner, trade.office.approver

    async def counting(count: int) -> range:
        return range(count)

    async def order(_: object) -> None:
        await trade.approve_order(await trade.submit_order(await trade.draft_order()))

    async def receipt(order: Json) -> None:
        await trade.post_receipt(await trade.draft_receipt(order))

    async def invoice(order: Json) -> None:
        await trade.post_invoice(await trade.draft_invoice(order))

    orders, receipts, invoices = (
        "procurement/purchase-orders",
        "procurement/goods-receipts",
        "billing/supplier-invoices",
    )
    return [
        ("Order approved", Action("procurement.purchase_order.approve", orders + "/{id}/approve", approver,
                                  trade.submitted), order, counting, "order"),
        ("Goods receipt posted", Action("procurement.goods_receipt.post", receipts + "/{id}/post", owner,
                                        trade.drafted_receipts), receipt, trade.approved, "receipt"),
        ("Supplier invoice posted", Action("billing.supplier_invoice.post", invoices + "/{id}/post", owner,
                                           trade.drafted_invoices), invoice, trade.received, "invoice"),
    ]  # fmt: skip


def show(found: Mapping[str, Measured], peer: float) -> None:
    first = next(iter(found.values()))
    for name, measured in found.items():
        half, most = measured.percentile(50) * 1000, measured.percentile(99) * 1000
        print(
            f"  {name:50} {measured.rate:7.0f}/s  x {measured.times(first):.2f} raw"
            f"  x {measured.rate / peer:.0f} Tryton  p50 {half:.1f} ms  p99 {most:.1f} ms"
            f"  API processor {median(measured.processor) * 1000:.1f} ms"
        )
