"""What billing may ask of procurement, on a real database: an invoice is played by a command of this test."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
import pytest

from bizcore.documents import LineLink, LinkKind
from bizcore.facts import AccountingFact
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.registry import Registered
from bizcore.values import Money
from contexts.ledger.public import facts
from contexts.procurement.errors import BelowInvoiced
from contexts.procurement.public import clear_accrual, ordered_lines
from contexts.procurement.usecases.requisitions import REQUISITION
from services.api.parsing import parse_body
from services.composition import CONSUMERS
from tests.procurement.support import Department, amounts, described

TODAY = datetime.now(UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOrderLine:
    """Charge so much of an order line; a requisition lends its line to be the invoice's."""

    order_line: Annotated[UUID, Field("Order line", ref="order_line")]
    quantity: Annotated[Decimal, Field("Quantity")]


async def charge_order_line(command: ChargeOrderLine, work: Any) -> UUID:
    line = (await ordered_lines(work, [command.order_line], locked=True))[command.order_line]
    invoice = await work.load(PAPER.id, type=REQUISITION)
    invoice.record_change("change", work.principal.id, work.call.at)
    cleared = new_id()
    value = clear_accrual(work, line, command.quantity, id=cleared, source_line_id=PAPER.line_id, by=invoice, on=TODAY)
    work.link(
        LineLink(
            kind=LinkKind.BILLS,
            source_line_id=PAPER.line_id,
            target_line_id=line.id,
            document_id=invoice.id,
            effective_on=TODAY,
            quantity=command.quantity,
            amount_minor=value.amount.minor,
        )
    )
    for id, kind, open_item in ((cleared, facts.INVOICE_MATCHED, None), (new_id(), facts.INVOICE_PAYABLE, invoice.id)):
        work.account(
            AccountingFact(
                id=id,
                kind=kind,
                company_id=line.company_id,
                document_id=invoice.id,
                line_id=PAPER.line_id,
                effective_on=TODAY,
                amount=value.amount,
                company_amount=value.company,
                party_id=line.supplier_id,
                accounts=line.accounts,
                open_item_id=open_item,
            )
        )
    return PAPER.id


@dataclass(slots=True)
class Paper:
    """The draft that plays the invoice."""

    id: UUID
    line_id: UUID


PAPER = Paper(new_id(), new_id())
CHARGE: Registered[Any, Any] = Registered(
    ChargeOrderLine, "procurement.requisition.charge", "POST procurement/charges", charge_order_line, REQUISITION
)


async def charge(department: Department, order: dict[str, Any], quantity: str) -> None:
    drafted = await department.run("procurement.requisition.create", {"lines": [described("Invoice", "1", "1.00")]})
    PAPER.id, PAPER.line_id = UUID(drafted["id"]), UUID(drafted["lines"][0]["id"])
    body = orjson.dumps({"order_line": order["lines"][0]["id"], "quantity": quantity})
    await run(
        CHARGE, lambda: parse_body(ChargeOrderLine, body, {}), lambda: department.unit("olga"), CONSUMERS, dry_run=False
    )


async def accrued(department: Department) -> Decimal:
    """The balance of the account, credit positive, in major units."""
    minor = await department.value(
        """SELECT coalesce(-sum(p.company_amount_minor), 0) FROM ledger.posting p
           JOIN ledger.account_role r ON r.account_id = p.account_id
           WHERE r.role = 'goods_received_not_invoiced' AND p.book = 'actual'"""
    )
    return Decimal(minor) / 100


async def test_invoices_clear_what_receipts_accrued_to_the_cent(department: Department) -> None:
    order = await department.order(described("Third", "3", "3.333333333333"))
    await department.received(order, "2")
    assert await accrued(department) == Decimal("6.67")
    await charge(department, order, "1")
    assert await accrued(department) == Decimal("3.33")
    await charge(department, order, "2")  # the third is ahead of its goods
    assert await accrued(department) == Decimal("-3.33")
    report = await department.ask("GetGoodsReceivedNotInvoiced", explain=True)
    assert (report["total"], report["rows"][0]["quantity"]) == ("-3.33", "-1")
    assert amounts(report["rows"][0]["explain"]) == Decimal("-3.33")
    await department.received(order, "1")
    assert await accrued(department) == 0
    assert (await department.ask("GetGoodsReceivedNotInvoiced"))["rows"] == []
    shown = await department.document(order["id"], explain=True)
    line = shown["lines"][0]
    assert (line["quantity_invoiced"], line["amount_invoiced"], shown["invoice_status"]) == ("3", "10.00", "complete")
    assert amounts(shown["explain"]["/lines/0/amount_invoiced"]["rows"]) == Decimal("10.00")


async def test_what_was_charged_is_neither_given_back_nor_amended_away(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    receipt = await department.received(order, "4")
    await charge(department, order, "5")
    before = await accrued(department)
    with pytest.raises(BelowInvoiced):
        await department.run("procurement.goods_receipt.reverse", {"reason": "Back"}, id=receipt["id"])
    lines = [{"id": order["lines"][0]["id"], "quantity": "4", "unit_price": "20.00"}]
    with pytest.raises(BelowInvoiced):
        await department.run(
            "procurement.purchase_order.amend", {"reason": "Less", "changes": {"lines": lines}}, id=order["id"]
        )
    assert await accrued(department) == before
    assert (await department.document(receipt["id"]))["phase"] == "active"
    assert (await department.document(order["id"]))["phase"] == "active"


async def test_order_lines_are_read_with_or_without_their_lock(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    await department.received(order, "2")
    unit = department.unit("olga")
    await unit.open("test")
    try:
        id = UUID(order["lines"][0]["id"])
        loose = (await ordered_lines(unit.work, [id], locked=False))[id]  # type: ignore[arg-type]
        firm = (await ordered_lines(unit.work, [id], locked=True))[id]  # type: ignore[arg-type]
    finally:
        await unit.rollback()
    assert loose == firm
    assert (firm.quantity_received, firm.received.company) == (Decimal(2), Money(4000, firm.terms.conversion.own))
