from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from bizcore.errors import ErrorKind, FieldProblem, ValidationFailed, plain
from bizcore.rules import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_STEPS, RuleFailed, compile_rule

ORDER = {
    "type": "object",
    "properties": {
        "net_total": {"type": "string", "format": "decimal"},
        "discount": {"anyOf": [{"type": "string", "format": "decimal"}, {"type": "null"}]},
        "currency": {"type": "string"},
        "order_date": {"type": "string", "format": "date"},
        "created_at": {"type": "string", "format": "date-time"},
        "urgent": {"type": "boolean"},
        "attributes": {"type": "object"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "$defs": {
        "line": {
            "type": "object",
            "properties": {
                "quantity": {"type": "string", "format": "decimal"},
                "unit_price": {"type": "string", "format": "decimal"},
                "description": {"type": ["string", "null"]},
            },
        }
    },
}

DATA = {
    "net_total": "9999.99",
    "discount": None,
    "currency": "EUR",
    "order_date": "2026-03-01",
    "created_at": "2026-03-01T10:00:00+00:00",
    "urgent": False,
    "attributes": {"cost_centre": "4711", "rate": 0.1},
    "lines": [
        {"quantity": "10", "unit_price": "0.10", "description": None},
        {"quantity": "3", "unit_price": "1000.00", "description": "Pump"},
    ],
}


def problems(rule: object, schema: dict[str, Any] = ORDER, **options: str) -> list[FieldProblem]:
    with pytest.raises(ValidationFailed) as refusal:
        compile_rule(rule, schema, **options)
    assert refusal.value.kind is ErrorKind.INVALID
    return list(refusal.value.fields)


def var(name: str) -> dict[str, str]:
    return {"var": name}


def test_amounts_written_as_text_are_compared_as_numbers() -> None:
    rule = compile_rule({"<": [var("net_total"), "10000.00"]}, ORDER, result="boolean")
    assert rule.holds(DATA)
    assert not rule.holds(DATA | {"net_total": "10000.00"})
    assert rule.holds(DATA | {"net_total": Decimal("9999.999999")})


def test_two_amounts_of_the_data_are_compared_as_numbers_and_not_letter_by_letter() -> None:
    schema = {"type": "object", "properties": dict.fromkeys("ab", ORDER["properties"]["net_total"])}  # type: ignore[index]
    assert compile_rule({"<": [var("a"), var("b")]}, schema).holds({"a": "9.00", "b": "10.00"})


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert compile_rule({"==": [{"+": [0.1, 0.2]}, 0.3]}, {}).holds(None)
    assert compile_rule({"+": [0.1, "0.2"]}, {}).evaluate(None) == Decimal("0.3")


def test_a_division_that_never_ends_is_not_rounded() -> None:
    third = {"/": [1, 3]}
    assert compile_rule(third, {}).evaluate(None) == Fraction(1, 3)
    assert compile_rule({"===": [{"*": [third, 3]}, 1]}, {}).holds(None)


@pytest.mark.parametrize(
    ("dividend", "divisor", "remainder"), [(-7, 3, -1), (7, -3, 1), ("5.5", 2, Decimal("1.5")), ("-0.3", "0.1", 0)]
)
def test_a_remainder_has_the_sign_of_its_dividend(dividend: object, divisor: object, remainder: object) -> None:
    assert compile_rule({"%": [dividend, divisor]}, {}).evaluate(None) == remainder


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (None, 0, False),
        ("", 0, True),
        ("1.0", 1, True),
        (True, "1", True),
        ([1, "1"], [1, "1"], True),
        ([1], "1", False),
    ],
)
def test_loose_equality_compares_as_numbers_but_arrays_by_content(left: object, right: object, equal: bool) -> None:
    rule = compile_rule({"==": [var("left"), var("right")]}, {})
    assert rule.holds({"left": left, "right": right}) is equal


def test_the_lines_are_summed_exactly() -> None:
    amount = {"*": [var("current.quantity"), var("current.unit_price")]}
    rule = compile_rule({"reduce": [var("lines"), {"+": [var("accumulator"), amount]}, 0]}, ORDER, result="number")
    assert rule.evaluate(DATA) == Decimal("3001")


def test_elements_can_look_at_the_data_around_them() -> None:
    rule = compile_rule({"some": [var("lines"), {">": [var("unit_price"), {"/": [var("net_total@1"), 10]}]}]}, ORDER)
    assert rule.holds(DATA)
    assert not rule.holds(DATA | {"net_total": "20000.00"})


def test_dates_are_compared_as_dates() -> None:
    rule = compile_rule({"<=": ["2026-03-01", var("order_date"), "2026-03-31"]}, ORDER)
    assert rule.holds(DATA)
    assert rule.holds(DATA | {"order_date": date(2026, 3, 31)})
    assert not rule.holds(DATA | {"order_date": "2026-04-01"})


def test_instants_are_compared_whatever_their_offset() -> None:
    rule = compile_rule({"==": [var("created_at"), "2026-03-01T11:00:00+01:00"]}, ORDER)
    assert rule.holds(DATA)
    assert rule.holds(DATA | {"created_at": datetime(2026, 3, 1, 10, tzinfo=UTC)})


def test_a_default_stands_in_for_what_is_empty_or_absent() -> None:
    assert compile_rule({"<": [{"var": ["discount", 0]}, 5]}, ORDER).holds(DATA)
    assert compile_rule({"var": ["attributes.colour", "red"]}, ORDER).evaluate(DATA) == "red"
    assert compile_rule(var("attributes.colour"), ORDER).evaluate(DATA) is None


def test_attributes_read_by_a_json_parser_are_what_was_written() -> None:
    assert compile_rule({"===": [var("attributes.rate"), 0.1]}, ORDER).holds(DATA)


def test_an_id_of_the_data_is_its_text() -> None:
    given = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert compile_rule({"in": [var("id"), [str(given)]]}, {}).holds({"id": given})


def test_data_of_no_json_kind_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="bytes is no data for rules"):
        compile_rule(True, {}).evaluate({"a": b""})
    deep: list[object] = []
    for _ in range(20_000):
        deep = [deep]
    with pytest.raises(ValueError, match="at most 64 deep"):
        compile_rule(True, {}).evaluate(deep)


def test_a_field_that_the_data_does_not_have_is_refused_with_the_nearest_names() -> None:
    assert problems({"and": [True, {">": [var("net_totl"), 1]}]}) == [
        FieldProblem("/and/1/>/0", "UNKNOWN_FIELD", "The data has no field 'net_totl' here.", "net_totl", ["net_total"])
    ]
    assert problems({"some": [var("lines"), var("quantty")]})[0].path == "/some/1"
    assert problems({"missing": ["currency", "curency"]})[0].allowed == ["currency", "urgent"]


def test_a_scope_that_is_not_there_is_refused() -> None:
    (problem,) = problems({"some": [var("lines"), var("net_total@2")]})
    assert (problem.path, problem.code) == ("/some/1", "UNKNOWN_FIELD")
    assert problems(var("net_total@" + "9" * 5000))[0].code == "UNKNOWN_FIELD"


@pytest.mark.parametrize(
    ("rule", "path", "given", "allowed"),
    [
        ({">": [var("currency"), 5]}, "/>/1", "number", "string"),
        ({">": [var("discount"), 5]}, "/>/0", "null or number", "number"),
        ({"<": [1, var("discount")]}, "/</1", "null or number", "number"),
        ({">": [var("order_date"), "1 March"]}, "/>/1", "string", "date"),
        ({"==": [var("urgent"), "yes"]}, "/==/1", "string", "boolean"),
        ({"+": [1, var("currency")]}, "/+/1", "string", "number"),
        ({"+": [1, "one"]}, "/+/1", "string", "number"),
        ({"var": [[{"/": [1, 2]}]]}, "/var/0", "array", "string"),
        ({"map": [var("currency"), 1]}, "/map/0", "string", "array"),
        ({"in": [5, {"map": [var("lines"), var("description")]}]}, "/in/0", "number", "null or string"),
        ({"cat": [var("attributes")]}, "/cat/0", "object", "string or number"),
        ({"reduce": [var("lines"), {"+": [var("accumulator"), 1]}]}, "/reduce/1/+/0", "null", "number"),
    ],
)
def test_types_that_do_not_fit_are_refused_where_they_stand(rule: object, path: str, given: str, allowed: str) -> None:
    (problem,) = problems(rule)
    assert (problem.path, problem.code, problem.given, problem.allowed) == (path, "TYPE_MISMATCH", given, allowed)


def test_an_optional_field_is_refused_with_the_way_out() -> None:
    assert '{"var": ["field", 0]}' in problems({">": [var("discount"), 5]})[0].message


def test_all_problems_are_told_at_once() -> None:
    assert [problem.path for problem in problems({"and": [{"+": [var("currency")]}, var("nothing"), {"/": [1]}]})] == [
        "/and/0/+/0",
        "/and/1",
        "/and/2",
    ]


def test_a_rule_gives_the_kind_that_was_asked_for() -> None:
    (problem,) = problems({"cat": ["a"]}, result="boolean")
    assert (problem.path, problem.given, problem.allowed) == ("", "string", "boolean")


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        ({"and": [True, {"==": [1, 1], "or": [1]}]}, "/and/1", "NOT_ONE_OPERATOR"),
        ({}, "", "NOT_ONE_OPERATOR"),
        ({"if": [{"a/b": 1}]}, "/if/0", "UNKNOWN_OPERATOR"),
        ({"method": [1, "__class__"]}, "", "UNKNOWN_OPERATOR"),
        ({"/": [1, {"%": [1]}]}, "/~1/1", "WRONG_ARGUMENT_COUNT"),
        ({"==": [0.1234567890123456, 1]}, "/==/0", "INEXACT_NUMBER"),
        ({"!": float("nan")}, "/!", "INEXACT_NUMBER"),
        (10**100, "", "INEXACT_NUMBER"),
        (Decimal("1E+1000000"), "", "INEXACT_NUMBER"),
        ({"!": [b"x"]}, "/!/0", "NOT_JSON"),
    ],
)
def test_what_is_no_rule_is_refused_where_it_stands(rule: object, path: str, code: str) -> None:
    (problem,) = problems(rule)
    assert (problem.path, problem.code) == (path, code)


def nested(depth: int) -> object:
    rule: object = True
    for _ in range(depth - 1):
        rule = {"!": [rule]}
    return rule


def test_a_rule_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    assert compile_rule(nested(MAX_DEPTH), {}).evaluate(None) is False
    for depth in (MAX_DEPTH + 1, 20_000):
        (problem,) = problems(nested(depth))
        assert (problem.code, problem.allowed) == ("TOO_DEEP", MAX_DEPTH)


def test_a_rule_may_have_as_many_nodes_as_the_limit_and_no_more() -> None:
    assert compile_rule({"max": [1] * (MAX_NODES - 1)}, {}).evaluate(None) == 1
    for nodes in (MAX_NODES + 1, 1_000_000):
        (problem,) = problems({"max": [1] * (nodes - 1)})
        assert (problem.path, problem.code, problem.allowed) == ("/max", "TOO_LARGE", MAX_NODES)


def test_a_rule_may_have_as_many_characters_as_the_limit_and_no_more() -> None:
    assert compile_rule("x" * MAX_CHARACTERS, {}).holds(None)
    (problem,) = problems("x" * (MAX_CHARACTERS + 1))
    assert (problem.code, problem.allowed) == ("TOO_LARGE", MAX_CHARACTERS)


def test_reduces_inside_reduces_are_checked_in_bounded_time() -> None:
    rule: object = 1
    for _ in range(MAX_DEPTH - 2):
        rule = {"reduce": [var("lines@0"), rule, 0]}
    (problem,) = problems(rule, {})
    assert (problem.code, problem.allowed) == ("TOO_LARGE", MAX_STEPS)


def test_an_evaluation_takes_no_more_steps_than_allowed() -> None:
    rule = compile_rule({"map": [var(""), 1]}, {})
    assert len(rule.evaluate([0] * (MAX_STEPS - 2))) == MAX_STEPS - 2  # type: ignore[arg-type]
    with pytest.raises(RuleFailed) as refusal:
        rule.evaluate([0] * (MAX_STEPS - 1))
    assert refusal.value.details == {"path": "", "limit": MAX_STEPS}


@pytest.mark.parametrize(
    ("rule", "details"),
    [
        ({"!": {"/": [1, 0]}}, {"path": "/!", "operator": "/", "argument": 1}),
        ({"!": [{"+": [1, var("")]}]}, {"path": "/!/0", "operator": "+", "argument": 1, "given": "NoneType"}),
        ({"cat": {"/": [1, 3]}}, {"path": "", "operator": "cat", "argument": 0, "given": "Fraction"}),
        ({"missing_some": [1, var("")]}, {"path": "", "operator": "missing_some"}),
    ],
)
def test_what_cannot_be_computed_fails_where_it_stands(rule: object, details: dict[str, object]) -> None:
    with pytest.raises(RuleFailed) as refusal:
        compile_rule(rule, {}).evaluate(None)
    assert (refusal.value.code, refusal.value.kind) == ("RULE_FAILED", ErrorKind.INVALID)
    assert plain(refusal.value.details) == details


def test_numbers_and_texts_cannot_grow_without_bound() -> None:
    grown = {"reduce": [[1] * 40, {"*": [var("accumulator"), var("accumulator")]}, 2]}
    with pytest.raises(RuleFailed, match="beyond all business"):
        compile_rule(grown, {}).evaluate(None)
    doubled = {"reduce": [[1] * 40, {"cat": [var("accumulator"), var("accumulator")]}, "x"]}
    with pytest.raises(RuleFailed, match="beyond 10000 characters"):
        compile_rule(doubled, {}).evaluate(None)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+1000000")])
def test_what_is_no_usable_number_is_equal_to_nothing_and_computes_nothing(value: Decimal) -> None:
    assert not compile_rule({"===": [var(""), var("")]}, {}).holds(value)
    for rule in ({"+": [var("")]}, {"cat": [var("")]}):
        with pytest.raises(RuleFailed):
            compile_rule(rule, {}).evaluate(value)


def test_a_long_product_stays_exact() -> None:
    rule = compile_rule({"reduce": [[1] * 120, {"*": [var("accumulator"), "1.1"]}, 1]}, {})
    assert rule.evaluate(None) == Fraction(11, 10) ** 120


def test_a_rule_is_compiled_once_and_serves_many() -> None:
    rule = compile_rule({"filter": [var("lines"), {"!": var("description")}]}, ORDER)
    assert [len(rule.evaluate(DATA)) for _ in range(3)] == [1, 1, 1]  # type: ignore[arg-type]
