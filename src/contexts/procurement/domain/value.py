"""What a line is worth: in its document's currency, and in the company's at the document's rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from bizcore.values import Currency, Money
from contexts.ledger.public import Conversion


@dataclass(frozen=True, slots=True)
class Value:
    """One amount in both currencies. The second is never converted back: it was rounded."""

    amount: Money
    company: Money

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + other.amount, self.company + other.company)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - other.amount, self.company - other.company)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, -self.company)

    def __bool__(self) -> bool:
        return bool(self.amount) or bool(self.company)

    def at_least_nothing(self) -> Self:
        """Zero in place of a negative amount."""
        return type(self)(
            max(self.amount, Money.zero(self.amount.currency)), max(self.company, Money.zero(self.company.currency))
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """The currency of a document, and how it counts in its company's: kept from the day the document was made."""

    currency: Currency
    conversion: Conversion

    @property
    def zero(self) -> Value:
        return Value(Money.zero(self.currency), Money.zero(self.conversion.own))

    def price(self, unit_price: Decimal | None, quantity: Decimal) -> Value:
        """What `quantity` costs, half up to the minor unit, and that converted; nothing where no price is known yet."""
        if unit_price is None:
            return self.zero
        amount = Money.rounded(Fraction(quantity) * Fraction(unit_price), self.currency)
        return Value(amount, self.conversion.convert(amount))

    def total(self, values: Iterable[Value]) -> Value:
        return sum(values, self.zero)
