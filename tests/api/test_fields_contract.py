"""What a body may hold: the fields of its command and no other, at every depth."""

from __future__ import annotations

from typing import Any, Final

import pytest

from bizcore.settings import Settings
from tests.support.api import Api, Json
from tests.support.database import contents, database_of
from tests.support.filled import Filled, body_of, fill
from tests.support.operations import Operation, operations, placed, resolved

BODIES: Final = [op for op in operations() if op.body is not None]


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Fields"))


@pytest.mark.parametrize("op", BODIES, ids=lambda op: op.name)
async def test_what_an_answer_shows_and_the_command_has_not_is_refused(
    filled: Filled, servers: Settings, op: Operation
) -> None:
    """Nobody writes a number, a phase, a total or a creator by sending it along."""
    shown = await _shown(filled, op)
    assert op.body is not None
    extra = sorted(_paths(shown, op.answer or {}, op.body))
    assert "/intruder" in extra
    body = body_of(op.name, filled)
    for path in extra:
        body = placed(body, path, "intruder")
    async with database_of(servers, filled.office.id) as connection:
        before = await contents(connection)
        answer = await _send(filled, op, body)
        assert await contents(connection) == before
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "VALIDATION_FAILED"), answer.text
    unknown = {field["path"] for field in error["details"]["fields"] if field["code"] == "UNKNOWN_FIELD"}
    assert unknown == set(extra)


@pytest.mark.parametrize("op", BODIES, ids=lambda op: op.name)
async def test_what_is_no_object_is_refused(filled: Filled, op: Operation) -> None:
    for body in (b"[]", b'"text"', b"null", b"{", b"{}}", b"\xff\xfe", b"[" * 100_000, b'{"a":NaN}'):
        answer = await _send(filled, op, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_FAILED"), body[:10]


async def _shown(filled: Filled, op: Operation) -> Json:
    """The subject as GET shows it, where there is such a route."""
    collection = op.collection
    if any(each.name == f"GET {collection}/{{id}}" for each in operations()) and collection in filled.ids:
        return await filled.office.owner.seen(f"{collection}/{filled[collection]}")
    return {}


def _paths(shown: Any, answer: Json, accepted: Json) -> set[str]:
    """The places that `shown` or `answer` have and `accepted` has not, and one at each depth that nobody knows."""
    accepted, answer = resolved(accepted), resolved(answer)
    known = accepted.get("properties", {})
    names = {*answer.get("properties", {}), *(shown if isinstance(shown, dict) else {})}
    found = {f"/{name}" for name in names - set(known)} | {"/intruder"}
    for name, declared in known.items():
        nested = resolved(declared)
        listed = nested.get("type") == "array"
        inner = resolved(nested["items"]) if listed else nested
        if inner.get("type") != "object" or "properties" not in inner:
            continue
        seen = shown.get(name) if isinstance(shown, dict) else None
        one = (seen[0] if seen else {}) if isinstance(seen, list) else seen
        schema = resolved(answer.get("properties", {}).get(name, {}))
        below = resolved(schema["items"]) if schema.get("type") == "array" else schema
        found |= {f"/{name}{'/0' if listed else ''}{path}" for path in _paths(one, below, inner)}
    return found


async def _send(filled: Filled, op: Operation, body: Json | bytes) -> Any:
    path = op.path.format(id=filled.ids.get(op.collection, ""), slug=filled.office.slug)
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    person = filled.office.api.stranger if op.declared.get("security") == [] else filled.office.owner
    return await person.request(op.method, path, headers={"If-Match": '"1"'} if op.needs_match else {}, **content)
