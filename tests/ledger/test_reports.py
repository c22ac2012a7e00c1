"""Reports on PostgreSQL, held to plain SQL over the postings."""

import asyncio
import base64
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bizcore.errors import Malformed, NotFound
from tests.ledger.support import YEAR, Books, sums

ACCOUNTS = ("1020", "1040", "3000", "4010", "6010", "6080", "6200")

PLAIN = """
SELECT a.code, (sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor > 0)) AS debit,
       (-sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor < 0)) AS credit
FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id JOIN ledger.account a ON a.id = p.account_id
WHERE e.book = 'actual' AND e.effective_on BETWEEN $1 AND $2 AND e.recorded_at <= $3 GROUP BY a.code ORDER BY a.code
"""
BEGINNING, EVER = date(1, 1, 1), date(9999, 12, 31)


async def plain(books: Books, start: date, end: date, known_at: datetime) -> list[tuple[str, Decimal, Decimal]]:
    rows = await books.fetch(PLAIN, start, end, known_at)
    return [(row["code"], Decimal(row["debit"] or 0) / 100, Decimal(row["credit"] or 0) / 100) for row in rows]


def shown(report: dict[str, Any]) -> list[tuple[str, Decimal, Decimal]]:
    return [(row["account"], Decimal(row["debit"]), Decimal(row["credit"])) for row in report["rows"]]


@pytest.fixture(scope="module")
def random_days() -> random.Random:
    return random.Random(20_260_301)  # always the same books


async def test_the_trial_balance_is_the_sum_of_the_postings_whatever_is_closed(
    books: Books, random_days: random.Random
) -> None:
    """Fifty entries, months closed and opened in between, any span of days, as known at any instant."""
    instants = []
    for step in range(50):
        on = date(YEAR, random_days.randint(1, 12), random_days.randint(1, 28))
        if (await books.period(on.month))["state"] == "closed":
            continue
        amount = str(Decimal(random_days.randint(1, 10**7)) / 100)
        debit, credit = random_days.sample(ACCOUNTS, 2)
        await books.post((debit, "debit", amount), (credit, "credit", amount), on=on)
        if step % 10 == 5:
            instants.append(datetime.now(UTC))
            period = await books.period(random_days.randint(1, 12))
            action = "reopen" if period["state"] == "closed" else "close"
            await books.run(f"ledger.period.{action}", {"reason": "Test"}, id=UUID(period["id"]))
    assert await books.value("SELECT count(*) FROM ledger.seal") > 0
    for _ in range(30):
        days = sorted(date(YEAR, random_days.randint(1, 12), random_days.randint(1, 28)) for _ in range(2))
        for known_at in (None, random_days.choice(instants)):
            report = await books.ask("GetTrialBalance", date_from=days[0], as_of=days[1], known_at=known_at)
            assert shown(report) == await plain(books, days[0], days[1], known_at or datetime.now(UTC))
            assert report["total_debit"] == report["total_credit"]
    whole = await books.ask("GetTrialBalance")
    assert shown(whole) == await plain(books, BEGINNING, EVER, datetime.now(UTC))


async def test_each_balance_is_explained_by_rows_that_add_up(books: Books) -> None:
    report = await books.ask("GetTrialBalance", explain=True)
    assert report["rows"]
    for row in report["rows"]:
        assert sums(row["explain"]["rows"]) == Decimal(row["balance"]) == Decimal(row["explain"]["value"])
        single = await books.ask("GetAccountBalance", code=row["account"], explain=True)
        assert (single["balance"], single["explain"]) == (row["balance"], row["explain"])
    nothing = await books.ask("GetAccountBalance", code="6700", explain=True)
    assert (nothing["balance"], nothing["explain"]) == ("0.00", {"value": "0.00", "rows": []})


async def test_the_ledger_page_runs_from_balance_to_balance(books: Books) -> None:
    account_id = await books.value("SELECT id FROM ledger.account WHERE code = '1020'")
    cursor, lines, balance = None, [], "0.00"
    while True:
        page = await books.ask("GetGeneralLedger", account=account_id, limit=3, cursor=cursor)
        assert page["opening_balance"] == balance
        assert len(page["data"]) <= 3
        for line in page["data"]:
            moved = Decimal(line["debit"] or 0) - Decimal(line["credit"] or 0)
            assert Decimal(line["balance"]) == Decimal(balance) + moved
            balance = line["balance"]
        assert page["closing_balance"] == balance
        lines += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert balance == await books.balance("1020")
    assert [line["date"] for line in lines] == sorted(line["date"] for line in lines)
    assert len(lines) == await books.value("SELECT count(*) FROM ledger.posting WHERE account_id = $1", account_id)


async def test_a_ledger_page_from_a_day_opens_with_what_was_before(books: Books) -> None:
    account_id = await books.value("SELECT id FROM ledger.account WHERE code = '1020'")
    page = await books.ask("GetGeneralLedger", account=account_id, date_from=date(YEAR, 6, 1), limit=200)
    assert page["opening_balance"] == await books.balance("1020", as_of=date(YEAR, 5, 31))
    assert page["closing_balance"] == await books.balance("1020")


async def test_the_balances_of_every_page_are_explained_by_rows_that_add_up(books: Books) -> None:
    account_id = await books.value("SELECT id FROM ledger.account WHERE code = '1020'")
    cursor, seen = None, 0
    while True:
        page = await books.ask(
            "GetGeneralLedger", account=account_id, date_from=date(YEAR, 6, 1), limit=4, cursor=cursor, explain=True
        )
        for member in ("opening_balance", "closing_balance"):
            explained = page["explain"][member]
            assert sums(explained["rows"]) == Decimal(explained["value"]) == Decimal(page[member])
        before = len(page["explain"]["opening_balance"]["rows"])
        assert len(page["explain"]["closing_balance"]["rows"]) == before + len(page["data"])
        seen += len(page["data"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert before + len(page["data"]) == await books.value(
        "SELECT count(*) FROM ledger.posting WHERE account_id = $1", account_id
    )
    assert seen > 4, "more than one page"
    plain = await books.ask("GetGeneralLedger", account=account_id)
    assert plain["explain"] is None


async def test_the_ledger_page_is_read_as_of_a_day_and_as_known_at_an_instant(books: Books) -> None:
    for month in (3, 4):
        period = await books.period(month)
        if period["state"] == "closed":
            await books.run("ledger.period.reopen", {"reason": "Test"}, id=UUID(period["id"]))
    account_id = await books.value("SELECT id FROM ledger.account WHERE code = '6300'")
    await books.post(("6300", "debit", "5.00"), ("1020", "credit", "5.00"), on=date(YEAR, 4, 2))
    between = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await books.post(("6300", "debit", "7.00"), ("1020", "credit", "7.00"), on=date(YEAR, 3, 2))

    async def debits(**times: object) -> list[str]:
        page = await books.ask("GetGeneralLedger", account=account_id, **times)
        assert page["closing_balance"] == await books.balance("6300", **times)
        asked = {name: given.isoformat() for name, given in times.items() if isinstance(given, date)}
        assert {name: page[name] for name in asked} == asked
        return [line["debit"] for line in page["data"]]

    assert await debits() == ["7.00", "5.00"]
    assert await debits(as_of=date(YEAR, 3, 31)) == ["7.00"]
    assert await debits(known_at=between) == ["5.00"]
    assert await debits(as_of=date(YEAR, 3, 31), known_at=between) == []


OF_YEAR_ONE = base64.urlsafe_b64encode(b'["0001-01-01", "01a1fd3c-4e13-71a5-a1d7-c415238462c0", 1]').decode()


@pytest.mark.parametrize("cursor", ["x", "e30=", "WyIyMDI2LTAxLTAxIiwgIngiLCAxXQ==", "é", OF_YEAR_ONE])
async def test_a_broken_cursor_is_refused(books: Books, cursor: str) -> None:
    account_id = await books.value("SELECT id FROM ledger.account WHERE code = '1020'")
    with pytest.raises(Malformed):
        await books.ask("GetGeneralLedger", account=account_id, cursor=cursor)


async def test_balance_sheet_and_result_close_the_books(books: Books) -> None:
    sheet = await books.ask("GetBalanceSheet")
    total = Decimal(sheet["total_liabilities"]) + Decimal(sheet["total_equity"])
    assert Decimal(sheet["total_assets"]) == total
    year = await books.ask("GetProfitAndLoss", as_of=date(YEAR, 12, 31))
    assert (year["date_from"], year["as_of"]) == (f"{YEAR}-01-01", f"{YEAR}-12-31")
    assert year["net_result"] == sheet["result"]
    sales = next(row for row in year["income"] if row["account"] == "4010")
    assert Decimal(sales["amount"]) == -Decimal(await books.balance("4010"))


async def test_every_row_of_the_statements_is_explained_by_rows_that_add_up(books: Books) -> None:
    year = await books.ask("GetProfitAndLoss", as_of=date(YEAR, 12, 31), explain=True)
    sheet = await books.ask("GetBalanceSheet", explain=True)
    sides = {side: [*year.get(side, ()), *sheet.get(side, ())] for side in ("income", "expenses", "assets", "equity")}
    assert all(sides.values())
    for rows in sides.values():
        for row in rows:
            assert sums(row["explain"]["rows"]) == Decimal(row["explain"]["value"]) == Decimal(row["amount"])
    result = sheet["explain"]["result"]
    assert sums(result["rows"]) == Decimal(result["value"]) == Decimal(sheet["result"])
    assert len(result["rows"]) == sum(len(row["explain"]["rows"]) for row in year["income"] + year["expenses"])
    plain = await books.ask("GetBalanceSheet")
    assert plain["explain"] is None
    assert {row["explain"] for row in plain["assets"]} == {None}


async def test_the_statements_are_read_as_of_a_day_and_as_known_at_an_instant(books: Books) -> None:
    """A year that begins in July: what was earned before it belongs to the year before, and stays in the equity."""
    for year, starts_on in ((YEAR + 1, f"{YEAR + 1}-01-01"), (YEAR + 2, f"{YEAR + 2}-07-01")):
        ends_on = {"ends_on": f"{YEAR + 2}-06-30"} if year == YEAR + 1 else {}
        await books.run("ledger.fiscal_year.create", {"year": year, "starts_on": starts_on, **ends_on})
    before = await books.ask("GetBalanceSheet")
    between = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await books.post(("1020", "debit", "30.00"), ("4010", "credit", "30.00"), on=date(YEAR + 2, 6, 30))
    await books.post(("1020", "debit", "12.00"), ("4010", "credit", "12.00"), on=date(YEAR + 2, 7, 1))

    async def net(as_of: date, **times: Any) -> tuple[str, str]:
        report = await books.ask("GetProfitAndLoss", as_of=as_of, **times)
        return report["date_from"], report["net_result"]

    async def gained(**times: Any) -> Decimal:
        sheet = await books.ask("GetBalanceSheet", explain=True, **times)
        assert Decimal(sheet["total_assets"]) == sum(
            Decimal(sheet[f"total_{side}"]) for side in ("liabilities", "equity")
        )
        earlier, of_year = Decimal(sheet["result_brought_forward"]), Decimal(sheet["result_of_year"])
        assert earlier + of_year == Decimal(sheet["result"])
        assert of_year == Decimal((await net(**times))[1])
        for name in ("result", "result_brought_forward", "result_of_year"):
            explained = sheet["explain"][name]
            assert sums(explained["rows"]) == Decimal(explained["value"]) == Decimal(sheet[name])
        return Decimal(sheet["result"]) - Decimal(before["result"])

    assert await net(date(YEAR + 2, 6, 30)) == (f"{YEAR + 1}-01-01", "30.00")
    assert await net(date(YEAR + 2, 7, 1)) == (f"{YEAR + 2}-07-01", "12.00")
    assert await net(date(YEAR + 2, 7, 1), known_at=between) == (f"{YEAR + 2}-07-01", "0.00")
    assert await gained(as_of=date(YEAR + 2, 6, 30)) == 30
    assert await gained(as_of=date(YEAR + 2, 7, 1)) == 42
    assert await gained(as_of=date(YEAR + 2, 7, 1), known_at=between) == 0


async def test_what_was_recorded_later_was_not_known_before(books: Books) -> None:
    period = await books.period(2)
    if period["state"] == "closed":
        await books.run("ledger.period.reopen", {"reason": "Test"}, id=UUID(period["id"]))
    before = await books.balance("6200")
    known_at = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await books.post(("6200", "debit", "7.00"), ("1020", "credit", "7.00"), on=date(YEAR, 2, 2))
    assert Decimal(await books.balance("6200")) == Decimal(before) + 7
    assert await books.balance("6200", known_at=known_at) == before


@pytest.mark.parametrize("report", ["GetTrialBalance", "GetGeneralLedger", "GetProfitAndLoss"])
@pytest.mark.parametrize("times", [{}, {"known_at": datetime(YEAR, 1, 1, tzinfo=UTC)}])
async def test_days_that_end_before_they_begin_are_refused(books: Books, report: str, times: dict[str, Any]) -> None:
    if report == "GetGeneralLedger":
        times = {**times, "account": await books.value("SELECT id FROM ledger.account WHERE code = '1020'")}
    with pytest.raises(Malformed) as refused:
        await books.ask(report, date_from=date(YEAR, 6, 1), as_of=date(YEAR, 5, 31), **times)
    assert refused.value.details == {"date_from": date(YEAR, 6, 1), "as_of": date(YEAR, 5, 31)}


async def test_an_unknown_account_is_not_found(books: Books) -> None:
    with pytest.raises(NotFound):
        await books.balance("0000")


async def test_the_currencies_are_those_of_iso_4217(books: Books) -> None:
    known = {row["code"]: row["digits"] for row in (await books.ask("GetCurrencies"))["data"]}
    assert (known["EUR"], known["JPY"], known["KWD"]) == (2, 0, 3)
