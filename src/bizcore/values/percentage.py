"""Percentages."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from bizcore.values.exact import EXACT, decimal_text, parse_decimal
from bizcore.values.money import Money


@dataclass(frozen=True, slots=True, order=True)
class Percentage:
    """So many parts of a hundred: a VAT of 20 % is `Percentage(Decimal(20))`, and `1 + vat` is exactly 1.2."""

    value: Decimal

    def __post_init__(self) -> None:
        if type(self.value) is not Decimal or not self.value.is_finite():
            raise ValueError(f"a percentage is a finite decimal, not {self.value!r}")

    @classmethod
    def parse(cls, given: str | int | Decimal) -> Self:
        """Errors: NOT_A_DECIMAL, VALUE_TOO_PRECISE, VALUE_OUT_OF_RANGE."""
        return cls(parse_decimal(given))

    @property
    def factor(self) -> Decimal:
        """20 % as 0.20."""
        return EXACT.scaleb(self.value, -2)

    def __radd__(self, one: int) -> Decimal:
        return EXACT.add(Decimal(one), self.factor)

    def __rsub__(self, one: int) -> Decimal:
        return EXACT.subtract(Decimal(one), self.factor)

    def of(self, amount: Money) -> Money:
        """That part of `amount`, rounded half up to its minor unit."""
        return Money.rounded(Fraction(amount.amount) * Fraction(self.factor), amount.currency)

    def text(self) -> str:
        """Without the sign: "20"."""
        return decimal_text(self.value)

    def __str__(self) -> str:
        return f"{self.text()} %"

    def plain(self) -> str:
        return self.text()
