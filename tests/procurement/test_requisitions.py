"""Requisitions on a real database, through the pipeline."""

import pytest

from bizcore.errors import ValidationFailed, WrongPhase
from bizcore.values import UnitMismatch
from contexts.procurement.errors import BelowOrdered
from tests.procurement.support import Department, described


async def test_a_requisition_shows_its_lines_and_their_sum(department: Department) -> None:
    shown = await department.run(
        "procurement.requisition.create",
        {"title": "Workshop", "lines": [described("Workbench", "2", "120.50"), described("Vice", "3", "0.333")]},
    )
    assert (shown["phase"], shown["total"], shown["title"]) == ("draft", "242.00", "Workshop")
    assert [(line["position"], line["quantity"], line["unit"], line["net_amount"]) for line in shown["lines"]] == [
        (1, "2", "EA", "241.00"),
        (2, "3", "EA", "1.00"),
    ]
    assert shown["lines"][0]["quantity_ordered"] == "0"


async def test_an_approved_requisition_holds_its_budget_until_it_is_cancelled(department: Department) -> None:
    line = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "2", "120.50", budget_line=line))
    assert await department.budget_standing(line) == {
        "pre_encumbered": "241.00", "encumbered": "0.00", "actual": "0.00", "remaining": "759.00",
    }  # fmt: skip
    await department.run("procurement.requisition.cancel", {"reason": "No room"}, id=asked["id"])
    assert (await department.budget_standing(line))["remaining"] == "1000.00"


async def test_an_amended_requisition_holds_the_difference_once_it_is_approved_again(department: Department) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "2", "100.00", budget_line=budget))
    need = asked["lines"][0]["id"]
    await department.order({"requisition_line": need, "quantity": "1", "unit_price": "90.00"})
    other = await department.budget("1000.00")
    body = {
        "reason": "One more, on another budget",
        "changes": {"lines": [{"id": need, **described("Workbench", "3", "100.00", budget_line=other)}]},
    }
    amended = await department.run("procurement.requisition.amend", body, id=asked["id"], version=asked["version"])
    assert (amended["phase"], amended["total"]) == ("review", "300.00")
    assert (await department.budget_standing(budget))["pre_encumbered"] == "100.00"
    await department.run("procurement.requisition.approve", id=asked["id"], by="anna")
    assert (await department.budget_standing(budget))["pre_encumbered"] == "0.00"
    assert (await department.budget_standing(other))["pre_encumbered"] == "200.00"


async def test_an_amendment_below_what_was_ordered_is_refused(department: Department) -> None:
    asked = await department.requisition(described("Workbench", "5", "100.00"))
    need = asked["lines"][0]["id"]
    await department.order({"requisition_line": need, "quantity": "3", "unit_price": "90.00"})
    for line in ({"id": need, **described("Workbench", "2", "100.00")}, described("Vice", "1", "1.00")):
        with pytest.raises(BelowOrdered):
            await department.run(
                "procurement.requisition.amend", {"reason": "Less", "changes": {"lines": [line]}}, id=asked["id"]
            )
    shown = await department.document(asked["id"], explain=True)
    assert (shown["phase"], shown["lines"][0]["quantity"]) == ("active", "5")
    explained = shown["explain"]["/lines/0/quantity_ordered"]
    assert (explained["value"], [row["amount"] for row in explained["rows"]]) == ("3", ["3"])


async def test_only_a_draft_is_changed_and_absent_is_not_null(department: Department) -> None:
    drafted = await department.run(
        "procurement.requisition.create",
        {"title": "Workshop", "needed_on": "2030-01-31", "lines": [described("Vice", "3", "1.00")]},
    )
    changed = await department.run(
        "procurement.requisition.update", {"needed_on": None}, id=drafted["id"], version=drafted["version"]
    )
    assert (changed["needed_on"], changed["title"], len(changed["lines"])) == (None, "Workshop", 1)
    await department.run("procurement.requisition.submit", id=drafted["id"])
    with pytest.raises(WrongPhase):
        await department.run("procurement.requisition.update", {"title": "Other"}, id=drafted["id"], version=3)
    assert (await department.document(drafted["id"]))["title"] == "Workshop"


async def test_a_line_says_what_it_is_and_keeps_what_an_item_brings(department: Department) -> None:
    item = await department.item("REQ-PAINT", unit="LTR")
    shown = await department.run("procurement.requisition.create", {"lines": [{"item": item, "quantity": "2.5"}]})
    line = shown["lines"][0]
    assert (line["item_sku"], line["unit"], line["unit_price"], line["net_amount"]) == (
        "REQ-PAINT",
        "LTR",
        None,
        "0.00",
    )
    with pytest.raises(ValidationFailed):
        await department.run("procurement.requisition.create", {"lines": [{"quantity": "1"}]})
    with pytest.raises(UnitMismatch):
        await department.run(
            "procurement.requisition.create", {"lines": [{"item": item, "quantity": "1", "unit": "KGM"}]}
        )


async def test_a_closed_requisition_holds_nothing_and_holds_again_when_it_is_reopened(department: Department) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "2", "100.00", budget_line=budget))
    await department.run("procurement.requisition.close", {"reason": "Enough"}, id=asked["id"])
    assert (await department.budget_standing(budget))["pre_encumbered"] == "0.00"
    await department.run("procurement.requisition.reopen", {"reason": "Not enough"}, id=asked["id"])
    assert (await department.budget_standing(budget))["pre_encumbered"] == "200.00"
