"""Fifty at one order line, requisition line, open item, or item in stock: what there is goes round once.

Smaller crowds, and those at budgets and periods, are in the test_races.py of procurement, billing and ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest

from bizcore.errors import BusinessError
from bizcore.facts import StockFact
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.registry import Registered
from bizcore.values import Currency, Money
from contexts.billing.errors import PaymentExceedsBalance
from contexts.inventory.errors import InsufficientStock
from contexts.procurement.errors import OverReceipt, RequisitionOverOrdered
from contexts.procurement.usecases.requisitions import REQUISITION
from services.api.parsing import parse_body
from services.composition import CONSUMERS
from tests.billing.support import TODAY, payment, posted
from tests.procurement.support import Department, described
from tests.support.crowd import CLIENTS, CROWD, ROUNDS, outcomes

ROOM = 3  # for so many of each crowd
REASON = {"reason": "Race"}
MANY = pytest.param(CROWD, 200, marks=pytest.mark.slow)
many = pytest.mark.parametrize(("clients", "rounds"), [MANY])
few_or_many = pytest.mark.parametrize(("clients", "rounds"), [(CLIENTS, ROUNDS), MANY])


@dataclass(slots=True)
class Crowd:
    """Everybody tries at once to take one of what there are three. Nobody hears anything but done or `refusal`."""

    refusal: type[BusinessError]
    attempt: Callable[[str], Awaitable[object]]

    async def winners(self, papers: list[str]) -> list[str]:
        codes = await outcomes(map(self.attempt, papers))
        assert Counter(codes) == {"done": ROOM, self.refusal.code: len(papers) - ROOM}
        return [paper for paper, code in zip(papers, codes, strict=True) if code == "done"]


async def _again(papers: list[str], winners: list[str], drafted: Callable[[], Awaitable[str]]) -> list[str]:
    """Who was refused still has its paper; who was not needs a new one."""
    return [paper for paper in papers if paper not in winners] + [await drafted() for _ in winners]


@many
async def test_an_order_line_is_never_received_twice(department: Department, clients: int, rounds: int) -> None:
    order = await department.order(described("Painting", str(ROOM), "1.00"))

    async def drafted() -> str:
        return str((await department.receipt(order, "1"))["id"])

    crowd = Crowd(OverReceipt, lambda paper: department.run("procurement.goods_receipt.post", id=paper))
    receipts = [await drafted() for _ in range(clients)]
    for _ in range(rounds):
        winners = await crowd.winners(receipts)
        assert (await department.document(order["id"]))["lines"][0]["quantity_received"] == str(ROOM)
        for id in winners:
            await department.run("procurement.goods_receipt.reverse", REASON, id=id)
        receipts = await _again(receipts, winners, drafted)


@many
async def test_a_requisition_line_is_never_ordered_twice(department: Department, clients: int, rounds: int) -> None:
    requisition = await department.requisition(described("Chairs", str(ROOM), "1.00"))
    supplier = await department.supplier()
    line = {"requisition_line": requisition["lines"][0]["id"], "quantity": "1", "unit_price": "1.00"}

    async def submitted() -> str:
        order = await department.run("procurement.purchase_order.create", {"supplier": supplier, "lines": [line]})
        await department.run("procurement.purchase_order.submit", id=order["id"])
        return str(order["id"])

    crowd = Crowd(
        RequisitionOverOrdered, lambda paper: department.run("procurement.purchase_order.approve", id=paper, by="anna")
    )
    orders = [await submitted() for _ in range(clients)]
    for _ in range(rounds):
        winners = await crowd.winners(orders)
        assert (await department.document(requisition["id"]))["lines"][0]["quantity_ordered"] == str(ROOM)
        for id in winners:
            await department.run("procurement.purchase_order.cancel", REASON, id=id)
        orders = await _again(orders, winners, submitted)


@many
async def test_an_invoice_is_never_paid_twice(department: Department, clients: int, rounds: int) -> None:
    supplier = await department.supplier()
    invoice = await posted(department, supplier, described("Advice", "1", f"{ROOM}.50", tax_code="VAT0"))

    async def drafted() -> str:
        return str((await payment(department, supplier, "1.00", (invoice["id"], "1.00")))["id"])

    crowd = Crowd(PaymentExceedsBalance, lambda paper: department.run("billing.payment.post", id=paper))
    payments = [await drafted() for _ in range(clients)]
    for _ in range(rounds):
        winners = await crowd.winners(payments)
        assert (await department.document(invoice["id"]))["balance"] == "0.50"
        for id in winners:
            await department.run("billing.payment.reverse", REASON, id=id)
        payments = await _again(payments, winners, drafted)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOne:
    """What a document of another context does: takes one of an item, or brings one."""

    id: Annotated[UUID, Field("Document")]
    item: Annotated[UUID, Field("Item")]
    brings: Annotated[bool, Field("Brings")]


async def move_one(command: MoveOne, work: Any) -> UUID:
    document = await work.load(command.id)
    document.record_change("change", work.principal.id, work.call.at)
    work.move(
        StockFact(
            id=new_id(),
            kind="test.thing.moved",
            company_id=document.company.id,
            document_id=document.id,
            line_id=None,
            effective_on=TODAY,
            item_id=command.item,
            quantity=Decimal(1),
            from_location_id=None,
            to_location_id=None,
            value=Money(1_00, Currency.of("EUR")) if command.brings else None,
        )
    )
    return command.id


MOVE_ONE: Registered[Any, Any] = Registered(
    MoveOne, "procurement.requisition.update", "PATCH procurement/requisitions/{id}", move_one, REQUISITION
)


@few_or_many
async def test_stock_is_never_given_away_twice(department: Department, clients: int, rounds: int) -> None:
    sku = f"BOLT-{clients}"
    item = UUID(await department.item(sku))
    order = await department.order({"item": sku, "quantity": str(ROOM), "unit_price": "1.00"})
    await department.received(order, str(ROOM))

    async def drafted() -> str:
        body = {"lines": [described("Any", "1", "1.00")]}
        return str((await department.run("procurement.requisition.create", body))["id"])

    async def move(id: str, *, brings: bool = False) -> None:
        given = {"id": UUID(id), "item": item, "brings": brings}
        await run(
            MOVE_ONE, lambda: parse_body(MoveOne, b"{}", given), lambda: department.unit("olga"), CONSUMERS,
            dry_run=False,
        )  # fmt: skip

    crowd = Crowd(InsufficientStock, move)
    requisitions = [await drafted() for _ in range(clients)]
    for _ in range(rounds):
        winners = await crowd.winners(requisitions)
        assert await _on_hand(department, item) == 0
        for id in winners:
            await move(id, brings=True)


async def _on_hand(department: Department, item: UUID) -> Decimal:
    """Moves in less moves out, by the rows themselves."""
    found: Decimal = await department.value(
        """SELECT sum(CASE WHEN to_location_id IS NULL THEN -quantity ELSE quantity END)
           FROM inventory.move WHERE item_id = $1""",
        item,
    )
    return found
