"""Two organizations whose every id is equal: one was restored from a backup of the other, and lives on by itself.

Nothing tells them apart but the token: what is found under an id alone is found in the wrong place.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from adapters.postgres.outbox.relay import relay_batch
from bizcore.settings import Settings
from services.api import webhooks
from services.api.app import PREFIX
from tests.support.api import Api, Json, Office, Person
from tests.support.database import contents, database_of
from tests.support.filled import PDF, Filled, body_of, draft, fill
from tests.support.objects import object_client
from tests.support.operations import Operation, operations
from tests.tenancy.test_backup import backed_up, restored

READ = [op for op in operations() if op.method == "GET" and not op.path.endswith("stream")]
NEEDED = {"q": "Supplier", "side": "payable", "account": "6010"}  # of the query string, by name
CHANGED = [op for op in operations() if op.method == "PATCH" and op.body is not None]
ROLE = "clerk"


@dataclass(frozen=True, slots=True)
class Twins:
    """`copy` knows the same ids as `original` and writes another canary. A clerk belongs to both."""

    original: Filled
    copy: Filled
    clerks: tuple[Person, Person]
    draft: str  # a requisition, in both
    said: dict[str, tuple[int, str]]  # what the original answered before there was a copy


def path_in(op: Operation, filled: Filled) -> str:
    known = {
        "slug": filled.office.slug,
        "code": filled.ids["account"],
        "attachment": filled.ids["attachment"],
        "id": filled.ids.get(op.collection, ""),
    }
    return op.path.format(**known)


async def read(op: Operation, filled: Filled) -> tuple[int, str]:
    """Status and body, without the moment at which it was asked."""
    required = {p["name"] for p in op.declared["parameters"] if p["in"] == "query" and p.get("required")}
    answer = await filled.office.owner.get(path_in(op, filled), params={name: NEEDED[name] for name in required})
    body = answer.json() if answer.headers["content-type"] == "application/json" else answer.text
    return answer.status_code, json.dumps(_without(body, "known_at", "last_used_at"), sort_keys=True)


def _without(body: object, *names: str) -> object:
    if isinstance(body, dict):
        return {name: _without(value, *names) for name, value in body.items() if name not in names}
    return [_without(value, *names) for value in body] if isinstance(body, list) else body


@pytest.fixture(scope="module")
async def twins(api: Api, servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    office = await api.sign_up("Original")
    original = await fill(office)
    owner = office.owner
    await owner.made("access/roles", {"code": ROLE, "name": "Clerk", "permissions": ["procurement.*.read"]})
    clerk = await office.new_member(ROLE)
    requisition = (await draft(original, "procurement/requisitions"))["id"]
    body = body_of("POST parties", original) | {"name": "Made with a key"}
    await owner.made("parties", body, headers={"Idempotency-Key": "before the backup"})

    file: Path = tmp_path_factory.mktemp("backup") / "original.tar"
    await backed_up(servers, office, file)
    slug = f"copy-of-{office.slug}"
    await restored(servers, file, slug)
    double = await api.log_in(owner.email, organization=slug)
    copy = Filled(Office(api, replace(double, principal=owner.principal)), "copycanary", dict(original.ids))
    clerks = (
        await api.log_in(clerk.email, organization=office.slug),
        await api.log_in(clerk.email, organization=slug),
    )
    return Twins(original, copy, clerks, requisition, {op.name: await read(op, original) for op in READ})


@pytest.fixture(scope="module")
async def lived_on(twins: Twins) -> list[str]:
    """Everything that can be changed in the copy was, and says so; the names of the operations."""
    owner, done = twins.copy.office.owner, []
    for op in CHANGED:
        path = path_in(op, twins.copy)
        version = (await owner.seen(path)).get("version")
        answer = await owner.patch(path, body_of(op.name, twins.copy), version=version)
        if answer.is_success:
            done.append(op.name)
    await owner.made(f"documents/{twins.copy['documents']}/comments", {"body": twins.copy.text("Only here")})
    return done


def test_what_is_changed_is_enough_to_be_noticed(lived_on: list[str]) -> None:
    assert len(lived_on) >= 10, lived_on


@pytest.mark.parametrize("op", READ, ids=lambda op: op.name)
async def test_what_the_copy_became_is_not_what_the_original_is(
    twins: Twins, lived_on: list[str], op: Operation
) -> None:
    """Asked in turn, so that whatever one of them left behind would answer for the other."""
    theirs = await read(op, twins.copy)
    mine = await read(op, twins.original)
    assert mine == twins.said[op.name]
    assert await read(op, twins.copy) == theirs
    assert twins.copy.canary not in mine[1]
    if (name := op.name.replace("GET", "PATCH")) in lived_on:
        assert (theirs[0], _says(twins, theirs[1])) == (200, _says(twins, json.dumps(body_of(name, twins.copy))))


def _says(twins: Twins, text: str) -> bool:
    return twins.copy.canary in text


async def test_the_databases_know_nothing_of_each_other(twins: Twins, lived_on: list[str], servers: Settings) -> None:
    async with database_of(servers, twins.original.office.id) as connection:
        before = await contents(connection)
        await twins.copy.office.owner.made(f"procurement/requisitions/{twins.draft}/submit")
        assert await contents(connection) == before
    mine, theirs = [await f.office.owner.seen(f"documents/{twins.draft}") for f in (twins.original, twins.copy)]
    assert (mine["id"], mine["phase"]) == (theirs["id"], "draft")
    assert theirs["phase"] == "review"


# -- keys --------------------------------------------------------------------------------------------------------------


async def test_a_key_of_both_stands_for_each_ones_own(twins: Twins) -> None:
    """The same principal, command, key and body: three of the four in a look-up, were the tenant not a place."""
    headers = {"Idempotency-Key": "in both"}
    body = body_of("POST procurement/requisitions", twins.original)
    answers = [
        await filled.office.owner.post("procurement/requisitions", body, headers=headers)
        for filled in (twins.original, twins.copy, twins.original, twins.copy)
    ]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, False, True, True]
    ids = [answer.json()["id"] for answer in answers]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


async def test_a_key_from_before_the_backup_replays_what_each_one_has_now(twins: Twins) -> None:
    body = body_of("POST parties", twins.original) | {"name": "Made with a key"}
    headers = {"Idempotency-Key": "before the backup"}
    first = await twins.original.office.owner.post("parties", body, headers=headers)
    assert first.headers["Idempotency-Replayed"] == "true"
    await twins.copy.office.owner.changed(f"parties/{first.json()['id']}", {"name": "Renamed in the copy"})
    again = [
        (await filled.office.owner.made("parties", body, headers=headers))["name"]
        for filled in (twins.copy, twins.original, twins.copy)
    ]
    assert again == ["Renamed in the copy", "Made with a key", "Renamed in the copy"]


async def test_a_machine_of_the_original_is_none_of_the_copy(twins: Twins) -> None:
    office = twins.original.office
    made = await office.owner.made("access/api-keys", {"name": "Robot", "roles": ["auditor"]})
    machine = office.api.machine(made["key"])
    assert (await twins.copy.office.owner.delete(f"access/api-keys/{made['id']}")).status_code == 404
    assert (await machine.seen("me"))["organization"]["slug"] == office.slug
    assert not _says(twins, json.dumps(await machine.seen(f"parties/{twins.original['party']}")))


# -- what is remembered by version -------------------------------------------------------------------------------------


async def test_equal_versions_of_grants_are_two_sets_of_rights(twins: Twins) -> None:
    """Both change the role once: the version is the same number, what it stands for is not."""
    roles = (await twins.original.office.owner.seen("access/roles", limit="200"))["data"]
    role = next(role["id"] for role in roles if role["code"] == ROLE)
    mine, theirs = twins.clerks
    for clerk in twins.clerks:
        assert (await clerk.get("procurement/purchase-orders")).status_code == 200
    await twins.original.office.owner.changed(f"access/roles/{role}", {"permissions": ["procurement.*.read"]})
    await twins.copy.office.owner.changed(f"access/roles/{role}", {"permissions": ["parties.*.read"]})
    for _ in range(2):
        found = [
            (await clerk.get(path)).status_code
            for path in ("procurement/purchase-orders", "parties")
            for clerk in (theirs, mine)
        ]
        assert found == [403, 200, 200, 403]


async def test_equal_versions_of_the_configuration_are_two_configurations(twins: Twins) -> None:
    """Both name an account for a supplier's expenses: the version is the same number, the account is not."""
    posted: list[set[str]] = []
    for filled, account in ((twins.original, "6030"), (twins.copy, "6040")):
        owner = filled.office.owner
        found = (await owner.seen("ledger/accounts", code=account))["data"]
        await owner.changed(f"ledger/account-roles/{filled['ledger/account-roles']}", {"account": found[0]["id"]})
    for filled in (twins.original, twins.copy):
        owner = filled.office.owner
        line = {"description": "Advice", "quantity": "1", "unit_price": "10.00", "tax_code": filled["tax_code"]}
        invoice = await owner.made(
            "billing/supplier-invoices", body_of("POST billing/supplier-invoices", filled) | {"lines": [line]}
        )
        dry = await owner.made(f"billing/supplier-invoices/{invoice['id']}/post", params={"dry_run": "true"})
        posted.append({line["account"] for entry in dry["effects"]["journal_entries"] for line in entry["lines"]})
    assert ["6030" in posted[0], "6040" in posted[0]] == [True, False]
    assert ["6030" in posted[1], "6040" in posted[1]] == [False, True]


# -- files -------------------------------------------------------------------------------------------------------------


async def test_a_file_of_equal_id_and_key_comes_from_ones_own_bucket(twins: Twins, servers: Settings) -> None:
    path = f"documents/{twins.original['documents']}/attachments/{twins.original['attachment']}"
    mine, theirs = twins.original.office.owner, twins.copy.office.owner
    content = PDF + twins.original.canary.encode()
    assert [(await owner.get(path)).content for owner in (mine, theirs)] == [content, content]
    bucket, key = await _place_of(servers, twins.copy.office, twins.copy["attachment"])
    altered = PDF + b"x" * len(twins.original.canary)
    await asyncio.to_thread(
        object_client(servers).put_object, bucket_name=bucket, object_name=key, data=io.BytesIO(altered),
        length=len(altered),
    )  # fmt: skip
    assert [(await owner.get(path)).content for owner in (mine, theirs, mine)] == [content, altered, content]


async def test_a_file_that_only_the_copy_has_is_not_found_in_the_original(twins: Twins) -> None:
    path = f"documents/{twins.original['documents']}/attachments"
    files = {"file": ("new.pdf", PDF + twins.copy.canary.encode(), "application/pdf")}
    added = (await twins.copy.office.owner.post(path, files=files)).json()["id"]
    assert (await twins.copy.office.owner.get(f"{path}/{added}")).status_code == 200
    assert (await twins.original.office.owner.get(f"{path}/{added}")).status_code == 404
    listed = (await twins.original.office.owner.seen(path))["data"]
    assert added not in {attachment["id"] for attachment in listed}


async def _place_of(servers: Settings, office: Office, attachment: str) -> tuple[str, str]:
    """Bucket and key of a file."""
    async with database_of(servers, office.id) as connection:
        key = await connection.fetchval("SELECT object_key FROM platform.attachment WHERE id = $1", UUID(attachment))
        database = await connection.fetchval("SELECT current_database()")
    buckets = await asyncio.to_thread(object_client(servers).list_buckets)
    (bucket,) = [each.name for each in buckets if database.removeprefix("t_") in each.name.replace("-", "")]
    return bucket, key


# -- events ------------------------------------------------------------------------------------------------------------


async def test_a_delivery_sent_again_in_the_copy_is_not_due_in_the_original(twins: Twins, servers: Settings) -> None:
    owner, endpoint = twins.copy.office.owner, f"webhooks/endpoints/{twins.copy['webhooks/endpoints']}"
    async with database_of(servers, twins.original.office.id) as connection:
        before = await contents(connection)
        replay = {"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
        assert (await owner.post(f"{endpoint}/replay", replay)).is_success
        assert (await owner.delete(endpoint)).is_success
        assert await contents(connection) == before
    assert [(await one.seen(endpoint))["active"] for one in (owner, twins.original.office.owner)] == [False, True]


async def test_a_stream_tells_the_events_of_ones_own_organization(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positions in both logs are equal too: the one's Last-Event-ID is a place in the other's."""
    monkeypatch.setattr(webhooks, "POLL_SECONDS", 0.02)
    for filled in (twins.original, twins.copy):
        await _relayed(filled)
    async with listening(twins.original) as mine, listening(twins.copy) as theirs:
        seen = [await mine(), await theirs()]
        assert seen[0]["id"] == seen[1]["id"], "an event from before the backup, told by each as its own"
        new = {}
        for filled in (twins.copy, twins.original):
            made = await draft(filled, "procurement/requisitions")
            new[filled.office.slug] = made["id"]
            await _relayed(filled)
        for filled, listen in ((twins.original, mine), (twins.copy, theirs)):
            event: Json = {}
            while event.get("subject", {}).get("id") != new[filled.office.slug]:
                event = await listen()
                assert event["organization"] == filled.office.slug
                other = twins.copy if filled is twins.original else twins.original
                assert event["subject"]["id"] != new[other.office.slug]


async def _relayed(filled: Filled) -> None:
    tenant = await filled.office.api.app.state.surface.tenants.get(UUID(filled.office.id))
    async with tenant.connection() as connection:
        while (await relay_batch(connection, filled.office.slug, datetime.now(UTC))).more:
            pass


@asynccontextmanager
async def listening(filled: Filled) -> AsyncIterator[Callable[[], asyncio.Future[Json]]]:
    """The next event of the stream from its beginning, each time it is called; within 10 s.

    Asked of the application itself: the client of these tests waits for the end of an answer, and this has none.
    """
    owner, chunks = filled.office.owner, asyncio.Queue[bytes]()
    headers = [(name.lower().encode(), value.encode()) for name, value in owner.headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": f"{PREFIX}/events/stream", "raw_path": f"{PREFIX}/events/stream".encode(), "query_string": b"",
        "root_path": "", "headers": [*headers, (b"host", b"bizcore.test"), (b"last-event-id", b"0")],
        "client": ("127.0.0.1", 40_000), "server": ("bizcore.test", 80),
    }  # fmt: skip
    asked = asyncio.Event()

    async def receive() -> dict[str, object]:
        if asked.is_set():
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        else:
            body = message["body"]
            assert isinstance(body, bytes)
            await chunks.put(body)

    async def following() -> Json:
        async with asyncio.timeout(10):
            while True:
                for line in (await chunks.get()).decode().splitlines():
                    if line.startswith("data: "):
                        found: Json = json.loads(line.removeprefix("data: "))
                        return found

    task = asyncio.create_task(filled.office.api.app(scope, receive, send))
    try:
        yield lambda: asyncio.ensure_future(following())
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
