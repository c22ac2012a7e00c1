"""Closing and reopening periods on PostgreSQL."""

from datetime import date
from uuid import UUID

import pytest

from bizcore.errors import NotFound, ValidationFailed, VersionConflict
from contexts.ledger.errors import FiscalYearOverlaps, PeriodClosed, PeriodOpen
from tests.ledger.support import YEAR, Books, Told

REASON = {"reason": "Month end"}
CLOSED_MONTH = 5


async def seals(books: Books, period_id: str) -> dict[str, tuple[int, int]]:
    rows = await books.fetch(
        """SELECT a.code, s.debit_minor, s.credit_minor FROM ledger.seal s JOIN ledger.account a ON a.id = s.account_id
           WHERE s.period_id = $1 ORDER BY a.code""",
        UUID(period_id),
    )
    return {row["code"]: (row["debit_minor"], row["credit_minor"]) for row in rows}


async def test_sign_up_leaves_the_current_year_open(books: Books) -> None:
    years = await books.listed("fiscal_year")
    assert [(year["year"], year["starts_on"]) for year in years] == [(YEAR, f"{YEAR}-01-01")]
    periods = await books.listed("period", ("sort", "starts_on"))
    assert [(p["name"], p["state"]) for p in periods] == [(f"{YEAR}-{month:02}", "open") for month in range(1, 13)]


async def test_a_closed_period_refuses_and_names_the_next_open_day(books: Books) -> None:
    await books.post(("6010", "debit", "70.00"), ("1020", "credit", "70.00"), on=date(YEAR, CLOSED_MONTH, 3))
    period = await books.period(CLOSED_MONTH)
    closed = await books.run("ledger.period.close", REASON, id=UUID(period["id"]), version=period["version"])
    assert (closed["state"], closed["reason"], closed["version"]) == ("closed", "Month end", 2)
    assert await seals(books, period["id"]) == {"1020": (0, 70_00), "6010": (70_00, 0)}
    before = await books.value("SELECT count(*) FROM ledger.entry")
    with pytest.raises(PeriodClosed) as refused:
        await books.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00"), on=date(YEAR, CLOSED_MONTH, 31))
    assert refused.value.details == {
        "date": date(YEAR, CLOSED_MONTH, 31),
        "period_ends_on": date(YEAR, CLOSED_MONTH, 31),
        "next_open": date(YEAR, CLOSED_MONTH + 1, 1),
    }
    assert await books.value("SELECT count(*) FROM ledger.entry") == before


async def test_a_closed_period_is_not_closed_again(books: Books) -> None:
    period = await books.period(CLOSED_MONTH)
    with pytest.raises(PeriodClosed):
        await books.run("ledger.period.close", REASON, id=UUID(period["id"]))
    assert (await books.period(CLOSED_MONTH))["version"] == period["version"]


async def test_balances_are_the_same_by_seals(books: Books) -> None:
    assert await books.balance("6010") == "70.00"
    assert await books.balance("6010", as_of=date(YEAR, CLOSED_MONTH, 2)) == "0.00"
    assert await books.balance("6010", as_of=date(YEAR, CLOSED_MONTH, 3)) == "70.00"


async def test_the_reversal_of_a_closed_month_counts_from_the_first_open_day(books: Books) -> None:
    entry_id = await books.value(
        "SELECT document_id FROM ledger.entry WHERE effective_on = $1", date(YEAR, CLOSED_MONTH, 3)
    )
    await books.run("ledger.journal_entry.reverse", {"reason": "Wrong account"}, id=entry_id)
    rows = await books.fetch(
        "SELECT effective_on, original_on FROM ledger.entry WHERE document_id = $1 AND reverses_entry_id IS NOT NULL",
        entry_id,
    )
    assert rows == [{"effective_on": date(YEAR, CLOSED_MONTH + 1, 1), "original_on": date(YEAR, CLOSED_MONTH, 3)}]
    assert await books.balance("6010") == "0.00"
    assert await books.balance("6010", as_of=date(YEAR, CLOSED_MONTH, 31)) == "70.00"


async def test_the_facts_of_a_reversed_paper_move_likewise_and_name_what_they_reverse(books: Books) -> None:
    month = 7
    on = date(YEAR, month, 20)
    paper = await books.tell(Told("procurement.goods_receipt.received", 300_00), on=on)
    period = await books.period(month)
    await books.run("ledger.period.close", REASON, id=UUID(period["id"]))
    with pytest.raises(PeriodClosed):
        await books.tell(Told("procurement.goods_receipt.received", 1_00), on=on)
    await books.tell(
        Told("procurement.goods_receipt.received", -300_00), on=on, document_id=UUID(paper["id"]), reverses=True
    )
    rows = await books.fetch(
        """SELECT r.effective_on, r.original_on, o.effective_on AS reversed FROM ledger.entry r
           JOIN ledger.entry o ON o.id = r.reverses_entry_id WHERE r.document_id = $1""",
        UUID(paper["id"]),
    )
    assert rows == [{"effective_on": date(YEAR, month + 1, 1), "original_on": on, "reversed": on}]
    assert await books.balance("1400") == "0.00"


async def test_reopening_takes_the_seals_away(books: Books) -> None:
    period = await books.period(CLOSED_MONTH)
    opened = await books.run("ledger.period.reopen", {"reason": "Late invoice"}, id=UUID(period["id"]))
    assert (opened["state"], opened["reason"]) == ("open", "Late invoice")
    assert await seals(books, period["id"]) == {}
    await books.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00"), on=date(YEAR, CLOSED_MONTH, 31))
    with pytest.raises(PeriodOpen):
        await books.run("ledger.period.reopen", {"reason": "Again"}, id=UUID(period["id"]))


async def test_closing_needs_a_reason_and_the_version_that_was_read(books: Books) -> None:
    period = await books.period(9)
    with pytest.raises(ValidationFailed):
        await books.run("ledger.period.close", {}, id=UUID(period["id"]))
    with pytest.raises(VersionConflict):
        await books.run("ledger.period.close", REASON, id=UUID(period["id"]), version=99)
    with pytest.raises(NotFound):
        await books.run("ledger.period.close", REASON, id=books.company_id)
    assert (await books.period(9))["state"] == "open"


async def test_another_year_opens_with_its_months(books: Books) -> None:
    opened = await books.run("ledger.fiscal_year.create", {"year": YEAR + 1})
    assert (opened["year"], opened["ends_on"], len(opened["periods"])) == (YEAR + 1, f"{YEAR + 1}-12-31", 12)
    await books.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00"), on=date(YEAR + 1, 1, 1))


async def test_a_year_that_shares_days_with_another_is_refused(books: Books) -> None:
    years = len(await books.listed("fiscal_year"))
    with pytest.raises(FiscalYearOverlaps) as refused:
        await books.run("ledger.fiscal_year.create", {"year": YEAR - 1, "starts_on": f"{YEAR - 1}-07-01"})
    assert refused.value.details["fiscal_year"] == str(YEAR)
    assert len(await books.listed("fiscal_year")) == years


async def test_a_year_that_was_never_closed_may_lie_before(books: Books) -> None:
    opened = await books.run(
        "ledger.fiscal_year.create",
        {"year": YEAR - 1, "starts_on": f"{YEAR - 1}-11-17", "ends_on": f"{YEAR - 1}-12-31"},
    )
    assert [(p["starts_on"], p["ends_on"]) for p in opened["periods"]] == [
        (f"{YEAR - 1}-11-17", f"{YEAR - 1}-11-30"),
        (f"{YEAR - 1}-12-01", f"{YEAR - 1}-12-31"),
    ]


async def test_closing_is_audited_with_its_reason_and_published(books: Books) -> None:
    period = await books.period(10)
    await books.run("ledger.period.close", REASON, id=UUID(period["id"]))
    rows = await books.fetch(
        "SELECT after::text FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no DESC LIMIT 1", UUID(period["id"])
    )
    assert '"Month end"' in rows[0]["after"]
    types = await books.fetch("SELECT type FROM outbox.event WHERE subject_id = $1", UUID(period["id"]))
    assert [row["type"] for row in types] == ["ledger.period.closed.v1"]
