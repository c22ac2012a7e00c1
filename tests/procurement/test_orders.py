"""Purchase orders on a real database, through the pipeline."""

from tests.procurement.support import Department, described


async def test_the_budget_passes_from_requisition_to_order_to_receipt(department: Department) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "10", "10.00", budget_line=budget))
    order = await department.order(
        {"requisition_line": asked["lines"][0]["id"], "quantity": "6", "unit_price": "11.00"}
    )
    assert (order["lines"][0]["description"], order["lines"][0]["budget_line"]) == ("Workbench", budget)
    assert await department.budget_standing(budget) == {
        "pre_encumbered": "40.00", "encumbered": "66.00", "actual": "0.00", "remaining": "894.00",
    }  # fmt: skip
    await department.received(order, "4")
    assert await department.budget_standing(budget) == {
        "pre_encumbered": "40.00", "encumbered": "22.00", "actual": "44.00", "remaining": "894.00",
    }  # fmt: skip
    shown = await department.document(order["id"])
    assert (shown["lines"][0]["quantity_received"], shown["receipt_status"]) == ("4", "partial")
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "6"
