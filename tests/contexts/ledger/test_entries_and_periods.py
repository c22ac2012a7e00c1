"""Entries, periods and budgets as values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.ids import new_id
from bizcore.limits import Limit
from bizcore.values import Money
from contexts.ledger.domain.budget import budget_key, by_month, hold_budget, spread
from contexts.ledger.domain.journal_entry import Book, JournalEntry, Posting
from contexts.ledger.domain.period import FiscalYear, Period
from contexts.ledger.errors import BudgetExceeded, UnbalancedEntry
from tests.contexts.ledger.support import COMPANY, DOCUMENT, EUR


def entry(*minor: int) -> JournalEntry:
    return JournalEntry(
        id=new_id(),
        company=COMPANY,
        book=Book.ACTUAL,
        effective_on=date(2026, 3, 15),
        currency=EUR,
        document_id=DOCUMENT,
        description=None,
        postings=tuple(Posting(account_id=new_id(), amount=Money(m, EUR), company_amount=Money(m, EUR)) for m in minor),
    )


@given(st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=1, max_size=20))
def test_an_entry_exists_only_balanced_and_its_reversal_with_it(minor: list[int]) -> None:
    if sum(minor):
        with pytest.raises(UnbalancedEntry):
            entry(*minor)
        balanced = entry(*minor, -sum(minor))
    else:
        balanced = entry(*minor)
    reversal = balanced.reversal(new_id(), date(2026, 4, 1))
    assert reversal.reverses_id == balanced.id
    assert [a.amount + b.amount for a, b in zip(balanced.postings, reversal.postings, strict=True)] == [
        Money.zero(EUR)
    ] * len(balanced.postings)


def test_an_entry_without_postings_is_none() -> None:
    with pytest.raises(UnbalancedEntry):
        entry()


def test_an_entry_balances_in_the_company_currency_too() -> None:
    balanced = entry(100, -100)
    skewed = (replace(balanced.postings[0], company_amount=Money(99, EUR)), balanced.postings[1])
    with pytest.raises(UnbalancedEntry):
        replace(balanced, postings=skewed)


def test_an_entry_that_moves_remembers_the_day_that_was_meant() -> None:
    moved = entry(1, -1).moved_to(date(2026, 4, 1))
    assert (moved.effective_on, moved.original_on) == (date(2026, 4, 1), date(2026, 3, 15))


def test_a_calendar_year_has_twelve_months() -> None:
    months = list(FiscalYear.of(2028).months())
    assert len(months) == 12
    assert months[1] == (date(2028, 2, 1), date(2028, 2, 29))
    assert months[11] == (date(2028, 12, 1), date(2028, 12, 31))


def test_a_year_from_april_ends_in_march() -> None:
    year = FiscalYear.of(2026, date(2026, 4, 1))
    assert (year.ends_on, len(list(year.months()))) == (date(2027, 3, 31), 12)


def test_a_short_first_year_begins_with_part_of_a_month() -> None:
    year = FiscalYear.of(2026, date(2026, 11, 17), date(2026, 12, 31))
    assert list(year.months()) == [
        (date(2026, 11, 17), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    ]


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 731))
def test_periods_follow_each_other_without_a_gap(start: date, days: int) -> None:
    year = FiscalYear.of(start.year, start, date.fromordinal(start.toordinal() + days))
    months = list(year.months())
    assert (months[0][0], months[-1][1]) == (year.starts_on, year.ends_on)
    assert all(later[0].toordinal() == earlier[1].toordinal() + 1 for earlier, later in pairwise(months))


@pytest.mark.parametrize("ends_on", [date(2025, 12, 31), date(2028, 1, 3)])
def test_a_fiscal_year_of_nonsense_length_is_refused(ends_on: date) -> None:
    with pytest.raises(ValidationFailed):
        FiscalYear.of(2026, date(2026, 1, 1), ends_on)


PERIODS = [
    Period(new_id(), COMPANY.id, starts_on, ends_on, open=True) for starts_on, ends_on in FiscalYear.of(2026).months()
]


@given(st.integers(0, 10**12))
def test_a_spread_adds_up_to_the_cent(minor: int) -> None:
    shares = spread(Money(minor, EUR), PERIODS)
    assert sum(share.minor for share in shares.values()) == minor
    assert max(s.minor for s in shares.values()) - min(s.minor for s in shares.values()) <= 1


def test_fifty_over_twelve_months_is_fifty() -> None:
    assert [share.text() for share in spread(Money(50_00, EUR), PERIODS).values()] == ["4.17"] * 8 + ["4.16"] * 4


def test_amounts_by_month_name_a_month_of_the_year() -> None:
    assert by_month({"2026-02": Decimal("10.5")}, PERIODS, EUR, "/lines/0/amounts") == {
        PERIODS[1].id: Money(10_50, EUR)
    }
    with pytest.raises(ValidationFailed) as refused:
        by_month({"2027-01": Decimal(1)}, PERIODS, EUR, "/lines/0/amounts")
    assert (refused.value.fields[0].path, refused.value.fields[0].code) == (
        "/lines/0/amounts/2027-01",
        "UNKNOWN_PERIOD",
    )


LINE = UUID(int=31)


def limits(control: str, *, allowed: int = 1_000_00, taken: int = 0) -> dict[object, Limit]:
    key = budget_key(LINE)
    return {key: Limit(key, Decimal(allowed), Decimal(taken), {"control": control, "code": "IT"})}


def test_two_lines_of_one_command_see_each_other() -> None:
    held = limits("stop")
    assert hold_budget(held, LINE, Money(600_00, EUR)) is True  # type: ignore[arg-type]
    with pytest.raises(BudgetExceeded) as refused:
        hold_budget(held, LINE, Money(400_01, EUR))  # type: ignore[arg-type]
    assert refused.value.details == {
        "budget_line": "IT",
        "budget_line_id": LINE,
        "requested": "400.01",
        "available": "400.00",
        "currency": "EUR",
        "control": "stop",
    }
    assert hold_budget(held, LINE, Money(400_00, EUR)) is True  # type: ignore[arg-type]


@pytest.mark.parametrize("control", ["warn", "none"])
def test_without_stop_more_than_there_is_passes_and_says_so(control: str) -> None:
    held = limits(control)
    assert hold_budget(held, LINE, Money(1_000_01, EUR)) is False  # type: ignore[arg-type]


def test_giving_back_is_never_refused_even_when_overdrawn() -> None:
    held = limits("stop", taken=2_000_00)
    assert hold_budget(held, LINE, Money(-1_00, EUR)) is True  # type: ignore[arg-type]
