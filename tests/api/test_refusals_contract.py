"""Every refusal that the contract names: it happens, in one envelope, and changes nothing but the list of refusals."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from bizcore.bounds import MAX_BODY_BYTES, MAX_LINES, MAX_PAGE
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.support.api import Api, Json, Office, Person, running_api, signup
from tests.support.control import control
from tests.support.crowd import waiting
from tests.support.database import contents, database_of
from tests.support.filled import Filled, body_of, draft, fill

NOTED: Final = {403, 409, 412}  # of somebody known, these leave a row
LINE: Final = {"description": "Chair", "quantity": "1", "unit_price": "10.00"}


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Refusals"))


@asynccontextmanager
async def nothing_changes(filled: Filled) -> AsyncIterator[list[httpx.Response]]:
    """What the block puts into the list was refused: the database is as before, but for a row for each noted one."""
    answers: list[httpx.Response] = []
    async with database_of(filled.office.api.settings, filled.office.id) as connection:
        before = await contents(connection, but=("audit.refusal",))
        known = await connection.fetchval("SELECT count(*) FROM audit.refusal")
        yield answers
        assert await contents(connection, but=("audit.refusal",)) == before
        noted = [a for a in answers if a.status_code in NOTED and a.request.method != "GET"]
        assert await connection.fetchval("SELECT count(*) FROM audit.refusal") - known == len(noted)
        rows = await connection.fetch("SELECT code FROM audit.refusal ORDER BY id DESC LIMIT $1", len(noted))
        assert sorted(row["code"] for row in rows) == sorted(error_of(a)["code"] for a in noted)


def error_of(answer: httpx.Response) -> Json:
    body: Json = answer.json()
    assert list(body) == ["error"]
    error: Json = body["error"]
    assert sorted(error) == ["code", "details", "message", "request_id"]
    assert error["request_id"] == answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", error["code"])
    assert error["message"].endswith((".", "?")), error["message"]
    return error


async def refused(filled: Filled, answer: httpx.Response, status: int, code: str) -> Json:
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    details: Json = error["details"]
    return details


async def test_400_names_the_nearest_field(filled: Filled) -> None:
    async with nothing_changes(filled) as answers:
        for path, parameters in (
            ("parties", {"nme": "Acme"}), ("parties", {"sort": "nme"}), ("parties", {"fields": "id,nme"}),
            ("ledger/trial-balance", {"compny": "MAIN"}), ("parties", {"filter": '{"nme": 1}'}),
        ):  # fmt: skip
            answers.append(await filled.office.owner.get(path, params=parameters))
            details = await refused(filled, answers[-1], 400, "MALFORMED")
            assert details["nearest"] in ("name", ["company"], "company")


@pytest.mark.parametrize(
    "parameters",
    [{"limit": "0"}, {"limit": str(MAX_PAGE + 1)}, {"limit": "many"}, {"cursor": "x"}, {"sort": "-"}, {"filter": "{"},
     {"filter": "[]"}, {"id": "=:"}, {"created_at": "gte:yesterday"}],
)  # fmt: skip
async def test_400_for_a_list_that_cannot_be_read(filled: Filled, parameters: dict[str, str]) -> None:
    answer = await filled.office.owner.get("procurement/requisitions", params=parameters)
    details = await refused(filled, answer, 400, "MALFORMED")
    assert details["parameter"] in parameters


@pytest.mark.parametrize(
    ("path", "parameters"),
    [("procurement/requisitions", {"dry_run": "maybe"}), ("procurement/requisitions/{id}", {"as_of": "yesterday"}),
     ("procurement/requisitions/{id}", {"known_at": "2026-01-01T00:00:00"}),
     ("ledger/trial-balance", {"as_of": "2026-02-30"})],
)  # fmt: skip
async def test_400_for_a_parameter_that_cannot_be_read(filled: Filled, path: str, parameters: dict[str, str]) -> None:
    method = "POST" if "dry_run" in parameters else "GET"
    where = path.format(id=filled["requisition"])
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.request(method, where, params=parameters))
        await refused(filled, answers[-1], 400, "MALFORMED")


async def test_400_for_an_etag_that_is_none(filled: Filled) -> None:
    answer = await filled.office.owner.request(
        "PATCH", f"parties/{filled['party']}", json={"name": "X"}, headers={"If-Match": '"one"'}
    )
    await refused(filled, answer, 400, "MALFORMED")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"X-Api-Key": "bzk_nonsense"}])
async def test_401_for_one_who_is_not_signed_in(filled: Filled, headers: dict[str, str]) -> None:
    stranger = Person(filled.office.api.client(), headers)
    async with nothing_changes(filled) as answers:
        answers.append(await stranger.post("procurement/requisitions", {"lines": [LINE]}))
        await refused(filled, answers[-1], 401, "UNAUTHENTICATED")
    assert answers[-1].headers["WWW-Authenticate"] == "Bearer"


async def test_403_names_the_permission_before_the_body_is_judged(filled: Filled) -> None:
    buyer = await filled.office.member("buyer")
    async with nothing_changes(filled) as answers:
        answers.append(await buyer.post("procurement/requisitions", {"nonsense": True}))
        details = await refused(filled, answers[-1], 403, "PERMISSION_DENIED")
        assert details["permission"] == "procurement.requisition.create"


@pytest.mark.parametrize(
    "path", ["procurement/requisitions/{new}", "parties/{new}", "documents/{new}", "parties/none", "nothing"]
)
async def test_404_whatever_is_not_there(filled: Filled, path: str) -> None:
    await refused(filled, await filled.office.owner.get(path.format(new=new_id())), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "parties", "GET, POST"),
        ("DELETE", "parties", "GET, POST"),
        ("PUT", "parties/{id}", "GET, PATCH"),
        ("PATCH", "webhooks/endpoints", "GET, POST"),
        ("PUT", "webhooks/endpoints/{id}", "DELETE, GET, PATCH"),
        ("POST", "me", "GET"),
        ("PATCH", "tasks", "GET"),
    ],
)
async def test_405_names_all_that_is_allowed(filled: Filled, method: str, path: str, allowed: str) -> None:
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.request(method, path.format(id=new_id()), json={}))
        await refused(filled, answers[-1], 405, "METHOD_NOT_ALLOWED")
    assert answers[-1].headers["Allow"] == allowed


async def test_500_does_not_say_that_nothing_was_changed(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks while the commit is answered may have been kept."""
    owner, headers = filled.office.owner, {"Idempotency-Key": "broken after the commit"}
    with monkeypatch.context() as broken:
        broken.setenv("BIZCORE_FAULTS", "pipeline.after_commit=raise")
        answer = await owner.post("procurement/requisitions", {"lines": [LINE]}, headers=headers)
    assert (answer.status_code, error_of(answer)["code"]) == (500, "INTERNAL")
    assert error_of(answer)["message"] == (
        "Something went wrong on our side. Whether anything was changed is not certain: "
        "look first, or send it again with the same Idempotency-Key."
    )
    again = await owner.post("procurement/requisitions", {"lines": [LINE]}, headers=headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")


async def test_404_for_a_command_on_what_is_not_there(filled: Filled) -> None:
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post(f"procurement/requisitions/{new_id()}/submit"))
        answers.append(await filled.office.owner.post(f"procurement/purchase-orders/{filled['requisition']}/submit"))
        answers.append(await filled.office.owner.patch(f"parties/{new_id()}", {"name": "X"}, version=1))
        answers.append(await filled.office.owner.post(f"documents/{new_id()}/comments", {"body": "Hm"}))
        for answer in answers:
            await refused(filled, answer, 404, "NOT_FOUND")


async def test_409_for_the_wrong_phase(filled: Filled) -> None:
    active = filled["requisition"]
    async with nothing_changes(filled) as answers:
        path = f"procurement/requisitions/{active}"
        answers.append(await filled.office.owner.post(f"{path}/submit"))
        await refused(filled, answers[-1], 409, "WRONG_PHASE")
        version = (await filled.office.owner.seen(path))["version"]
        answers.append(await filled.office.owner.patch(path, {"title": "New"}, version=version))
        details = await refused(filled, answers[-1], 409, "WRONG_PHASE")
        assert details["phase"] == "active"


async def test_409_beyond_the_budget(filled: Filled) -> None:
    owner, approvers = filled.office.owner, [await filled.office.new_member("approver") for _ in range(2)]
    budget = await owner.made("ledger/budgets", body_of("POST ledger/budgets", filled))
    await approvers[0].made(f"ledger/budgets/{budget['id']}/approve")
    line = LINE | {"unit_price": "100000.00", "budget_line": budget["lines"][0]["id"]}
    big = await owner.made("procurement/requisitions", {"lines": [line]})
    path = f"procurement/requisitions/{big['id']}"
    await owner.made(f"{path}/submit")
    await approvers[0].made(f"{path}/approve")
    async with nothing_changes(filled) as answers:
        answers.append(await approvers[1].post(f"{path}/approve"))
        details = await refused(filled, answers[-1], 409, "BUDGET_EXCEEDED")
    assert (details["requested"], details["available"]) == ("100000.00", "1000.00")


async def test_409_in_a_closed_period(filled: Filled) -> None:
    owner = filled.office.owner
    closed = (await owner.seen("ledger/periods", sort="starts_on", limit="1"))["data"][0]
    await owner.made(f"ledger/periods/{closed['id']}/close", {"reason": "Done"})
    body = body_of("POST ledger/journal-entries", filled) | {"entry_date": closed["starts_on"]}
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post("ledger/journal-entries", body))
        await refused(filled, answers[-1], 409, "PERIOD_CLOSED")
    await owner.made(f"ledger/periods/{closed['id']}/reopen", {"reason": "Once more"})


async def test_409_for_more_than_was_ordered(filled: Filled) -> None:
    line = {"order_line": filled["order_line"], "quantity": "5"}
    order = filled["purchase_order"]
    receipt = await filled.office.owner.made("procurement/goods-receipts", {"purchase_order": order, "lines": [line]})
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post(f"procurement/goods-receipts/{receipt['id']}/post"))
        details = await refused(filled, answers[-1], 409, "OVER_RECEIPT")
    assert (details["ordered"], details["received"], details["requested"]) == ("6", "2", "5")


async def test_409_for_goods_that_are_not_there_any_more(filled: Filled) -> None:
    owner, approver = filled.office.owner, await filled.office.member("approver")
    item = await owner.made("items", body_of("POST items", filled))
    lines = [{"item": item["id"], "quantity": "5", "unit_price": "2.00"}]
    order = await owner.made("procurement/purchase-orders", {"supplier": filled["party"], "lines": lines})
    await owner.made(f"procurement/purchase-orders/{order['id']}/submit")
    await approver.made(f"procurement/purchase-orders/{order['id']}/approve")
    received = [{"order_line": order["lines"][0]["id"], "quantity": "5"}]
    receipt = await owner.made("procurement/goods-receipts", {"purchase_order": order["id"], "lines": received})
    await owner.made(f"procurement/goods-receipts/{receipt['id']}/post")
    await _goods_leave(filled, item["id"], "3")
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post(f"procurement/goods-receipts/{receipt['id']}/reverse", {"reason": "Broken"}))
        details = await refused(filled, answers[-1], 409, "INSUFFICIENT_STOCK")
    assert (details["requested"], details["available"], details["item"]) == ("5", "2", item["id"])


async def _goods_leave(filled: Filled, item: str, quantity: str) -> None:
    """So much of the item's only layer, as rows: what issues stock is not made over HTTP yet."""
    async with database_of(filled.office.api.settings, filled.office.id) as connection:
        await connection.execute(
            """WITH came AS (
                   SELECT l.*, m.document_id, m.to_location_id, (l.value_minor * $2 / l.quantity)::bigint AS left_minor
                   FROM inventory.layer l JOIN inventory.move m ON m.id = l.id WHERE l.item_id = $1),
               gone AS (
                   INSERT INTO inventory.move (id, kind, company_id, item_id, quantity, from_location_id, value_minor,
                                               document_id, effective_on, recorded_at)
                   SELECT gen_random_uuid(), 'test.issue', company_id, item_id, $2, to_location_id, left_minor,
                          document_id, effective_on, now() FROM came
                   RETURNING id)
               INSERT INTO inventory.consumption (move_id, layer_id, company_id, item_id, quantity, value_minor,
                                                  effective_on, recorded_at)
               SELECT gone.id, came.id, company_id, item_id, $2, left_minor, effective_on, now() FROM gone, came""",
            UUID(item),
            Decimal(quantity),
        )


@pytest.mark.parametrize("collection", [
    "companies", "parties", "payment-terms", "items", "units", "tax-codes", "inventory/locations", "access/roles",
    "ledger/accounts", "ledger/bank-accounts",
])  # fmt: skip
async def test_409_for_a_code_that_is_taken(filled: Filled, collection: str) -> None:
    owner, field = filled.office.owner, "sku" if collection == "items" else "code"
    taken = (await owner.seen(collection, limit="1"))["data"][0][field]
    body = body_of(f"POST {collection}", filled) | {field: taken}
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post(collection, body))
        details = await refused(filled, answers[-1], 409, "DUPLICATE_CODE")
    assert details == {"field": f"/{field}"}


async def test_409_for_a_payment_beyond_the_balance(filled: Filled) -> None:
    owner = filled.office.owner
    allocation = {"invoice": filled["supplier_invoice"], "amount": "1000.00"}
    body = body_of("POST billing/payments", filled) | {"amount": "1000.00", "allocations": [allocation]}
    payment = await owner.made("billing/payments", body)
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post(f"billing/payments/{payment['id']}/post"))
        await refused(filled, answers[-1], 409, "PAYMENT_EXCEEDS_BALANCE")


async def test_409_for_a_payment_of_a_blocked_invoice(filled: Filled) -> None:
    owner = filled.office.owner
    line = {"order_line": filled["order_line"], "quantity": "6", "unit_price": "5.00"}
    body = body_of("POST billing/supplier-invoices", filled) | {"lines": [line]}
    ahead = await owner.made("billing/supplier-invoices", body)
    posted = await owner.made(f"billing/supplier-invoices/{ahead['id']}/post")
    assert posted["match"]["status"] == "blocked"
    payment = await owner.made(
        "billing/payments",
        body_of("POST billing/payments", filled) | {"allocations": [{"invoice": ahead["id"], "amount": "5.00"}]},
    )
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post(f"billing/payments/{payment['id']}/post"))
        details = await refused(filled, answers[-1], 409, "PAYMENT_BLOCKED")
    assert details["exceptions"]


async def test_409_for_one_reference_of_a_supplier_twice(filled: Filled) -> None:
    owner = filled.office.owner
    first = await owner.seen(f"billing/supplier-invoices/{filled['supplier_invoice']}")
    given = f"  {first['supplier_reference'].lower()} "
    async with nothing_changes(filled) as answers:
        body = body_of("POST billing/supplier-invoices", filled) | {"supplier_reference": given}
        answers.append(await owner.post("billing/supplier-invoices", body))
        await refused(filled, answers[-1], 409, "DUPLICATE_SUPPLIER_REFERENCE")


async def test_403_for_one_who_approves_what_they_wrote(filled: Filled) -> None:
    path = f"procurement/requisitions/{(await draft(filled, 'procurement/requisitions'))['id']}"
    await filled.office.owner.made(f"{path}/submit")
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post(f"{path}/approve"))
        await refused(filled, answers[-1], 403, "SEPARATION_OF_DUTIES")


async def test_412_tells_the_current_version_and_what_changed_by_whom(filled: Filled) -> None:
    path = f"procurement/requisitions/{(await draft(filled, 'procurement/requisitions'))['id']}"
    await filled.office.owner.changed(path, {"title": "Somebody was faster"})
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.patch(path, {"title": "Slow"}, version=1))
        details = await refused(filled, answers[-1], 412, "VERSION_CONFLICT")
        assert (details["given"], details["current"]) == (1, 2)
        (change,) = details["changes"]
        assert (change["by"], change["action"], change["fields"]) == ("Owner of Refusals", "change", ["/title"])
        answers.append(await filled.office.owner.post(f"{path}/submit", headers={"If-Match": '"1"'}))
        await refused(filled, answers[-1], 412, "VERSION_CONFLICT")


async def test_428_for_a_change_without_its_version(filled: Filled) -> None:
    async with nothing_changes(filled) as answers:
        for path in (f"parties/{filled['party']}", f"webhooks/endpoints/{filled['webhooks/endpoints']}"):
            answers.append(await filled.office.owner.patch(path, {}, version=None))
            details = await refused(filled, answers[-1], 428, "PRECONDITION_REQUIRED")
            assert details["header"] == "If-Match"


async def test_413_for_a_body_beyond_the_bound(filled: Filled) -> None:
    def padded(size: int) -> bytes:
        body = b'{"lines": []}'
        return body + b" " * (size - len(body))

    async with nothing_changes(filled) as answers:
        answers.append(
            await filled.office.owner.request("POST", "procurement/requisitions", content=padded(MAX_BODY_BYTES + 1))
        )
        details = await refused(filled, answers[-1], 413, "BODY_TOO_LARGE")
        assert details["limit"] == MAX_BODY_BYTES
        answers.append(
            await filled.office.owner.request("POST", "procurement/requisitions", content=padded(MAX_BODY_BYTES))
        )
        await refused(filled, answers[-1], 422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
@pytest.mark.parametrize("path", ["procurement/requisitions", "procurement/requisitions/{id}/submit", "access/api-keys",
                                  "documents/{id}/comments", "webhooks/endpoints", "organizations"])  # fmt: skip
async def test_415_for_a_body_that_is_no_json(filled: Filled, path: str, media_type: str) -> None:
    where = path.format(id=filled["requisition"])
    async with nothing_changes(filled) as answers:
        answers.append(
            await filled.office.owner.request("POST", where, content=b"{}", headers={"Content-Type": media_type})
        )
        details = await refused(filled, answers[-1], 415, "UNSUPPORTED_MEDIA_TYPE")
        assert details["allowed"] == ["application/json"]


async def test_422_tells_everything_that_is_wrong_at_once(filled: Filled) -> None:
    body = {
        "titel": "Chairs",
        "lines": [
            LINE | {"unit_price": "10.0000000000001", "colour": "red"},
            LINE | {"quantity": "0", "unit": "nothing"},
            {"description": "Table"},
        ],
    }
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post("procurement/requisitions", body))
        details = await refused(filled, answers[-1], 422, "VALIDATION_FAILED")
    found = {field["path"]: field["code"] for field in details["fields"]}
    assert found == {
        "/titel": "UNKNOWN_FIELD",
        "/lines/0/unit_price": "VALUE_TOO_PRECISE",
        "/lines/0/colour": "UNKNOWN_FIELD",
        "/lines/1/quantity": "GREATER_THAN",
        "/lines/2/quantity": "REQUIRED",
    }
    assert all(sorted(field) == ["allowed", "code", "given", "message", "path"] for field in details["fields"])


@pytest.mark.parametrize(
    ("collection", "change", "path"),
    [("billing/payments", {"amount": "5.001"}, "/amount"), ("ledger/journal-entries", None, "/lines/0/debit")],
)
async def test_422_for_more_decimals_than_the_currency_has(
    filled: Filled, collection: str, change: Json | None, path: str
) -> None:
    body = body_of(f"POST {collection}", filled)
    if change is None:
        body["lines"] = [body["lines"][0] | {"debit": "10.001"}, body["lines"][1] | {"credit": "10.001"}]
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post(collection, body | (change or {})))
        details = await refused(filled, answers[-1], 422, "VALIDATION_FAILED")
    assert (details["fields"][0]["path"], details["fields"][0]["code"]) == (path, "VALUE_TOO_PRECISE")


async def test_422_for_what_names_nothing(filled: Filled) -> None:
    id = str(new_id())
    lines = [LINE | {"item": "NO SUCH ITEM"}, LINE | {"budget_line": id}]
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post("procurement/requisitions", {"lines": lines}))
        details = await refused(filled, answers[-1], 422, "VALIDATION_FAILED")
    assert [(f["path"], f["code"], f["given"]) for f in details["fields"]] == [
        ("/lines/0/item", "UNKNOWN_REFERENCE", "NO SUCH ITEM"),
        ("/lines/1/budget_line", "UNKNOWN_REFERENCE", id),
    ]


@pytest.mark.parametrize("value", [12.5, "12,50", "1e3", "NaN", "Infinity", "", " 1", "٣", True, None, [], {}])
async def test_422_for_what_is_no_decimal(filled: Filled, value: object) -> None:
    async with nothing_changes(filled) as answers:
        answers.append(
            await filled.office.owner.post("procurement/requisitions", {"lines": [LINE | {"quantity": value}]})
        )
        details = await refused(filled, answers[-1], 422, "VALIDATION_FAILED")
    assert {field["path"] for field in details["fields"]} == {"/lines/0/quantity"}


async def test_a_whole_number_is_a_decimal(filled: Filled) -> None:
    answer = await filled.office.owner.made(
        "procurement/requisitions", {"lines": [LINE | {"quantity": 3}]}, params={"dry_run": "true"}
    )
    assert (answer["lines"][0]["quantity"], answer["total"]) == ("3", "30.00")


@pytest.mark.parametrize("count", [0, MAX_LINES + 1])
async def test_422_for_no_line_or_more_than_the_limit(filled: Filled, count: int) -> None:
    async with nothing_changes(filled) as answers:
        answers.append(await filled.office.owner.post("procurement/requisitions", {"lines": [LINE] * count}))
        details = await refused(filled, answers[-1], 422, "VALIDATION_FAILED")
    assert details["fields"][0]["allowed"] == (1 if count == 0 else MAX_LINES)


async def test_as_many_lines_as_the_limit_are_taken(filled: Filled) -> None:
    answer = await filled.office.owner.made("procurement/requisitions", {"lines": [LINE] * MAX_LINES})
    assert (len(answer["lines"]), answer["total"]) == (MAX_LINES, "10000.00")


async def test_422_for_an_idempotency_key_with_another_body(filled: Filled) -> None:
    owner, headers = filled.office.owner, {"Idempotency-Key": "one and the same"}
    first = await owner.post("procurement/requisitions", {"lines": [LINE]}, headers=headers)
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post("procurement/requisitions", {"lines": [LINE, LINE]}, headers=headers))
        await refused(filled, answers[-1], 422, "IDEMPOTENCY_KEY_REUSED")
    again = await owner.post("procurement/requisitions", {"lines": [LINE]}, headers=headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json() == first.json()


async def test_409_while_the_first_request_with_a_key_is_running(filled: Filled) -> None:
    owner, headers = filled.office.owner, {"Idempotency-Key": "in flight"}
    path = f"procurement/requisitions/{(await draft(filled, 'procurement/requisitions'))['id']}"
    async with database_of(filled.office.api.settings, filled.office.id) as connection, connection.transaction():
        await connection.execute("SELECT FROM platform.document WHERE id = $1 FOR UPDATE", UUID(path.split("/")[-1]))
        first = asyncio.create_task(owner.post(f"{path}/submit", headers=headers))
        await waiting(connection)
        second = await owner.post(f"{path}/submit", headers=headers)
        await refused(filled, second, 409, "IDEMPOTENCY_KEY_IN_USE")
        assert int(second.headers["Retry-After"]) >= 1
    assert (await first).status_code == 200
    third = await owner.post(f"{path}/submit", headers=headers)
    assert (third.status_code, third.headers["Idempotency-Replayed"]) == (200, "true")


async def test_409_while_a_key_is_in_use_is_noted_and_changes_nothing(filled: Filled) -> None:
    owner, headers = filled.office.owner, {"Idempotency-Key": "held by another"}
    me = (await owner.seen("me"))["principal"]
    held = f"{me}:procurement.requisition.create:{headers['Idempotency-Key']}"
    async with database_of(filled.office.api.settings, filled.office.id) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", held)
        async with nothing_changes(filled) as answers:
            answers.append(await owner.post("procurement/requisitions", {"lines": [LINE]}, headers=headers))
            details = await refused(filled, answers[-1], 409, "IDEMPOTENCY_KEY_IN_USE")
    assert answers[-1].headers["Retry-After"] == str(details["retry_after"]) == "1"


async def test_409_for_more_than_is_in_stock(filled: Filled) -> None:
    """Goods that have left meanwhile cannot be given back."""
    owner, office = filled.office.owner, filled.office
    item = await owner.made("items", body_of("POST items", filled))
    line = {"item": item["id"], "quantity": "3", "unit_price": "2.00"}
    order = await owner.made("procurement/purchase-orders", {"supplier": filled["party"], "lines": [line]})
    await owner.made(f"procurement/purchase-orders/{order['id']}/submit")
    await (await office.member("approver")).made(f"procurement/purchase-orders/{order['id']}/approve")
    took = {"order_line": order["lines"][0]["id"], "quantity": "3"}
    receipt = await owner.made("procurement/goods-receipts", {"purchase_order": order["id"], "lines": [took]})
    path = f"procurement/goods-receipts/{receipt['id']}"
    await owner.made(f"{path}/post")
    async with database_of(office.api.settings, office.id) as connection:
        await connection.execute(
            """WITH m AS (
                    INSERT INTO inventory.move (id, kind, company_id, item_id, quantity, from_location_id, value_minor,
                                                document_id, effective_on, recorded_at)
                    SELECT gen_random_uuid(), 'test.issue', company_id, item_id, 2, to_location_id, 400, document_id,
                           effective_on, now()
                    FROM inventory.move WHERE document_id = $1
                    RETURNING *)
                INSERT INTO inventory.consumption (move_id, layer_id, company_id, item_id, quantity, value_minor,
                                                   effective_on, recorded_at)
                SELECT m.id, l.id, m.company_id, m.item_id, m.quantity, m.value_minor, m.effective_on, now()
                FROM m JOIN inventory.layer l ON l.item_id = m.item_id""",
            UUID(receipt["id"]),
        )
    async with nothing_changes(filled) as answers:
        answers.append(await owner.post(f"{path}/reverse", {"reason": "Broken"}))
        details = await refused(filled, answers[-1], 409, "INSUFFICIENT_STOCK")
    assert (details["requested"], details["available"]) == ("3", "1")


async def test_429_beyond_the_rate_of_an_organization(filled: Filled, servers: Settings) -> None:
    async with running_api(servers, tenant_requests_per_second=1, tenant_burst=1) as strict:
        person = await strict.log_in(filled.office.owner.email)
        async with nothing_changes(filled) as answers:
            for _ in range(3):
                answers.append(await person.post("procurement/requisitions", {"nonsense": True}))
            details = await refused(filled, answers[-1], 429, "RATE_LIMITED")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert details["limit"] == 1


async def test_503_for_an_organization_out_of_service(servers: Settings, api: Api) -> None:
    office: Office = await api.sign_up("Suspended")
    async with control(servers) as connection:
        await connection.execute("UPDATE control.organization SET status = 'suspended' WHERE id = $1", UUID(office.id))
    async with running_api(servers) as fresh:
        person = Person(fresh.client(), office.owner.headers)
        answer = await person.get("companies")
    assert (answer.status_code, error_of(answer)["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_503_and_never_a_stack_where_the_database_does_not_answer(
    filled: Filled, running_servers: RunningServers
) -> None:
    administrator = await asyncpg.connect(running_servers.embedded.superuser_url)
    async with database_of(filled.office.api.settings, filled.office.id) as connection, connection.transaction():
        await connection.execute("LOCK TABLE platform.document IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(filled.office.owner.get(f"procurement/requisitions/{filled['requisition']}"))
        await waiting(connection)
        await administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2",
            await connection.fetchval("SELECT current_database()"),
            connection.get_server_pid(),
        )
        answer = await asked
    await administrator.close()
    assert (answer.status_code, error_of(answer)["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await filled.office.owner.get("companies")).status_code == 200, "another connection is opened"


@pytest.mark.parametrize(
    "command", ["POST procurement/requisitions", "POST billing/payments", "POST parties", "POST items"]
)
async def test_a_dry_run_keeps_nothing_and_gives_no_number(filled: Filled, command: str) -> None:
    async with nothing_changes(filled):
        made: dict[str, Any] = await filled.office.owner.made(
            command.split(" ")[1], body_of(command, filled), params={"dry_run": "true"}
        )
    assert made.get("number") is None
    assert sorted(made["effects"]) == ["budget", "events", "journal_entries", "stock_moves", "tasks"]


async def test_dates_are_the_companys(api: Api) -> None:
    """There is no moment at which these two have the same date."""
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        body = signup()
        body["company"]["timezone"] = name
        owner = api.signed_in(await api.stranger.made("auth/signup", body))
        days = [datetime.now(ZoneInfo(name)).date()]
        made = await owner.made("procurement/requisitions", {"lines": [LINE]})
        days.append(datetime.now(ZoneInfo(name)).date())
        assert date.fromisoformat(made["document_date"]) in days
