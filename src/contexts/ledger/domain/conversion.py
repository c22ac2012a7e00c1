"""From a document's currency to its company's."""

from dataclasses import dataclass

from bizcore.values import Currency, ExchangeRate, Money


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a document's amounts count in its company's currency; without a rate both are the same currency."""

    own: Currency
    rate: ExchangeRate | None = None

    def convert(self, amount: Money) -> Money:
        """`amount` in the company's currency, rounded half up."""
        return amount if self.rate is None else self.rate.convert(amount)
