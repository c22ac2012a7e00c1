"""Members, roles and keys: who gets in, with what, and how it ends."""

from __future__ import annotations

import asyncio
import json

import pytest

from bizcore.settings import Settings
from tests.support.api import PASSWORD, Api, Office, new_email, pass_five_seconds
from tests.support.control import control
from tests.support.database import database_of

REQUISITION = {"lines": [{"description": "Chair", "quantity": "1", "unit_price": "10.00"}]}


def code(answer: object) -> str:
    return str(answer.json()["error"]["code"])  # type: ignore[attr-defined]


async def test_a_new_colleague_signs_in_with_the_password_given(api: Api, acme: Office) -> None:
    email = new_email("ann")
    added = await acme.owner.made(
        "access/members", {"email": email, "name": "Ann", "password": PASSWORD, "roles": ["buyer", "receiver"]}
    )
    assert (added["kind"], added["email"], added["active"], sorted(added["roles"]), added["version"]) == (
        "user", email, True, ["buyer", "receiver"], 1,
    )  # fmt: skip
    me = await (await api.log_in(email)).seen("me")
    assert (me["principal"], me["roles"]) == (added["id"], ["buyer", "receiver"])


async def test_a_new_account_needs_a_first_password(acme: Office) -> None:
    answer = await acme.owner.post("access/members", {"email": new_email("x"), "name": "X", "roles": ["buyer"]})
    assert (answer.status_code, answer.json()["error"]["details"]["fields"][0]["path"]) == (422, "/password")


async def test_who_has_an_account_is_invited_and_keeps_the_password(api: Api, acme: Office) -> None:
    other = await api.sign_up("Elsewhere")
    body = {"email": other.owner.email, "name": "Guest", "password": "chosen by another", "roles": ["auditor"]}
    added = await acme.owner.made("access/members", body)
    assert added["roles"] == ["auditor"]
    wrong = await api.stranger.post("auth/login", {"email": other.owner.email, "password": "chosen by another"})
    assert wrong.status_code == 401
    home = await api.log_in(other.owner.email)
    assert home.session["organization"]["slug"] == other.slug, "an invitation does not change where one signs in"
    assert {(o["slug"], o["accepted"]) for o in home.session["organizations"]} == {
        (other.slug, True),
        (acme.slug, False),
    }
    guest = api.signed_in(await home.made(f"organizations/{acme.slug}/token"))
    assert (await guest.seen("me"))["roles"] == ["auditor"]
    assert {(o["slug"], o["accepted"]) for o in (await home.seen("organizations"))["data"]} == {
        (other.slug, True),
        (acme.slug, True),
    }


async def test_nobody_is_a_member_twice(acme: Office) -> None:
    buyer = await acme.member("buyer")
    answer = await acme.owner.post("access/members", {"email": buyer.email, "name": "Again", "roles": ["buyer"]})
    assert (answer.status_code, code(answer)) == (409, "ALREADY_MEMBER")


async def test_a_change_of_roles_acts_at_once(acme: Office) -> None:
    person = await acme.new_member("auditor")
    assert code(await person.post("procurement/requisitions", REQUISITION)) == "PERMISSION_DENIED"
    await acme.owner.changed(f"access/members/{person.principal}", {"roles": ["requester"]})
    assert (await person.post("procurement/requisitions", REQUISITION)).status_code == 201
    assert (await person.seen("me"))["roles"] == ["requester"]
    await acme.owner.changed(f"access/members/{person.principal}", {"roles": ["auditor"]})
    assert code(await person.post("procurement/requisitions", REQUISITION)) == "PERMISSION_DENIED"


async def test_a_change_of_a_role_acts_at_once_for_all_who_have_it(acme: Office) -> None:
    role = await acme.owner.made(
        "access/roles", {"code": "clerk", "name": "Clerk", "permissions": ["procurement.requisition.read"]}
    )
    clerk = await acme.new_member("clerk")
    assert code(await clerk.post("procurement/requisitions", REQUISITION)) == "PERMISSION_DENIED"
    await acme.owner.changed(f"access/roles/{role['id']}", {"permissions": ["procurement.requisition.*"]})
    assert (await clerk.post("procurement/requisitions", REQUISITION)).status_code == 201


async def test_a_disabled_members_token_ends_within_five_seconds(
    api: Api, acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await acme.new_member("requester")
    await person.seen("organizations")
    await acme.owner.changed(f"access/members/{person.principal}", {"active": False})
    pass_five_seconds(monkeypatch)
    for path in ("organizations", "me", "procurement/requisitions"):
        answer = await person.get(path)
        assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    assert (await api.stranger.post("auth/login", {"email": person.email, "password": PASSWORD})).status_code == 403
    refresh = await api.stranger.post("auth/refresh", {"refresh_token": person.session["refresh_token"]})
    assert refresh.status_code == 401


async def test_a_disabled_member_changes_nothing_from_that_moment_on(acme: Office) -> None:
    person = await acme.new_member("requester")
    assert (await person.post("procurement/requisitions", REQUISITION)).status_code == 201
    await acme.owner.changed(f"access/members/{person.principal}", {"active": False})
    answer = await person.post("procurement/requisitions", REQUISITION)
    assert answer.status_code in (401, 403)


async def test_a_member_taken_back_signs_in_again(api: Api, acme: Office) -> None:
    person = await acme.new_member("requester")
    await acme.owner.changed(f"access/members/{person.principal}", {"active": False})
    await acme.owner.changed(f"access/members/{person.principal}", {"active": True})
    back = await api.log_in(person.email)
    assert (await back.post("procurement/requisitions", REQUISITION)).status_code == 201


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["buyer"]}, {"roles": []}])
async def test_the_last_owner_stays(api: Api, change: dict[str, object]) -> None:
    office = await api.sign_up("Sole")
    path = f"access/members/{office.owner.principal}"
    answer = await office.owner.patch(path, change, version=1)
    assert (answer.status_code, code(answer)) == (409, "LAST_OWNER")
    shown = await office.owner.seen(path)
    assert (shown["active"], shown["roles"], shown["version"]) == (True, ["owner"], 1)

    await office.new_member("owner")
    assert (await office.owner.patch(path, change, version=1)).status_code == 200


async def test_two_owners_who_leave_at_once_leave_one(api: Api) -> None:
    office = await api.sign_up("Pair")
    second = await office.new_member("owner")
    answers = await asyncio.gather(
        *(p.patch(f"access/members/{p.principal}", {"roles": ["auditor"]}, version=1) for p in (office.owner, second))
    )
    assert sorted(a.status_code for a in answers) == [200, 409]


async def test_the_role_owner_keeps_every_permission(acme: Office) -> None:
    role = await _role(acme, "owner")
    answer = await acme.owner.patch(f"access/roles/{role['id']}", {"permissions": ["*.read"]}, version=role["version"])
    assert (answer.status_code, code(answer)) == (409, "LAST_OWNER")


async def test_nobody_hands_on_what_they_have_not_got(acme: Office) -> None:
    await acme.owner.made(
        "access/roles", {"code": "personnel", "name": "Personnel", "permissions": ["access.*", "*.read"]}
    )
    personnel = await acme.new_member("personnel")
    buyer = await acme.member("buyer")
    auditor = await _role(acme, "auditor")
    another = {"email": new_email("x"), "name": "X", "password": PASSWORD}
    asked = {
        "a member": ("POST", "access/members", another | {"roles": ["owner"]}),
        "oneself": ("PATCH", f"access/members/{personnel.principal}", {"roles": ["owner"]}),
        "another": ("PATCH", f"access/members/{buyer.principal}", {"roles": ["buyer", "payer"]}),
        "a new role": ("POST", "access/roles", {"code": "king", "name": "King", "permissions": ["*"]}),
        "a changed role": ("PATCH", f"access/roles/{auditor['id']}", {"permissions": ["billing.payment.*"]}),
        "a machine": ("POST", "access/api-keys", {"name": "Robot", "roles": ["accountant"]}),
    }  # fmt: skip
    for who, (method, path, body) in asked.items():
        headers = {"If-Match": '"1"'} if method == "PATCH" else {}
        answer = await personnel.request(method, path, json=body, headers=headers)
        assert (answer.status_code, code(answer)) == (403, "PERMISSION_DENIED"), who
    allowed = {"email": new_email("y"), "name": "Y", "password": PASSWORD, "roles": ["auditor"]}
    assert (await personnel.post("access/members", allowed)).status_code == 201


@pytest.mark.parametrize(
    "pattern", ["", "**", "a", "procurement", "procurement.requisition", "a.b.c.d", "A.b.c", "*.*.*.*"]
)
async def test_what_is_no_permission_is_in_no_role(acme: Office, pattern: str) -> None:
    answer = await acme.owner.post("access/roles", {"code": "odd", "name": "Odd", "permissions": [pattern]})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["path"] == "/permissions/0"


async def test_one_code_is_one_role(acme: Office) -> None:
    answer = await acme.owner.post("access/roles", {"code": "buyer", "name": "Again", "permissions": []})
    assert (answer.status_code, code(answer)) == (409, "DUPLICATE_CODE")
    assert answer.json()["error"]["details"] == {"field": "/code"}


async def test_a_scope_shows_its_companies_alone(api: Api) -> None:
    acme = await api.sign_up("Group")
    branch = await acme.owner.made("companies", {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"})
    here = await acme.owner.made("procurement/requisitions", REQUISITION | {"company": "MAIN"})
    there = await acme.owner.made("procurement/requisitions", REQUISITION | {"company": "BR"})
    person = await acme.new_member("requester", scopes={"companies": ["BR"]})
    assert [c["id"] for c in (await person.seen("me"))["companies"]] == [branch["id"]]
    assert [d["id"] for d in (await person.seen("procurement/requisitions"))["data"]] == [there["id"]]
    assert (await person.get(f"procurement/requisitions/{here['id']}")).status_code == 404
    assert (await person.get(f"documents/{here['id']}")).status_code == 404
    assert (await person.post(f"procurement/requisitions/{here['id']}/submit")).status_code == 404
    refused = await person.post("procurement/requisitions", REQUISITION | {"company": "MAIN"})
    assert (refused.status_code, refused.json()["error"]["details"]["fields"][0]["code"]) == (422, "UNKNOWN_REFERENCE")


async def test_nobody_hands_on_more_companies_than_their_own(api: Api) -> None:
    group = await api.sign_up("Group")
    await group.owner.made("companies", {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"})
    manager = await group.new_member("admin", scopes={"companies": ["BR"]})

    async def add(scopes: dict[str, list[str]] | None) -> tuple[int, str]:
        body = {"email": new_email("x"), "name": "X", "password": PASSWORD, "roles": ["buyer"], "scopes": scopes}
        answer = await manager.post("access/members", body)
        fields = answer.json().get("error", {}).get("details", {}).get("fields", [{"code": ""}])
        return answer.status_code, fields[0]["code"]

    for scopes in (None, {"companies": []}):
        assert await add(scopes) == (422, "OUT_OF_SCOPE")
    for companies in (["MAIN"], ["BR", "MAIN"]):
        assert await add({"companies": companies}) == (422, "UNKNOWN_REFERENCE"), "what one may not see does not exist"
    assert await add({"companies": ["BR"]}) == (201, "")
    own = await manager.patch(f"access/members/{manager.principal}", {"scopes": None}, version=1)
    assert (own.status_code, own.json()["error"]["details"]["fields"][0]["code"]) == (422, "OUT_OF_SCOPE")


async def test_a_key_is_shown_once_and_opens_what_its_roles_open(api: Api, acme: Office) -> None:
    made = await acme.owner.made("access/api-keys", {"name": "Scanner", "roles": ["requester"]})
    assert (made["kind"], made["name"], made["roles"], made["email"]) == ("machine", "Scanner", ["requester"], None)
    machine = api.machine(made["key"])
    me = await machine.seen("me")
    assert (me["user"], me["principal"], me["roles"]) == (None, made["id"], ["requester"])
    requisition = await machine.made("procurement/requisitions", REQUISITION)
    assert requisition["created_by"] == made["id"]
    assert code(await machine.get("ledger/trial-balance")) == "PERMISSION_DENIED"

    listed = await acme.owner.get("access/api-keys")
    (shown,) = (each for each in listed.json()["data"] if each["principal_id"] == made["id"])
    assert made["key"] not in listed.text
    assert made["key"].split("_", 2)[2] not in listed.text
    assert (shown["name"], shown["revoked_at"]) == ("Scanner", None)
    assert made["key"].split("_")[1] == shown["prefix"]
    assert shown["last_used_at"] is not None
    async with control(api.settings) as connection:
        kept = await connection.fetchval("SELECT string_agg(k::text, ' ') FROM control.api_key k")
    assert made["key"].split("_", 2)[2] not in kept


async def test_a_replayed_key_is_not_shown_again(acme: Office) -> None:
    body, headers = {"name": "Twice", "roles": ["requester"]}, {"Idempotency-Key": "one-key"}
    first = await acme.owner.post("access/api-keys", body, headers=headers)
    again = await acme.owner.post("access/api-keys", body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.json()["id"], again.json()["key"]) == (first.json()["id"], None)
    tried = await acme.owner.post("access/api-keys", body, params={"dry_run": "true"})
    assert tried.json()["key"] is None


async def test_a_revoked_key_opens_nothing_at_once_and_the_audit_trail_says_who_did_it(
    api: Api, acme: Office, servers: Settings
) -> None:
    made = await acme.owner.made("access/api-keys", {"name": "Lost", "roles": ["requester"]})
    machine = api.machine(made["key"])
    await machine.seen("me")
    (shown,) = (e for e in (await acme.owner.seen("access/api-keys"))["data"] if e["principal_id"] == made["id"])
    for _ in ("revoked", "revoked already"):
        assert (await acme.owner.delete(f"access/api-keys/{shown['id']}")).status_code == 204
    answer = await machine.get("me")
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    (shown,) = (e for e in (await acme.owner.seen("access/api-keys"))["data"] if e["principal_id"] == made["id"])
    assert shown["revoked_at"] is not None
    async with database_of(servers, acme.id) as connection:
        entries = await connection.fetch(
            "SELECT command, actor_id::text, after FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no", made["id"]
        )
    assert [(e["command"], e["actor_id"]) for e in entries] == [
        ("access.api_key.create", acme.owner.principal), ("access.api_key.revoke", acme.owner.principal),
    ]  # fmt: skip
    assert json.loads(entries[1]["after"]) == {"/active": False}


async def test_a_wrong_key_opens_nothing(api: Api, acme: Office) -> None:
    made = await acme.owner.made("access/api-keys", {"name": "Right", "roles": ["requester"]})
    mark, prefix, secret = made["key"].split("_", 2)
    for wrong in ("", "x", f"{mark}_{prefix}_", f"{mark}_{prefix}_{secret}x", f"{mark}_{prefix}_{secret[:-1]}",
                  f"{mark}_000000000000_{secret}", f"xxx_{prefix}_{secret}", f"{mark}{prefix}{secret}"):  # fmt: skip
        assert (await api.machine(wrong).get("me")).status_code == 401, wrong


async def test_a_machine_signs_nobody_in(api: Api, acme: Office) -> None:
    made = await acme.owner.made("access/api-keys", {"name": "Founder", "roles": ["admin"]})
    machine = api.machine(made["key"])
    assert (await machine.get("organizations")).status_code == 401
    assert (await machine.post(f"organizations/{acme.slug}/token")).status_code == 401


async def _role(acme: Office, code: str) -> dict[str, object]:
    (found,) = (role for role in (await acme.owner.seen("access/roles", limit="200"))["data"] if role["code"] == code)
    return dict(found)
