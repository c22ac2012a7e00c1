"""Tax rounded once and shared out."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bizcore.values import Currency, Money, Percentage
from contexts.billing.domain.tax import Taxed, line_taxes

EUR = Currency.of("EUR")
VAT19, VAT7 = Percentage(Decimal(19)), Percentage(Decimal(7))


def taxes(*lines: tuple[str, Percentage, str]) -> list[str]:
    return [tax.text() for tax in line_taxes([Taxed(g, rate, Money.parse(net, EUR)) for g, rate, net in lines])]


def test_three_lines_of_one_code_are_rounded_as_one():
    assert taxes(*[("VAT19", VAT19, "0.33")] * 3) == ["0.07", "0.06", "0.06"]


def test_codes_of_one_rate_are_rounded_apart():
    assert taxes(("A", VAT19, "0.03"), ("B", VAT19, "0.03")) == ["0.01", "0.01"]
    assert taxes(("A", VAT19, "0.03"), ("A", VAT19, "0.03")) == ["0.01", "0.00"]


def test_half_a_cent_goes_up():
    assert taxes(("VAT7", VAT7, "0.50")) == ["0.04"]


def test_nothing_is_taxed_at_nothing():
    assert taxes(("VAT19", VAT19, "0"), ("VAT19", VAT19, "0")) == ["0.00", "0.00"]


@given(st.lists(st.tuples(st.sampled_from([("A", VAT19), ("B", VAT7)]), st.integers(0, 10**9)), max_size=20))
def test_the_shares_of_a_code_add_up_to_its_tax(lines: list[tuple[tuple[str, Percentage], int]]):
    given_lines = [Taxed(group, rate, Money(net, EUR)) for (group, rate), net in lines]
    found = line_taxes(given_lines)
    assert len(found) == len(lines)
    for group, rate in (("A", VAT19), ("B", VAT7)):
        net = sum(line.net.minor for line in given_lines if line.group == group)
        shares = [tax for line, tax in zip(given_lines, found, strict=True) if line.group == group]
        exact = Fraction(net) * Fraction(rate.factor)
        assert abs(sum(tax.minor for tax in shares) - exact) <= Fraction(1, 2)
        assert all(tax.minor >= 0 for tax in shares)
