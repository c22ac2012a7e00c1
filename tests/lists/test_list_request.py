"""What a list is asked for, read from its query string."""

import base64
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from adapters.postgres.list_request import (
    Condition,
    CursorMismatch,
    FieldKind,
    ListField,
    Operator,
    SortKey,
    parse_list_request,
)
from bizcore.errors import Malformed

KINDS = {
    "id": FieldKind.ID,
    "number": FieldKind.TEXT,
    "phase": FieldKind.TEXT,
    "company": FieldKind.REFERENCE,
    "order_date": FieldKind.DATE,
    "created_at": FieldKind.INSTANT,
    "total": FieldKind.DECIMAL,
    "version": FieldKind.INTEGER,
    "active": FieldKind.BOOLEAN,
    "attributes": FieldKind.OBJECT,
}
FIELDS = {name: ListField(name, kind, "company" if name == "company" else None) for name, kind in KINDS.items()}
ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def parse(*parameters: tuple[str, str]):
    return parse_list_request(parameters, FIELDS)


def test_without_parameters_a_list_gives_fifty_newest_first():
    request = parse()
    assert request.limit == 50
    assert request.sort == (SortKey("id", descending=True),)
    assert request.conditions == ()


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "", "many", "٣"])
def test_a_page_holds_one_to_two_hundred_rows(limit):
    with pytest.raises(Malformed) as refusal:
        parse(("limit", limit))
    assert refusal.value.details["parameter"] == "limit"
    assert parse(("limit", "200")).limit == 200


def test_the_id_makes_every_order_total_and_nothing_follows_it():
    assert parse(("sort", "-order_date,number")).sort == (
        SortKey("order_date", descending=True),
        SortKey("number", descending=False),
        SortKey("id", descending=False),
    )
    assert parse(("sort", "id,number")).sort == (SortKey("id", descending=False),)


def test_an_unknown_field_is_refused_naming_the_nearest():
    for parameter in (
        ("sort", "order_dat"),
        ("order_dat", "2026-01-01"),
        ("filter", '{"order_dat": "x"}'),
        ("fields", "id,order_dat"),
    ):
        with pytest.raises(Malformed) as refusal:
            parse(parameter)
        assert refusal.value.details["nearest"] == "order_date"
    with pytest.raises(Malformed) as refusal:
        parse(("limt", "5"))
    assert refusal.value.details["nearest"] == "limit"


def test_references_are_expanded_and_nothing_else():
    assert parse(("expand", "company")).expand == ("company",)
    assert parse(("expand", "company,company")).expand == ("company",)
    assert parse().expand == ()
    for given in ("compny", "number", ""):
        with pytest.raises(Malformed) as refusal:
            parse(("expand", given))
        assert refusal.value.details == {
            "parameter": "expand",
            "given": given,
            "nearest": "company",
            "allowed": ["company"],
        }


def test_the_short_form_names_an_operator_or_means_equality():
    request = parse(
        ("phase", "in:draft,review"),
        ("total", "gte:100"),
        ("order_date", "2026-02-28"),
        ("created_at", "lt:2026-01-01T01:00:00+01:00"),
        ("number", "like:PO-2026-*"),
        ("active", "true"),
        ("version", "3"),
        ("id", ID),
        ("company", "MAIN"),
        ("number", "null:false"),
        ("phase", "urn:odd"),
        ("attr.colour", "red"),
    )
    assert request.conditions == (
        Condition("phase", Operator.IN, ("draft", "review")),
        Condition("total", Operator.GTE, (Decimal(100),)),
        Condition("order_date", Operator.EQ, (date(2026, 2, 28),)),
        Condition("created_at", Operator.LT, (datetime(2026, 1, 1, tzinfo=UTC),)),
        Condition("number", Operator.LIKE, ("PO-2026-*",)),
        Condition("active", Operator.EQ, (True,)),
        Condition("version", Operator.EQ, (Decimal(3),)),
        Condition("id", Operator.EQ, (UUID(ID),)),
        Condition("company", Operator.EQ, ("MAIN",)),
        Condition("number", Operator.NULL, (False,)),
        Condition("phase", Operator.EQ, ("urn:odd",)),
        Condition("attr.colour", Operator.EQ, ("red",)),
    )


def test_the_json_form_says_the_same_as_the_short_form():
    json = '{"phase": {"in": ["draft", "review"]}, "total": {"gte": "100", "lt": 200}, "number": null, "active": true}'
    assert (
        parse(("filter", json)).conditions
        == parse(
            ("phase", "in:draft,review"),
            ("total", "gte:100"),
            ("total", "lt:200"),
            ("number", "null:true"),
            ("active", "true"),
        ).conditions
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("total", "gte:1e5"),
        ("total", "12,50"),
        ("total", "gte:9999999999999999"),
        ("order_date", "gte:2026-02-30"),
        ("created_at", "2026-01-01T00:00:00"),
        ("created_at", "0001-01-01T00:00:00+14:00"),
        ("active", "yes"),
        ("active", "gt:true"),
        ("version", "1.5"),
        ("id", "PO-1"),
        ("id", "like:PO"),
        ("company", "gt:MAIN"),
        ("number", "null:maybe"),
        ("number", "a\0b"),
        ("attributes", "red"),
        ("attr.colour", "gt:red"),
        ("filter", "phase"),
        ("filter", "[]"),
        ("filter", '{"total": {"gte": 1.5}}'),
        ("filter", '{"total": {"over": "1"}}'),
        ("filter", '{"phase": {"in": [["draft"]]}}'),
        ("filter", '{"phase": "a\\u0000b"}'),
        ("filter", '{"phase": {"in": []}}'),
        ("filter", '{"attr.colour": {"in": []}}'),
        ("filter", '{"attr.a\\u0000b": "red"}'),
        ("attr.a\0b", "red"),
        ("company", "x" * 101),
        ("order_date", "1899-12-31"),
        ("order_date", "gte:3000-01-01"),
        ("created_at", "9999-12-31T23:59:59-14:00"),
        ("sort", "attributes"),
        ("sort", "number,-number"),
        ("sort", ""),
        ("fields", ""),
        ("q", "w " * 21),
    ],
)
def test_what_cannot_be_read_is_refused(name, text):
    with pytest.raises(Malformed):
        parse((name, text))


def test_the_plus_of_an_offset_may_have_come_as_a_space():
    [condition] = parse(("created_at", "gte:2026-01-31T12:00:00 02:00")).conditions
    assert condition.values == (datetime(2026, 1, 31, 10, tzinfo=UTC),)


def test_more_conditions_or_choices_than_a_list_takes_are_refused():
    with pytest.raises(Malformed):
        parse(*[("number", "x")] * 51)
    with pytest.raises(Malformed):
        parse(("number", "in:" + ",".join(["x"] * 201)))


def test_a_cursor_continues_its_own_list_with_pages_of_any_size():
    first = parse(("sort", "-order_date,number"), ("phase", "draft"))
    cursor = first.cursor(["2026-01-31", None, ID])
    again = parse(
        ("sort", "-order_date,number"), ("phase", "draft"), ("limit", "7"), ("fields", "number"), ("cursor", cursor)
    )
    assert again.after == (date(2026, 1, 31), None, UUID(ID))


def test_a_cursor_of_another_filter_order_or_search_is_refused():
    cursor = parse(("sort", "number"), ("phase", "draft")).cursor(["PO-1", ID])
    for changed in (
        [("sort", "number"), ("phase", "review")],
        [("sort", "-number"), ("phase", "draft")],
        [("sort", "number"), ("phase", "draft"), ("q", "paper")],
        [("sort", "number")],
    ):
        with pytest.raises(CursorMismatch) as refusal:
            parse(*changed, ("cursor", cursor))
        assert refusal.value.code == "CURSOR_MISMATCH"


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "AAAA", "é", "e30"])
def test_what_was_never_a_cursor_is_refused(cursor):
    with pytest.raises(Malformed) as refusal:
        parse(("cursor", cursor))
    assert refusal.value.code == "MALFORMED"


@pytest.mark.parametrize("payload", [b"1", b"null", b"{}", b"[]"])
def test_a_forged_cursor_that_checks_itself_is_refused(payload):
    digest = hashlib.blake2b(payload, digest_size=8, person=b"bizcore cursor").digest()
    with pytest.raises(Malformed):
        parse(("cursor", base64.urlsafe_b64encode(digest + payload).decode().rstrip("=")))


def test_an_altered_cursor_is_refused():
    cursor = parse().cursor([ID])
    for at in range(len(cursor) - 1):  # the last character of base64 may hold bits that mean nothing
        other = "A" if cursor[at] != "A" else "B"
        with pytest.raises(Malformed):
            parse(("cursor", cursor[:at] + other + cursor[at + 1 :]))
