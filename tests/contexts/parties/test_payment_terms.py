"""Payment terms: due dates and instalments."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.values import Currency, Money
from contexts.parties.domain.payment_terms import Instalment, PaymentPart, PaymentTerms

EUR = Currency.of("EUR")


def terms(*parts: PaymentPart) -> PaymentTerms:
    return PaymentTerms("T", "Terms", parts)


def remainder(**when: int) -> PaymentPart:
    return PaymentPart(remainder=True, **when)


def percent(of: str, **when: int) -> PaymentPart:
    return PaymentPart(percent=Decimal(of), **when)


@pytest.mark.parametrize(
    ("part", "start", "due"),
    [
        (remainder(), date(2026, 1, 31), date(2026, 1, 31)),
        (remainder(days=30), date(2026, 1, 31), date(2026, 3, 2)),
        (remainder(months=1), date(2026, 1, 31), date(2026, 2, 28)),
        (remainder(months=1), date(2028, 1, 31), date(2028, 2, 29)),
        (remainder(months=12), date(2028, 2, 29), date(2029, 2, 28)),
        (remainder(day_of_month=15), date(2026, 1, 15), date(2026, 1, 15)),
        (remainder(day_of_month=15), date(2026, 1, 16), date(2026, 2, 15)),
        (remainder(day_of_month=31), date(2026, 2, 3), date(2026, 2, 28)),
        (remainder(days=30, day_of_month=31), date(2026, 1, 15), date(2026, 2, 28)),
        (remainder(months=1, days=1, day_of_month=1), date(2026, 11, 30), date(2027, 1, 1)),
    ],
)
def test_a_part_is_due_after_months_then_days_then_on_a_day_of_the_month(part, start, due):
    assert part.due_on(start) == due


def test_a_due_date_beyond_the_calendar_is_refused():
    with pytest.raises(ValidationFailed) as refusal:
        remainder(days=30).due_on(date(9999, 12, 31))
    assert refusal.value.fields[0].code == "VALUE_OUT_OF_RANGE"
    with pytest.raises(ValidationFailed):
        remainder(months=1).due_on(date(9999, 12, 1))


def test_the_last_part_takes_what_rounding_leaves():
    thirds = terms(percent("33.333"), percent("33.333", days=30), remainder(days=60))
    start = date(2026, 1, 1)
    assert thirds.instalments(Money(100_00, EUR), start) == [
        Instalment(date(2026, 1, 1), Money(33_33, EUR)),
        Instalment(date(2026, 1, 31), Money(33_33, EUR)),
        Instalment(date(2026, 3, 2), Money(33_34, EUR)),
    ]
    assert thirds.last_due_on(start) == date(2026, 3, 2)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.decimals("0.01", "15", places=2), max_size=6),
    st.dates(max_value=date(9000, 1, 1)),
)
def test_instalments_add_up_and_a_credit_mirrors_its_invoice(minor, percents, start):
    split = terms(*(PaymentPart(percent=of, days=at) for at, of in enumerate(percents)), remainder())
    instalments = split.instalments(Money(minor, EUR), start)
    assert sum(instalment.amount.minor for instalment in instalments) == minor
    mirrored = split.instalments(Money(-minor, EUR), start)
    assert [instalment.amount.minor for instalment in mirrored] == [-i.amount.minor for i in instalments]


@pytest.mark.parametrize(
    ("parts", "path", "code"),
    [
        ((), "/parts", "REQUIRED"),
        ((percent("50"),), "/parts/0/remainder", "REMAINDER_IS_LAST"),
        ((remainder(), remainder()), "/parts/0/remainder", "REMAINDER_IS_LAST"),
        ((PaymentPart(percent=Decimal(50), remainder=True),), "/parts/0/percent", "PERCENT_OR_REMAINDER"),
        ((PaymentPart(), remainder()), "/parts/0/percent", "PERCENT_OR_REMAINDER"),
        ((percent("60"), percent("40"), remainder()), "/parts", "NOTHING_REMAINS"),
    ],
)
def test_parts_that_do_not_make_a_whole_are_refused(parts, path, code):
    with pytest.raises(ValidationFailed) as refusal:
        terms(*parts)
    assert [(problem.path, problem.code) for problem in refusal.value.fields] == [(path, code)]
