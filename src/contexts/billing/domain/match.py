"""The match of an invoice line with its order: what was charged against what was agreed.

The third way of the match, the goods, moves on after the posting: it is read from the links, never kept here.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bizcore.values import Money, Percentage, decimal_text

# Against an expected price of nothing every charge is this many percent too high.
MAXIMUM_VARIANCE: Final = Fraction(1_000_000)


class MatchCode(StrEnum):
    UNIT_PRICE = "UNIT_PRICE_ABOVE_ORDER"
    TOTAL = "TOTAL_ABOVE_ORDER"  # of all invoice lines of the order line so far
    QUANTITY = "QUANTITY_NOT_RECEIVED"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a company lets pass: percent of the agreed price, and an amount in its own currency. Either breach fails."""

    percent: Percentage
    amount: Money

    def allows(self, *, expected: Fraction, actual: Fraction, excess: Money) -> bool:
        """Whether `actual` may be charged where `expected` was agreed; `excess` is in the company's currency."""
        return actual <= expected or (
            variance_percent(expected=expected, actual=actual) <= Fraction(self.percent.value) and excess <= self.amount
        )

    def text(self) -> str:
        return f"{self.percent}, {self.amount}"


@dataclass(frozen=True, slots=True)
class MatchException:
    """One way in which an invoice line charges more than was agreed."""

    code: MatchCode
    expected: Decimal
    actual: Decimal
    tolerance: str

    def plain(self) -> dict[str, object]:
        return {
            "code": self.code,
            "expected": decimal_text(self.expected),
            "actual": decimal_text(self.actual),
            "tolerance": self.tolerance,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An invoice line beside what its order line says. `expected` is what its quantity costs as ordered.

    The `earlier` amounts are those of the order line's invoice lines before this one, in the order's currency; `excess`
    and `total_excess`, in the company's, tell how much of this line, and of all of them, is beyond what was expected.
    """

    ordered_price: Decimal
    charged_price: Decimal
    expected: Money
    charged: Money
    excess: Money
    earlier_expected: Money
    earlier_charged: Money
    total_excess: Money

    def exceptions(self, tolerance: Tolerance) -> list[MatchException]:
        """Each breach of the tolerance. That of the total counts where earlier invoices add to it."""
        found = []
        if not tolerance.allows(
            expected=Fraction(self.ordered_price), actual=Fraction(self.charged_price), excess=self.excess
        ):
            found.append(MatchException(MatchCode.UNIT_PRICE, self.ordered_price, self.charged_price, tolerance.text()))
        expected, charged = self.earlier_expected + self.expected, self.earlier_charged + self.charged
        if self.earlier_charged and not tolerance.allows(
            expected=Fraction(expected.amount), actual=Fraction(charged.amount), excess=self.total_excess
        ):
            found.append(MatchException(MatchCode.TOTAL, expected.amount, charged.amount, tolerance.text()))
        return found


def variance_percent(*, expected: Fraction, actual: Fraction) -> Fraction:
    """How many percent `actual` is above `expected`, negative below it; the defined maximum above an expected zero."""
    if expected == 0:
        return MAXIMUM_VARIANCE if actual > 0 else Fraction(0)
    return (actual - expected) / expected * 100
