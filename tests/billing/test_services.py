"""Services on PostgreSQL: an invoice is matched with its order, and accepts itself what nobody has confirmed."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from contexts.procurement.errors import OverReceipt
from tests.billing.support import TODAY, account_balance, charging, entry_lines, paid, posted
from tests.procurement.support import Department

PAYABLE, GRNI, EXPENSE, DIFFERENCE, RENT = "2010", "2020", "6010", "5020", "6030"


async def ordered_service(department: Department, quantity: str = "10", price: str = "80", **fields: object):
    supplier = await department.supplier()
    sku = f"CLEANING-{supplier[-12:]}"
    await department.item(sku, kind="service", valuation=None)
    line = {"item": sku, "quantity": quantity, "unit_price": price, **fields}
    return supplier, await department.order(line, supplier=supplier)


async def line_of(department: Department, order: dict[str, object]) -> dict[str, str]:
    line: dict[str, str] = (await department.document(str(order["id"])))["lines"][0]
    return line


async def accrued(department: Department, supplier: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = (await department.ask("GetGoodsReceivedNotInvoiced", supplier=supplier))["rows"]
    return rows


async def test_an_invoice_as_ordered_matches_without_a_receipt(department: Department):
    budget = await department.budget("1000")
    supplier, order = await ordered_service(department, budget_line=budget)
    bill = await posted(department, supplier, charging(order, "4", "80"))
    assert (bill["match"], bill["payment_block"]) == ({"status": "matched", "exceptions": []}, False)
    assert await entry_lines(department, bill["id"]) == [
        (EXPENSE, "320.00"),
        (GRNI, "-320.00"),
        (GRNI, "320.00"),
        (PAYABLE, "-320.00"),
    ]
    line = await line_of(department, order)
    assert (line["quantity_received"], line["amount_received"], line["quantity_invoiced"]) == ("4", "320.00", "4")
    assert await accrued(department, supplier) == []
    assert await department.budget_standing(budget) == {
        "pre_encumbered": "0.00",
        "encumbered": "480.00",
        "actual": "320.00",
        "remaining": "200.00",
    }
    explained = (await department.document(order["id"], explain=True))["explain"]["/lines/0/quantity_received"]
    assert [(row["document"], row["amount"]) for row in explained["rows"]] == [(bill["id"], "4")]
    await paid(department, supplier, "320", (bill["id"], "320"))


async def test_what_was_confirmed_by_a_receipt_is_not_accepted_again(department: Department):
    supplier, order = await ordered_service(department)
    await department.received(order, "6")
    bill = await posted(department, supplier, charging(order, "8", "80"))
    assert await entry_lines(department, bill["id"]) == [
        (EXPENSE, "160.00"),
        (GRNI, "-160.00"),
        (GRNI, "640.00"),
        (PAYABLE, "-640.00"),
    ]
    assert (await line_of(department, order))["quantity_received"] == "8"
    with pytest.raises(OverReceipt) as refusal:
        await department.received(order, "3")
    assert refusal.value.details["allowed"] == "2"
    assert await accrued(department, supplier) == []


async def test_more_than_was_ordered_or_dearer_is_blocked(department: Department):
    supplier, order = await ordered_service(department)
    bill = await posted(department, supplier, charging(order, "11", "81"))
    assert [(e["code"], e["expected"], e["actual"]) for e in bill["match"]["exceptions"]] == [
        ("QUANTITY_NOT_RECEIVED", "10", "11"),
        ("UNIT_PRICE_ABOVE_ORDER", "80", "81"),
    ]
    assert (await line_of(department, order))["quantity_received"] == "10"
    # The piece too many is ahead of what was ordered, and a price difference is posted.
    assert [row["quantity"] for row in await accrued(department, supplier)] == ["-1"]
    assert (DIFFERENCE, "11.00") in await entry_lines(department, bill["id"])


async def test_it_is_expensed_where_the_invoice_says(department: Department):
    supplier, order = await ordered_service(department)
    bill = await posted(department, supplier, {**charging(order, "1", "80"), "account": RENT})
    assert (await entry_lines(department, bill["id"]))[0] == (RENT, "80.00")


async def test_a_reversed_invoice_takes_its_acceptance_back(department: Department):
    budget = await department.budget("1000")
    supplier, order = await ordered_service(department, budget_line=budget)
    before = await department.budget_standing(budget), await account_balance(department, GRNI, EXPENSE)
    await department.received(order, "1")
    confirmed = await department.budget_standing(budget)
    line = charging(order, "2", "80")
    bill = await posted(department, supplier, line, line)
    assert (await department.budget_standing(budget))["actual"] == "320.00"
    await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    assert await department.budget_standing(budget) == confirmed
    after = await line_of(department, order)
    assert (after["quantity_received"], after["quantity_invoiced"]) == ("1", "0")
    assert [row["quantity"] for row in await accrued(department, supplier)] == ["1"]
    assert before[0]["encumbered"] == "800.00"
    assert await account_balance(department, GRNI, EXPENSE) == before[1]
    again = await posted(department, supplier, charging(order, "10", "80"))
    assert again["match"]["status"] == "matched"


async def test_of_a_closed_order_nothing_is_accepted_and_nothing_held_again(department: Department):
    budget = await department.budget("1000")
    supplier, order = await ordered_service(department, budget_line=budget)
    bill = await posted(department, supplier, charging(order, "4", "80"))
    await department.run("procurement.purchase_order.close", {"reason": "enough"}, id=order["id"])
    late = await posted(department, supplier, charging(order, "1", "80"))
    assert [(e["code"], e["expected"]) for e in late["match"]["exceptions"]] == [("QUANTITY_NOT_RECEIVED", "0")]
    await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    standing = await department.budget_standing(budget)
    assert (standing["encumbered"], standing["actual"]) == ("0.00", "0.00")
    assert (await line_of(department, order))["quantity_received"] == "0"


async def test_invoices_of_one_service_wait_for_each_other(department: Department):
    supplier, order = await ordered_service(department)
    line = charging(order, "4", "80")
    bodies = [
        {"supplier": supplier, "supplier_reference": f"{supplier}-{n}", "invoice_date": str(TODAY), "lines": [line]}
        for n in range(3)
    ]
    drafts = [await department.run("billing.supplier_invoice.create", body) for body in bodies]
    await asyncio.gather(*(department.run("billing.supplier_invoice.post", id=draft["id"]) for draft in drafts))
    found = [await department.document(draft["id"]) for draft in drafts]
    assert sorted(bill["match"]["status"] for bill in found) == ["blocked", "matched", "matched"]
    assert (await line_of(department, order))["quantity_received"] == "10"
    assert sum(Decimal(str(row["amount"])) for row in await accrued(department, supplier)) == Decimal("-160.00")
