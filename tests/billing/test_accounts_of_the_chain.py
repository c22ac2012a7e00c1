"""What an earlier paper opened is closed on the same account, whichever account plays its role by then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.billing.support import account_balance, charging, entry_lines, paid, posted, received
from tests.procurement.support import Department, described

GRNI, PAYABLE, ADVANCE, INVENTORY, BANK, DIFFERENCE, EXPENSE = "2020", "2010", "1310", "1400", "1210", "5020", "6010"


async def plays(department: Department, role: str, code: str, control: str, **whom: str) -> str:
    """A new account that plays the role from now on; its code."""
    type = "asset" if role == "supplier_advance" else "liability"
    body = {"code": code, "name": code, "type": type, "control": control}
    await department.run("ledger.account.create", body)
    await department.run("ledger.account_role.create", {"role": role, "account": code, **whom})
    return code


async def ordered(department: Department, code: str) -> tuple[str, dict]:
    await department.item(code)
    supplier = await department.supplier()
    line = {"item": code, "quantity": "10", "unit_price": "2.50"}
    return supplier, await department.order(line, supplier=supplier)


async def test_an_invoice_clears_the_accrual_where_the_receipt_put_it(department: Department):
    supplier, order = await ordered(department, "HINGE")
    before = await account_balance(department, GRNI)
    await department.received(order, "4")
    new = await plays(department, "goods_received_not_invoiced", "2021", "grni", item="HINGE")
    await department.received(order, "6")
    await posted(department, supplier, charging(order, "10", "2.50"))
    assert await account_balance(department, GRNI) == before
    assert await account_balance(department, new) == 0


async def test_goods_that_were_charged_ahead_come_where_the_invoice_waits_for_them(department: Department):
    supplier, order = await ordered(department, "LATCH")
    before = await account_balance(department, GRNI)
    bill = await posted(department, supplier, charging(order, "10", "2.50"))
    new = await plays(department, "goods_received_not_invoiced", "2022", "grni", party=supplier)
    receipt = await department.received(order, "10")
    assert await entry_lines(department, receipt["id"]) == [(INVENTORY, "25.00"), (GRNI, "-25.00")]
    assert await account_balance(department, GRNI) == before
    await department.run("billing.supplier_invoice.reverse", {"reason": "not ours"}, id=bill["id"])
    await department.run("procurement.goods_receipt.reverse", {"reason": "not ours"}, id=receipt["id"])
    assert await account_balance(department, GRNI) == before
    assert await account_balance(department, new) == 0


async def test_a_service_and_an_agreed_price_stay_on_the_account_of_their_order(department: Department):
    await department.item("CLEANING", kind="service", valuation=None)
    supplier = await department.supplier()
    lines = [
        {"item": "CLEANING", "quantity": "2", "unit_price": "50"},
        described("Crane", "1", "80"),
    ]
    order = await department.order(*lines, supplier=supplier)
    before = await account_balance(department, GRNI)
    first = await posted(department, supplier, charging(order, "1", "50"), charging(order, "1", "90", line=1))
    new = await plays(department, "goods_received_not_invoiced", "2023", "grni", party=supplier)
    changes = [
        {"id": line["id"], "quantity": line["quantity"], "unit_price": price}
        for line, price in zip(order["lines"], ("50", "90"), strict=True)
    ]
    body = {"changes": {"lines": changes}, "reason": "as agreed"}
    await department.run("procurement.purchase_order.amend", body, id=order["id"])
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    await posted(department, supplier, charging(order, "1", "50"))
    await department.received(order, "0", "1")
    assert await account_balance(department, GRNI) == before
    assert await account_balance(department, new) == 0
    assert first["phase"] == "active"


@pytest.mark.parametrize("back", [False, True])
async def test_a_payment_settles_an_invoice_where_it_stands(department: Department, back: bool):
    supplier = await department.supplier()
    before = await account_balance(department, PAYABLE)
    bill = await posted(department, supplier, described("Rent", "1", "700"))
    new = await plays(department, "payable", f"201{2 + back}", "payable", party=supplier)
    payment = await paid(department, supplier, "700", (bill["id"], "700"))
    assert await account_balance(department, PAYABLE) == before
    if back:
        undone = {"allocations": [{"invoice": bill["id"]}]}
        await department.run("billing.payment.unallocate", undone, id=payment["id"])
        assert await account_balance(department, PAYABLE) == before - Decimal(700)
    assert await account_balance(department, new) == 0


async def test_what_is_on_account_is_used_where_it_stands(department: Department):
    supplier = await department.supplier()
    before = await account_balance(department, ADVANCE)
    payment = await paid(department, supplier, "700")
    new = await plays(department, "supplier_advance", "1311", "payable", party=supplier)
    bill = await posted(department, supplier, described("Rent", "1", "500"))
    body = {"allocations": [{"invoice": bill["id"], "amount": "500"}]}
    await department.run("billing.payment.allocate", body, id=payment["id"])
    assert await account_balance(department, ADVANCE) == before + Decimal(200)
    await received(department, supplier, "200", (payment["id"], "200"))
    assert await account_balance(department, ADVANCE) == before
    assert await account_balance(department, new) == 0
