"""A reversal takes back what stands in the books, on the accounts where it stands, whatever rules and roles say by then."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest_asyncio

from contexts.ledger.standard.chart import ROLES
from tests.billing.support import TODAY, charging, paid, posted
from tests.procurement.support import Department, described

# Every role that the three papers reach, and where it leads afterwards.
MOVED = {
    "inventory": "1410",
    "expense": "6020",
    "goods_received_not_invoiced": "2025",
    "price_difference": "5030",
    "input_tax": "1230",
    "payable": "2015",
    "supplier_advance": "1315",
    "exchange_difference": "6600",
    "encumbrance": "9100",
    "commitment_control": "9010",
}
NEW = (
    {"code": "2025", "name": "Goods received abroad", "type": "liability", "control": "grni"},
    {"code": "2015", "name": "Payables abroad", "type": "liability", "control": "payable"},
    {"code": "1315", "name": "Advances abroad", "type": "asset", "control": "payable"},
)

POSTINGS = """
SELECT e.id, e.book, e.reverses_entry_id, a.code, p.role, p.amount_minor, p.company_amount_minor, p.party_id, p.item_id,
       p.budget_line_id, p.open_item_id, p.tax_code_id, p.dimensions::text, e.currency, e.effective_on
FROM ledger.entry e JOIN ledger.posting p ON p.entry_id = e.id JOIN ledger.account a ON a.id = p.account_id
WHERE e.document_id = $1 ORDER BY e.id, p.line_no"""


@pytest_asyncio.fixture
async def rules_that_change(department: Department) -> AsyncIterator[Any]:
    """Call it, and every role leads elsewhere and a revised rule posts an invoice's tax to expenses."""
    for account in NEW:
        if not await department.value("SELECT count(*) FROM ledger.account WHERE code = $1", account["code"]):
            await department.run("ledger.account.create", account)

    async def lead(role: str, account: str) -> None:
        """Of this company alone."""
        mine = "SELECT id, version FROM ledger.account_role WHERE role = $1 AND company_id IS NOT NULL"
        for row in await department.fetch(mine, role):
            body = {"account": account}
            await department.run("ledger.account_role.update", body, id=str(row["id"]), version=row["version"])
            return
        await department.run("ledger.account_role.create", {"role": role, "account": account, "company": "MAIN"})

    async def change() -> None:
        for role, account in MOVED.items():
            await lead(role, account)
        await tax_to("expense")

    async def tax_to(role: str) -> None:
        lines = [{"side": "debit", "role": role, "own_account": True}]
        await department.run(
            "ledger.posting_rule.create", {"fact_kind": "billing.supplier_invoice.tax", "lines": lines}
        )

    yield change
    await tax_to("input_tax")
    for role in MOVED:
        await lead(role, ROLES[role])


async def reversed_as_posted(department: Department, type: str, id: str) -> None:
    """Reverse the document, and every entry of it has one that is itself with the signs turned."""
    before = await department.fetch(POSTINGS, UUID(id))
    assert before
    await department.run(f"{type}.reverse", {"reason": "Wrong"}, id=id)
    after = [row for row in await department.fetch(POSTINGS, UUID(id)) if row["reverses_entry_id"] is not None]

    def plain(row: dict[str, Any], entry: str, sign: int) -> tuple[object, ...]:
        kept = {name: row[name] for name in row if name not in ("id", "reverses_entry_id")}
        turned = {name: sign * row[name] for name in ("amount_minor", "company_amount_minor")}
        return (row[entry], *map(str, (kept | turned).values()))

    assert sorted(plain(row, "reverses_entry_id", -1) for row in after) == sorted(plain(row, "id", 1) for row in before)


async def test_a_receipt_is_taken_back_where_it_was_booked(department: Department, rules_that_change: Any) -> None:
    budget, item = await department.budget("1000.00"), await department.item("REV-RECEIPT")
    goods = {"item": item, "quantity": "10", "unit_price": "2.50", "budget_line": budget, "dimensions": {"cc": "1"}}
    order = await department.order(goods, described("Assembly", "1", "40.00", budget_line=budget))
    receipt = await department.received(order, "4", "1")
    await rules_that_change()
    await reversed_as_posted(department, "procurement.goods_receipt", receipt["id"])
    standing = await department.budget_standing(budget)
    assert (standing["encumbered"], standing["actual"], standing["remaining"]) == ("65.00", "0.00", "935.00")


async def test_an_invoice_is_taken_back_where_it_was_booked(department: Department, rules_that_change: Any) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    await department.received(order, "5")
    line = {"description": "Freight", "quantity": "1", "unit_price": "30.00", "tax_code": "VAT19"}
    bill = await posted(department, order["supplier"], charging(order, "5", "21.00"), line)
    await rules_that_change()
    await reversed_as_posted(department, "billing.supplier_invoice", bill["id"])


async def test_a_payment_is_taken_back_where_it_was_booked(department: Department, rules_that_change: Any) -> None:
    """In another currency, settled at a loss, allocated, given back and allocated again."""
    year = TODAY.year
    for rate, on in (("1.00", f"{year}-01-01"), ("1.25", f"{year}-02-01")):
        await department.run(
            "ledger.exchange_rate.create", {"base": "EUR", "quote": "SEK", "rate": rate, "valid_on": on}
        )
    bank = await department.run(
        "ledger.bank_account.create", {"code": "SEK", "name": "Crowns", "account": "1040", "currency": "SEK"}
    )
    supplier = await department.supplier(currency="SEK")
    line = {"description": "Timber", "quantity": "1", "unit_price": "100.01"}
    bill = await posted(department, supplier, line, invoice_date=f"{year}-01-15")
    payment = await paid(
        department, supplier, "90.00", (bill["id"], "33.33"), paid_on=f"{year}-02-10", bank_account=bank["id"]
    )
    again = {"allocations": [{"invoice": bill["id"], "amount": "33.33"}], "allocated_on": f"{year}-02-10"}
    await department.run("billing.payment.unallocate", again, id=payment["id"], version=payment["version"])
    await department.run("billing.payment.allocate", again, id=payment["id"])
    await rules_that_change()
    await reversed_as_posted(department, "billing.payment", payment["id"])
    (open_item,) = (await department.ask("OpenItems", party=supplier))["data"]
    assert (open_item["balance"], open_item["balance_company"]) == ("100.01", "100.01")


async def test_a_journal_entry_is_taken_back_where_it_was_booked(
    department: Department, rules_that_change: Any
) -> None:
    lines = [{"account": "6010", "debit": "10.00", "dimensions": {"cc": "2"}}, {"account": "1020", "credit": "10.00"}]
    body = {"entry_date": str(TODAY), "description": "Fee", "lines": lines}
    entry = await department.run("ledger.journal_entry.create", body)
    await rules_that_change()
    await reversed_as_posted(department, "ledger.journal_entry", entry["id"])
