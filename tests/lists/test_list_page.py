"""The list engine on PostgreSQL: pages, order, filter, words, scope."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    cast,
    column,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.connection import TenantDatabase
from adapters.postgres.list_request import parse_list_request
from adapters.postgres.lists import Thing, amount, list_fields, list_page, reference
from adapters.postgres.platform import tables
from bizcore.call import Scope
from bizcore.errors import ValidationFailed, plain
from bizcore.ids import new_id
from tests.support.tenants import new_organization, open_tenant

COMPANIES = {"MAIN": UUID(int=1), "SUB": UUID(int=2)}
EVERYTHING = Scope()
REFERENCES = {
    "company": "SELECT c.id, c.id AS company_id FROM (VALUES ('MAIN', '00000000-0000-0000-0000-000000000001'::uuid), "
    "('SUB', '00000000-0000-0000-0000-000000000002'::uuid)) AS c(code, id) "
    "WHERE c.code = $given OR c.id = platform.uuid_or_null($given)"
}
THINGS = {"company": Thing(tables.company, code="code", company="id")}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tenant(servers) -> AsyncIterator[TenantDatabase]:
    organization = await new_organization(servers)
    async with open_tenant(servers, organization.organization_id) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def connection(tenant: TenantDatabase) -> AsyncIterator[AsyncConnection]:
    async with tenant.engine.connect() as opened:
        yield opened


ROW_TYPES = {
    "id": Uuid,
    "name": Text,
    "day": Date,
    "at": DateTime(timezone=True),
    "quantity": Numeric,
    "minor": BigInteger,
    "currency": Text,
    "version": Integer,
    "active": Boolean,
    "company": Uuid,
    "attributes": JSONB,
}


def listing(rows):
    given = literal(json.dumps(plain(rows)), Text)
    table = (
        func.jsonb_to_recordset(cast(given, JSONB))
        .table_valued(*(column(name, type) for name, type in ROW_TYPES.items()), name="t")
        .render_derived(with_types=True)
    )
    shown = ("id", "name", "day", "at", "quantity", "version", "active", "attributes")
    return select(
        *(table.c[name].label(name) for name in shown),
        amount("total", table.c.minor, table.c.currency),
        reference("company", table.c.company, "company"),
    ).select_from(table)


def row(**given):
    return {
        "id": new_id(),
        "name": "Paper",
        "day": date(2026, 1, 31),
        "at": datetime(2026, 1, 31, 12, 30, 0, 250, tzinfo=UTC),
        "quantity": Decimal("2.500"),
        "minor": 123450,
        "currency": "EUR",
        "version": 1,
        "active": True,
        "company": COMPANIES["MAIN"],
        "attributes": {},
        **given,
    }


async def page(connection, rows, *parameters, scope=EVERYTHING):
    the_list = listing(rows)
    request = parse_list_request(parameters, list_fields(the_list))
    return await list_page(connection, the_list, request, scope=scope, references=REFERENCES, things=THINGS)


async def names(connection, rows, *parameters, scope=EVERYTHING):
    return [item["name"] for item in (await page(connection, rows, ("sort", "name"), *parameters, scope=scope)).data]


async def test_a_row_shows_decimals_as_text_and_instants_in_utc(connection):
    one = row(attributes={"colour": "red"})
    assert (await page(connection, [one])).data == [
        {
            "id": str(one["id"]),
            "name": "Paper",
            "day": "2026-01-31",
            "at": "2026-01-31T12:30:00.000250Z",
            "quantity": "2.5",
            "version": 1,
            "active": True,
            "attributes": {"colour": "red"},
            "total": "1234.50",
            "company": str(COMPANIES["MAIN"]),
        }
    ]


async def test_chosen_fields_are_shown_with_the_id(connection):
    one = row()
    assert (await page(connection, [one], ("fields", "total,name"))).data == [
        {"id": str(one["id"]), "name": "Paper", "total": "1234.50"}
    ]


async def test_an_empty_list_is_an_empty_page(connection):
    found = await page(connection, [row()], ("name", "Ink"))
    assert found.body() == b'{"data":[],"next_cursor":null}'


async def test_amounts_are_compared_as_amounts_whatever_the_digits_of_their_currency(connection):
    rows = [
        row(name="EUR 100.00", minor=10000),
        row(name="EUR 99.99", minor=9999),
        row(name="JPY 100", minor=100, currency="JPY"),
        row(name="JPY 99", minor=99, currency="JPY"),
        row(name="KWD 99.999", minor=99999, currency="KWD"),
    ]
    assert await names(connection, rows, ("total", "gte:100")) == ["EUR 100.00", "JPY 100"]
    assert await names(connection, rows, ("total", "gt:99.99"), ("total", "lt:100")) == ["KWD 99.999"]
    assert await names(connection, rows, ("total", "in:99,99.99")) == ["EUR 99.99", "JPY 99"]


async def test_each_operator_compares_as_it_says(connection):
    rows = [
        row(name="a", day=date(2026, 1, 1), active=False),
        row(name="b", day=None, quantity=Decimal("0.000000000001"), version=2**31 - 1),
        row(name="C%", day=date(2026, 1, 3)),
    ]
    for parameter, expected in [
        (("name", "a"), ["a"]),
        (("name", "ne:a"), ["C%", "b"]),
        (("day", "ne:2026-01-01"), ["C%", "b"]),
        (("day", "null:true"), ["b"]),
        (("day", "null:false"), ["C%", "a"]),
        (("day", "gt:2026-01-01"), ["C%"]),
        (("day", "lte:2026-01-01"), ["a"]),
        (("at", "gte:2026-01-31T13:30:00.000250+01:00"), ["C%", "a", "b"]),
        (("at", "gt:2026-01-31T13:30:00.000250+01:00"), []),
        (("name", "like:c"), ["C%"]),
        (("name", "like:%"), ["C%"]),
        (("name", "like:*a"), ["a"]),
        (("quantity", "lt:1"), ["b"]),
        (("version", "gt:99999999999"), []),
        (("version", "lt:99999999999"), ["C%", "a", "b"]),
        (("active", "false"), ["a"]),
        (("id", f"in:{rows[0]['id']},{rows[1]['id']}"), ["a", "b"]),
        (("filter", '{"day": {"gte": "2026-01-01"}, "active": true}'), ["C%"]),
    ]:
        assert await names(connection, rows, parameter) == expected, parameter


async def test_attributes_are_compared_as_text_number_or_boolean(connection):
    rows = [
        row(name="a", attributes={"colour": "red", "size": 5, "fragile": True}),
        row(name="b", attributes={"colour": "dark red", "size": "5"}),
        row(name="c", attributes={}),
    ]
    for parameter, expected in [
        (("attr.colour", "red"), ["a"]),
        (("attr.colour", "like:red"), ["a", "b"]),
        (("attr.colour", "ne:red"), ["b", "c"]),
        (("attr.colour", "in:red,dark red"), ["a", "b"]),
        (("attr.colour", "null:true"), ["c"]),
        (("attr.size", "5"), ["a", "b"]),
        (("attr.fragile", "true"), ["a"]),
    ]:
        assert await names(connection, rows, parameter) == expected, parameter


async def test_a_reference_is_given_by_id_or_by_code(connection):
    rows = [row(name="a"), row(name="b", company=COMPANIES["SUB"]), row(name="c", company=None)]
    assert await names(connection, rows, ("company", "SUB")) == ["b"]
    assert await names(connection, rows, ("company", str(COMPANIES["SUB"]))) == ["b"]
    assert await names(connection, rows, ("company", "in:MAIN,SUB")) == ["a", "b"]
    assert await names(connection, rows, ("company", "ne:MAIN")) == ["b", "c"]


async def test_a_reference_to_nothing_is_refused_by_name(connection):
    with pytest.raises(ValidationFailed) as refusal:
        await page(connection, [row()], ("company", "in:MAIN,NOWHERE"))
    assert [(p.path, p.code, p.given) for p in refusal.value.fields] == [("/company", "UNKNOWN_REFERENCE", "NOWHERE")]


async def test_a_scope_hides_other_companies_and_their_names(connection):
    rows = [row(name="a"), row(name="b", company=COMPANIES["SUB"])]
    scope = Scope(frozenset({COMPANIES["SUB"]}))
    assert await names(connection, rows, scope=scope) == ["b"]
    assert await names(connection, rows, scope=Scope(frozenset())) == []
    with pytest.raises(ValidationFailed) as refusal:
        await page(connection, rows, ("company", "MAIN"), scope=scope)
    assert refusal.value.fields[0].code == "UNKNOWN_REFERENCE"


async def test_what_a_row_refers_to_is_shown_beside_it_as_far_as_the_scope_goes(tenant, connection):
    main = await connection.scalar(select(text("id")).select_from(text("platform.company")))
    rows = [row(name="a", company=main), row(name="b", company=None), row(name="c", company=COMPANIES["SUB"])]
    shown = await page(connection, rows, ("sort", "name"), ("expand", "company"))
    company = {"id": str(main), "code": "MAIN", "name": "Acme"}
    assert [(item["company"], item["expanded"]) for item in shown.data] == [
        (str(main), {"company": company}),
        (None, {"company": None}),
        (str(COMPANIES["SUB"]), {"company": None}),  # there is none of this id
    ]
    chosen = await page(connection, rows[:1], ("expand", "company"), ("fields", "name"))
    assert chosen.data == [{"id": str(rows[0]["id"]), "name": "a", "expanded": {"company": company}}]
    elsewhere = select(literal(rows[0]["id"], Uuid).label("id"), reference("buyer", literal(main, Uuid), "company"))
    for scope, expected in ((EVERYTHING, company), (Scope(frozenset({COMPANIES["SUB"]})), None)):
        asked = parse_list_request([("expand", "buyer")], list_fields(elsewhere))
        found = await list_page(connection, elsewhere, asked, scope=scope, references=REFERENCES, things=THINGS)
        assert found.data[0]["expanded"] == {"buyer": expected}


async def test_a_page_costs_one_statement(tenant, connection):
    await connection.execute(select(func.now()))  # SQLAlchemy's BEGIN comes with it
    sent = []
    event.listen(tenant.engine.sync_engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
    parameters = (("company", "MAIN"), ("limit", "1"), ("sort", "-total,name"), ("expand", "company"))
    await page(connection, [row(), row()], *parameters)
    assert len(sent) == 1


async def test_rows_added_while_paging_neither_repeat_nor_hide_others(connection):
    rows = [row(name=f"{number:02}") for number in range(0, 20, 2)]
    first = await page(connection, rows, ("sort", "name"), ("limit", "5"))
    added = [row(name="01"), row(name="11"), *rows]
    second = await page(connection, added, ("sort", "name"), ("limit", "5"), ("cursor", first.next_cursor))
    assert [item["name"] for item in first.data] == ["00", "02", "04", "06", "08"]
    assert [item["name"] for item in second.data] == ["10", "11", "12", "14", "16"]


NULLABLE = {
    "name": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3),
    "day": st.dates(),
    "at": st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    "quantity": st.decimals(-1000, 1000, allow_nan=False, places=3),
    "version": st.integers(0, 3),
    "active": st.booleans(),
    "company": st.sampled_from(sorted(COMPANIES.values())),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | of for name, of in NULLABLE.items()}), max_size=12)
ORDER = st.lists(
    st.tuples(st.sampled_from([*NULLABLE, "total"]), st.booleans()), max_size=3, unique_by=lambda key: key[0]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, minor=st.integers(0, 2), order=ORDER, last=st.booleans(), limit=st.integers(1, 5))
async def test_pages_joined_are_the_whole_list_in_any_order(connection, rows, minor, order, last, limit):
    full = [row(minor=minor + number % 3, **given) for number, given in enumerate(rows)] or [row()]
    sort = ",".join([*(("-" if down else "") + name for name, down in order), ("-" if last else "") + "id"])
    whole = (await page(connection, full, ("sort", sort), ("limit", "200"))).data
    assert sorted(item["id"] for item in whole) == sorted(str(one["id"]) for one in full)
    joined, cursor = [], None
    while True:
        more = () if cursor is None else (("cursor", cursor),)
        part = await page(connection, full, ("sort", sort), ("limit", str(limit)), *more)
        joined += part.data
        cursor = part.next_cursor
        if cursor is None:
            break
        assert len(part.data) == limit
    assert joined == whole
    for name, down in order[:1]:
        known = [item[name] for item in whole if item[name] is not None]
        assert [item[name] for item in whole[len(known) :]] == [None] * (len(whole) - len(known))
        if name in ("day", "at", "version"):
            assert known == sorted(known, reverse=down)
