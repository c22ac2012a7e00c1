"""Every operation of openapi.json, asked by one organization with the ids of another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from adapters.postgres.lists import list_fields
from bizcore.settings import Settings
from services.composition import PARTS
from tests.support.api import Api, Json
from tests.support.database import contents, database_of
from tests.support.filled import BODIES, Filled, body_of, draft, fill
from tests.support.operations import Operation, Place, operations, placed

HAS_ID: Final = [op for op in operations() if "{" in op.path]
REFERENCES: Final = [(op, place) for op in operations() for place in op.references()]
LINE_IDS: Final = [(op, path) for op in operations() for path in op.line_ids()]
ASKED: Final = [(op, n, s["x-ref"]) for op in operations() for n, s in op.parameters.items() if "x-ref" in s]
LISTED: Final = [
    (collection, name, described.ref)
    for part in PARTS
    for kind, sql in {**part.documents, **part.records}.items()
    if sql.listing is not None
    for collection in [op.path for op in operations() if op.declared["operationId"].endswith(f".{kind}.list")]
    for name, described in list_fields(sql.listing).items()
    if described.ref is not None
]  # fmt: skip
READ: Final = [
    op for op in operations() if op.method == "GET" and "{" not in op.path and not op.path.endswith("stream")
]
NEEDED: Final = {"q": "Supplier", "side": "payable", "account": "6010"}  # of the query string, by name


@dataclass(frozen=True, slots=True)
class Two:
    """Two organizations in which the same was done, so that their numbers and codes are equal."""

    one: Filled
    other: Filled


@pytest.fixture(scope="module")
async def two(api: Api) -> Two:
    return Two(await fill(await api.sign_up("One")), await fill(await api.sign_up("Other")))


@pytest.fixture(autouse=True, scope="module")
async def untouched(two: Two, servers: Settings) -> AsyncIterator[None]:
    """Whatever was asked, the other organization's database is as it was: every row of every table."""
    async with database_of(servers, two.other.office.id) as connection:
        before = await contents(connection)
        yield
        assert await contents(connection) == before


def keeps_silent(answer: httpx.Response, two: Two, *given: str) -> bool:
    """Nothing of the other organization is in the answer but what was asked with."""
    said = answer.text + repr(answer.headers.multi_items())
    return two.other.canary not in said and not [id for id in two.other.ids.values() if id not in given and id in said]


async def send(filled: Filled, op: Operation, path: str, **options: Any) -> httpx.Response:
    headers = {"If-Match": '"1"'} if op.needs_match else {}
    if op.path.endswith("/attachments") and op.method == "POST":
        return await filled.office.owner.request(
            "POST", path, files={"file": ("a.pdf", b"%PDF-1.7\n", "application/pdf")}
        )
    if op.method in ("POST", "PATCH"):
        options.setdefault("json", body_of(op.name, filled))
    return await filled.office.owner.request(op.method, path, headers=headers, **options)


def needed(op: Operation) -> dict[str, str]:
    required = {p["name"] for p in op.declared["parameters"] if p["in"] == "query" and p.get("required")}
    return {name: NEEDED[name] for name in required}


def own_path(op: Operation, ids: Filled) -> str:
    known = {"slug": ids.office.slug, "code": ids.ids["account"], "attachment": ids.ids["attachment"]}
    return op.path.format(**{**known, "id": ids.ids.get(op.collection, "")})


@pytest.mark.parametrize("op", HAS_ID, ids=lambda op: op.name)
async def test_an_id_of_another_organization_is_not_found(two: Two, op: Operation) -> None:
    path = own_path(op, two.other)
    assert path.count("//") == 0, f"fill() makes nothing in {op.collection}: add it there"
    answer = await send(two.one, op, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), answer.text
    assert keeps_silent(answer, two, *path.split("/"))


@pytest.mark.parametrize("op", [op for op in HAS_ID if op.method == "GET"], ids=lambda op: op.name)
async def test_ones_own_id_is_found(two: Two, op: Operation) -> None:
    """So that what is not found above is not missing for another reason."""
    answer = await send(two.one, op, own_path(op, two.one))
    assert answer.status_code == 200, answer.text
    assert keeps_silent(answer, two)


@pytest.mark.parametrize("op", [op for op in operations() if op.body is not None], ids=lambda op: op.name)
def test_every_body_has_its_example(op: Operation) -> None:
    required = op.body is not None and op.body.get("required")
    assert not required or op.name in BODIES or op.path.startswith("auth/"), (
        "add a valid body to tests/support/filled.py"
    )


@pytest.mark.parametrize(("op", "place"), REFERENCES, ids=lambda v: v.name if isinstance(v, Operation) else v.path)
async def test_a_reference_to_another_organization_is_unknown(two: Two, op: Operation, place: Place) -> None:
    id = two.other.ids[place.kind]
    body = placed(body_of(op.name, two.one), place.path, [id] if place.listed else id)
    answer = await send(two.one, op, own_path(op, two.one), json=body)
    assert answer.status_code == 422, answer.text
    path = f"{place.path}/0" if place.listed else place.path
    assert [(f["path"], f["code"]) for f in answer.json()["error"]["details"]["fields"]] == [
        (path, "UNKNOWN_REFERENCE")
    ]
    assert keeps_silent(answer, two, id)


@pytest.mark.parametrize(("op", "path"), LINE_IDS, ids=lambda v: v.name if isinstance(v, Operation) else v)
async def test_a_line_of_another_organization_is_unknown(two: Two, op: Operation, path: str) -> None:
    """What a change says it keeps of the document's own lines."""
    theirs = await two.other.office.owner.seen(f"{op.collection}/{two.other[op.collection]}")
    id = theirs["lines"][0]["id"]
    where = own_path(op, two.one)
    if op.method == "PATCH":
        where = f"{op.collection}/{(await draft(two.one, op.collection))['id']}"
    answer = await send(two.one, op, where, json=placed(body_of(op.name, two.one), path, id))
    assert answer.status_code == 422, answer.text
    assert [(f["path"], f["code"]) for f in answer.json()["error"]["details"]["fields"]] == [
        (path, "UNKNOWN_REFERENCE")
    ]
    assert keeps_silent(answer, two, id)


@pytest.mark.parametrize(("op", "name", "kind"), ASKED, ids=lambda v: v.name if isinstance(v, Operation) else v)
async def test_a_query_for_another_organization_is_unknown(two: Two, op: Operation, name: str, kind: str) -> None:
    id = two.other.ids[kind]
    answer = await send(two.one, op, own_path(op, two.one), params={**needed(op), name: id})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["fields"][0]["code"] == "UNKNOWN_REFERENCE"
    assert keeps_silent(answer, two, id)


@pytest.mark.parametrize(("collection", "name", "kind"), LISTED)
async def test_a_filter_by_another_organization_is_unknown(two: Two, collection: str, name: str, kind: str) -> None:
    id = two.other.ids[kind]
    answer = await two.one.office.owner.get(collection, params={name: id})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["fields"][0]["code"] == "UNKNOWN_REFERENCE"
    assert keeps_silent(answer, two, id)


@pytest.mark.parametrize("op", READ, ids=lambda op: op.name)
async def test_what_is_listed_is_ones_own(two: Two, op: Operation) -> None:
    answer = await send(two.one, op, op.path, params=needed(op))
    assert answer.status_code == 200, answer.text
    assert keeps_silent(answer, two)


@pytest.mark.parametrize("op", [op for op in READ if "q" in op.parameters], ids=lambda op: op.name)
async def test_words_of_another_organization_find_nothing(two: Two, op: Operation) -> None:
    answer = await send(two.one, op, op.path, params={"q": two.other.canary})
    assert (answer.status_code, answer.json()["data"]) == (200, [])


async def test_the_attachment_of_another_organization_is_not_under_ones_own_document(two: Two) -> None:
    path = f"documents/{two.one['documents']}/attachments/{two.other['attachment']}"
    answer = await two.one.office.owner.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "collection",
    ["procurement/requisitions", "procurement/purchase-orders", "procurement/goods-receipts", "ledger/budgets",
     "ledger/journal-entries", "billing/supplier-invoices", "billing/payments"],
)  # fmt: skip
async def test_equal_numbers_are_two_documents(two: Two, collection: str) -> None:
    mine, theirs = [await f.office.owner.seen(f"{collection}/{f[collection]}") for f in (two.one, two.other)]
    assert mine["number"] == theirs["number"] is not None
    assert mine["id"] != theirs["id"]
    found = await two.one.office.owner.seen(collection, number=mine["number"])
    assert [document["id"] for document in found["data"]] == [mine["id"]]


async def test_an_equal_number_in_a_body_is_ones_own(two: Two) -> None:
    order = await two.other.office.owner.seen(f"procurement/purchase-orders/{two.other['purchase_order']}")
    body: Json = body_of("POST procurement/goods-receipts", two.one) | {"purchase_order": order["number"]}
    made = await two.one.office.owner.made("procurement/goods-receipts", body, params={"dry_run": "true"})
    assert made["purchase_order"] == two.one["purchase_order"]


@pytest.mark.parametrize("collection", ["procurement/requisitions", "procurement/purchase-orders", "billing/payments"])
async def test_an_idempotency_key_of_another_organization_says_nothing(two: Two, collection: str) -> None:
    headers = {"Idempotency-Key": f"key-{collection}"}
    answers = [
        await f.office.owner.post(collection, body_of(f"POST {collection}", f), headers=headers, params=params)
        for f, params in ((two.one, {}), (two.other, {"dry_run": "true"}))
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert "Idempotency-Replayed" not in answers[1].headers


def test_every_operation_that_names_something_is_met_above() -> None:
    assert len(HAS_ID) + len(REFERENCES) + len(ASKED) + len(LISTED) > 150
    assert {op.name for op in operations() if "{id}" in op.path} <= {op.name for op in HAS_ID}
    changes = {op.name for op in operations() if op.method == "PATCH" and "lines" in (op.body or {})["properties"]}
    assert changes <= {op.name for op, _ in LINE_IDS}
