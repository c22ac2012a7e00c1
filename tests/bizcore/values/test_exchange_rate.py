from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.values import Currency, ExchangeRate, Money

EUR, USD, JPY, GBP = (Currency.of(code) for code in ("EUR", "USD", "JPY", "GBP"))


def test_an_amount_converts_in_both_directions_of_one_published_rate() -> None:
    rate = ExchangeRate(EUR, USD, Decimal("1.0823"))
    assert rate.convert(Money(10000, EUR)) == Money(10823, USD)
    assert rate.convert(Money(10823, USD)) == Money(10000, EUR)


def test_currencies_of_different_digits_convert_by_major_units() -> None:
    rate = ExchangeRate(EUR, JPY, Decimal("163.45"))
    assert rate.convert(Money(10, EUR)) == Money(16, JPY)
    assert rate.convert(Money(1, JPY)) == Money(1, EUR)


def test_a_tie_rounds_away_from_zero() -> None:
    rate = ExchangeRate(EUR, USD, Decimal("0.5"))
    assert rate.convert(Money(1, EUR)) == Money(1, USD)
    assert rate.convert(Money(-1, EUR)) == Money(-1, USD)


def test_a_rate_converts_its_own_two_currencies_only() -> None:
    with pytest.raises(ValueError, match="cannot convert GBP"):
        ExchangeRate(EUR, USD, Decimal(1)).convert(Money(1, GBP))
    with pytest.raises(ValueError, match="EUR to itself"):
        ExchangeRate(EUR, EUR, Decimal(1))


@pytest.mark.parametrize("rate", [Decimal(0), Decimal("-1.1")])
def test_a_rate_is_positive(rate: Decimal) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        ExchangeRate(EUR, USD, rate)
    assert refusal.value.fields[0].given == rate


@given(st.integers(-(10**12), 10**12), st.decimals("1", "1000", places=6))
def test_there_and_back_through_a_finer_currency_loses_nothing(minor: int, rate: Decimal) -> None:
    published = ExchangeRate(EUR, USD, rate)
    assert published.convert(published.convert(Money(minor, EUR))) == Money(minor, EUR)
