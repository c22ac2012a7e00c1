"""Quantities and their prices."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from bizcore.errors import BusinessError, ErrorKind, ValidationFailed
from bizcore.values.currency import Currency
from bizcore.values.exact import DECIMALS, EXACT, INTEGER_DIGITS, as_decimal, decimal_text, parse_decimal
from bizcore.values.money import Money
from bizcore.values.unit import Unit, UnitMismatch


class InexactConversion(BusinessError):
    """The quantity has no exact decimal in the other unit (one piece is a twelfth of a dozen)."""

    code = "INEXACT_CONVERSION"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Quantity:
    """So much of one unit, signed and exact. Equal are 1.50 and 1.5 of the same unit, never 12 EA and 1 DZN.

    Errors: VALUE_OUT_OF_RANGE beyond 15 digits before the point, from arithmetic too.
    """

    amount: Decimal
    unit: str

    def __post_init__(self) -> None:
        if type(self.amount) is not Decimal or not self.amount.is_finite():
            raise ValueError(f"a quantity is a finite decimal, not {self.amount!r}")
        if self.amount and self.amount.adjusted() >= INTEGER_DIGITS:
            raise ValidationFailed.at(
                "",
                "VALUE_OUT_OF_RANGE",
                f"At most {INTEGER_DIGITS} digits before the decimal point are allowed.",
                given=str(self.amount)[:100],
                allowed=INTEGER_DIGITS,
            )

    @classmethod
    def parse(cls, given: str | int | Decimal, unit: str) -> Self:
        """Errors: NOT_A_DECIMAL, VALUE_TOO_PRECISE beyond 12 decimals, VALUE_OUT_OF_RANGE."""
        return cls(parse_decimal(given), unit)

    @classmethod
    def zero(cls, unit: str) -> Self:
        return cls(Decimal(0), unit)

    def __add__(self, other: Self) -> Self:
        self._require_same_unit(other)
        return type(self)(EXACT.add(self.amount, other.amount), self.unit)

    def __sub__(self, other: Self) -> Self:
        self._require_same_unit(other)
        return type(self)(EXACT.subtract(self.amount, other.amount), self.unit)

    def __neg__(self) -> Self:
        return type(self)(EXACT.minus(self.amount), self.unit)

    def __abs__(self) -> Self:
        return type(self)(EXACT.abs(self.amount), self.unit)

    def __mul__(self, factor: int | Decimal) -> Self:
        return type(self)(EXACT.multiply(self.amount, Decimal(factor)), self.unit)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Self) -> bool:
        self._require_same_unit(other)
        return self.amount < other.amount

    def __le__(self, other: Self) -> bool:
        self._require_same_unit(other)
        return self.amount <= other.amount

    def __gt__(self, other: Self) -> bool:
        self._require_same_unit(other)
        return self.amount > other.amount

    def __ge__(self, other: Self) -> bool:
        self._require_same_unit(other)
        return self.amount >= other.amount

    def convert(self, source: Unit, to: Unit) -> Self:
        """The same quantity in unit `to`, exactly; `source` is the unit it has now.

        Errors: UNIT_MISMATCH, INEXACT_CONVERSION when 12 decimals cannot write the result.
        """
        if source.code != self.unit:
            raise ValueError(f"{self} is not measured in {source}")
        exact = source.convert(self.amount, to)
        amount = as_decimal(exact)
        if amount is None or (exact * 10**DECIMALS).denominator != 1:
            raise InexactConversion(
                f"{self} is no finite decimal of {to}.", given=self, expected=to.code, factor=source.factor / to.factor
            )
        return type(self)(amount, to.code)

    def text(self) -> str:
        """The number alone, as short as it can be written: "12.5"."""
        return decimal_text(self.amount)

    def __str__(self) -> str:
        return f"{self.text()} {self.unit}"

    def plain(self) -> dict[str, str]:
        return {"quantity": self.text(), "unit": self.unit}

    def _require_same_unit(self, other: Self) -> None:
        if other.unit != self.unit:
            raise UnitMismatch(f"{other.unit} is not {self.unit}: convert first.", given=other.unit, expected=self.unit)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of `per` (EN 16931 BT-149, price base quantity) in major units: EUR 4.125 per 100 KGM.

    Errors: VALUE_OUT_OF_RANGE for a base that is not positive.
    """

    amount: Decimal
    currency: Currency
    per: Quantity

    def __post_init__(self) -> None:
        if type(self.amount) is not Decimal or not self.amount.is_finite():
            raise ValueError(f"a price is a finite decimal, not {self.amount!r}")
        if self.per.amount <= 0:
            raise ValidationFailed.at(
                "", "VALUE_OUT_OF_RANGE", "A price is per a positive quantity.", given=self.per, allowed="more than 0"
            )

    @classmethod
    def parse(cls, given: str | int | Decimal, currency: Currency, unit: str) -> Self:
        """The price of one `unit`. Errors: NOT_A_DECIMAL, VALUE_TOO_PRECISE beyond 12 decimals, VALUE_OUT_OF_RANGE."""
        return cls(parse_decimal(given), currency, Quantity(Decimal(1), unit))

    def exact(self, quantity: Quantity) -> Fraction:
        """What `quantity` costs in major units, unrounded. Errors: UNIT_MISMATCH."""
        if quantity.unit != self.per.unit:
            raise UnitMismatch(
                f"The price is per {self.per.unit}, not {quantity.unit}.", given=quantity.unit, expected=self.per.unit
            )
        return Fraction(self.amount) * Fraction(quantity.amount) / Fraction(self.per.amount)

    def times(self, quantity: Quantity) -> Money:
        """What `quantity` costs, rounded half up to the minor unit. Errors: UNIT_MISMATCH."""
        return Money.rounded(self.exact(quantity), self.currency)

    def __str__(self) -> str:
        return f"{decimal_text(self.amount)} {self.currency} per {self.per}"

    def plain(self) -> dict[str, object]:
        return {"amount": decimal_text(self.amount), "currency": self.currency.code, "per": self.per.plain()}
