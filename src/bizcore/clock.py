"""Time as an argument: a domain never asks the machine what time it is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol

from bizcore.bounds import FIRST_DAY, LAST_DAY


class Clock(Protocol):
    def now(self) -> datetime:
        """This instant, aware and in UTC."""

    def today(self, timezone: tzinfo) -> date:
        """The calendar date at this instant where the company is."""


def day_of(text: str) -> date:
    """A business day in ISO 8601. Errors: ValueError."""
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("a day on which business is done")
    return day


def instant_of(text: str) -> datetime:
    """An instant in ISO 8601 with its offset, within business days, in UTC. Errors: ValueError."""
    # The plus of an offset comes out of a query string as a space; any character may stand before the time.
    instant = datetime.fromisoformat(text.replace(" ", "+"))
    # The day is compared before the offset is taken off: beyond the years 1 to 9999 that would overflow.
    if instant.tzinfo is None or not FIRST_DAY <= instant.date() <= LAST_DAY:
        raise ValueError("an instant needs its offset, and a year that business is done in")
    return instant.astimezone(UTC)


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, timezone: tzinfo) -> date:
        return self.now().astimezone(timezone).date()


@dataclass(slots=True)
class FixedClock:
    """A clock that moves only when told to."""

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)

    def today(self, timezone: tzinfo) -> date:
        return self.instant.astimezone(timezone).date()

    def advance(self, by: timedelta) -> None:
        self.instant += by
