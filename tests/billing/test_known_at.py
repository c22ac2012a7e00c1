"""Known at: documents and reports mean the same by it, and the same by leaving it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.billing.support import charging, paid, posted
from tests.procurement.support import Department

AHEAD = timedelta(hours=1)


async def told(department: Department, facts: dict[str, str], known_at: datetime | None) -> dict[str, Decimal | None]:
    """One number of each report and document, None where the row is not there; what they echo is what was asked."""
    times: dict[str, Any] = {"known_at": known_at}
    found: dict[str, Decimal | None] = {}

    async def report(name: str, member: str, /, rows: str = "rows", where: tuple[str, str] | None = None, **asked: Any):
        answer = await department.ask(name, **asked, **times)
        if "known_at" in answer:
            assert answer["known_at"] == (known_at.isoformat() if known_at else None), name
        if where is not None:
            answer = next((row for row in answer[rows] if row[where[0]] == where[1]), {})
        found[name] = Decimal(answer[member]) if member in answer else None

    supplier, item = UUID(facts["supplier"]), UUID(facts["item"])
    account = await department.value("SELECT id FROM ledger.account WHERE code = '6030'")
    await report("GetAccountBalance", "balance", code="6030")
    await report("GetTrialBalance", "balance", where=("account", "6030"))
    await report("GetGeneralLedger", "closing_balance", account=account)
    await report("GetProfitAndLoss", "amount", rows="expenses", where=("account", "6030"))
    await report("GetBalanceSheet", "amount", rows="assets", where=("account", "1030"))
    await report("GetBudgetVersusActual", "actual", where=("budget_line", facts["budget_line"]))
    await report("GetCommitments", "total", budget_line=UUID(facts["budget_line"]))
    await report("GetGoodsReceivedNotInvoiced", "total", supplier=supplier)
    await report("OpenItems", "total", party=supplier)
    await report("Aging", "total", where=("party", facts["supplier"]))
    await report("Stock", "on_hand", rows="data", where=("item", facts["item"]), item=item)
    await report("Valuation", "value", where=("item", facts["item"]), item=item)
    moves = await department.ask("Moves", item=item, **times)
    found["Moves"] = Decimal(len(moves["data"])) or None
    shown = {} if known_at is None else {"known_at": known_at}
    for name, member in (("invoice", "balance"), ("payment", "unallocated")):
        document = await department.document(facts[name], **shown)
        found[name] = Decimal(document[member]) or None
    order = await department.document(facts["order"], **shown)
    found["order"] = Decimal(order["lines"][0]["quantity_received"]) or None
    return found


async def test_what_another_clock_recorded_ahead_is_in_every_answer_or_in_none(department: Department) -> None:
    ahead = replace(department, clock_ahead=AHEAD)
    supplier, item = await department.supplier(), await department.item("CLOCK")
    line = {"item": item, "quantity": "10", "unit_price": "2.00", "budget_line": await department.budget("100.00")}
    order = await department.order(line, supplier=supplier)
    order_ahead = await ahead.order(line, supplier=supplier)
    facts = {"supplier": supplier, "item": item, "order": order["id"], "budget_line": line["budget_line"]}
    await ahead.received(order, "4")
    invoice = await posted(ahead, supplier, charging(order, "3", "2.00"))
    payment = await paid(ahead, supplier, "5.00", (invoice["id"], "4.00"))
    facts |= {"invoice": invoice["id"], "payment": payment["id"]}
    lines = [{"account": "6030", "debit": "9.00"}, {"account": "1030", "credit": "9.00"}]
    body = {"entry_date": str(datetime.now(UTC).date()), "description": "Rent", "lines": lines}
    await ahead.run("ledger.journal_entry.create", body)
    assert order_ahead["phase"] == "active"

    everything = {name: Decimal(value) for name, value in {
        "GetAccountBalance": "9.00", "GetTrialBalance": "9.00", "GetGeneralLedger": "9.00", "GetProfitAndLoss": "9.00",
        "GetBalanceSheet": "-9.00", "GetBudgetVersusActual": "8.00", "GetCommitments": "32.00",
        "GetGoodsReceivedNotInvoiced": "2.00", "OpenItems": "1.00", "Aging": "1.00", "Stock": "4", "Valuation": "8.00",
        "Moves": "1", "invoice": "2.00", "payment": "1.00", "order": "4",
    }.items()}  # fmt: skip
    assert await told(department, facts, None) == everything
    assert await told(department, facts, datetime.now(UTC) + 2 * AHEAD) == everything
    now = await told(department, facts, datetime.now(UTC))
    known = {"GetBudgetVersusActual": Decimal("0.00"), "GetCommitments": Decimal("20.00")}
    nothing = {name: value for name, value in now.items() if value}
    assert nothing == {name: value for name, value in known.items() if value}
