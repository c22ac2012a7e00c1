"""Incoming payments on PostgreSQL: a customer's money, what a supplier gives back, and what may not be taken back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bizcore.errors import ValidationFailed
from contexts.billing.errors import PaymentExceedsBalance, PaymentGivenBack
from contexts.parties.public import WrongPartyRole
from tests.billing.support import DAY, TODAY, account_balance, entry_lines, paid, payment, posted, received
from tests.procurement.support import Department, amounts, described

BANK, ADVANCE, PREPAID = "1020", "1310", "2300"


async def unallocated(department: Department, id: str, as_of: date = date.max) -> str:
    return str((await department.document(id, as_of=as_of))["unallocated"])


async def test_a_customers_money_is_an_open_item_on_account(department: Department):
    customer = await department.supplier(name="Buyer", roles=["customer"])
    made = await received(department, customer, "75.50", paid_on=str(DAY))
    assert (made["direction"], made["side"], made["unallocated"], made["allocations"]) == (
        "incoming",
        "receivable",
        "75.50",
        [],
    )
    assert made["number"].startswith("PAY-")
    assert await entry_lines(department, made["id"]) == [(BANK, "75.50"), (PREPAID, "-75.50")]
    explained = (await department.document(made["id"], explain=True))["explain"]["/unallocated"]
    assert (explained["value"], amounts(explained["rows"])) == ("75.50", Decimal("75.50"))
    items = await department.ask("OpenItems", side="receivable", party=customer)
    assert [(row["document"], row["total"], row["balance"], row["days_overdue"]) for row in items["data"]] == [
        (made["id"], "75.50", "-75.50", 0)
    ]
    assert (await department.ask("OpenItems", party=customer))["data"] == []
    aging = await department.ask("Aging", side="receivable", as_of=DAY)
    aged = [row for row in aging["rows"] if row["party"] == customer]
    assert [(row["not_due"], row["total"]) for row in aged] == [("-75.50", "-75.50")]


async def test_receivable_items_are_their_control_accounts_as_of_any_day(department: Department):
    customer = await department.supplier(roles=["customer", "supplier"])
    await received(department, customer, "20", paid_on=str(DAY))
    later = DAY + timedelta(5)
    bounced = await received(department, customer, "30", paid_on=str(later))
    for as_of, own in ((DAY - timedelta(1), "0"), (DAY, "-20"), (later, "-50")):
        items = await department.ask("OpenItems", side="receivable", as_of=as_of)
        control = await account_balance(department, "1110", PREPAID, as_of=as_of)
        assert Decimal(items["total"]) == sum(Decimal(row["balance_company"]) for row in items["data"]) == control
        assert (await department.ask("Aging", side="receivable", as_of=as_of))["totals"]["total"] == items["total"]
        mine = await department.ask("OpenItems", side="receivable", as_of=as_of, party=customer)
        assert Decimal(mine["total"]) == Decimal(own)
    voided = await department.run("billing.payment.reverse", {"reason": "bounced"}, id=bounced["id"])
    assert (voided["phase"], voided["unallocated"]) == ("void", "0.00")
    mine = await department.ask("OpenItems", side="receivable", party=customer)
    assert (mine["total"], len(mine["data"])) == ("-20.00", 1)


async def test_a_supplier_gives_back_what_was_paid_ahead(department: Department):
    supplier = await department.supplier()
    advance = await paid(department, supplier, "100", paid_on=str(DAY))
    made = await received(department, supplier, "70", (advance["id"], "60"), paid_on=str(DAY + timedelta(3)))
    assert (made["side"], made["unallocated"]) == ("payable", "10.00")
    assert [(row["invoice"], row["payment"], row["payment_number"], row["amount"]) for row in made["allocations"]] == [
        (None, advance["id"], advance["number"], "60.00")
    ]
    assert await entry_lines(department, made["id"]) == [(BANK, "70.00"), (ADVANCE, "-60.00"), (ADVANCE, "-10.00")]
    assert await unallocated(department, advance["id"]) == "40.00"
    assert await unallocated(department, advance["id"], as_of=DAY) == "100.00"
    shown = await department.ask("OpenItems", party=supplier)
    assert sorted(row["balance"] for row in shown["data"]) == ["-40.00", "10.00"]


async def test_what_came_back_is_allocated_later_and_taken_back(department: Department):
    supplier = await department.supplier()
    advance, back = await paid(department, supplier, "100"), await received(department, supplier, "80")
    assert (back["side"], back["unallocated"]) == ("payable", "80.00")
    asked = {"allocations": [{"payment": advance["id"], "amount": "50"}]}
    allocated = await department.run("billing.payment.allocate", asked, id=back["id"])
    assert (allocated["unallocated"], await unallocated(department, advance["id"])) == ("30.00", "50.00")
    with pytest.raises(PaymentExceedsBalance) as refusal:
        await department.run("billing.payment.allocate", asked, id=back["id"])
    assert (refusal.value.details["payment"], refusal.value.details["available"]) == (back["number"], "30.00")
    with pytest.raises(PaymentGivenBack) as given_back:
        await department.run("billing.payment.reverse", {"reason": "twice"}, id=advance["id"])
    assert given_back.value.details["amount"] == "50.00"
    assert (await department.document(advance["id"]))["phase"] == "active"
    part = {"allocations": [{"payment": advance["id"], "amount": "20"}]}
    taken = await department.run("billing.payment.unallocate", part, id=back["id"])
    assert (taken["unallocated"], await unallocated(department, advance["id"])) == ("50.00", "70.00")
    voided = await department.run("billing.payment.reverse", {"reason": "not ours"}, id=back["id"])
    assert (voided["unallocated"], voided["allocations"]) == ("0.00", [])
    assert await unallocated(department, advance["id"]) == "100.00"
    assert (await department.run("billing.payment.reverse", {"reason": "twice"}, id=advance["id"]))["phase"] == "void"


async def test_an_advance_is_given_back_once(department: Department):
    supplier = await department.supplier()
    advance = await paid(department, supplier, "100")
    await received(department, supplier, "60", (advance["id"], "60"))
    with pytest.raises(PaymentExceedsBalance) as refusal:
        await received(department, supplier, "60", (advance["id"], "60"))
    assert (refusal.value.details["requested"], refusal.value.details["available"]) == ("60.00", "40.00")
    bill = await posted(department, supplier, described("Rent", "1", "41"))
    asked = {"allocations": [{"invoice": bill["id"], "amount": "41"}]}
    with pytest.raises(PaymentExceedsBalance):
        await department.run("billing.payment.allocate", asked, id=advance["id"])
    assert await unallocated(department, advance["id"]) == "40.00"


async def test_each_direction_settles_its_own(department: Department):
    supplier = await department.supplier()
    bill = await posted(department, supplier, described("Rent", "1", "10"))
    advance = await paid(department, supplier, "10")
    body = {"party": supplier, "amount": "10"}
    invoice_of, payment_of = {"invoice": bill["id"], "amount": "1"}, {"payment": advance["id"], "amount": "1"}
    for direction, allocation, path in (
        ("incoming", invoice_of, "/allocations/0/invoice"),
        ("outgoing", payment_of, "/allocations/0/payment"),
        ("outgoing", invoice_of | payment_of, "/allocations/0/payment"),
    ):
        with pytest.raises(ValidationFailed) as refusal:
            await department.run("billing.payment.create", body | {"direction": direction, "allocations": [allocation]})
        assert [(p.path, p.code) for p in refusal.value.fields] == [(path, "NOT_SETTLED")]
    with pytest.raises(ValidationFailed) as refusal:
        await department.run(
            "billing.payment.create", body | {"direction": "incoming", "allocations": [{"amount": "1"}]}
        )
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations/0/payment", "REQUIRED")]
    other = await department.supplier()
    with pytest.raises(ValidationFailed) as refusal:
        await received(department, other, "1", (advance["id"], "1"))
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations/0/payment", "PAYMENT_OF_OTHERS")]


async def test_a_customers_money_settles_no_suppliers_account(department: Department):
    both = await department.supplier(roles=["customer", "supplier"])
    advance = await paid(department, both, "10")
    on_account = await received(department, both, "10")
    assert on_account["side"] == "receivable"
    asked = {"allocations": [{"payment": advance["id"], "amount": "10"}]}
    with pytest.raises(ValidationFailed) as refusal:
        await department.run("billing.payment.allocate", asked, id=on_account["id"])
    assert [(p.path, p.code) for p in refusal.value.fields] == [("/allocations", "NOT_SETTLED")]
    assert (await received(department, both, "10", (advance["id"], "10")))["side"] == "payable"
    assert await unallocated(department, advance["id"]) == "0.00"


async def test_a_draft_names_what_it_gives_back_and_changes_sides(department: Department):
    both = await department.supplier(roles=["customer", "supplier"])
    advance = await paid(department, both, "10")
    drafted = await payment(department, both, "10", direction="incoming")
    assert (drafted["side"], drafted["allocations"]) == ("receivable", [])
    named = {"allocations": [{"payment": advance["id"], "amount": "4"}]}
    changed = await department.run("billing.payment.update", named, id=drafted["id"], version=1)
    assert (changed["side"], [row["amount"] for row in changed["allocations"]]) == ("payable", ["4.00"])
    assert (await department.run("billing.payment.post", id=drafted["id"]))["unallocated"] == "6.00"


async def test_a_dry_run_shows_what_would_come_in_and_keeps_nothing(department: Department):
    customer = await department.supplier(roles=["customer"])
    drafted = await payment(department, customer, "5", direction="incoming")
    answer = await department.run("billing.payment.post", id=drafted["id"], dry_run=True)
    lines = answer["effects"]["journal_entries"][0]["lines"]
    assert [(line["account"], line.get("debit"), line.get("credit")) for line in lines] == [
        (BANK, "5.00", None),
        (PREPAID, None, "5.00"),
    ]
    assert await entry_lines(department, drafted["id"]) == []


async def test_whom_we_pay_is_a_supplier(department: Department):
    customer = await department.supplier(roles=["customer"])
    with pytest.raises(WrongPartyRole) as refusal:
        await payment(department, customer, "5")
    assert refusal.value.details["expected"] == "supplier"


async def test_a_refund_at_another_rate_leaves_one_exchange_difference(department: Department):
    year = TODAY.year
    for rate, on in (("1.00", f"{year}-01-01"), ("1.25", f"{year}-02-01")):
        await department.run(
            "ledger.exchange_rate.create", {"base": "EUR", "quote": "CHF", "rate": rate, "valid_on": on}
        )
    account = await department.run(
        "ledger.bank_account.create", {"code": "CHF", "name": "Francs", "account": "1040", "currency": "CHF"}
    )
    supplier = await department.supplier(currency="CHF")
    before = await account_balance(department, "4700")
    given = {"bank_account": account["id"], "currency": "CHF"}
    advance = await paid(department, supplier, "100", paid_on=f"{year}-01-10", **given)
    await received(department, supplier, "100", (advance["id"], "100"), paid_on=f"{year}-02-10", **given)
    assert (await department.ask("OpenItems", party=supplier))["data"] == []
    # Paid ahead when 100 francs were 100 EUR, given back when they were 80 EUR.
    assert await account_balance(department, "4700") - before == Decimal("20.00")
