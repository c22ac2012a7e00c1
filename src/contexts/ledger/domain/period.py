"""Fiscal years and their accounting periods."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from bizcore.errors import ValidationFailed
from contexts.ledger.errors import PeriodClosed

MONTHS = 12
LONGEST_DAYS = 732  # a first fiscal year may be long, yet no longer than two


@dataclass(frozen=True, slots=True)
class Period:
    """Days whose books are closed together. Read under a lock, `open` stays true until the command ends."""

    id: UUID
    company_id: UUID
    starts_on: date
    ends_on: date
    open: bool

    @property
    def month(self) -> str:
        """How budgets name it: 2026-01."""
        return f"{self.starts_on:%Y-%m}"

    def refuse_if_closed(self, on: date, next_open: date | None) -> None:
        """Errors: PERIOD_CLOSED."""
        if not self.open:
            raise PeriodClosed(
                f"The books are closed on {on}.", date=on, period_ends_on=self.ends_on, next_open=next_open
            )


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Consecutive days of a company, cut into calendar months; the first and last may be parts of one."""

    year: int
    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValidationFailed.at(
                "/ends_on", "VALUE_OUT_OF_RANGE", "A fiscal year ends after it starts.",
                given=self.ends_on, allowed=f"{self.starts_on} or later",
            )  # fmt: skip
        if (self.ends_on - self.starts_on).days >= LONGEST_DAYS:
            raise ValidationFailed.at(
                "/ends_on", "VALUE_OUT_OF_RANGE", "A fiscal year is not longer than two years.",
                given=self.ends_on, allowed=self.starts_on + timedelta(days=LONGEST_DAYS - 1),
            )  # fmt: skip

    @classmethod
    def of(cls, year: int, starts_on: date | None = None, ends_on: date | None = None) -> "FiscalYear":
        """The calendar year, or the twelve months from `starts_on`, unless both ends are given."""
        start = starts_on or date(year, 1, 1)
        return cls(year, start, ends_on or _months_later(start, MONTHS, day=start.day) - timedelta(days=1))

    def months(self) -> Iterator[tuple[date, date]]:
        """First and last day of each of its periods."""
        start = self.starts_on
        while start <= self.ends_on:
            following = _months_later(start, 1)
            yield start, min(following - timedelta(days=1), self.ends_on)
            start = following


def _months_later(start: date, months_later: int, *, day: int = 1) -> date:
    """That `day` of a later month, or the first of the next where the month is shorter (29 February)."""
    months = start.year * MONTHS + start.month - 1 + months_later
    try:
        return date(months // MONTHS, months % MONTHS + 1, day)
    except ValueError:
        return _months_later(start, months_later + 1)
