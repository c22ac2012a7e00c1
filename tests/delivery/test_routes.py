"""Webhooks, the event log and attachments over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import httpx
import pytest
import standardwebhooks
from fastapi import FastAPI, Request

from adapters.identity.secrets import Secrets
from adapters.objectstore.orphans import GRACE, sweep_orphans
from adapters.objectstore.s3 import S3ObjectStore
from adapters.objectstore.sniffing import FileTypeNotAllowed, media_type
from adapters.postgres.connection import TenantDatabase
from bizcore.bounds import MAX_UPLOAD_BYTES
from bizcore.clock import SystemClock
from bizcore.errors import ValidationFailed
from bizcore.ids import new_id
from bizcore.settings import Settings
from bizcore.tenancy import Identity
from services.api import attachments, errors, webhooks
from services.api.attachments import disposition, file_name
from services.api.middleware import Observed
from services.api.mounting import mount
from services.api.surface import Surface
from services.composition import CONSUMERS, REGISTRIES, compose, document_types, read_permissions
from tests.delivery.support import TRACE, publish, receiving
from tests.delivery.test_deliveries import OneTenant, Worker
from tests.support.tenants import new_tenant, owner_id

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture
async def tenant(servers: Settings) -> AsyncIterator[TenantDatabase]:
    made = await new_tenant(servers)
    yield made
    await made.engine.dispose()


@pytest.fixture
async def woken() -> list[UUID]:
    return []


@pytest.fixture
async def client(tenant: TenantDatabase, servers: Settings, woken: list[UUID]) -> AsyncIterator[httpx.AsyncClient]:
    store, principal = S3ObjectStore.of(servers), await owner_id(tenant)
    await store.create_bucket(tenant.bucket)

    async def authenticate(request: Request) -> Identity:
        return Identity(organization_id=tenant.organization_id, principal_id=principal)

    async def wake(organization_id: UUID) -> None:
        woken.append(organization_id)

    app = FastAPI()
    errors.install(app)
    webhooks.add_routes(app.router)
    attachments.add_routes(app.router, document_types(), lambda _: store)
    for registry in REGISTRIES:
        mount(app.router, registry)
    app.add_middleware(Observed)
    app.state.surface = Surface(
        settings=replace(servers, webhook_allow=(ip_network("127.0.0.0/8"),)),
        clock=SystemClock(),
        tenants=OneTenant(tenant),
        composition=compose(Secrets.of(servers.master_key)),
        read_permissions=read_permissions(),
        consumers=CONSUMERS,
        authenticate=authenticate,
        wake=wake,
        allow_request=lambda _: None,
        probes={},
        objects=store,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made
    await store.remove_bucket(tenant.bucket)


async def test_an_endpoint_from_creation_to_delivery_and_replay(
    client: httpx.AsyncClient, tenant: TenantDatabase, servers: Settings, woken: list[UUID]
) -> None:
    async with receiving() as receiver:
        answer = await client.post("/webhooks/endpoints", json={"url": receiver.url, "events": ["procurement.*"]})
        assert answer.status_code == 201, answer.text
        created = answer.json()
        assert created["secret"].startswith("whsec_")
        assert answer.headers["ETag"] == '"1"'
        assert woken == [tenant.organization_id]
        async with tenant.connection() as connection, connection.transaction():
            event_id = await publish(connection, new_id(), 1)
        worker = Worker(tenant, servers)
        await worker.run()
        [delivery] = (await client.get("/webhooks/deliveries")).json()["data"]
        assert (delivery["state"], delivery["event"]["id"]) == ("delivered", str(event_id))
        assert [(each["number"], each["status"]) for each in delivery["log"]] == [(1, 200)]
        replayed = await client.post(f"/webhooks/deliveries/{delivery['id']}/replay")
        assert (replayed.status_code, replayed.json()["state"]) == (200, "due")
        await worker.run()
        again = await client.post(
            f"/webhooks/endpoints/{created['id']}/replay",
            json={
                "since": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
                "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
                "states": ["dead", "delivered"],
            },
        )
        assert again.json()["replayed"] == 1
        await worker.run()
        worker.due_work.close()
    assert len(receiver.got) == 3
    for got in receiver.got:
        standardwebhooks.Webhook(created["secret"]).verify(got.body, dict(got.headers))


async def test_the_secret_is_shown_once_and_again_only_as_another(client: httpx.AsyncClient) -> None:
    created = (await client.post("/webhooks/endpoints", json={"url": "http://127.0.0.1:1/", "events": ["*"]})).json()
    path = f"/webhooks/endpoints/{created['id']}"
    assert "secret" not in (await client.get(path)).json()
    assert created["secret"] not in (await client.get("/webhooks/endpoints")).text
    rotated = (await client.post(f"{path}/rotate-secret")).json()
    assert rotated["secret"] != created["secret"]
    assert rotated["previous_secret_until"] is not None


async def test_a_change_needs_the_version_that_was_read(client: httpx.AsyncClient) -> None:
    created = (await client.post("/webhooks/endpoints", json={"url": "http://127.0.0.1:1/", "events": ["*"]})).json()
    path = f"/webhooks/endpoints/{created['id']}"
    change = {"events": ["billing.*"]}
    assert (await client.patch(path, json=change)).status_code == 428
    stale = await client.patch(path, json=change, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "VERSION_CONFLICT")
    changed = await client.patch(path, json=change, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["events"], changed.json()["url"]) == (
        200,
        ["billing.*"],
        created["url"],
    )
    disabled = (await client.delete(path)).json()
    assert (disabled["active"], disabled["disabled_reason"]) == (False, "Disabled by a user.")


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"url": "https://169.254.169.254/", "events": ["*"]}, "/url", "ADDRESS_NOT_ALLOWED"),
        ({"url": "http://10.0.0.1/", "events": ["*"]}, "/url", "ADDRESS_NOT_ALLOWED"),
        ({"url": "http://127.0.0.1/", "events": ["a b"]}, "/events/0", "INVALID_PATTERN"),
        ({"url": "http://127.0.0.1/", "events": []}, "/events", "TOO_SHORT"),
        ({"url": "http://127.0.0.1/", "events": ["*"], "filter": {"a": {}}}, "/filter", "INVALID_FILTER"),
        ({"url": "http://127.0.0.1/", "events": ["*"], "filter": {"a\0": 1}}, "/filter", "INVALID_FILTER"),
        ({"url": "http://127.0.0.1/", "events": ["*"], "filter": {"a": "\0"}}, "/filter", "INVALID_FILTER"),
        ({"url": f"http://{'a' * 64}.example/", "events": ["*"]}, "/url", "ADDRESS_NOT_ALLOWED"),
        ({"url": "http://127.0.0.1/", "events": ["*"], "secret": "mine"}, "/secret", "UNKNOWN_FIELD"),
        ({"events": ["*"]}, "/url", "REQUIRED"),
    ],
)
async def test_what_is_wrong_with_an_endpoint_is_named_and_nothing_is_kept(
    client: httpx.AsyncClient, body: dict[str, Any], path: str, code: str
) -> None:
    answer = await client.post("/webhooks/endpoints", json=body)
    assert answer.status_code == 422
    [problem] = answer.json()["error"]["details"]["fields"]
    assert (problem["path"], problem["code"]) == (path, code)
    assert (await client.get("/webhooks/endpoints")).json() == {"data": [], "next_cursor": None}


@pytest.mark.parametrize(
    "since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "2026-01-01", 1, None]
)
async def test_a_range_to_replay_is_of_instants_with_their_offset(client: httpx.AsyncClient, since: object) -> None:
    made = (await client.post("/webhooks/endpoints", json={"url": "http://127.0.0.1:1/", "events": ["*"]})).json()
    until = "2099-01-01T00:00:00Z"
    refused = await client.post(f"/webhooks/endpoints/{made['id']}/replay", json={"since": since, "until": until})
    assert refused.status_code == 422, refused.text
    assert [field["path"] for field in refused.json()["error"]["details"]["fields"]] == ["/since"]


async def test_a_dry_run_keeps_nothing(client: httpx.AsyncClient, woken: list[UUID]) -> None:
    answer = await client.post("/webhooks/endpoints?dry_run=true", json={"url": "http://127.0.0.1:1/", "events": ["*"]})
    assert answer.status_code == 201
    assert (await client.get("/webhooks/endpoints")).json()["data"] == []
    assert woken == []


async def test_the_log_is_read_page_by_page_without_loss(
    client: httpx.AsyncClient, tenant: TenantDatabase, servers: Settings
) -> None:
    async with tenant.connection() as connection, connection.transaction():
        published = [str(await publish(connection, new_id(), 1)) for _ in range(5)]
    worker = Worker(tenant, servers)
    await worker.relay()
    worker.due_work.close()
    seen, cursor = [], ""
    while cursor is not None:
        page = (await client.get(f"/events?limit=2{cursor and '&cursor=' + cursor}")).json()
        seen += [event["id"] for event in page["data"]]
        cursor = page["next_cursor"]
    assert seen == published
    assert (await client.get("/events?cursor=x")).status_code == 400
    assert (await client.get("/events?limit=201")).status_code == 400


async def test_the_stream_goes_on_behind_the_last_event_seen(
    tenant: TenantDatabase, servers: Settings, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from the generator: the test's transport would wait for the end of a stream that has none."""
    monkeypatch.setattr(webhooks, "POLL_SECONDS", 0.05)
    worker = Worker(tenant, servers)
    async with tenant.connection() as connection, connection.transaction():
        await publish(connection, new_id(), 1)
        second = await publish(connection, new_id(), 1)
    await worker.relay()
    app = client._transport.app  # type: ignore[attr-defined]
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "route": next(route for route in app.routes if route.path.endswith("/events/stream")),
            "app": app,
            "headers": [],
            "query_string": b"",
            "client": None,
            "state": {"request_id": "r", "traceparent": TRACE},
        }
    )
    stream = webhooks._events(request, 1)
    assert await anext(stream) == b": heartbeat\n\n"
    message = (await anext(stream)).decode()
    assert message.startswith(f'id: 2\nevent: procurement.purchase_order.activated.v1\ndata: {{"id":"{second}"')
    async with tenant.connection() as connection, connection.transaction():
        third = await publish(connection, new_id(), 1)
    waiting = asyncio.ensure_future(anext(stream))
    await worker.relay()
    assert str(third) in (await asyncio.wait_for(waiting, 5)).decode()
    await stream.aclose()
    worker.due_work.close()


@pytest.mark.parametrize("id", ["not-an-id", "00000000-0000-7000-8000-000000000000"])
async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient, id: str) -> None:
    assert (await client.get(f"/webhooks/endpoints/{id}")).status_code == 404
    assert (await client.post(f"/webhooks/deliveries/{id}/replay")).status_code == 404
    assert (await client.get(f"/documents/{id}/attachments")).status_code == 404
    upload = {"file": ("a.pdf", PDF)}
    assert (await client.post(f"/documents/{id}/attachments", files=upload)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1", "image/jpeg"),
        ("a.csv", b"a;b\r\n1;2\r\n", "text/csv"),
        ("a.txt", "für".encode("latin-1"), "text/plain"),
        ("a.txt", b"", "text/plain"),
        ("a.xlsx", b"PK\x03\x04\x14\0\x06\0[Content_Types].xml",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_name_and_its_content_say(name: str, content: bytes, expected: str) -> None:
    assert media_type(name, content) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\0"), ("a.html", b"<html>"), ("a.svg", b"<svg>"), ("a", PDF), (".pdf", PDF), ("a.", PDF),
        ("a.pdf", b"MZ\x90\0"), ("a.pdf", b"<html>"), ("a.pdf", b""), ("a.png", PDF), ("a.txt", b"MZ\x90\0\3"),
        ("a.csv", b"\x7fELF\2\1"), ("a.pdf.exe", PDF), ("a.js", b"alert(1)"), ("a.zip", b"PK\x03\x04"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_allowed_kind_or_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileTypeNotAllowed):
        media_type(name, content)


@pytest.mark.parametrize(
    "name", ["", "..", "a/", "a\0.pdf", "invoice\u202efdp.exe", "a\n.pdf", "x" * 300 + ".pdf", " "]
)
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed):
        file_name(name)


def test_a_name_loses_its_folders_and_keeps_its_letters() -> None:
    assert file_name("../../etc/Rechnung für Öl.pdf") == "Rechnung für Öl.pdf"
    assert file_name("C:\\temp\\a.pdf") == "a.pdf"
    assert disposition('a"b;ü.pdf') == "attachment; filename=\"a_b__.pdf\"; filename*=UTF-8''a%22b%3B%C3%BC.pdf"


async def test_an_upload_no_attachment_names_is_swept_after_a_day_and_not_before(
    tenant: TenantDatabase, servers: Settings, client: httpx.AsyncClient
) -> None:
    store = S3ObjectStore.of(servers)

    async def parts() -> AsyncIterator[bytes]:
        yield PDF

    await store.put(tenant.bucket, f"pending/{new_id()}", parts())
    assert await sweep_orphans(tenant, store, datetime.now(UTC)) == 0
    assert await sweep_orphans(tenant, store, datetime.now(UTC) + GRACE + timedelta(minutes=1)) == 1
    assert [each async for each in store.list(tenant.bucket)] == []


async def document(client: httpx.AsyncClient) -> str:
    line = {"description": "Paper", "quantity": "2", "unit_price": "10.00"}
    answer = await client.post("/procurement/requisitions", json={"lines": [line]})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


async def test_a_file_comes_back_as_it_was_and_cannot_run_in_a_browser(
    client: httpx.AsyncClient, tenant: TenantDatabase, servers: Settings
) -> None:
    path = f"/documents/{await document(client)}/attachments"
    content = PDF * 10_000
    answer = await client.post(path, files={"file": ("Angebot für Öl.pdf", content)})
    assert answer.status_code == 201, answer.text
    attached = answer.json()
    assert attached["sha256"] == hashlib.sha256(content).hexdigest()
    assert (attached["name"], attached["size"], attached["media_type"]) == (
        "Angebot für Öl.pdf", len(content), "application/pdf",
    )  # fmt: skip
    assert [each["id"] for each in (await client.get(path)).json()["data"]] == [attached["id"]]
    got = await client.get(f"{path}/{attached['id']}")
    assert got.content == content
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    store = S3ObjectStore.of(servers)
    assert await sweep_orphans(tenant, store, datetime.now(UTC) + 2 * GRACE) == 0
    assert (await client.get(f"{path}/{new_id()}")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", b"MZ", 415, "FILE_TYPE_NOT_ALLOWED"),
        ("a.pdf", b"MZ\x90", 415, "FILE_TYPE_NOT_ALLOWED"),
        ("a\u202epdf.pdf", PDF, 422, "VALIDATION_FAILED"),
        ("a.pdf", PDF + b"x" * (MAX_UPLOAD_BYTES - len(PDF) + 1), 413, "FILE_TOO_LARGE"),
        ("a.pdf", PDF + b"x" * (MAX_UPLOAD_BYTES + 200_000), 413, "FILE_TOO_LARGE"),
    ],
    ids=["type", "content", "name", "one byte over", "far over"],
)
async def test_a_refused_file_leaves_neither_row_nor_object(
    client: httpx.AsyncClient,
    tenant: TenantDatabase,
    servers: Settings,
    name: str,
    content: bytes,
    status: int,
    code: str,
) -> None:
    path = f"/documents/{await document(client)}/attachments"
    answer = await client.post(path, files={"file": (name, content)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (await client.get(path)).json() == {"data": []}
    assert [each async for each in S3ObjectStore.of(servers).list(tenant.bucket)] == []


async def test_the_largest_file_is_taken(client: httpx.AsyncClient) -> None:
    path = f"/documents/{await document(client)}/attachments"
    content = PDF + b"x" * (MAX_UPLOAD_BYTES - len(PDF))
    answer = await client.post(path, files={"file": ("a.pdf", content)})
    assert (answer.status_code, answer.json()["size"]) == (201, MAX_UPLOAD_BYTES)


async def test_an_upload_with_one_key_is_kept_once_and_a_dry_run_keeps_no_object(
    client: httpx.AsyncClient, tenant: TenantDatabase, servers: Settings
) -> None:
    path = f"/documents/{await document(client)}/attachments"
    tried = await client.post(f"{path}?dry_run=true", files={"file": ("a.pdf", PDF)})
    assert tried.status_code == 201
    assert (await client.get(path)).json() == {"data": []}
    key = {"Idempotency-Key": "one"}
    first = await client.post(path, files={"file": ("a.pdf", PDF)}, headers=key)
    again = await client.post(path, files={"file": ("a.pdf", PDF)}, headers=key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post(path, files={"file": ("b.pdf", PDF + b"x")}, headers=key)
    assert other.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len([each async for each in S3ObjectStore.of(servers).list(tenant.bucket)]) == 1


async def test_what_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    path = f"/documents/{await document(client)}/attachments"
    assert (await client.post(path, json={})).status_code == 415
    assert (await client.post(path, files={"other": ("a.pdf", PDF)})).status_code == 422
    broken = {"Content-Type": "multipart/form-data"}
    assert (await client.post(path, content=b"x", headers=broken)).status_code == 422


async def test_the_same_key_makes_one_endpoint_and_shows_its_secret_once(client: httpx.AsyncClient) -> None:
    body, headers = {"url": "http://127.0.0.1:1/", "events": ["*"]}, {"Idempotency-Key": "subscribe"}
    first = (await client.post("/webhooks/endpoints", json=body, headers=headers)).json()
    again = await client.post("/webhooks/endpoints", json=body, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.pop("secret").startswith("whsec_")
    assert again.json() == first
    assert len((await client.get("/webhooks/endpoints")).json()["data"]) == 1
    other = await client.post("/webhooks/endpoints", json={**body, "events": ["ledger.*"]}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
