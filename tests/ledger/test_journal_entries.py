"""Manual journal entries on PostgreSQL."""

from datetime import date
from uuid import UUID

import pytest

from bizcore.errors import UnknownReference, ValidationFailed
from contexts.ledger.errors import ExchangeRateMissing, FiscalYearMissing, UnbalancedEntry
from tests.ledger.support import YEAR, Books


async def entries(books: Books) -> int:
    return int(await books.value("SELECT count(*) FROM ledger.entry"))


async def test_a_balanced_entry_is_posted_at_once(books: Books) -> None:
    posted = await books.post(("6080", "debit", "119.00"), ("1020", "credit", "119.00"))
    assert (posted["phase"], posted["state"], posted["total"]) == ("active", "posted", "119.00")
    assert posted["number"] == f"JE-{YEAR}-00001"
    assert posted["entry_number"] == f"A-{YEAR}-000001"
    assert [(line["account_code"], line["debit"], line["credit"]) for line in posted["lines"]] == [
        ("6080", "119.00", None),
        ("1020", None, "119.00"),
    ]
    assert await books.balance("6080") == "119.00"
    assert await books.balance("1020") == "-119.00"


async def test_an_unbalanced_entry_leaves_no_trace(books: Books) -> None:
    before = await entries(books)
    with pytest.raises(UnbalancedEntry) as refused:
        await books.post(("6080", "debit", "10.00"), ("1020", "credit", "9.99"))
    assert refused.value.details == {"difference": "0.01", "currency": "EUR"}
    assert await entries(books) == before


async def test_a_line_is_a_debit_or_a_credit(books: Books) -> None:
    body = {
        "entry_date": f"{YEAR}-01-01",
        "description": "Both",
        "lines": [{"account": "6080", "debit": "1", "credit": "1"}, {"account": "1020"}],
    }
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.journal_entry.create", body)
    assert refused.value.fields[0].code == "DEBIT_OR_CREDIT"


async def test_more_decimals_than_the_currency_has_are_refused(books: Books) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await books.post(("6080", "debit", "1.005"), ("1020", "credit", "1.005"))
    assert (refused.value.fields[0].path, refused.value.fields[0].code) == ("/lines/0/debit", "VALUE_TOO_PRECISE")


async def test_an_unknown_account_is_named_with_its_place(books: Books) -> None:
    with pytest.raises(UnknownReference) as refused:
        await books.post(("6080", "debit", "1.00"), ("4711", "credit", "1.00"))
    assert (refused.value.fields[0].path, refused.value.fields[0].given) == ("/lines/1/account", "4711")


async def test_a_day_without_fiscal_year_is_refused(books: Books) -> None:
    with pytest.raises(FiscalYearMissing):
        await books.post(("6080", "debit", "1.00"), ("1020", "credit", "1.00"), on=date(YEAR + 5, 1, 1))


async def test_a_reversal_takes_the_entry_back_on_its_own_day(books: Books) -> None:
    posted = await books.post(("6100", "debit", "80.00"), ("1020", "credit", "80.00"), on=date(YEAR, 2, 10))
    await books.run("ledger.journal_entry.reverse", {"reason": "Entered twice"}, id=UUID(posted["id"]))
    reversed_entry = await books.document(posted["id"])
    assert (reversed_entry["phase"], reversed_entry["reversed_on"]) == ("void", f"{YEAR}-02-10")
    assert reversed_entry["number"] == posted["number"]
    assert await books.balance("6100") == "0.00"
    rows = await books.fetch(
        """SELECT e.reverses_entry_id IS NOT NULL AS reverses, e.effective_on FROM ledger.entry e
           WHERE e.document_id = $1 ORDER BY e.id""",
        UUID(posted["id"]),
    )
    assert rows == [
        {"reverses": False, "effective_on": date(YEAR, 2, 10)},
        {"reverses": True, "effective_on": date(YEAR, 2, 10)},
    ]


async def test_a_foreign_entry_balances_in_both_currencies(books: Books) -> None:
    await books.run(
        "ledger.exchange_rate.create",
        {"base": "EUR", "quote": "USD", "rate": "1.0823", "valid_on": f"{YEAR}-01-01"},
    )
    posted = await books.post(
        ("6110", "debit", "33.33"),
        ("6120", "debit", "33.33"),
        ("6130", "debit", "33.34"),
        ("1040", "credit", "100.00"),
        currency="USD",
    )
    # 100 USD / 1.0823 = 92.3958... EUR, shared out by largest remainder
    assert [line["company_amount"] for line in posted["lines"]] == ["30.80", "30.80", "30.80", "-92.40"]
    assert posted["total"] == "100.00"


async def test_an_unknown_currency_is_named_with_its_place(books: Books) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await books.post(("6110", "debit", "1"), ("1040", "credit", "1"), currency="XAU")
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [("/currency", "UNKNOWN_CURRENCY")]


async def test_a_foreign_entry_without_a_rate_is_refused(books: Books) -> None:
    with pytest.raises(ExchangeRateMissing):
        await books.post(("6110", "debit", "1"), ("1040", "credit", "1"), currency="CHF")


async def test_a_dry_run_shows_the_entry_and_keeps_nothing(books: Books) -> None:
    before = await entries(books)
    body = {
        "entry_date": f"{YEAR}-03-01",
        "description": "Trial",
        "lines": [{"account": "6080", "debit": "5.00"}, {"account": "1020", "credit": "5.00"}],
    }
    shown = await books.run("ledger.journal_entry.create", body, dry_run=True)
    assert shown["number"] is None
    assert shown["effects"]["journal_entries"][0]["lines"] == [
        {"account": "6080", "account_name": "Office supplies", "debit": "5.00"},
        {"account": "1020", "account_name": "Bank, current account", "credit": "5.00"},
    ]
    assert await entries(books) == before
    posted = await books.run("ledger.journal_entry.create", body)
    numbers = await books.fetch("SELECT number FROM ledger.entry WHERE book = 'actual' ORDER BY number")
    assert [row["number"] for row in numbers] == [f"A-{YEAR}-{n:06}" for n in range(1, len(numbers) + 1)]
    assert posted["entry_number"] == numbers[-1]["number"]
