"""Payment terms: in which parts and by when an invoice is paid."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from bizcore.errors import ValidationFailed
from bizcore.fields import Field
from bizcore.values import Money, Percentage


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPart:
    """A percentage of the total, or its remainder, and when it is due: months, then days, then a day of the month."""

    percent: Annotated[
        Decimal | None,
        Field("Percent", help="Of the total; left out for the remainder", above=Decimal(0), maximum=Decimal(100)),
    ] = None
    remainder: Annotated[bool, Field("Remainder", help="Whatever the other parts leave; the last part is it")] = False
    months: Annotated[int, Field("Months", minimum=Decimal(0), maximum=Decimal(120))] = 0
    days: Annotated[int, Field("Days", example=30, minimum=Decimal(0), maximum=Decimal(3650))] = 0
    day_of_month: Annotated[
        int | None,
        Field(
            "Day of the month",
            help="The next such day; in a shorter month its last",
            minimum=Decimal(1),
            maximum=Decimal(31),
        ),
    ] = None

    def due_on(self, start: date) -> date:
        """When the part of a document of `start` is due. Errors: VALUE_OUT_OF_RANGE beyond the year 9999."""
        try:
            return self._due_on(start)
        except (OverflowError, ValueError):
            raise ValidationFailed.at(
                "", "VALUE_OUT_OF_RANGE", "The due date lies beyond the calendar.", given=start, allowed=date.max
            ) from None

    def _due_on(self, start: date) -> date:
        due = _months_later(start, self.months) + timedelta(days=self.days)
        if self.day_of_month is None:
            return due
        this_month = _day_in_month(due.year, due.month, self.day_of_month)
        if this_month >= due:
            return this_month
        following = _months_later(due.replace(day=1), 1)
        return _day_in_month(following.year, following.month, self.day_of_month)


@dataclass(frozen=True, slots=True)
class Instalment:
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Parts of which the last, the remainder, absorbs what rounding leaves. Errors: VALIDATION_FAILED at /parts."""

    code: str
    name: str
    parts: tuple[PaymentPart, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValidationFailed.at("/parts", "REQUIRED", "Terms have at least one part.")
        last = len(self.parts) - 1
        for index, part in enumerate(self.parts):
            if part.remainder is not (index == last):
                raise ValidationFailed.at(
                    f"/parts/{index}/remainder", "REMAINDER_IS_LAST", "The last part is the remainder, and only it."
                )
            if (part.percent is None) is not part.remainder:
                raise ValidationFailed.at(
                    f"/parts/{index}/percent", "PERCENT_OR_REMAINDER", "A part is a percentage or the remainder."
                )
        if sum((part.percent or Decimal(0) for part in self.parts), Decimal(0)) >= 100:
            raise ValidationFailed.at("/parts", "NOTHING_REMAINS", "The percentages leave nothing for the last part.")

    def instalments(self, total: Money, start: date) -> list[Instalment]:
        """What is due when, adding up to `total`; percentages are rounded half up, the last part takes the rest."""
        amounts = [Percentage(part.percent).of(total) for part in self.parts if part.percent is not None]
        rest = total - Money.total(amounts, total.currency)
        return [
            Instalment(part.due_on(start), amount) for part, amount in zip(self.parts, [*amounts, rest], strict=True)
        ]

    def last_due_on(self, start: date) -> date:
        """When the whole is due."""
        return max(part.due_on(start) for part in self.parts)


def _months_later(start: date, months: int) -> date:
    month = start.year * 12 + start.month - 1 + months
    return _day_in_month(month // 12, month % 12 + 1, start.day)


def _day_in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
