"""Amounts of money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from bizcore.errors import ValidationFailed
from bizcore.values.allocation import allocate
from bizcore.values.currency import Currency
from bizcore.values.exact import EXACT, Exact, half_up, parse_decimal

# PostgreSQL's bigint holds nine times as much, so two amounts never overflow in a sum of SQL.
MAX_MINOR = 10**18 - 1


@dataclass(frozen=True, slots=True)
class Money:
    """A signed amount as whole minor units of one currency (ISO 4217): EUR 12.34 is 1234, JPY 12 is 12.

    Errors: VALUE_OUT_OF_RANGE beyond 18 digits of minor units, from arithmetic too.
    """

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if not -MAX_MINOR <= self.minor <= MAX_MINOR:
            raise ValidationFailed.at(
                "",
                "VALUE_OUT_OF_RANGE",
                "The amount is larger than the books can hold.",
                given=str(Decimal(self.minor))[:100],
                allowed=MAX_MINOR,
            )

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, given: str | int | Decimal, currency: Currency) -> Self:
        """The amount that "1234.50" writes out, in major units.

        Errors: NOT_A_DECIMAL, VALUE_TOO_PRECISE for more decimals than the currency has, VALUE_OUT_OF_RANGE.
        """
        return cls(int(EXACT.scaleb(parse_decimal(given, decimals=currency.digits), currency.digits)), currency)

    @classmethod
    def rounded(cls, exact: Exact, currency: Currency) -> Self:
        """The amount nearest to `exact` major units, half up: ties go away from zero."""
        return cls(half_up(Fraction(exact) * 10**currency.digits), currency)

    @classmethod
    def total(cls, amounts: Iterable[Self], currency: Currency) -> Self:
        """Their sum; zero of the currency when there are none."""
        minor = 0
        for amount in amounts:
            if amount.currency != currency:
                raise ValueError(f"cannot add {amount.currency} to {currency}")
            minor += amount.minor
        return cls(minor, currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the decimals of the currency."""
        return EXACT.scaleb(Decimal(self.minor), -self.currency.digits)

    def __add__(self, other: Self) -> Self:
        self._require_same_currency(other, "add")
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._require_same_currency(other, "subtract")
        return type(self)(self.minor - other.minor, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __abs__(self) -> Self:
        return type(self)(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Self) -> bool:
        self._require_same_currency(other, "compare")
        return self.minor < other.minor

    def __le__(self, other: Self) -> bool:
        self._require_same_currency(other, "compare")
        return self.minor <= other.minor

    def __gt__(self, other: Self) -> bool:
        self._require_same_currency(other, "compare")
        return self.minor > other.minor

    def __ge__(self, other: Self) -> bool:
        self._require_same_currency(other, "compare")
        return self.minor >= other.minor

    def allocate(self, weights: Sequence[Exact]) -> list[Self]:
        """Shares in proportion to `weights` that add up to this amount exactly. Errors: ZERO_BASIS."""
        return [type(self)(minor, self.currency) for minor in allocate(self.minor, weights)]

    def text(self) -> str:
        """In major units with every decimal of the currency: "1234.50"."""
        return format(self.amount, "f")

    def __str__(self) -> str:
        return f"{self.text()} {self.currency}"

    def plain(self) -> dict[str, str]:
        return {"amount": self.text(), "currency": self.currency.code}

    def _require_same_currency(self, other: Self, verb: str) -> None:
        # Converting needs a rate and a date: somebody must decide that.
        if other.currency != self.currency:
            raise ValueError(f"cannot {verb} {other.currency} and {self.currency}")
