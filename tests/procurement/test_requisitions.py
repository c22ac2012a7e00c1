"""Requisitions on a real database, through the pipeline."""

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
