"""What an item costs goes to the account of its category, where one is assigned."""

from __future__ import annotations

import pytest

from bizcore.errors import ValidationFailed
from tests.billing.support import entry_lines, posted
from tests.procurement.support import Department

GENERAL, CONSUMABLES, SOFTWARE, PAYABLE = "6010", "6020", "6090", "2010"


async def test_an_items_category_leads_to_its_account(department: Department):
    supplier = await department.supplier()
    assign = {"role": "expense", "account": CONSUMABLES, "item_category": "Cleaning"}
    assigned = await department.run("ledger.account_role.create", assign)
    assert (assigned["item_category"], assigned["item"], assigned["account_code"]) == ("Cleaning", None, CONSUMABLES)
    for sku, category in (("SOAP", "Cleaning"), ("APP", "Cleaning"), ("TALK", "Advice"), ("WALK", None)):
        await department.item(sku, kind="service", valuation=None, category=category)
    await department.run("ledger.account_role.create", {"role": "expense", "account": SOFTWARE, "item": "APP"})
    lines = [{"item": sku, "quantity": "1", "unit_price": "10"} for sku in ("SOAP", "APP", "TALK", "WALK")]
    bill = await posted(department, supplier, *lines)
    assert await entry_lines(department, bill["id"]) == [
        (CONSUMABLES, "10.00"),
        (SOFTWARE, "10.00"),
        (GENERAL, "10.00"),
        (GENERAL, "10.00"),
        (PAYABLE, "-40.00"),
    ]
    reversed_bill = await department.run("billing.supplier_invoice.reverse", {"reason": "wrong"}, id=bill["id"])
    assert reversed_bill["balance"] == "0.00"


async def test_an_assignment_is_for_an_item_or_for_a_category(department: Department):
    await department.item("PEN", kind="service", valuation=None)
    both = {"role": "expense", "account": CONSUMABLES, "item": "PEN", "item_category": "Paper"}
    with pytest.raises(ValidationFailed) as refusal:
        await department.run("ledger.account_role.create", both)
    assert [p.code for p in refusal.value.fields] == ["TOO_MANY"]
