"""Values every context shares: immutable, exact, and refusing nonsense when they are made."""

from bizcore.values.allocation import ZeroBasis, allocate, allocate_quantity
from bizcore.values.currency import Currency
from bizcore.values.exact import Exact, decimal_text, parse_decimal, round_half_up
from bizcore.values.exchange_rate import ExchangeRate
from bizcore.values.iban import electronic_iban
from bizcore.values.money import MAX_MINOR, Money
from bizcore.values.percentage import Percentage
from bizcore.values.quantity import InexactConversion, Quantity, UnitPrice
from bizcore.values.unit import Unit, UnitMismatch

__all__ = [
    "MAX_MINOR",
    "Currency",
    "Exact",
    "ExchangeRate",
    "InexactConversion",
    "Money",
    "Percentage",
    "Quantity",
    "Unit",
    "UnitMismatch",
    "UnitPrice",
    "ZeroBasis",
    "allocate",
    "allocate_quantity",
    "decimal_text",
    "electronic_iban",
    "parse_decimal",
    "round_half_up",
]
