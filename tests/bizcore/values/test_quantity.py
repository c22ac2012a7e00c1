import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed, plain
from bizcore.values import Currency, InexactConversion, Money, Percentage, Quantity, Unit, UnitMismatch, UnitPrice

RECOMMENDATION_20 = Path(__file__).parents[4] / "shared" / "data" / "uom" / "unece_rec20.csv"
EUR = Currency.of("EUR")

units = st.sampled_from(sorted(Unit.known.values(), key=lambda unit: unit.code))


def unit(code: str) -> Unit:
    return Unit.known[code]


@pytest.mark.parametrize(
    ("amount", "source", "to", "result"),
    [
        ("3", "DZN", "EA", "36"),
        ("1", "LBR", "KGM", "0.45359237"),
        ("16", "ONZ", "LBR", "1"),
        ("2.5", "KGM", "GRM", "2500"),
        ("1", "INH", "MMT", "25.4"),
        ("1", "ACR", "MTK", "4046.8564224"),
        ("1", "GLL", "LTR", "3.785411784"),
        ("1", "INQ", "MLT", "16.387064"),
        ("90", "MIN", "HUR", "1.5"),
        ("1", "KWH", "3B", "3.6"),
        ("480", "GRN", "APZ", "1"),
    ],
)
def test_units_convert_exactly(amount: str, source: str, to: str, result: str) -> None:
    assert Quantity.parse(amount, source).convert(unit(source), unit(to)) == Quantity.parse(result, to)


def test_one_piece_is_no_decimal_number_of_dozens() -> None:
    with pytest.raises(InexactConversion) as refusal:
        Quantity.parse("1", "EA").convert(unit("EA"), unit("DZN"))
    assert plain(refusal.value.details) == {
        "given": {"quantity": "1", "unit": "EA"},
        "expected": "DZN",
        "factor": "1/12",
    }
    assert unit("EA").convert(1, unit("DZN")) == Fraction(1, 12)


def test_kilograms_are_no_metres() -> None:
    with pytest.raises(UnitMismatch) as refusal:
        Quantity.parse("1", "KGM").convert(unit("KGM"), unit("MTR"))
    assert refusal.value.details == {"given": "KGM", "expected": "MTR"}


def test_a_package_of_an_item_converts_by_a_factor_of_its_own() -> None:
    pallet = Unit("XPX", "item 4711", Fraction(480))
    piece = Unit("H87", "item 4711", Fraction(1))
    assert Quantity.parse("2.5", "XPX").convert(pallet, piece) == Quantity.parse("1200", "H87")


@given(st.decimals(-(10**12), 10**12, places=6), units, units)
def test_there_and_back_is_the_same_quantity(amount: Decimal, one: Unit, other: Unit) -> None:
    if one.category == other.category:
        assert other.convert(one.convert(amount, other), one) == Fraction(amount)


@pytest.mark.skipif(not RECOMMENDATION_20.exists(), reason="the published unit codes are not on this machine")
def test_every_known_unit_has_a_published_code() -> None:
    with RECOMMENDATION_20.open(encoding="utf-8") as file:
        published = {row["code"] for row in csv.DictReader(file)}
    assert set(Unit.known) <= published


def test_quantities_of_different_units_neither_add_nor_compare() -> None:
    with pytest.raises(UnitMismatch):
        Quantity.parse("1", "EA") + Quantity.parse("1", "DZN")
    with pytest.raises(UnitMismatch):
        _ = Quantity.parse("1", "EA") > Quantity.parse("1", "DZN")


def test_equal_quantities_are_written_alike() -> None:
    assert Quantity.parse("1.50", "EA") == Quantity.parse("1.5", "EA")
    assert Quantity.parse("1.50", "EA").text() == "1.5"
    assert Quantity(Decimal("1E+3"), "EA").text() == "1000"
    assert str(Quantity.parse("-0", "EA")) == "0 EA"


def test_a_tolerance_is_applied_exactly() -> None:
    ordered = Quantity.parse("100", "EA")
    limit = ordered * (1 + Percentage.parse("0"))
    assert not Quantity.parse("100.00", "EA") > limit
    assert Quantity.parse("100.002", "EA") > limit
    assert ordered * (1 + Percentage.parse("2.5")) == Quantity.parse("102.5", "EA")


@given(st.decimals(-(10**14), 10**14, places=12), st.decimals(-(10**14), 10**14, places=12))
def test_sums_of_27_digits_are_exact(first: Decimal, second: Decimal) -> None:
    total = Quantity(first, "EA") + Quantity(second, "EA")
    assert Fraction(total.amount) == Fraction(first) + Fraction(second)


@pytest.mark.parametrize(
    ("given", "code"),
    [("0.0000000000001", "VALUE_TOO_PRECISE"), ("1000000000000000", "VALUE_OUT_OF_RANGE"), ("ten", "NOT_A_DECIMAL")],
)
def test_a_quantity_the_books_cannot_hold_is_refused(given: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Quantity.parse(given, "EA")
    assert [(field.code, field.given) for field in refusal.value.fields] == [(code, given)]


def test_a_product_beyond_fifteen_digits_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        Quantity.parse("999999999999999", "EA") * 2


def test_a_price_times_a_quantity_is_rounded_once() -> None:
    price = UnitPrice(Decimal("4.125"), EUR, per=Quantity.parse("100", "KGM"))
    assert price.times(Quantity.parse("1000", "KGM")) == Money(4125, EUR)
    assert price.times(Quantity.parse("12.12", "KGM")) == Money(50, EUR)
    assert price.exact(Quantity.parse("12.12", "KGM")) == Fraction(49995, 100_000)


def test_a_price_per_piece_says_nothing_about_kilograms() -> None:
    with pytest.raises(UnitMismatch) as refusal:
        UnitPrice.parse("1", EUR, "EA").times(Quantity.parse("1", "KGM"))
    assert refusal.value.details == {"given": "KGM", "expected": "EA"}


@pytest.mark.parametrize("per", ["0", "-1"])
def test_a_price_is_per_a_positive_quantity(per: str) -> None:
    with pytest.raises(ValidationFailed):
        UnitPrice(Decimal(1), EUR, per=Quantity.parse(per, "EA"))


def test_a_percentage_of_an_amount_is_rounded_half_up() -> None:
    assert Percentage.parse("19").of(Money(1050, EUR)) == Money(200, EUR)
    assert Percentage.parse("19").of(Money(-1050, EUR)) == Money(-200, EUR)
    assert 1 - Percentage.parse("2") == Decimal("0.98")
    assert str(Percentage.parse("20.0")) == "20 %"
