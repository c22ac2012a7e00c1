"""Each operation as each shipped role: open to those whose permissions cover it, closed to all others."""

from __future__ import annotations

from typing import Any, Final

import pytest

from bizcore.access import SHIPPED_ROLES, covers, is_permission
from bizcore.ids import new_id
from bizcore.settings import Settings
from services.composition import document_types
from tests.support.api import Api, Office
from tests.support.database import contents, database_of
from tests.support.filled import Filled, fill
from tests.support.operations import Operation, operations

OF_ANYBODY: Final = {
    "POST auth/signup", "POST auth/login", "POST auth/refresh", "POST auth/logout",
}  # fmt: skip
OF_EVERY_MEMBER: Final = {
    "POST auth/password", "GET me", "GET organizations", "POST organizations", "POST organizations/{slug}/token", "GET tasks",
}  # fmt: skip
DECLARED: Final = [op for op in operations() if op.permission and not op.path.startswith("documents/")]
OF_A_DOCUMENT: Final = [op for op in operations() if op.path.startswith("documents/")]
# The permission of a document's type that stands behind the universal routes.
BEHIND: Final = {"POST documents/{id}/comments": "comment", "POST documents/{id}/attachments": "attach"}


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Matrix"))


def allowed(role: str, permission: str) -> bool:
    return any(covers(pattern, permission) for pattern in SHIPPED_ROLES[role].permissions)


async def asked(office: Office, role: str, op: Operation, path: str) -> tuple[int, Any]:
    """What a request with an unreadable body, query and Last-Event-ID gets: the permission is judged before them."""
    person = office.owner if role == "owner" else await office.member(role)
    options: dict[str, Any] = {"headers": {"Last-Event-ID": "unreadable"}}
    if op.method in ("POST", "PATCH"):
        options["content"] = b"{ unreadable"
    else:
        options["params"] = {"unreadable": "unreadable"}
    answer = await person.request(op.method, path, **options)
    return answer.status_code, {} if answer.is_success else answer.json()["error"]


@pytest.mark.parametrize("role", SHIPPED_ROLES)
async def test_a_role_opens_what_its_permissions_cover_and_nothing_else(
    filled: Filled, servers: Settings, role: str
) -> None:
    office, wrong = filled.office, []
    if role != "owner":
        await office.member(role)
    async with database_of(servers, office.id) as connection:
        before = await contents(connection, but=("audit.refusal",))
        for op in DECLARED:
            permission = op.permission or ""
            path = op.path.format(id=new_id(), code="none")
            status, error = await asked(office, role, op, path)
            refused = (status, error.get("code"), error.get("details", {}).get("permission"))
            if allowed(role, permission) == (refused == (403, "PERMISSION_DENIED", permission)) or status >= 500:
                wrong.append((op.name, permission, status, error))
        assert wrong == []
        assert await contents(connection, but=("audit.refusal",)) == before


@pytest.mark.parametrize("role", SHIPPED_ROLES)
async def test_the_universal_routes_ask_for_the_permission_of_the_documents_type(filled: Filled, role: str) -> None:
    wrong = []
    for type in document_types().values():
        for op in OF_A_DOCUMENT:
            needed = {type.permission("read"), type.permission(BEHIND.get(op.name, "read"))}
            path = op.path.format(id=filled[type.code], attachment=filled["attachment"])
            status, error = await asked(filled.office, role, op, path)
            refused = status == 403 and error["details"]["permission"] in needed
            if all(allowed(role, permission) for permission in needed) == refused or status >= 500:
                wrong.append((type.code, op.name, status, error))
    assert wrong == []


def test_an_operation_without_a_permission_is_one_of_these() -> None:
    assert {op.name for op in operations() if op.permission is None} == OF_ANYBODY | OF_EVERY_MEMBER


def test_only_the_doors_are_open_to_strangers() -> None:
    assert {op.name for op in operations() if op.declared.get("security") == []} == OF_ANYBODY


@pytest.mark.parametrize("op", [op for op in operations() if op.name not in OF_ANYBODY], ids=lambda op: op.name)
async def test_a_stranger_is_asked_to_sign_in_before_anything_else(api: Api, op: Operation) -> None:
    path = op.path.format(id="unreadable", code="none", slug="none", attachment="none")
    answer = await api.stranger.request(op.method, path, content=b"{ unreadable")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def test_every_permission_has_its_three_parts() -> None:
    assert [op.permission for op in operations() if op.permission and not is_permission(op.permission)] == []


def test_the_shipped_roles_are_those_that_the_contract_names() -> None:
    assert list(SHIPPED_ROLES) == [
        "owner", "admin", "requester", "buyer", "approver", "receiver", "accountant", "payer", "sales", "warehouse",
        "auditor",
    ]  # fmt: skip


def test_the_auditor_reads_all_and_changes_nothing() -> None:
    for op in operations():
        if op.permission and not op.path.startswith("documents/"):
            assert allowed("auditor", op.permission) == (op.method == "GET"), op.name


async def test_a_refused_command_leaves_its_trace_in_the_refusals_alone(filled: Filled, servers: Settings) -> None:
    auditor = await filled.office.member("auditor")
    async with database_of(servers, filled.office.id) as connection:
        before = await contents(connection, but=("audit.refusal",))
        known = await connection.fetchval("SELECT count(*) FROM audit.refusal")
        answer = await auditor.post("procurement/requisitions", {"lines": []}, headers={"Idempotency-Key": "refused"})
        row = await connection.fetchrow("SELECT * FROM audit.refusal ORDER BY id DESC LIMIT 1")
        assert await connection.fetchval("SELECT count(*) FROM audit.refusal") == known + 1
        assert await contents(connection, but=("audit.refusal",)) == before
    assert row is not None
    assert (str(row["actor_id"]), row["command"], row["code"]) == (
        auditor.principal,
        "procurement.requisition.create",
        "PERMISSION_DENIED",
    )
    assert row["request_id"] == answer.json()["error"]["request_id"] == answer.headers["X-Request-Id"]
