"""From the body of a request to a command."""

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizcore.bounds import MAX_ATTRIBUTES, MAX_LINES
from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET
from bizcore.pipeline import Reference
from services.api.parsing import ParsedBody, parse_body
from tests.api.declared import PERSON, UNIT, NoteLine, WriteNote

ID = UUID(int=99)
ROUTE = {"id": ID, "version": 3}
LEAST = {"about": "P-1", "lines": [{"text": "Coal", "weight": "12.50"}]}
KNOWN = {("party", "P-1"): PERSON, ("unit", "KGM"): UNIT, ("party", "P-2"): UUID(int=9)}


def parse(body: Any) -> ParsedBody:
    return parse_body(WriteNote, body if isinstance(body, bytes) else json.dumps(body).encode(), ROUTE)


def problems(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as refusal:
        parse(body)
    return [(problem.path, problem.code) for problem in refusal.value.fields]


def test_the_least_body_becomes_a_command_with_its_defaults() -> None:
    command = parse(LEAST).build(KNOWN)
    assert command == WriteNote(id=ID, version=3, about=PERSON, lines=(NoteLine(text="Coal", weight=Decimal("12.50")),))
    assert command.title is UNSET
    assert command.attributes is UNSET


def test_the_whole_body_becomes_a_command() -> None:
    body = {
        "about": "P-1",
        "lines": [{"text": "Coal", "weight": 12, "unit": "KGM"}, {"text": "Ore", "weight": "0.001", "unit": None}],
        "readers": ["P-2", "P-1"],
        "due_on": "2026-02-28",
        "kind": "letter",
        "copies": 99,
        "urgent": True,
        "title": None,
        "attributes": {"colour": "red", "deep": {"a": [1, None]}},
    }
    command = parse(body).build(KNOWN)
    assert command.lines == (
        NoteLine(text="Coal", weight=Decimal(12), unit=UNIT),
        NoteLine(text="Ore", weight=Decimal("0.001"), unit=None),
    )
    assert command.readers == (UUID(int=9), PERSON)
    assert (command.due_on, command.kind, command.copies, command.urgent) == (date(2026, 2, 28), "letter", 99, True)
    assert command.title is None
    assert dict(command.attributes) == {"colour": "red", "deep": {"a": [1, None]}}


def test_references_are_named_by_their_place() -> None:
    body = {**LEAST, "readers": ["P-2"], "lines": [{"text": "Coal", "weight": 1, "unit": "KGM"}]}
    assert parse(body).references == (
        Reference("/about", "party", "P-1"),
        Reference("/lines/0/unit", "unit", "KGM"),
        Reference("/readers/0", "party", "P-2"),
    )


REFUSED: list[tuple[Any, list[tuple[str, str]]]] = [
    (b"", [("/about", "REQUIRED"), ("/lines", "REQUIRED")]),
    (b"{", [("", "MALFORMED_JSON")]),
    (b"\xff", [("", "MALFORMED_JSON")]),
    (b"[]", [("", "MODEL_TYPE")]),
    (b"null", [("", "MODEL_TYPE")]),
    ({**LEAST, "id": str(ID)}, [("/id", "UNKNOWN_FIELD")]),
    ({**LEAST, "version": 1}, [("/version", "UNKNOWN_FIELD")]),
    ({**LEAST, "phase": "active"}, [("/phase", "UNKNOWN_FIELD")]),
    ({**LEAST, "a/b~c": 1}, [("/a~1b~0c", "UNKNOWN_FIELD")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "1", "price": "1"}]}, [("/lines/0/price", "UNKNOWN_FIELD")]),
    ({**LEAST, "lines": []}, [("/lines", "TOO_SHORT")]),
    ({**LEAST, "lines": [{"text": "x" * 11, "weight": "1"}]}, [("/lines/0/text", "STRING_TOO_LONG")]),
    ({**LEAST, "lines": [{"text": "x\x00", "weight": "1"}]}, [("/lines/0/text", "VALUE_ERROR")]),
    ({**LEAST, "lines": [{"text": "x", "weight": 1.5}]}, [("/lines/0/weight", "VALUE_ERROR")]),
    ({**LEAST, "lines": [{"text": "x", "weight": True}]}, [("/lines/0/weight", "VALUE_ERROR")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "1e3"}]}, [("/lines/0/weight", "NOT_A_DECIMAL")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "NaN"}]}, [("/lines/0/weight", "NOT_A_DECIMAL")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "0." + "0" * 13}]}, [("/lines/0/weight", "VALUE_TOO_PRECISE")]),
    ({**LEAST, "lines": [{"text": "x", "weight": 10**16}]}, [("/lines/0/weight", "VALUE_OUT_OF_RANGE")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "0"}]}, [("/lines/0/weight", "GREATER_THAN")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "1000.01"}]}, [("/lines/0/weight", "LESS_THAN_EQUAL")]),
    ({**LEAST, "about": ""}, [("/about", "STRING_TOO_SHORT")]),
    ({**LEAST, "about": "x" * 101}, [("/about", "STRING_TOO_LONG")]),
    ({**LEAST, "about": None}, [("/about", "STRING_TYPE")]),
    ({**LEAST, "readers": [1]}, [("/readers/0", "STRING_TYPE")]),
    ({**LEAST, "due_on": "2026-02-29"}, [("/due_on", "DATE_PARSING")]),
    ({**LEAST, "due_on": 20000}, [("/due_on", "DATE_TYPE")]),
    ({**LEAST, "kind": "poem"}, [("/kind", "LITERAL_ERROR")]),
    ({**LEAST, "copies": 0}, [("/copies", "GREATER_THAN_EQUAL")]),
    ({**LEAST, "copies": 100}, [("/copies", "LESS_THAN_EQUAL")]),
    ({**LEAST, "copies": "3"}, [("/copies", "INT_TYPE")]),
    ({**LEAST, "copies": True}, [("/copies", "INT_TYPE")]),
    ({**LEAST, "urgent": "yes"}, [("/urgent", "BOOL_TYPE")]),
    ({**LEAST, "title": "x" * 21}, [("/title", "STRING_TOO_LONG")]),
    ({**LEAST, "attributes": None}, [("/attributes", "DICT_TYPE")]),
    ({**LEAST, "attributes": {"": 1}}, [("/attributes/", "STRING_TOO_SHORT")]),
    ({**LEAST, "attributes": {f"a{n}": n for n in range(MAX_ATTRIBUTES + 1)}}, [("/attributes", "TOO_LONG")]),
    ({**LEAST, "lines": [{"text": "x", "weight": "1"}] * (MAX_LINES + 1)}, [("/lines", "TOO_LONG")]),
    ({"lines": [{}, {"text": 1, "weight": "x"}]}, [
        ("/about", "REQUIRED"), ("/lines/0/text", "REQUIRED"), ("/lines/0/weight", "REQUIRED"),
        ("/lines/1/text", "STRING_TYPE"), ("/lines/1/weight", "NOT_A_DECIMAL"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), REFUSED)
def test_every_problem_is_named_by_its_place(body: Any, expected: list[tuple[str, str]]) -> None:
    assert problems(body) == expected


def test_the_most_lines_and_attributes_pass() -> None:
    body = {
        **LEAST,
        "lines": [{"text": "x", "weight": "1"}] * MAX_LINES,
        "attributes": {f"a{n}": n for n in range(MAX_ATTRIBUTES)},
    }
    command = parse(body).build(KNOWN)
    assert (len(command.lines), len(command.attributes)) == (MAX_LINES, MAX_ATTRIBUTES)


def test_what_is_quoted_back_is_short_and_says_what_would_pass() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse({**LEAST, "about": "x" * 5000, "copies": 10**30, "kind": {"a": 1}})
    given_and_allowed = {p.path: (p.given, p.allowed) for p in refusal.value.fields}
    assert given_and_allowed == {
        "/about": ("x" * 100, 100),
        "/copies": ("1" + "0" * 30, 99),
        "/kind": ("dict", "'memo' or 'letter'"),
    }


def test_a_limit_is_told_as_people_write_it() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        parse({**LEAST, "lines": [{"text": "x", "weight": "0"}]})
    [problem] = refusal.value.fields
    assert (problem.message, problem.allowed) == ("Input should be greater than 0", "0")


def test_a_body_nested_too_deeply_is_refused() -> None:
    deep = b'{"about": "P-1", "attributes": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}"
    assert problems(deep) != []


def free(value: str) -> bytes:
    return b'{"about": "P-1", "lines": [{"text": "x", "weight": "1"}], "attributes": {"n": ' + value.encode() + b"}}"


@pytest.mark.parametrize(
    "value", ["1.5", "1e3", "9007199254740992", "-9007199254740992", "1" + "0" * 5000,
              '"a\\u0000"', '{"\\u0000": 1}', "[[0.1]]",
              "NaN", "Infinity", "1e999", "[" * 33 + "]" * 33, '"\\ud800"'],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_a_free_value_that_could_not_be_kept_exactly_is_refused(value: str) -> None:
    assert problems(free(value)) != []


@pytest.mark.parametrize(
    "value", ["9007199254740991", "-9007199254740991", '"1.5"', "[" * 31 + "]" * 31, "null", "true"]
)
def test_a_free_value_that_is_kept_exactly_passes(value: str) -> None:
    assert parse(free(value)).build(KNOWN).attributes["n"] == json.loads(value)


@pytest.mark.parametrize("name", ["kind", "copies", "urgent", "attributes"])
def test_null_is_refused_where_only_absence_is_meant(name: str) -> None:
    ((path, _),) = problems({**LEAST, name: None})
    assert path == f"/{name}"


def test_the_hash_is_of_what_was_asked_whatever_its_spelling() -> None:
    spelled = b' {"lines":[{"weight":"12.50",  "text":"Co\\u0061l"}],\n "about":"P-1"} '
    assert parse(spelled).body_hash == parse(LEAST).body_hash
    assert parse({**LEAST, "about": "P-2"}).body_hash != parse(LEAST).body_hash


def test_the_hash_names_the_subject_and_not_its_version() -> None:
    body = json.dumps(LEAST).encode()
    first = parse_body(WriteNote, body, ROUTE)
    assert parse_body(WriteNote, body, {"id": ID, "version": 4}).body_hash == first.body_hash
    assert parse_body(WriteNote, body, {"id": UUID(int=98), "version": 3}).body_hash != first.body_hash


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from([*asdict(WriteNote(id=ID, about=PERSON, lines=())), "unknown"])


@given(st.dictionaries(names, json_values, max_size=6) | json_values)
def test_whatever_comes_in_is_a_command_or_a_refusal(body: Any) -> None:
    with suppress(ValidationFailed):
        parsed = parse_body(WriteNote, json.dumps(body).encode(), ROUTE)
        resolved = {(r.kind, r.given): UUID(int=1) for r in parsed.references}
        assert isinstance(parsed.build(resolved), WriteNote)
