"""Exchange rates."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bizcore.errors import ValidationFailed
from bizcore.values.currency import Currency
from bizcore.values.exact import decimal_text
from bizcore.values.money import Money


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one major unit of `base` costs in major units of `quote`, as published: 1 EUR = 1.0823 USD.

    Errors: VALUE_OUT_OF_RANGE for a rate that is not positive.
    """

    base: Currency
    quote: Currency
    rate: Decimal

    def __post_init__(self) -> None:
        if self.base == self.quote:
            raise ValueError(f"a rate relates two currencies, not {self.base} to itself")
        if type(self.rate) is not Decimal or not self.rate.is_finite():
            raise ValueError(f"a rate is a finite decimal, not {self.rate!r}")
        if self.rate <= 0:
            raise ValidationFailed.at(
                "", "VALUE_OUT_OF_RANGE", "An exchange rate is positive.", given=self.rate, allowed="more than 0"
            )

    def convert(self, amount: Money) -> Money:
        """`amount` in the other of the two currencies, rounded half up to its minor unit.

        From quote to base it divides by the published rate: an inverse written as a decimal would already be rounded.
        """
        if amount.currency == self.base:
            return Money.rounded(Fraction(amount.amount) * Fraction(self.rate), self.quote)
        if amount.currency == self.quote:
            return Money.rounded(Fraction(amount.amount) / Fraction(self.rate), self.base)
        raise ValueError(f"a rate of {self.base} and {self.quote} cannot convert {amount.currency}")

    def __str__(self) -> str:
        return f"1 {self.base} = {decimal_text(self.rate)} {self.quote}"

    def plain(self) -> dict[str, str]:
        return {"base": self.base.code, "quote": self.quote.code, "rate": decimal_text(self.rate)}
