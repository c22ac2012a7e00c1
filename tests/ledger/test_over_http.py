"""The ledger as its users meet it: paths, roles, statuses and shapes of the contract."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest_asyncio

from bizcore.settings import Settings
from contexts.ledger import budget_report, document_entries, queries, statements, views
from services.api.schema import output_model
from tests.support.api import Office, running_api

YEAR = datetime.now(UTC).year
ENTRY = {
    "entry_date": f"{YEAR}-03-15",
    "description": "Paper",
    "lines": [{"account": "6080", "debit": "119.00"}, {"account": "1020", "credit": "119.00"}],
}
BUDGET = {
    "name": "Plan",
    "fiscal_year": str(YEAR),
    "control": "stop",
    "lines": [{"code": "IT", "account": "6090", "amount": "1200.00", "dimensions": {"project": "X"}}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def acme(servers: Settings) -> AsyncIterator[Office]:
    async with running_api(servers) as api:
        yield await api.sign_up("Ledger")


async def test_an_accountant_posts_and_reads_the_books(acme: Office) -> None:
    accountant = await acme.member("accountant")
    posted = await accountant.made("ledger/journal-entries", ENTRY)
    output_model(views.JournalEntryView).model_validate(posted, strict=False)
    report = await accountant.seen("ledger/trial-balance", explain="true")
    output_model(queries.TrialBalance).model_validate(report)
    assert (report["total_debit"], report["total_credit"]) == ("119.00", "119.00")
    assert [(row["account"], row["debit"], row["credit"], row["balance"]) for row in report["rows"]] == [
        ("1020", "0.00", "119.00", "-119.00"),
        ("6080", "119.00", "0.00", "119.00"),
    ]
    assert report["rows"][0]["explain"]["rows"][0]["document"] == posted["id"]
    balance = await accountant.seen("ledger/accounts/6080/balance", as_of=f"{YEAR}-03-14")
    output_model(queries.AccountBalance).model_validate(balance)
    assert balance["balance"] == "0.00"
    page = await accountant.seen("ledger/general-ledger", account="6080")
    output_model(queries.GeneralLedger).model_validate(page)
    assert [line["balance"] for line in page["data"]] == ["119.00"]
    entries = await accountant.seen(f"ledger/documents/{posted['id']}/entries")
    output_model(document_entries.DocumentEntries).model_validate(entries)
    (entry,) = entries["data"]
    assert (entry["id"], entry["number"]) == (page["data"][0]["entry_id"], page["data"][0]["entry"])
    assert [(p["account"], p["amount"], p["debit"], p["credit"]) for p in entry["postings"]] == [
        ("6080", "119.00", "119.00", None),
        ("1020", "-119.00", None, "119.00"),
    ]
    assert (await accountant.get(f"ledger/documents/{entry['id']}/entries")).status_code == 404
    for path, view in (
        ("ledger/balance-sheet", statements.BalanceSheet),
        ("ledger/profit-and-loss", statements.ProfitAndLoss),
        ("ledger/budget-vs-actual", budget_report.BudgetVersusActual),
        ("currencies", queries.Currencies),
    ):
        output_model(view).model_validate(await accountant.seen(path))


async def test_the_days_that_a_report_answers_may_be_asked_for(acme: Office) -> None:
    """A day of no fiscal year is reported from the beginning on, and its rows lead to the ledger of the same days."""
    accountant = await acme.member("accountant")
    report = await accountant.seen("ledger/profit-and-loss", as_of="1999-12-31")
    days = {"date_from": report["date_from"], "as_of": report["as_of"]}
    assert days == {"date_from": "1900-01-01", "as_of": "1999-12-31"}
    page = await accountant.seen("ledger/general-ledger", account="6080", **days)
    assert (page["opening_balance"], page["closing_balance"]) == ("0.00", "0.00")


async def test_an_unbalanced_entry_is_422_and_a_closed_period_409(acme: Office) -> None:
    accountant = await acme.member("accountant")
    lines = [{"account": "6080", "debit": "1"}, {"account": "1020", "credit": "2"}]
    answer = await accountant.post("ledger/journal-entries", {**ENTRY, "lines": lines})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "UNBALANCED_ENTRY")
    (period,) = (await accountant.seen("ledger/periods", name=f"{YEAR}-12"))["data"]
    await accountant.made(f"ledger/periods/{period['id']}/close", {"reason": "Year end"})
    late = await accountant.post("ledger/journal-entries", {**ENTRY, "entry_date": f"{YEAR}-12-24"})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "PERIOD_CLOSED")
    assert late.json()["error"]["details"]["date"] == f"{YEAR}-12-24"
    opened = await accountant.made(f"ledger/periods/{period['id']}/reopen", {"reason": "Late invoice"})
    output_model(views.PeriodView).model_validate(opened)


async def test_a_budget_is_drafted_by_one_and_approved_by_another(acme: Office) -> None:
    accountant, approver = await acme.member("accountant"), await acme.member("approver")
    drafted = await accountant.made("ledger/budgets", BUDGET)
    own = await accountant.post(f"ledger/budgets/{drafted['id']}/approve")
    assert (own.status_code, own.json()["error"]["code"]) == (403, "SEPARATION_OF_DUTIES")
    await accountant.changed(f"ledger/budgets/{drafted['id']}", {"name": "Plan B"})
    approved = await approver.made(f"ledger/budgets/{drafted['id']}/approve")
    output_model(views.BudgetView).model_validate(approved)
    assert (approved["phase"], approved["name"], approved["lines"][0]["remaining"]) == ("active", "Plan B", "1200.00")
    explained = await approver.seen(f"ledger/budgets/{drafted['id']}", explain="true")
    rows = explained["explain"]["/lines/0/remaining"]["rows"]
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("1200.00")
    listed = (await accountant.seen("ledger/budgets", fiscal_year=str(YEAR)))["data"]
    assert [budget["name"] for budget in listed] == ["Plan B"]


async def test_every_master_answers_as_it_says(acme: Office) -> None:
    accountant = await acme.member("accountant")
    for path, view in (
        ("ledger/accounts", views.AccountView),
        ("ledger/account-roles", views.AccountRoleView),
        ("ledger/fiscal-years", views.FiscalYearView),
        ("ledger/periods", views.PeriodView),
        ("tax-codes", views.TaxCodeView),
        ("ledger/bank-accounts", views.BankAccountView),
        ("ledger/posting-rules", views.PostingRuleView),
    ):
        first = (await accountant.seen(path))["data"][0]
        output_model(view).model_validate(await accountant.seen(f"{path}/{first['id']}"))
    rate = {"base": "EUR", "quote": "USD", "rate": "1.0823", "valid_on": f"{YEAR}-01-01"}
    output_model(views.ExchangeRateView).model_validate(await accountant.made("exchange-rates", rate))


async def test_who_has_no_part_in_the_books_is_told_which_permission_is_missing(acme: Office) -> None:
    requester = await acme.member("requester")
    for answer in (
        await requester.post("ledger/journal-entries", {}),
        await requester.get("ledger/trial-balance"),
        await requester.post("ledger/fiscal-years", {}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
    assert (await requester.get("ledger/accounts")).status_code == 200


async def test_a_key_posts_once(acme: Office) -> None:
    accountant = await acme.member("accountant")
    first = await accountant.post("ledger/journal-entries", ENTRY, headers={"Idempotency-Key": "once"})
    again = await accountant.post("ledger/journal-entries", ENTRY, headers={"Idempotency-Key": "once"})
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json()["id"] == again.json()["id"]
