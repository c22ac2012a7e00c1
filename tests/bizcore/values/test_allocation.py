from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bizcore.errors import ErrorKind
from bizcore.values import ZeroBasis, allocate, allocate_quantity

totals = st.integers(-(10**18), 10**18)
weights = st.lists(
    st.one_of(
        st.integers(-(10**9), 10**9),
        st.decimals(-(10**6), 10**6, places=4),
        st.fractions(-1000, 1000, max_denominator=97),
    ),
    min_size=1,
    max_size=20,
)


def basis(given_weights: list[int | Decimal | Fraction]) -> Fraction:
    return sum((Fraction(weight) for weight in given_weights), Fraction())


def test_a_hundred_cents_in_three_equal_parts_give_the_first_the_odd_cent() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]


def test_the_largest_remainder_gets_the_odd_unit_wherever_it_stands() -> None:
    assert allocate(10, [Decimal("1.2"), Decimal("3.1"), Decimal("5.7")]) == [1, 3, 6]


def test_a_reversal_mirrors_its_original() -> None:
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]


def test_a_discount_among_charges_takes_its_share_with_the_opposite_sign() -> None:
    assert allocate(8, [100, -20]) == [10, -2]


def test_a_weight_of_zero_gets_nothing() -> None:
    assert allocate(7, [0, 3, 0, 3]) == [0, 4, 0, 3]


@pytest.mark.parametrize("given_weights", [[], [0], [0, 0], [5, -5]])
def test_weights_that_add_up_to_zero_are_refused(given_weights: list[int]) -> None:
    with pytest.raises(ZeroBasis) as refusal:
        allocate(100, given_weights)
    assert (refusal.value.code, refusal.value.kind) == ("ZERO_BASIS", ErrorKind.INVALID)
    assert refusal.value.details == {"total": 100}


def test_weights_are_never_floats() -> None:
    with pytest.raises(TypeError, match="float"):
        allocate(100, [0.5, 0.5])  # type: ignore[list-item]


@given(totals, weights)
def test_the_shares_add_up_exactly_and_each_is_within_one_unit_of_its_exact_share(
    total: int, given_weights: list[int | Decimal | Fraction]
) -> None:
    assume(basis(given_weights) != 0)
    shares = allocate(total, given_weights)
    assert sum(shares) == total
    for share, weight in zip(shares, given_weights, strict=True):
        assert abs(share - total * Fraction(weight) / basis(given_weights)) < 1


@given(totals, weights, st.fractions(-1000, 1000, max_denominator=1000))
def test_only_the_proportion_of_the_weights_matters(
    total: int, given_weights: list[int | Decimal | Fraction], factor: Fraction
) -> None:
    assume(basis(given_weights) != 0 and factor != 0)
    assert allocate(total, [Fraction(weight) * factor for weight in given_weights]) == allocate(total, given_weights)


@given(totals, weights)
def test_the_opposite_total_gives_the_opposite_shares(
    total: int, given_weights: list[int | Decimal | Fraction]
) -> None:
    assume(basis(given_weights) != 0)
    assert allocate(-total, given_weights) == [-share for share in allocate(total, given_weights)]


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_equal_weights_are_served_in_the_order_given(total: int, count: int) -> None:
    each, odd = divmod(total, count)
    assert allocate(total, [Decimal("0.7")] * count) == [each + 1] * odd + [each] * (count - odd)


def test_a_quantity_is_split_in_whole_steps() -> None:
    assert allocate_quantity(Decimal("10.00"), [1, 1, 1], Decimal("0.25")) == [
        Decimal("3.50"),
        Decimal("3.25"),
        Decimal("3.25"),
    ]


@pytest.mark.parametrize("step", [Decimal("0.3"), Decimal(0), Decimal(-1)])
def test_a_quantity_that_is_no_multiple_of_the_step_is_our_own_mistake(step: Decimal) -> None:
    with pytest.raises(ValueError):
        allocate_quantity(Decimal(10), [1], step)


@given(st.integers(-(10**9), 10**9), weights, st.sampled_from([Decimal("0.001"), Decimal("0.25"), Decimal(5)]))
def test_split_quantities_add_up_exactly(
    steps: int, given_weights: list[int | Decimal | Fraction], step: Decimal
) -> None:
    assume(basis(given_weights) != 0)
    assert sum(allocate_quantity(steps * step, given_weights, step)) == steps * step
