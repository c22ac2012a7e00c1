"""Supplier invoices on PostgreSQL: posted, matched, blocked, released, reversed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from bizcore.errors import SeparationOfDuties, ValidationFailed, WrongPhase
from contexts.billing.errors import (
    CurrencyMismatch,
    DuplicateSupplierReference,
    InvoiceSettled,
    NothingBlocked,
)
from contexts.ledger.public import PeriodClosed
from tests.billing.support import DAY, TODAY, account_balance, charging, entry_lines, invoice, paid, posted
from tests.procurement.support import Department, amounts, described

PAYABLE, GRNI, INVENTORY, TAX, DIFFERENCE, EXPENSE = "2010", "2020", "1400", "1210", "5020", "6010"


async def order_of_bolts(department: Department, quantity: str = "10", price: str = "2.50", **fields: object):
    supplier = await department.supplier(payment_terms="NET30")
    sku = f"BOLT-{supplier[-12:]}"
    await department.item(sku)
    line = {"item": sku, "quantity": quantity, "unit_price": price, **fields}
    return supplier, await department.order(line, supplier=supplier)


async def test_an_invoice_of_what_came_clears_the_accrual_and_opens_the_payable(department: Department):
    supplier, order = await order_of_bolts(department, tax_code="VAT19")
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.50"))
    assert (bill["net_total"], bill["tax_total"], bill["total"]) == ("25.00", "4.75", "29.75")
    assert (bill["balance"], bill["payment_block"], bill["match"]) == (
        "29.75",
        False,
        {"status": "matched", "exceptions": []},
    )
    assert bill["due_on"] == str(TODAY + timedelta(30))
    assert bill["number"].startswith("SI-")
    assert await entry_lines(department, bill["id"]) == [(GRNI, "25.00"), (TAX, "4.75"), (PAYABLE, "-29.75")]
    ordered = await department.document(order["id"])
    assert ordered["lines"][0]["quantity_invoiced"] == "10"


async def test_a_higher_price_is_a_price_difference_and_blocks_the_payment(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.75"))
    assert await entry_lines(department, bill["id"]) == [(GRNI, "25.00"), (DIFFERENCE, "2.50"), (PAYABLE, "-27.50")]
    assert bill["payment_block"] is True
    assert bill["match"] == {
        "status": "blocked",
        "exceptions": [
            {
                "line": bill["lines"][0]["id"],
                "code": "UNIT_PRICE_ABOVE_ORDER",
                "expected": "2.5",
                "actual": "2.75",
                "tolerance": "0 %, 0.00 EUR",
            }
        ],
    }


async def test_a_lower_price_blocks_nothing(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.40"))
    assert await entry_lines(department, bill["id"]) == [(GRNI, "25.00"), (DIFFERENCE, "-1.00"), (PAYABLE, "-24.00")]
    assert bill["match"]["status"] == "matched"


async def test_a_block_ahead_of_the_goods_lifts_by_itself_when_they_come(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "4")
    bill = await posted(department, supplier, charging(order, "10", "2.50"))
    assert bill["match"]["exceptions"] == [
        {
            "line": bill["lines"][0]["id"],
            "code": "QUANTITY_NOT_RECEIVED",
            "expected": "4",
            "actual": "10",
            "tolerance": "0 %",
        }
    ]
    assert bill["payment_block"] is True
    blocked_at = bill["updated_at"]
    await department.received(order, "6")
    shown = await department.document(bill["id"])
    assert (shown["payment_block"], shown["match"]["status"], shown["version"]) == (False, "matched", bill["version"])
    then = await department.document(bill["id"], known_at=datetime.fromisoformat(blocked_at))
    assert (then["payment_block"], then["match"]["status"]) == (True, "blocked")


async def test_goods_answer_the_invoices_in_the_order_of_posting(department: Department):
    supplier, order = await order_of_bolts(department)
    first = await posted(department, supplier, charging(order, "4", "2.50"))
    second = await posted(department, supplier, charging(order, "6", "2.50"))
    await department.received(order, "5")
    assert (await department.document(first["id"]))["payment_block"] is False
    blocked = await department.document(second["id"])
    assert [(e["expected"], e["actual"]) for e in blocked["match"]["exceptions"]] == [("1", "6")]
    await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=first["id"])
    assert [(e["expected"], e["actual"]) for e in (await department.document(second["id"]))["match"]["exceptions"]] == [
        ("5", "6")
    ]


async def test_charges_of_an_order_line_are_counted_in_the_order_of_posting(department: Department):
    supplier, order = await order_of_bolts(department)
    late, early = [await invoice(department, supplier, charging(order, "5", "2.50")) for _ in range(2)]
    line = charging(order, "1", "2.50")
    for drafted in (early, late, await invoice(department, supplier, line, line)):
        await department.run("billing.supplier_invoice.post", id=drafted["id"])
    await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=early["id"])
    rows = await department.fetch(
        """SELECT document_id, sequence, quantity::text FROM billing.order_charge WHERE order_line_id = $1
           ORDER BY sequence, quantity DESC""",
        UUID(order["lines"][0]["id"]),
    )
    assert [(row["sequence"], row["quantity"]) for row in rows] == [(1, "5"), (1, "-5"), (2, "5"), (3, "1"), (4, "1")]
    assert [str(row["document_id"]) for row in rows[:3]] == [early["id"], early["id"], late["id"]]


async def test_charging_more_than_ordered_is_recorded_and_blocked(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "11", "2.50"))
    assert bill["phase"] == "active"
    assert [(e["code"], e["expected"], e["actual"]) for e in bill["match"]["exceptions"]] == [
        ("QUANTITY_NOT_RECEIVED", "10", "11")
    ]


async def test_the_total_over_earlier_invoices_is_compared_too(department: Department):
    supplier, order = await order_of_bolts(department, "10", "100")
    await department.received(order, "10")
    company = await department.value("SELECT id FROM platform.company")
    await department.run(
        "platform.company.update",
        {"policies": {"price_tolerance": "5", "price_tolerance_amount": "20.00"}},
        id=str(company),
        version=await department.value("SELECT version FROM platform.company"),
    )
    try:
        first = await posted(department, supplier, charging(order, "5", "103"))
        assert first["match"]["status"] == "matched"
        second = await posted(department, supplier, charging(order, "5", "103"))
        assert [(e["code"], e["expected"], e["actual"]) for e in second["match"]["exceptions"]] == [
            ("TOTAL_ABOVE_ORDER", "1000", "1030")
        ]
    finally:
        await department.run(
            "platform.company.update",
            {"policies": {"price_tolerance": "0", "price_tolerance_amount": "0"}},
            id=str(company),
            version=await department.value("SELECT version FROM platform.company"),
        )
    # It keeps the policy it was posted under.
    assert (await department.document(first["id"]))["match"]["status"] == "matched"


@pytest.mark.parametrize("receipts", [("10",), ("3", "3", "4"), ("7", "3")])
@pytest.mark.parametrize("invoices", [("10",), ("3", "3", "4"), ("1", "9")])
@pytest.mark.parametrize("first", ["receipts", "invoices"])
async def test_received_and_invoiced_whole_nothing_remains_accrued(
    department: Department, receipts: tuple[str, ...], invoices: tuple[str, ...], first: str
):
    before = await account_balance(department, GRNI)
    supplier, order = await order_of_bolts(department, price="0.335")
    bills = []

    async def receive() -> None:
        for quantity in receipts:
            await department.received(order, quantity)

    async def charge() -> None:
        bills.extend([await posted(department, supplier, charging(order, part, "0.335")) for part in invoices])

    for step in (receive, charge) if first == "receipts" else (charge, receive):
        await step()
    assert await account_balance(department, GRNI) == before
    for bill in bills:
        assert (await department.document(bill["id"]))["payment_block"] is False


async def test_what_no_order_covers_is_charged_to_its_account(department: Department):
    supplier = await department.supplier()
    bill = await posted(
        department,
        supplier,
        described("Rent", "1", "1000", account="6030", tax_code="VAT19"),
        described("Advice", "2", "50"),
    )
    assert bill["match"] == {"status": "not_required", "exceptions": []}
    assert bill["due_on"] == bill["invoice_date"]
    assert await entry_lines(department, bill["id"]) == [
        ("6030", "1000.00"),
        (EXPENSE, "100.00"),
        (TAX, "190.00"),
        (PAYABLE, "-1290.00"),
    ]


async def test_tax_is_rounded_once_for_each_code_and_shared_out(department: Department):
    supplier = await department.supplier()
    lines = [described("Screw", "1", "0.33", tax_code="VAT19") for _ in range(3)]
    bill = await invoice(department, supplier, *lines, described("Book", "1", "0.99", tax_code="VAT7"))
    # 19 % of 0.99 is 0.1881 and 7 % is 0.0693; by line it would be 3 x 0.06 as well as 0.07.
    assert [line["tax_amount"] for line in bill["lines"]] == ["0.07", "0.06", "0.06", "0.07"]
    assert (bill["net_total"], bill["tax_total"], bill["total"]) == ("1.98", "0.26", "2.24")


async def test_a_suppliers_number_comes_once_however_it_is_written(department: Department):
    supplier, other = await department.supplier(), await department.supplier()
    line = described("Rent", "1", "10")
    first = await invoice(department, supplier, line, supplier_reference="RE-2026/0042")
    with pytest.raises(DuplicateSupplierReference) as refusal:
        await invoice(department, supplier, line, supplier_reference="re 2026 0042")
    assert refusal.value.details["invoice"] == UUID(first["id"])
    await invoice(department, other, line, supplier_reference="RE-2026/0042")
    changing = await invoice(department, supplier, line, supplier_reference="X-1")
    with pytest.raises(DuplicateSupplierReference):
        await department.run(
            "billing.supplier_invoice.update", {"supplier_reference": "RE20260042"}, id=changing["id"], version=1
        )
    await department.run("billing.supplier_invoice.cancel", {"reason": "typed twice"}, id=first["id"])
    again = await invoice(department, supplier, line, supplier_reference="RE-2026/0042")
    assert again["phase"] == "draft"


async def test_a_draft_is_changed_line_by_line(department: Department):
    supplier = await department.supplier()
    drafted = await invoice(department, supplier, described("A", "1", "10"), described("B", "1", "20"))
    kept = drafted["lines"][1]
    changed = await department.run(
        "billing.supplier_invoice.update",
        {
            "invoice_date": str(DAY),
            "payment_terms": "NET14",
            "supplier_reference": "NEW-1",
            "lines": [{"id": kept["id"], **described("B", "2", "20")}, described("C", "1", "5", tax_code="VAT19")],
        },
        id=drafted["id"],
        version=1,
    )
    assert [line["id"] == kept["id"] for line in changed["lines"]] == [True, False]
    assert (changed["total"], changed["due_on"], changed["version"]) == ("45.95", str(DAY + timedelta(14)), 2)
    posted_ = await department.run("billing.supplier_invoice.post", id=drafted["id"])
    with pytest.raises(WrongPhase):
        await department.run("billing.supplier_invoice.update", {"title": "x"}, id=drafted["id"], version=3)
    assert posted_["balance"] == "45.95"


async def test_only_what_was_ordered_of_the_supplier_is_charged_by_it(department: Department):
    supplier, order = await order_of_bolts(department)
    other = await department.supplier()
    with pytest.raises(ValidationFailed) as refusal:
        await invoice(department, other, charging(order, "1", "1"))
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/lines/0/order_line", "ORDER_OF_OTHERS")]
    rate = {"base": "EUR", "quote": "USD", "rate": "1.1", "valid_on": "2020-01-01"}
    await department.run("ledger.exchange_rate.create", rate)
    with pytest.raises(CurrencyMismatch):
        await invoice(department, supplier, charging(order, "1", "1"), currency="USD")
    unapproved = await department.run(
        "procurement.purchase_order.create", {"supplier": supplier, "lines": [described("Desk", "1", "1")]}
    )
    with pytest.raises(WrongPhase):
        await invoice(department, supplier, charging(unapproved, "1", "1"))


async def test_a_block_is_released_by_another_person_with_a_reason(department: Department):
    supplier, order = await order_of_bolts(department)
    bill = await posted(department, supplier, charging(order, "10", "2.50"))
    with pytest.raises(SeparationOfDuties):
        await department.run("billing.supplier_invoice.release_block", {"reason": "urgent"}, id=bill["id"])
    released = await department.run(
        "billing.supplier_invoice.release_block", {"reason": "paid ahead as agreed"}, id=bill["id"], by="anna"
    )
    assert (released["payment_block"], released["match"]["status"]) == (False, "blocked")
    assert released["release"]["reason"] == "paid ahead as agreed"
    assert released["release"]["released_by"] == str(department.people["anna"])
    with pytest.raises(NothingBlocked):
        await department.run("billing.supplier_invoice.release_block", {"reason": "again"}, id=bill["id"], by="axel")


async def test_a_release_covers_what_it_saw(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "7")
    await posted(department, supplier, charging(order, "4", "2.50"))
    late = await posted(department, supplier, charging(order, "6", "2.50"))
    await department.run("billing.supplier_invoice.release_block", {"reason": "agreed"}, id=late["id"], by="anna")
    await department.received(order, "1")
    shown = await department.document(late["id"])
    assert [(e["expected"], e["actual"]) for e in shown["match"]["exceptions"]] == [("4", "6")]
    assert shown["payment_block"] is False
    dearer = await posted(department, supplier, charging(order, "1", "2.60"))
    assert dearer["payment_block"] is True


async def test_a_reversed_invoice_leaves_nothing_behind(department: Department):
    supplier, order = await order_of_bolts(department, tax_code="VAT19")
    await department.received(order, "10")
    balances = [await account_balance(department, code) for code in (GRNI, PAYABLE, TAX, DIFFERENCE)]
    bill = await posted(department, supplier, charging(order, "10", "3"), supplier_reference="ONCE")
    voided = await department.run("billing.supplier_invoice.reverse", {"reason": "wrong supplier"}, id=bill["id"])
    assert (voided["phase"], voided["balance"], voided["match"]["exceptions"]) == ("void", "0.00", [])
    assert [await account_balance(department, code) for code in (GRNI, PAYABLE, TAX, DIFFERENCE)] == balances
    line = (await department.document(order["id"]))["lines"][0]
    assert (line["quantity_invoiced"], line["amount_invoiced"]) == ("0", "0.00")
    again = await posted(department, supplier, charging(order, "10", "2.50"), supplier_reference="ONCE")
    assert again["match"]["status"] == "matched"


async def test_an_invoice_with_payments_is_not_reversed(department: Department):
    supplier = await department.supplier()
    bill = await posted(department, supplier, described("Rent", "1", "100"))
    payment = await paid(department, supplier, "40", (bill["id"], "40"))
    with pytest.raises(InvoiceSettled) as refusal:
        await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    assert refusal.value.details["balance"] == "60.00"
    assert (await department.document(bill["id"]))["phase"] == "active"
    await department.run("billing.payment.reverse", {"reason": "bounced"}, id=payment["id"])
    voided = await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    assert (voided["phase"], voided["balance"]) == ("void", "0.00")


async def test_a_dry_run_shows_the_entry_and_keeps_nothing(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    drafted = await invoice(department, supplier, charging(order, "10", "2.50"))
    shown = await department.run("billing.supplier_invoice.post", id=drafted["id"], dry_run=True)
    assert (shown["number"], shown["balance"]) == (None, "25.00")
    (entry,) = shown["effects"]["journal_entries"]
    assert [(line["account"], line.get("debit"), line.get("credit")) for line in entry["lines"]] == [
        (GRNI, "25.00", None),
        (PAYABLE, None, "25.00"),
    ]
    assert await entry_lines(department, drafted["id"]) == []
    assert (await department.document(drafted["id"]))["phase"] == "draft"


async def test_the_balance_explains_itself_as_of_any_day(department: Department):
    supplier = await department.supplier()
    bill = await posted(department, supplier, described("Rent", "1", "100"), invoice_date=str(DAY))
    await paid(department, supplier, "30", (bill["id"], "30"), paid_on=str(DAY + timedelta(1)))
    shown = await department.document(bill["id"], explain=True)
    explained = shown["explain"]["/balance"]
    assert (shown["balance"], explained["value"], amounts(explained["rows"])) == ("70.00", "70.00", Decimal("70.00"))
    assert [row["document_type"] for row in explained["rows"]] == ["supplier_invoice", "payment"]
    assert (await department.document(bill["id"], as_of=DAY))["balance"] == "100.00"
    assert (await department.document(bill["id"], as_of=DAY - timedelta(1)))["balance"] == "0.00"


async def test_a_price_difference_counts_against_the_budget_of_the_order(department: Department):
    budget = await department.budget("1000")
    supplier, order = await order_of_bolts(department, price="10", budget_line=budget)
    await department.received(order, "10")
    await posted(department, supplier, charging(order, "10", "11"))
    assert await department.budget_standing(budget) == {
        "pre_encumbered": "0.00",
        "encumbered": "0.00",
        "actual": "110.00",
        "remaining": "890.00",
    }


async def test_invoices_and_receipts_of_one_order_line_wait_for_each_other(department: Department):
    before = await account_balance(department, GRNI)
    supplier, order = await order_of_bolts(department, "12", "0.335")
    drafts = [await invoice(department, supplier, charging(order, "2", "0.335")) for _ in range(6)]
    receipts = [await department.receipt(order, "2") for _ in range(6)]
    posting = [department.run("billing.supplier_invoice.post", id=draft["id"]) for draft in drafts]
    receiving = [department.run("procurement.goods_receipt.post", id=receipt["id"]) for receipt in receipts]
    await asyncio.gather(*(step for pair in zip(posting, receiving, strict=True) for step in pair))
    assert await account_balance(department, GRNI) == before
    line = (await department.document(order["id"]))["lines"][0]
    assert (line["quantity_invoiced"], line["quantity_received"]) == ("12", "12")
    for draft in drafts:
        assert (await department.document(draft["id"]))["payment_block"] is False


async def test_an_invoice_reversed_in_a_closed_period_counts_from_the_first_open_day(department: Department):
    supplier, order = await order_of_bolts(department, "4", "2.50", tax_code="VAT0")
    bill = await posted(department, supplier, charging(order, "4", "2.50"), invoice_date=str(DAY))
    period = await department.value(
        "SELECT id FROM ledger.period WHERE $1 BETWEEN starts_on AND ends_on ORDER BY id LIMIT 1", DAY
    )
    await department.run("ledger.period.close", {"reason": "reported"}, id=str(period))
    try:
        late = await invoice(department, supplier, described("Rent", "1", "10"), invoice_date=str(DAY))
        with pytest.raises(PeriodClosed):
            await department.run("billing.supplier_invoice.post", id=late["id"])
        await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
        assert (await department.document(bill["id"], as_of=DAY))["balance"] == "10.00"
        following = DAY.replace(month=4, day=1)
        moved = await department.fetch(
            "SELECT effective_on, original_on FROM ledger.entry WHERE document_id = $1 AND reverses_entry_id IS NOT NULL",
            UUID(bill["id"]),
        )
        assert [tuple(row.values()) for row in moved] == [(following, DAY)], "the day that was meant is kept"
        assert (await department.document(bill["id"], as_of=following))["balance"] == "0.00"
        for day, charged in ((DAY, "4"), (following - timedelta(1), "4"), (following, "0")):
            line = (await department.document(order["id"], as_of=day))["lines"][0]
            assert line["quantity_invoiced"] == charged
            accrued = await department.value(
                "SELECT sum(amount_company_minor)::numeric / 100 FROM procurement.accrual WHERE effective_on <= $1", day
            )
            assert await account_balance(department, GRNI, as_of=day) == -(accrued or 0)
    finally:
        await department.run("ledger.period.reopen", {"reason": "again"}, id=str(period))
