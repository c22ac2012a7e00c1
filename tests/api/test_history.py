"""What is told of a document: who said and did what, what each command changed, and why an action is closed."""

from __future__ import annotations

from uuid import UUID

import pytest

from bizcore.ids import new_id
from tests.support.api import Api, Json, Office, Person
from tests.support.database import database_of

LINE = {"description": "Chair", "quantity": "2", "unit_price": "10.00"}


@pytest.fixture(scope="module")
async def office(api: Api) -> Office:
    return await api.sign_up("History")


async def requisition(office: Office, **fields: object) -> tuple[Json, str]:
    """A draft of the owner's, and where its history is."""
    made = await office.owner.made("procurement/requisitions", {"title": "Chairs", "lines": [LINE], **fields})
    return made, f"documents/{made['id']}"


def name_of(office: Office, role: str) -> str:
    return f"{role} of {office.slug}"


async def test_a_comment_keeps_its_words_and_its_author(office: Office) -> None:
    _, path = await requisition(office)
    approver = await office.member("approver")
    said = await approver.made(f"{path}/comments", {"body": "Which colour?\nRed, or “blue”?"})
    answered = await office.owner.made(f"{path}/comments", {"body": "Blue."})
    assert (await office.owner.seen(f"{path}/comments"))["data"] == [said, answered]
    assert [(c["body"], c["created_by"], c["created_by_name"]) for c in (said, answered)] == [
        ("Which colour?\nRed, or “blue”?", approver.principal, name_of(office, "Approver")),
        ("Blue.", office.owner.principal, "Owner of History"),
    ]
    assert said["created_at"] < answered["created_at"]


async def test_a_comment_is_counted_and_leaves_the_version_alone(office: Office) -> None:
    made, path = await requisition(office)
    await office.owner.made(f"{path}/comments", {"body": "Hm"})
    seen = await office.owner.seen(path)
    assert (seen["version"], seen["updated_at"]) == (made["version"], made["updated_at"])
    changed = await office.owner.patch(
        f"procurement/requisitions/{made['id']}", {"title": "Stools"}, version=made["version"]
    )
    assert (changed.status_code, changed.json()["version"]) == (200, made["version"] + 1)
    trail = (await office.owner.seen(f"{path}/audit"))["data"]
    assert [(entry["entry_no"], entry["command"].rpartition(".")[2]) for entry in trail] == [
        (1, "create"),
        (2, "comment"),
        (3, "update"),
    ]


async def test_an_empty_comment_or_one_of_a_stranger_is_not_kept(office: Office, api: Api) -> None:
    _, path = await requisition(office)
    refused = await office.owner.post(f"{path}/comments", {"body": ""})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_FAILED")
    stranger = (await api.sign_up("Elsewhere")).owner
    refused = await stranger.post(f"{path}/comments", {"body": "Hello"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await office.owner.seen(f"{path}/comments"))["data"] == []


async def test_the_timeline_names_the_host_of_a_receiver_and_not_the_key_in_its_path(office: Office) -> None:
    hook = await office.owner.made(
        "webhooks/endpoints", {"url": "https://93.184.215.14:8443/services/key?token=key", "events": ["procurement.*"]}
    )
    made, path = await requisition(office)
    async with database_of(office.api.settings, office.id) as connection:
        await connection.execute(
            """WITH event AS (SELECT id, sequence FROM outbox.event WHERE subject_id = $2),
                    delivery AS (
                INSERT INTO outbox.delivery (id, endpoint_id, event_id, subject_id, sequence, created_at)
                SELECT $3, $1, id, $2, sequence, now() FROM event RETURNING id)
               INSERT INTO outbox.attempt (delivery_id, number, finished_at, status) SELECT id, 1, now(), 500 FROM delivery
            """,
            UUID(hook["id"]), UUID(made["id"]), new_id(),
        )  # fmt: skip
    [*_, told] = (await (await office.member("approver")).seen(f"{path}/timeline"))["data"]
    assert (told["kind"], told["content"]["url"], told["content"]["status"]) == (
        "delivery", "https://93.184.215.14:8443", 500,
    )  # fmt: skip


async def test_the_timeline_tells_in_order_what_happened_and_by_whom(office: Office) -> None:
    made, path = await requisition(office)
    approver = await office.member("approver")
    await office.owner.changed(f"procurement/requisitions/{made['id']}", {"title": "Stools"})
    await office.owner.made(f"procurement/requisitions/{made['id']}/submit")
    await approver.made(f"{path}/comments", {"body": "Too many"})
    await approver.made(f"procurement/requisitions/{made['id']}/reject", {"reason": "One is enough"})
    entries = (await office.owner.seen(f"{path}/timeline"))["data"]
    owner, other = "Owner of History", name_of(office, "Approver")
    assert [(e["kind"], e["content"].get("action"), e["actor_name"]) for e in entries] == [
        ("step", "create", owner),
        ("step", "change", owner),
        ("step", "submit", owner),
        ("comment", None, other),
        ("step", "reject", other),
    ]
    assert entries[3]["content"] == {"body": "Too many"}
    assert entries[4]["content"] == {
        "action": "reject",
        "from_state": "review",
        "to_state": "draft",
        "from_phase": "review",
        "to_phase": "draft",
        "reason": "One is enough",
    }
    times = [e["at"] for e in entries]
    assert times == sorted(times)
    assert all(at.endswith("Z") for at in times)
    assert (entries[0]["at"], entries[-1]["actor"]) == (made["created_at"], approver.principal)


async def test_the_audit_says_what_each_field_was_and_became(office: Office) -> None:
    made, path = await requisition(office)
    one = f"procurement/requisitions/{made['id']}"
    line = made["lines"][0]["id"]
    await office.owner.changed(one, {"title": "Stools", "lines": [{"id": line, **LINE, "quantity": "3"}]})
    await office.owner.made(f"{one}/submit")
    await office.owner.made(f"{one}/cancel", {"reason": "No need"})
    created, changed, submitted, cancelled = (await office.owner.seen(f"{path}/audit"))["data"]
    assert created["before"] == {}
    assert {name: created["after"][name] for name in ("/title", "/total", "/phase", f"/lines/{line}/quantity")} == {
        "/title": "Chairs", "/total": "20.00", "/phase": "draft", f"/lines/{line}/quantity": "2",
    }  # fmt: skip
    was = {"/title": "Chairs", "/total": "20.00", "/total_company": "20.00"}
    became = {"/title": "Stools", "/total": "30.00", "/total_company": "30.00"}
    own = f"/lines/{line}"
    assert changed["before"] == was | {f"{own}/quantity": "2", f"{own}/net": "20.00", f"{own}/net_company": "20.00"}
    assert changed["after"] == became | {f"{own}/quantity": "3", f"{own}/net": "30.00", f"{own}/net_company": "30.00"}
    assert (submitted["before"], submitted["after"]) == (
        {"/phase": "draft", "/state": "draft"},
        {"/phase": "review", "/state": "review"},
    )
    assert cancelled["after"] == {"/phase": "void", "/state": "void", "/reason": "No need"}
    for entry in (created, changed, submitted, cancelled):
        assert (entry["actor"], entry["actor_name"]) == (office.owner.principal, "Owner of History")


async def open_and_closed(person: Person, path: str) -> dict[str, str | None]:
    """By action, the code of the refusal one would get; none where it is open."""
    shown = (await person.seen(f"{path}/actions"))["data"]
    assert all(action["allowed"] is (action["code"] is None) is (action["reason"] is None) for action in shown)
    return {action["action"]: action["code"] for action in shown}


async def test_each_closed_action_says_why(office: Office) -> None:
    made, path = await requisition(office)
    approver = await office.member("approver")
    assert await open_and_closed(office.owner, path) == {
        "submit": None,
        "approve": "WRONG_PHASE",
        "reject": "WRONG_PHASE",
        "cancel": None,
        "close": "WRONG_PHASE",
        "reopen": "WRONG_PHASE",
    }
    await office.owner.made(f"procurement/requisitions/{made['id']}/submit")
    assert await open_and_closed(office.owner, path) == {
        "submit": "WRONG_PHASE",
        "approve": "SEPARATION_OF_DUTIES",
        "reject": None,
        "cancel": None,
        "close": "WRONG_PHASE",
        "reopen": "WRONG_PHASE",
    }
    assert await open_and_closed(approver, path) == {
        "submit": "PERMISSION_DENIED",
        "approve": None,
        "reject": None,
        "cancel": "PERMISSION_DENIED",
        "close": "PERMISSION_DENIED",
        "reopen": "PERMISSION_DENIED",
    }


async def test_what_is_said_of_an_action_is_what_becomes_of_it(office: Office) -> None:
    made, path = await requisition(office)
    await office.owner.made(f"procurement/requisitions/{made['id']}/submit")
    for person in (office.owner, await office.member("approver"), await office.member("requester")):
        for action in (await person.seen(f"{path}/actions"))["data"]:
            body = {"reason": "Why"} if action["needs_reason"] else {}
            where = f"procurement/requisitions/{made['id']}/{action['action']}"
            answer = await person.post(where, body, params={"dry_run": "true"})
            became = None if answer.is_success else answer.json()["error"]["code"]
            assert became == action["code"], (action, answer.text)
