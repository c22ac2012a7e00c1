from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.values import MAX_MINOR, Currency, Money

EUR = Currency.of("EUR")
JPY = Currency.of("JPY")
KWD = Currency.of("KWD")

amounts = st.integers(-MAX_MINOR // 3, MAX_MINOR // 3)


def problem(refusal: pytest.ExceptionInfo[ValidationFailed]) -> tuple[str, object, object]:
    (field,) = refusal.value.fields
    return field.code, field.given, field.allowed


def test_an_amount_is_written_with_the_decimals_of_its_currency() -> None:
    assert Money(123450, EUR).text() == "1234.50"
    assert Money(-5, EUR).text() == "-0.05"
    assert Money(12, JPY).text() == "12"
    assert Money(12, KWD).text() == "0.012"
    assert str(Money(0, EUR)) == "0.00 EUR"


def test_an_amount_is_read_from_text_whole_numbers_and_decimals() -> None:
    assert Money.parse("1234.5", EUR) == Money(123450, EUR)
    assert Money.parse("-0.05", EUR) == Money(-5, EUR)
    assert Money.parse(7, EUR) == Money(700, EUR)
    assert Money.parse(Decimal("0.012"), KWD) == Money(12, KWD)
    assert Money.parse("-0.00", EUR) == Money(0, EUR)


@pytest.mark.parametrize(
    ("given", "currency"), [("1.005", EUR), ("1.000", EUR), ("1.0", JPY), (Decimal("0.0001"), KWD)]
)
def test_more_decimals_than_the_currency_has_are_refused_and_never_rounded(
    given: str | Decimal, currency: Currency
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Money.parse(given, currency)
    assert problem(refusal) == ("VALUE_TOO_PRECISE", str(given), currency.digits)


@pytest.mark.parametrize("given", ["", "1e3", "1,000.00", " 1", "1.", ".5", "+1", "NaN", "Infinity", "٣", "0x1", "1\n"])
def test_what_is_no_plain_decimal_number_is_refused(given: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Money.parse(given, EUR)
    assert problem(refusal) == ("NOT_A_DECIMAL", given, "-1234.50")


def test_an_amount_never_comes_from_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        Money.parse(0.1, EUR)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        Money(10.0, EUR)  # type: ignore[arg-type]


def test_the_largest_amount_is_held_and_one_more_is_refused() -> None:
    assert Money(MAX_MINOR, EUR).text() == "9999999999999999.99"
    with pytest.raises(ValidationFailed) as refusal:
        Money(MAX_MINOR, EUR) + Money(1, EUR)
    assert problem(refusal) == ("VALUE_OUT_OF_RANGE", "1000000000000000000", MAX_MINOR)


@pytest.mark.parametrize("given", ["1" + "0" * 15, 10**4000, Decimal("1E+1000000")])
def test_an_input_beyond_fifteen_digits_is_refused_without_effort(given: str | int | Decimal) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Money.parse(given, EUR)
    assert problem(refusal)[0] == "VALUE_OUT_OF_RANGE"


@pytest.mark.parametrize(
    ("exact", "minor"),
    [("0.125", 13), ("-0.125", -13), ("0.1249999", 12), ("0.135", 14), ("-0.1251", -13), ("0", 0)],
)
def test_rounding_is_half_up_with_ties_away_from_zero(exact: str, minor: int) -> None:
    assert Money.rounded(Decimal(exact), EUR) == Money(minor, EUR)


def test_a_third_of_a_euro_rounds_to_33_cents() -> None:
    assert Money.rounded(Fraction(1, 3), EUR) == Money(33, EUR)


def test_amounts_of_different_currencies_neither_add_nor_compare() -> None:
    with pytest.raises(ValueError, match="cannot add JPY and EUR"):
        Money(1, EUR) + Money(1, JPY)
    with pytest.raises(ValueError, match="cannot compare JPY and EUR"):
        _ = Money(1, EUR) < Money(1, JPY)
    with pytest.raises(ValueError, match="cannot add JPY to EUR"):
        Money.total([Money(1, EUR), Money(1, JPY)], EUR)
    assert Money(1, EUR) != Money(1, JPY)


def test_the_total_of_nothing_is_zero() -> None:
    assert Money.total([], EUR) == Money.zero(EUR)


def test_shares_of_an_amount_add_up_to_it() -> None:
    assert Money(10000, EUR).allocate([1, 1, 1]) == [Money(3334, EUR), Money(3333, EUR), Money(3333, EUR)]


@given(amounts, amounts)
def test_adding_and_subtracting_are_inverse(first: int, second: int) -> None:
    assert Money(first, EUR) + Money(second, EUR) - Money(second, EUR) == Money(first, EUR)


@given(amounts, st.sampled_from([EUR, JPY, KWD]))
def test_what_is_written_is_read_as_the_same_amount(minor: int, currency: Currency) -> None:
    written = Money(minor // 1000, currency)
    assert Money.parse(written.text(), currency) == written


@given(st.fractions(-(10**9), 10**9), st.sampled_from([EUR, JPY, KWD]))
def test_rounding_moves_by_at_most_half_a_minor_unit_and_mirrors_the_sign(exact: Fraction, currency: Currency) -> None:
    rounded = Money.rounded(exact, currency)
    assert abs(rounded.minor - exact * 10**currency.digits) <= Fraction(1, 2)
    assert Money.rounded(-exact, currency) == -rounded


@given(amounts, amounts)
def test_order_is_that_of_the_numbers(first: int, second: int) -> None:
    one, other = Money(first, EUR), Money(second, EUR)
    assert (one < other, one <= other, one > other, one >= other) == (
        first < second,
        first <= second,
        first > second,
        first >= second,
    )
