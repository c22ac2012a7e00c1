"""Whatever a tenant writes, a rule answers or is refused, in little time."""

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizcore.errors import ValidationFailed
from bizcore.rules import RuleFailed, compile_rule
from bizcore.rules.operators import OPERATORS

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "string", "format": "decimal"},
        "on": {"type": ["string", "null"], "format": "date"},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"quantity": {"type": "string", "format": "decimal"}}},
        },
        "open": {"type": "object"},
    },
}
DATA = {
    "total": "1234.50",
    "on": "2026-01-31",
    "lines": [{"quantity": "1"}, {"quantity": "2.5"}],
    "open": {"a": [1, None, {"b": 0.5}]},
}

words = st.sampled_from(
    [
        *("", "total", "on", "lines", "lines.0.quantity", "quantity", "current", "accumulator", "open.a"),
        *("accumulator@1", "a.b@9", "@", "0", "-1", "1e5", "-3.50", "2026-02-29", "2026-02-28", "é", "x" * 200),
    ]
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.floats(),
    st.decimals(),
    st.text(max_size=8),
    words,
)


def applied(name: str, inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """The operator with as many arguments as it takes."""
    operator = OPERATORS[name]
    arguments = st.lists(inner, min_size=operator.least, max_size=min(operator.most, 4))
    return arguments.map(lambda given: {name: given})


rules = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.sampled_from(sorted(OPERATORS)).flatmap(lambda operator: applied(operator, inner)),
    ),
    max_leaves=25,
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(words, st.sampled_from(sorted(OPERATORS))), inner, max_size=3),
    ),
    max_leaves=12,
)
data = st.recursive(
    st.one_of(scalars, st.sampled_from([10**400, Decimal("1E+1000000"), Decimal(1) / 3, 5**300])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


def answer(rule: object, schema: dict[str, Any], datum: object) -> object:
    try:
        return compile_rule(rule, schema).evaluate(datum)
    except (ValidationFailed, RuleFailed) as refusal:
        return type(refusal)


def is_exact(value: object) -> bool:
    if isinstance(value, list):
        return all(map(is_exact, value))
    return not isinstance(value, float)


@settings(max_examples=400, deadline=None)
@given(rules, data)
def test_a_random_rule_over_random_data_answers_exactly_or_is_refused(rule: object, datum: object) -> None:
    assert is_exact(answer(rule, {}, datum))


@settings(max_examples=400, deadline=None)
@given(rules)
def test_a_random_rule_that_fits_its_schema_answers_over_data_of_it(rule: object) -> None:
    assert is_exact(answer(rule, SCHEMA, DATA))


@settings(max_examples=200, deadline=None)
@given(anything)
def test_random_json_is_a_rule_or_refused(rule: object) -> None:
    assert is_exact(answer(rule, SCHEMA, DATA))


sums = st.recursive(
    st.one_of(st.integers(-1000, 1000), st.decimals(-1000, 1000, places=2)),
    lambda inner: st.builds(
        lambda operator, pair: {operator: pair}, st.sampled_from("+-*/"), st.lists(inner, min_size=2, max_size=2)
    ),
    max_leaves=8,
)


def by_fractions(term: Any) -> Fraction:
    if not isinstance(term, dict):
        return Fraction(term)
    ((operator, (left, right)),) = term.items()
    one, other = by_fractions(left), by_fractions(right)
    return {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other,
    }[operator]()


@given(sums)
def test_arithmetic_is_that_of_fractions(term: object) -> None:
    try:
        expected = by_fractions(term)
    except ZeroDivisionError:
        with pytest.raises(RuleFailed):
            compile_rule(term, {}).evaluate(None)
        return
    result = compile_rule(term, {}).evaluate(None)
    assert isinstance(result, int | Decimal | Fraction)
    assert Fraction(result) == expected


LINES = [{"quantity": str(number)} for number in range(90)]
LONG = {"part": "a" * 9_000 + "b", "text": "a" * 1_000_000, "list": ["a" * 100] * 10_000}
EVERY_PAIR = {"map": [{"var": "lines"}, {"map": [{"var": "lines@1"}, {"*": [{"var": "quantity"}, "1.01"]}]}]}


@pytest.mark.parametrize(
    ("rule", "datum"),
    [
        (EVERY_PAIR, {"lines": LINES}),
        ({"map": [{"var": ""}, {"in": [{"var": ""}, {"var": "@1"}]}]}, list(range(5_000))),
        ({"map": [{"var": ""}, {"==": [{"var": "@1"}, {"var": "@1"}]}]}, [[1] * 50] * 50),
        ({"reduce": [[1] * 900, {"merge": [{"var": "accumulator"}, {"var": "accumulator"}]}, [1]]}, None),
        ({"reduce": [[1] * 900, {"/": [1, {"+": [{"var": "accumulator"}, "0.0000001"]}]}, 7]}, None),
        ({"reduce": [[1] * 900, {"*": [{"var": "accumulator"}, "1.1"]}, 1]}, None),
        ({"map": [[1] * 900, {"in": [{"var": "part@1"}, {"var": "text@1"}]}]}, LONG),
        ({"map": [[1] * 900, {"cat": [{"var": "text@1"}]}]}, LONG),
        ({"map": [[1] * 900, {"var": {"var": "list@1"}}]}, LONG),
    ],
)
def test_the_costliest_rules_end_in_little_time(rule: object, datum: object) -> None:
    """The promise is 50 ms; the rest is for a machine that has other work."""
    began = time.process_time()
    answer(rule, {}, datum)
    assert time.process_time() - began < 0.5
