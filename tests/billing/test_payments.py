"""Payments on PostgreSQL: what they settle, what they may not, and races for one invoice."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bizcore.errors import ValidationFailed, WrongPhase
from contexts.billing.errors import (
    AllocationNotFound,
    CurrencyMismatch,
    PaymentBlocked,
    PaymentExceedsBalance,
)
from tests.billing.support import DAY, TODAY, account_balance, charging, entry_lines, paid, payment, posted
from tests.procurement.support import Department, amounts, described

BANK, PAYABLE, ADVANCE = "1020", "2010", "1310"


async def owed(department: Department, supplier: str, amount: str, **fields: object) -> str:
    """The id of an invoice over so much."""
    return str((await posted(department, supplier, described("Rent", "1", amount), **fields))["id"])


async def balance(department: Department, id: str) -> str:
    return str((await department.document(id))["balance"])


async def test_a_payment_settles_its_invoices_and_keeps_the_rest_as_an_advance(department: Department):
    supplier = await department.supplier()
    first, second = await owed(department, supplier, "100"), await owed(department, supplier, "50")
    made = await paid(department, supplier, "130", (first, "100"), (second, "20"))
    assert made["number"].startswith("PAY-")
    assert (made["amount"], made["unallocated"], made["bank_account_code"]) == ("130.00", "10.00", "BANK-MAIN")
    assert [(row["invoice"], row["amount"]) for row in made["allocations"]] == [(first, "100.00"), (second, "20.00")]
    assert (await balance(department, first), await balance(department, second)) == ("0.00", "30.00")
    assert await entry_lines(department, made["id"]) == [
        (BANK, "-130.00"),
        (PAYABLE, "100.00"),
        (PAYABLE, "20.00"),
        (ADVANCE, "10.00"),
    ]
    explained = (await department.document(made["id"], explain=True))["explain"]["/unallocated"]
    assert (explained["value"], amounts(explained["rows"])) == ("10.00", Decimal("10.00"))


async def test_no_more_is_paid_than_is_open(department: Department):
    supplier = await department.supplier()
    bill = await owed(department, supplier, "100")
    await paid(department, supplier, "60", (bill, "60"))
    drafted = await payment(department, supplier, "41", (bill, "41"))
    with pytest.raises(PaymentExceedsBalance) as refusal:
        await department.run("billing.payment.post", id=drafted["id"])
    assert (refusal.value.details["requested"], refusal.value.details["available"]) == ("41.00", "40.00")
    assert (await department.document(drafted["id"]))["phase"] == "draft"
    assert await entry_lines(department, drafted["id"]) == []
    assert await balance(department, bill) == "40.00"


async def test_an_invoice_that_is_not_posted_has_nothing_open(department: Department):
    supplier = await department.supplier()
    body = {
        "supplier": supplier,
        "supplier_reference": "DRAFT",
        "invoice_date": str(TODAY),
        "lines": [described("Rent", "1", "10")],
    }
    draft = await department.run("billing.supplier_invoice.create", body)
    with pytest.raises(PaymentExceedsBalance) as refusal:
        await paid(department, supplier, "10", (draft["id"], "10"))
    assert refusal.value.details["available"] == "0.00"


async def test_a_blocked_invoice_is_not_paid_until_its_goods_come(department: Department):
    supplier = await department.supplier()
    await department.item(f"NUT-{supplier[-8:]}")
    line = {"item": f"NUT-{supplier[-8:]}", "quantity": "2", "unit_price": "5"}
    order = await department.order(line, supplier=supplier)
    bill = await posted(department, supplier, charging(order, "2", "5"))
    drafted = await payment(department, supplier, "10", (bill["id"], "10"))
    with pytest.raises(PaymentBlocked) as refusal:
        await department.run("billing.payment.post", id=drafted["id"])
    assert refusal.value.details["exceptions"] == bill["match"]["exceptions"]
    assert await balance(department, bill["id"]) == "10.00"
    await department.received(order, "2")
    assert (await department.run("billing.payment.post", id=drafted["id"]))["phase"] == "active"
    assert await balance(department, bill["id"]) == "0.00"


async def test_a_release_lets_a_blocked_invoice_be_paid(department: Department):
    supplier = await department.supplier()
    order = await department.order(described("Desk", "1", "80"), supplier=supplier)
    bill = await posted(department, supplier, charging(order, "1", "80"))
    await department.run(
        "billing.supplier_invoice.release_block", {"reason": "paid before complete receipt"}, id=bill["id"], by="anna"
    )
    await paid(department, supplier, "80", (bill["id"], "80"))
    assert await balance(department, bill["id"]) == "0.00"


async def test_an_advance_settles_an_invoice_later_and_can_be_taken_back(department: Department):
    supplier = await department.supplier()
    advance = await paid(department, supplier, "100")
    assert advance["unallocated"] == "100.00"
    bill = await owed(department, supplier, "70")
    asked = {"allocations": [{"invoice": bill, "amount": "70"}]}
    allocated = await department.run("billing.payment.allocate", asked, id=advance["id"])
    assert (allocated["unallocated"], await balance(department, bill)) == ("30.00", "0.00")
    with pytest.raises(PaymentExceedsBalance):
        await department.run("billing.payment.allocate", asked, id=advance["id"])
    part = {"allocations": [{"invoice": bill, "amount": "20"}]}
    taken = await department.run("billing.payment.unallocate", part, id=advance["id"])
    assert (taken["unallocated"], await balance(department, bill)) == ("50.00", "20.00")
    too_much = {"allocations": [{"invoice": bill, "amount": "51"}]}
    with pytest.raises(AllocationNotFound) as refusal:
        await department.run("billing.payment.unallocate", too_much, id=advance["id"])
    assert refusal.value.details["available"] == "50.00"
    whole = {"allocations": [{"invoice": bill}]}
    taken = await department.run("billing.payment.unallocate", whole, id=advance["id"])
    assert (taken["unallocated"], taken["allocations"]) == ("100.00", [])
    again = await department.run("billing.payment.allocate", asked, id=advance["id"])
    assert again["unallocated"] == "30.00"


async def test_a_reversed_payment_opens_its_invoices_again(department: Department):
    supplier = await department.supplier()
    before = [await account_balance(department, code) for code in (BANK, ADVANCE)]
    bill, later = await owed(department, supplier, "100"), await owed(department, supplier, "25")
    made = await paid(department, supplier, "150", (bill, "100"))
    asked = {"allocations": [{"invoice": later, "amount": "25"}]}
    await department.run("billing.payment.allocate", asked, id=made["id"])
    voided = await department.run("billing.payment.reverse", {"reason": "bounced"}, id=made["id"])
    assert (voided["phase"], voided["unallocated"], voided["allocations"]) == ("void", "0.00", [])
    assert (await balance(department, bill), await balance(department, later)) == ("100.00", "25.00")
    assert [await account_balance(department, code) for code in (BANK, ADVANCE)] == before
    with pytest.raises(WrongPhase):
        await department.run("billing.payment.allocate", asked, id=made["id"])


async def test_a_reversed_payment_is_taken_back_on_the_days_it_counted(department: Department):
    supplier = await department.supplier()
    paid_on, settled_on = DAY, DAY + timedelta(10)
    between = DAY + timedelta(5)
    bill = await owed(department, supplier, "100", invoice_date=str(DAY))
    made = await paid(department, supplier, "100", paid_on=str(paid_on))
    asked = {"allocated_on": str(settled_on), "allocations": [{"invoice": bill, "amount": "100"}]}
    await department.run("billing.payment.allocate", asked, id=made["id"])
    await department.run("billing.payment.reverse", {"reason": "bounced"}, id=made["id"])
    for day in (paid_on, between, settled_on, date.max):
        assert (await department.document(bill, as_of=day))["balance"] == "100.00", day
        assert (await department.document(made["id"], as_of=day))["unallocated"] == "0.00", day


async def test_a_draft_payment_is_changed_and_cancelled(department: Department):
    supplier = await department.supplier()
    first, second = await owed(department, supplier, "10"), await owed(department, supplier, "20")
    drafted = await payment(department, supplier, "10", (first, "10"))
    changed = await department.run(
        "billing.payment.update",
        {"amount": "25", "allocations": [{"invoice": second, "amount": "20"}, {"invoice": first, "amount": "5"}]},
        id=drafted["id"],
        version=1,
    )
    assert [(row["invoice"], row["amount"]) for row in changed["allocations"]] == [(second, "20.00"), (first, "5.00")]
    cancelled = await department.run("billing.payment.cancel", {"reason": "not yet"}, id=drafted["id"])
    assert (cancelled["phase"], cancelled["number"]) == ("void", None)
    assert await balance(department, first) == "10.00"


async def test_what_does_not_fit_together_is_refused(department: Department):
    supplier, other = await department.supplier(), await department.supplier()
    bill = await owed(department, supplier, "100")
    with pytest.raises(ValidationFailed) as refusal:
        await payment(department, other, "10", (bill, "10"))
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations/0/invoice", "INVOICE_OF_OTHERS")]
    with pytest.raises(ValidationFailed) as refusal:
        await payment(department, supplier, "10", (bill, "11"))
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations", "MORE_THAN_AMOUNT")]
    with pytest.raises(ValidationFailed) as refusal:
        await payment(department, supplier, "10", (bill, "1"), (bill, "1"))
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations/1/invoice", "GIVEN_TWICE")]
    with pytest.raises(ValidationFailed) as refusal:
        await payment(department, supplier, "10.001")
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/amount", "VALUE_TOO_PRECISE")]
    with pytest.raises(CurrencyMismatch):
        await payment(department, supplier, "10", currency="USD")


async def test_of_two_invoices_with_one_number_one_is_written_down(department: Department):
    supplier = await department.supplier()
    results = await asyncio.gather(
        *(owed(department, supplier, "10", supplier_reference="SAME") for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert {getattr(result, "code", None) for result in results if not isinstance(result, str)} == {
        "DUPLICATE_SUPPLIER_REFERENCE"
    }


async def test_open_items_are_the_control_accounts_as_of_any_day(department: Department):
    supplier = await department.supplier()
    later = DAY + timedelta(40)
    await owed(department, supplier, "100", invoice_date=str(DAY))
    young = await owed(department, supplier, "50", invoice_date=str(later))
    await paid(department, supplier, "70", (young, "20"), paid_on=str(later))
    for as_of in (DAY - timedelta(1), DAY, later - timedelta(1), later, date.max):
        items = await department.ask("OpenItems", as_of=as_of)
        control = -await account_balance(department, PAYABLE, ADVANCE, as_of=as_of)
        assert Decimal(items["total"]) == sum(Decimal(row["balance_company"]) for row in items["data"]) == control
        aging = await department.ask("Aging", as_of=as_of)
        assert aging["totals"]["total"] == items["total"]
        buckets = [value for name, value in aging["totals"].items() if name != "total"]
        assert sum(map(Decimal, buckets)) == Decimal(items["total"])
    own = [row for row in (await department.ask("Aging", as_of=later))["rows"] if row["party"] == supplier]
    assert [(row["not_due"], row["days_31_60"], row["total"]) for row in own] == [("-20.00", "100.00", "80.00")]
    mine = await department.ask("OpenItems", party=supplier, as_of=later)
    assert [(row["balance"], row["days_overdue"]) for row in mine["data"]] == [
        ("100.00", 40),
        ("-50.00", 0),
        ("30.00", 0),
    ]


async def test_open_items_and_their_ages_explain_themselves(department: Department):
    supplier = await department.supplier()
    later = DAY + timedelta(40)
    old = await owed(department, supplier, "100", invoice_date=str(DAY))
    made = await paid(department, supplier, "70", (old, "20"), paid_on=str(later))
    items = (await department.ask("OpenItems", party=supplier, as_of=later, explain=True))["data"]
    for row in items:
        for member in ("balance", "balance_company"):
            explained = row["explain"][member]
            assert amounts(explained["rows"]) == Decimal(explained["value"]) == Decimal(row[member])
    assert [(row["document"], row["amount"]) for row in items[0]["explain"]["balance"]["rows"]] == [
        (old, "100.00"),
        (made["id"], "-20.00"),
    ]
    aged = await department.ask("Aging", as_of=later, explain=True)
    (mine,) = [row for row in aged["rows"] if row["party"] == supplier]
    for bucket, explained in mine["explain"].items():
        assert amounts(explained["rows"]) == Decimal(explained["value"]) == Decimal(mine[bucket])
    assert [len(mine["explain"][bucket]["rows"]) for bucket in ("not_due", "days_31_60", "total")] == [1, 2, 3]
    assert mine["explain"].keys() == mine.keys() - {"party", "party_code", "party_name", "explain"}
    assert (await department.ask("Aging", as_of=later))["rows"][0]["explain"] is None


async def test_a_foreign_invoice_has_one_exchange_difference_over_its_life(department: Department):
    year = TODAY.year
    for rate, on in (("1.00", f"{year}-01-01"), ("1.25", f"{year}-02-01"), ("1.60", f"{year}-03-01")):
        await department.run(
            "ledger.exchange_rate.create", {"base": "EUR", "quote": "CHF", "rate": rate, "valid_on": on}
        )
    account = await department.run(
        "ledger.bank_account.create",
        {"code": "CHF", "name": "Francs", "account": "1040", "currency": "CHF"},
    )
    supplier = await department.supplier(currency="CHF")
    before = await account_balance(department, "4700")
    bill = await owed(department, supplier, "100.01", invoice_date=f"{year}-01-15")
    for amount, on in (("33.33", "02-10"), ("33.33", "03-10"), ("33.35", "03-11")):
        await paid(department, supplier, amount, (bill, amount), paid_on=f"{year}-{on}", bank_account=account["id"])
    assert await balance(department, bill) == "0.00"
    assert (await department.ask("OpenItems", party=supplier))["data"] == []
    # Opened at 100.01 EUR, paid with 26.66 + 20.83 + 20.84 EUR.
    assert await account_balance(department, "4700") - before == Decimal("-31.68")
