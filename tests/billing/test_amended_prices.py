"""An order that is amended to what was charged lifts the block of its invoice, and nothing stays accrued."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from contexts.billing.errors import PaymentBlocked
from tests.billing.support import account_balance, charging, entry_lines, paid, payment, posted
from tests.procurement.support import Department

GRNI, DIFFERENCE, INVENTORY = "2020", "5020", "1400"


async def order_of_bolts(department: Department, quantity: str = "10", **fields: object):
    supplier = await department.supplier()
    await department.item(f"BOLT-{supplier[-12:]}")
    line = {"item": f"BOLT-{supplier[-12:]}", "quantity": quantity, "unit_price": "2.50", **fields}
    return supplier, await department.order(line, supplier=supplier)


async def amended(department: Department, order: dict[str, Any], price: str, *, approve: bool = True) -> None:
    line = order["lines"][0]
    lines = [{"id": line["id"], "quantity": line["quantity"], "unit_price": price, "budget_line": line["budget_line"]}]
    body = {"changes": {"lines": lines}, "reason": "as agreed"}
    await department.run("procurement.purchase_order.amend", body, id=order["id"])
    if approve:
        await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")


async def codes(department: Department, bill: dict[str, Any], **when: Any) -> list[str]:
    shown = await department.document(bill["id"], **when)
    assert shown["payment_block"] is bool(shown["match"]["exceptions"])
    return [exception["code"] for exception in shown["match"]["exceptions"]]


async def test_the_block_lifts_when_the_amended_price_is_approved(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.75"))
    assert await codes(department, bill) == ["UNIT_PRICE_ABOVE_ORDER"]
    await amended(department, order, "2.75", approve=False)
    assert await codes(department, bill) == ["UNIT_PRICE_ABOVE_ORDER"]
    drafted = await payment(department, supplier, "27.50", (bill["id"], "27.50"))
    with pytest.raises(PaymentBlocked):
        await department.run("billing.payment.post", id=drafted["id"])
    before = datetime.fromisoformat((await department.document(order["id"]))["updated_at"])
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    shown = await department.document(bill["id"])
    assert (shown["match"], shown["payment_block"], shown["version"]) == (
        {"status": "matched", "exceptions": []},
        False,
        bill["version"],
    )
    assert await codes(department, bill, known_at=before) == ["UNIT_PRICE_ABOVE_ORDER"]
    assert (await department.run("billing.payment.post", id=drafted["id"]))["phase"] == "active"


async def test_less_than_was_charged_lifts_nothing(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.75"))
    await amended(department, order, "2.74")
    assert await codes(department, bill) == ["UNIT_PRICE_ABOVE_ORDER"]
    await amended(department, order, "2.80")
    assert await codes(department, bill) == []


async def test_a_lower_price_later_blocks_no_invoice_that_matched(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.50"))
    await amended(department, order, "2.00")
    assert await codes(department, bill) == []


async def test_the_total_over_several_invoices_is_judged_at_the_amended_price(department: Department):
    await department.policies(price_tolerance="10", price_tolerance_amount="1.00")
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    await posted(department, supplier, charging(order, "5", "2.65"))
    bill = await posted(department, supplier, charging(order, "5", "2.65"))
    assert [(e["code"], e["expected"], e["actual"]) for e in bill["match"]["exceptions"]] == [
        ("TOTAL_ABOVE_ORDER", "25", "26.5")
    ]
    await department.policies(price_tolerance="0", price_tolerance_amount="0")
    await amended(department, order, "2.64")
    assert await codes(department, bill) == ["TOTAL_ABOVE_ORDER"]
    await amended(department, order, "2.65")
    assert await codes(department, bill) == []


async def test_charged_ahead_at_a_price_agreed_later_nothing_stays_accrued(department: Department):
    budget = await department.budget("1000")
    supplier, order = await order_of_bolts(department, budget_line=budget)
    before = [await account_balance(department, code) for code in (GRNI, DIFFERENCE, INVENTORY)]
    bill = await posted(department, supplier, charging(order, "6", "3"))
    assert await codes(department, bill) == ["QUANTITY_NOT_RECEIVED", "UNIT_PRICE_ABOVE_ORDER"]
    assert (await department.budget_standing(budget))["actual"] == "3.00"
    await amended(department, order, "3")
    assert await codes(department, bill) == ["QUANTITY_NOT_RECEIVED"]
    assert await entry_lines(department, order["id"]) == [(GRNI, "3.00"), (DIFFERENCE, "-3.00")]
    assert await department.budget_standing(budget) == {
        "pre_encumbered": "0.00",
        "encumbered": "30.00",
        "actual": "0.00",
        "remaining": "970.00",
    }
    await department.received(order, "4")
    await department.received(order, "6")
    await posted(department, supplier, charging(order, "4", "3"))
    assert (await department.ask("GetGoodsReceivedNotInvoiced", supplier=supplier))["rows"] == []
    after = [await account_balance(department, code) for code in (GRNI, DIFFERENCE, INVENTORY)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 0, Decimal("30.00")]
    await paid(department, supplier, "18", (bill["id"], "18"))


async def test_an_invoice_reversed_after_the_amendment_leaves_nothing_behind(department: Department):
    budget = await department.budget("1000")
    supplier, order = await order_of_bolts(department, budget_line=budget)
    before = [await account_balance(department, code) for code in (GRNI, DIFFERENCE)]
    bill = await posted(department, supplier, charging(order, "6", "3"))
    await amended(department, order, "3")
    await department.run("billing.supplier_invoice.reverse", {"reason": "not ours"}, id=bill["id"])
    assert (await department.ask("GetGoodsReceivedNotInvoiced", supplier=supplier))["rows"] == []
    assert [await account_balance(department, code) for code in (GRNI, DIFFERENCE)] == before
    standing = await department.budget_standing(budget)
    assert (standing["encumbered"], standing["actual"]) == ("30.00", "0.00")
    # Each paper has taken back what it said itself: of the void invoice nothing is left.
    for paper in (bill, order):
        left: dict[str, Decimal] = {}
        for account, amount in await entry_lines(department, paper["id"]):
            left[account] = left.get(account, Decimal(0)) + Decimal(amount)
        assert set(left.values()) == {Decimal(0)}
    await department.run("procurement.purchase_order.cancel", {"reason": "not wanted"}, id=order["id"])
    assert [await account_balance(department, code) for code in (GRNI, DIFFERENCE)] == before
    assert (await department.budget_standing(budget))["remaining"] == "1000.00"


async def test_what_other_invoices_charged_stays_at_the_agreed_price_when_one_is_reversed(department: Department):
    supplier, order = await order_of_bolts(department)
    before = [await account_balance(department, code) for code in (GRNI, DIFFERENCE)]
    bill = await posted(department, supplier, charging(order, "6", "3"))
    await amended(department, order, "3")
    await department.received(order, "4")
    await posted(department, supplier, charging(order, "4", "3"))
    await department.run("billing.supplier_invoice.reverse", {"reason": "not ours"}, id=bill["id"])
    assert (await department.ask("GetGoodsReceivedNotInvoiced", supplier=supplier))["rows"] == []
    assert [await account_balance(department, code) for code in (GRNI, DIFFERENCE)] == before


async def test_a_price_difference_returns_to_the_budget_that_bore_it(department: Department):
    old, new = await department.budget("1000"), await department.budget("1000")
    supplier, order = await order_of_bolts(department, budget_line=old)
    bills = [await posted(department, supplier, charging(order, quantity, "3")) for quantity in ("3", "2", "1")]
    assert (await department.budget_standing(old))["actual"] == "3.00"
    line = {"id": order["lines"][0]["id"], "quantity": "10", "unit_price": "3", "budget_line": new}
    body = {"changes": {"lines": [line]}, "reason": "as agreed"}
    await department.run("procurement.purchase_order.amend", body, id=order["id"])
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")

    async def standing() -> list[tuple[str, str]]:
        found = [await department.budget_standing(budget) for budget in (old, new)]
        return [(budget["encumbered"], budget["actual"]) for budget in found]

    assert await standing() == [("0.00", "0.00"), ("30.00", "0.00")]
    for bill, quantity in zip((bills[1], bills[0], bills[2]), ("-4", "-1", None), strict=True):
        await department.run("billing.supplier_invoice.reverse", {"reason": "not ours"}, id=bill["id"])
        rows = (await department.ask("GetGoodsReceivedNotInvoiced", supplier=supplier))["rows"]
        expected = [(quantity, str(Decimal(quantity) * 3) + ".00")] if quantity is not None else []
        assert [(row["quantity"], row["amount"]) for row in rows] == expected
        assert await standing() == [("0.00", "0.00"), ("30.00", "0.00")]


async def test_a_reopened_order_agrees_to_what_it_said(department: Department):
    supplier, order = await order_of_bolts(department)
    await department.received(order, "10")
    bill = await posted(department, supplier, charging(order, "10", "2.75"))
    await department.run("procurement.purchase_order.close", {"reason": "done"}, id=order["id"])
    await department.run("procurement.purchase_order.reopen", {"reason": "not done"}, id=order["id"])
    assert await codes(department, bill) == ["UNIT_PRICE_ABOVE_ORDER"]
    assert await entry_lines(department, order["id"]) == []
