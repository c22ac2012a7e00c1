"""What is charged without an order takes from its budget when it is posted, or is not posted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest

from bizcore.errors import ValidationFailed
from contexts.ledger.errors import BudgetExceeded
from contexts.procurement.errors import BudgetLineMissing
from tests.billing.support import DAY, TODAY, charging, invoice, posted
from tests.procurement.support import Department, described
from tests.procurement.test_races import take_turns


def rent(amount: str, budget: str | None = None) -> dict[str, Any]:
    return {"description": "Rent", "quantity": "1", "unit_price": amount, "budget_line": budget}


async def test_a_charge_without_an_order_is_an_actual_of_its_budget(department: Department) -> None:
    budget = await department.budget("100.00")
    bill = await posted(department, await department.supplier(), rent("60.00", budget), rent("10.00"))
    assert [line["budget_line"] for line in bill["lines"]] == [budget, None]
    assert bill["lines"][0]["budget_line_code"]
    standing = await department.budget_standing(budget)
    assert (standing["actual"], standing["remaining"]) == ("60.00", "40.00")
    await department.run("billing.supplier_invoice.reverse", {"reason": "Wrong"}, id=bill["id"])
    assert (await department.budget_standing(budget))["remaining"] == "100.00"


async def test_beyond_its_budget_it_stays_a_draft(department: Department) -> None:
    """Two lines on one budget see each other."""
    budget = await department.budget("100.00")
    drafted = await invoice(department, await department.supplier(), rent("60.00", budget), rent("40.01", budget))
    before = await department.value("SELECT count(*) FROM ledger.fact")
    with pytest.raises(BudgetExceeded) as refused:
        await department.run("billing.supplier_invoice.post", id=drafted["id"])
    assert (refused.value.details["requested"], refused.value.details["available"]) == ("40.01", "40.00")
    assert (await department.document(drafted["id"]))["phase"] == "draft"
    assert await department.value("SELECT count(*) FROM ledger.fact") == before


@pytest.mark.parametrize(("control", "warnings"), [("warn", ["BUDGET_EXCEEDED"]), ("none", [])])
async def test_a_budget_that_does_not_stop_lets_it_pass(
    department: Department, control: str, warnings: list[str]
) -> None:
    budget = await department.budget("10.00", control=control)
    drafted = await invoice(department, await department.supplier(), rent("60.00", budget))
    shown = await department.run("billing.supplier_invoice.post", id=drafted["id"], dry_run=True)
    told = [each["warning"] for each in shown["effects"].get("budget", ()) if "warning" in each]
    assert told == warnings
    await department.run("billing.supplier_invoice.post", id=drafted["id"])
    assert (await department.budget_standing(budget))["remaining"] == "-50.00"


async def test_it_counts_in_the_companys_currency(department: Department) -> None:
    await department.run(
        "ledger.exchange_rate.create",
        {"base": "EUR", "quote": "NOK", "rate": "10", "valid_on": f"{TODAY.year}-01-01"},
    )
    budget = await department.budget("100.00")
    await posted(department, await department.supplier(currency="NOK"), rent("999.90", budget))
    assert (await department.budget_standing(budget))["remaining"] == "0.01"


async def test_what_an_order_stands_behind_takes_from_the_orders_budget_alone(department: Department) -> None:
    budget = await department.budget("100.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=budget))
    line = charging(order, "5", "20.00")
    with pytest.raises(ValidationFailed) as refused:
        await invoice(department, order["supplier"], line | {"budget_line": budget})
    assert (refused.value.fields[0].path, refused.value.fields[0].code) == ("/lines/0/budget_line", "BUDGET_OF_ORDER")
    await department.received(order, "5")
    bill = await posted(department, order["supplier"], charging(order, "5", "21.00"))
    assert (bill["phase"], bill["payment_block"]) == ("active", True)  # recorded, and not paid
    assert (await department.budget_standing(budget))["remaining"] == "-5.00"


async def test_where_every_line_needs_a_budget_a_charge_needs_one_too(department: Department) -> None:
    drafted = await invoice(department, await department.supplier(), rent("1.00"))
    await department.policies(lines_without_budget=False)
    try:
        with pytest.raises(BudgetLineMissing) as refused:
            await department.run("billing.supplier_invoice.post", id=drafted["id"])
        assert refused.value.details["lines"] == [UUID(drafted["lines"][0]["id"])]
    finally:
        await department.policies(lines_without_budget=True)
    assert (await department.document(drafted["id"]))["phase"] == "draft"


async def test_a_code_is_that_of_the_invoices_year(department: Department) -> None:
    year = datetime.now(UTC).year + 1
    await department.run("ledger.fiscal_year.create", {"year": year})
    this = await department.budget("100.00")
    code = await department.value("SELECT code FROM ledger.budget_line WHERE id::text = $1", this)
    body = {"name": "Next", "fiscal_year": str(year), "lines": [{"code": code, "amount": "5.00"}]}
    drafted = await department.run("ledger.budget.create", body)
    await department.run("ledger.budget.approve", id=drafted["id"], by="anna")
    bill = await invoice(department, await department.supplier(), rent("1.00", code), invoice_date=f"{year}-02-01")
    assert bill["lines"][0]["budget_line"] == drafted["lines"][0]["id"]


async def test_charges_never_overspend_a_budget_in_whichever_order_they_name_two(crowd: Department) -> None:
    budget, ample, supplier = await crowd.budget("350.00"), await crowd.budget("10000.00"), await crowd.supplier()
    lines = [rent("100.00", budget), rent("1.00", ample)]
    turns = cycle((lines, lines[::-1]))

    async def draft() -> str:
        return str((await invoice(crowd, supplier, *next(turns)))["id"])

    async def holds() -> None:
        assert (await crowd.budget_standing(budget))["actual"] == "300.00"
        assert (await crowd.budget_standing(ample))["actual"] == "3.00"

    await take_turns(
        draft,
        lambda one: crowd.run("billing.supplier_invoice.post", id=one),
        lambda one: crowd.run("billing.supplier_invoice.reverse", {"reason": "Moved out"}, id=one),
        BudgetExceeded.code,
        holds,
    )
    assert (await crowd.budget_standing(budget))["remaining"] == "350.00"


async def test_on_no_day_is_less_than_nothing_held_whatever_is_dated_before_its_predecessor(
    department: Department,
) -> None:
    budget = await department.budget("1000")
    supplier = await department.supplier()
    await department.item("ADVICE", kind="service", valuation=None)
    days = (DAY, DAY + timedelta(9), DAY + timedelta(10), DAY + timedelta(20))
    asked = await department.requisition(described("Sand", "10", "2.50", budget_line=budget), requested_on=str(days[3]))
    lines = [
        {"requisition_line": asked["lines"][0]["id"], "quantity": "10", "unit_price": "2.50"},
        {"item": "ADVICE", "quantity": "1", "unit_price": "40", "budget_line": budget},
    ]
    order = await department.order(*lines, supplier=supplier, order_date=str(days[2]))
    receipt = await department.received(order, "4", "0", received_on=str(DAY))
    bill = await posted(department, supplier, charging(order, "1", "40", line=1), invoice_date=str(DAY))
    document = await department.value("SELECT document_id FROM ledger.budget_line WHERE id = $1", UUID(budget))

    async def standing() -> list[tuple[str, str, str]]:
        found = [(await department.document(str(document), as_of=day))["lines"][0] for day in days]
        return [(line["pre_encumbered"], line["encumbered"], line["actual"]) for line in found]

    before, after = ("0.00", "0.00", "50.00"), ("0.00", "15.00", "50.00")
    assert await standing() == [before, before, after, after]
    await department.run("procurement.goods_receipt.reverse", {"reason": "broken"}, id=receipt["id"])
    await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    nothing, bound = ("0.00", "0.00", "0.00"), ("0.00", "65.00", "0.00")
    assert await standing() == [nothing, nothing, bound, bound]
