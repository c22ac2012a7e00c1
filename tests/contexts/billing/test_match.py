"""What an invoice line may charge beyond its order."""

from decimal import Decimal
from fractions import Fraction

import pytest

from bizcore.values import Currency, Money, Percentage
from contexts.billing.domain.match import MAXIMUM_VARIANCE, Charge, Tolerance, variance_percent

EUR = Currency.of("EUR")


def eur(text: str) -> Money:
    return Money.parse(text, EUR)


def codes(
    charged_price: str,
    *,
    percent: str = "0",
    amount: str = "0",
    ordered_price: str = "100",
    quantity: int = 2,
    earlier: tuple[str, str] = ("0", "0"),
) -> list[str]:
    """Of two pieces at 100 EUR, unless said otherwise, after earlier lines (expected, charged)."""
    expected = Money.rounded(Decimal(ordered_price) * quantity, EUR)
    charged = Money.rounded(Decimal(charged_price) * quantity, EUR)
    before, before_charged = map(eur, earlier)
    charge = Charge(
        ordered_price=Decimal(ordered_price),
        charged_price=Decimal(charged_price),
        expected=expected,
        charged=charged,
        excess=charged - expected,
        earlier_expected=before,
        earlier_charged=before_charged,
        total_excess=before_charged + charged - before - expected,
    )
    tolerance = Tolerance(Percentage(Decimal(percent)), eur(amount))
    return [exception.code.value for exception in charge.exceptions(tolerance)]


@pytest.mark.parametrize("price", ["100", "99.99", "0"])
def test_what_was_agreed_or_less_passes(price: str):
    assert codes(price) == []


def test_without_tolerance_a_cent_more_fails():
    assert codes("100.01") == ["UNIT_PRICE_ABOVE_ORDER"]


@pytest.mark.parametrize(
    ("price", "percent", "amount", "passes"),
    [
        ("105", "5", "10", True),
        ("105.01", "5", "100", False),  # percent breached, amount not
        ("105", "10", "9.99", False),  # amount breached, percent not
        ("105.01", "5", "10", False),
        ("105", "5", "0", False),
    ],
)
def test_percent_and_amount_both_bind(price: str, percent: str, amount: str, *, passes: bool):
    assert (codes(price, percent=percent, amount=amount) == []) is passes


def test_against_an_expected_zero_the_variance_is_the_defined_maximum():
    assert variance_percent(expected=Fraction(0), actual=Fraction(1)) == MAXIMUM_VARIANCE
    assert codes("0.01", ordered_price="0", percent="100", amount="10") == ["UNIT_PRICE_ABOVE_ORDER"]
    assert codes("0", ordered_price="0") == []


def test_small_steps_within_tolerance_add_up_to_a_breach_of_the_total():
    assert codes("104", percent="5", amount="10", earlier=("200", "208")) == ["TOTAL_ABOVE_ORDER"]
    assert codes("100", earlier=("200", "208"), percent="5", amount="10") == []


def test_what_was_charged_too_little_before_makes_up_for_the_total():
    assert codes("101", earlier=("200", "190")) == ["UNIT_PRICE_ABOVE_ORDER"]
