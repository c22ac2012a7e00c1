"""Every operation with generated input: no 500, no status and no answer that the contract does not describe.

Half of what is sent stands on a valid body and on documents that exist, so that it comes further than to the door.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.app import PREFIX
from tests.support.api import Api
from tests.support.filled import BODIES, Filled, body_of, draft, fill
from tests.support.operations import Operation, contract, operations

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What tells a stranger how the house is built: stacks, statements, our modules, the names of schemas' tables.
LEAK: Final = re.compile(
    r"Traceback|File \\?\"/|\.py\b|line \d+, in |asyncpg|sqlalchemy|pydantic|psycopg|postgres(?!ql\.org)"
    r"|\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b|violates|constraint|relation \\?\"|duplicate key"
    r"|\b(?:platform|audit|outbox|control)\.(?:document|entry|event|users|principal|line|membership)\b"
    r"|object at 0x|\bNoneType\b|\bKeyError\b|\bTypeError\b|\bValueError\b|/site-packages/",
)
# A stream without end; a form with a file, which has a test of its own below.
APART: Final = {"GET events/stream", "POST documents/{id}/attachments"}
FUZZED: Final = [op for op in operations() if op.name not in APART]
IN_DRAFT: Final = (
    "procurement/requisitions", "procurement/purchase-orders", "procurement/goods-receipts", "ledger/budgets",
    "billing/supplier-invoices", "billing/payments",
)  # fmt: skip


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    """With a draft for each operation on a document, made before anything is upset: `ids` has them by operation."""
    filled = await fill(await api.sign_up("Fuzzed"))
    for op in FUZZED:
        if op.collection in IN_DRAFT and "{id}" in op.path:
            filled.ids[op.name] = (await draft(filled, op.collection))["id"]
    return filled


@cache
def schema() -> Any:
    """Who asks is not generated: the tests of sessions and permissions do that."""
    open_to_all = copy.deepcopy(contract())
    for path in open_to_all["paths"].values():
        for operation in path.values():
            operation["security"] = []
    return schemathesis.openapi.from_dict(open_to_all)


@cache
def cases(op: Operation) -> st.SearchStrategy[Any]:
    declared = schema()[f"{PREFIX}/{op.path}"][op.method]
    positive = declared.as_strategy(generation_mode=GenerationMode.POSITIVE)
    takes_something = op.declared.get("parameters") or op.declared.get("requestBody")
    if not takes_something:
        return positive
    return st.one_of(positive, positive, declared.as_strategy(generation_mode=GenerationMode.NEGATIVE))


async def check(op: Operation, filled: Filled, data: st.DataObject) -> None:
    case = data.draw(cases(op))
    aimed = data.draw(st.booleans())
    person = filled.office.api.stranger if op.declared.get("security") == [] else filled.office.owner
    headers = {**case.as_transport_kwargs(base_url="http://bizcore.test")["headers"], **person.headers}
    if aimed and "{id}" in op.path:
        case.path_parameters["id"] = _aim(op, filled)
        if "attachment" in case.path_parameters:
            case.path_parameters["attachment"] = filled["attachment"]
        if "If-Match" in case.headers:
            headers["If-Match"] = await _etag(op, filled)
    if aimed and op.name in BODIES and isinstance(case.body, dict):
        # Whatever companies were made meanwhile, the example is of the first.
        company = {"company": filled["company"]} if op.body and "company" in op.body["properties"] else {}
        example = company | body_of(op.name, filled)
        kept = data.draw(st.sets(st.sampled_from(sorted({*example, *map(str, case.body)}))))
        case.body = example | {name: value for name, value in case.body.items() if name not in kept}
    sent = {
        key: value
        for key, value in case.as_transport_kwargs(base_url="http://bizcore.test").items()
        if key != "headers"
    }
    sent.pop("cookies", None)
    if isinstance(case.body, NotSet):
        headers.pop("Content-Type", None)
    body = {"content" if name == "data" else name: sent[name] for name in ("json", "data", "files") if name in sent}
    if isinstance(body.get("content"), dict):
        body = {"data": body["content"]}
    try:
        answer = await person.client.request(
            sent["method"], sent["url"], params=sent.get("params"), headers=headers, **body
        )
    except (UnicodeEncodeError, httpx.InvalidURL, httpx.LocalProtocolError):
        return  # what no client can send
    case.validate_response(answer, checks=CHECKS)
    said = answer.text
    if not answer.is_success and (found := LEAK.search(_without_given(answer))):
        raise AssertionError(f"{found[0]!r} in {said}")


async def _etag(op: Operation, filled: Filled) -> str:
    answer = await filled.office.owner.get(f"{op.collection}/{_aim(op, filled)}")
    return answer.headers.get("ETag", '"1"')


def _without_given(answer: httpx.Response) -> str:
    """The answer without what the caller sent: an error quotes it."""
    error = answer.json()["error"]
    details = error.get("details", {})
    for field in details.get("fields", []):
        field.pop("given", None)
        field.pop("path", None)
    details.pop("given", None)
    message = error["message"] if "given" not in str(details) else ""
    return f"{error['code']} {message} {[field['message'] for field in details.get('fields', [])]}"


def _aim(op: Operation, filled: Filled) -> str:
    return filled.ids.get(op.name) or filled[op.collection]


FAST: Final = settings(
    max_examples=20, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), print_blob=False,
)  # fmt: skip
THOROUGH: Final = settings(FAST, max_examples=300, derandomize=False, phases=[Phase.generate, Phase.shrink])


@pytest.mark.parametrize("op", FUZZED, ids=lambda op: op.name)
@FAST
@given(data=st.data())
async def test_generated_input_gets_a_described_answer(filled: Filled, op: Operation, data: st.DataObject) -> None:
    await check(op, filled, data)


@FAST
@given(
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\r\n\x00'), max_size=300)
    | st.sampled_from(["a.pdf", "../a.pdf", "a.exe", "a.pdf.exe", "a.svg", ".pdf", "a." + "x" * 300]),
    content=st.binary(max_size=2000) | st.binary(max_size=100).map(lambda rest: b"%PDF-1.7\n" + rest),
    field=st.sampled_from(["file", "file", "file", "other", ""]),
    dry_run=st.booleans(),
)
async def test_any_file_gets_a_described_answer(
    filled: Filled, name: str, content: bytes, field: str, dry_run: bool
) -> None:
    path, parameters = f"documents/{filled['documents']}/attachments", {"dry_run": str(dry_run).lower()}
    answer = await filled.office.owner.post(path, files={field: (name, content)}, params=parameters)
    assert answer.status_code in (201, 413, 415, 422), answer.text
    if not answer.is_success:
        assert not LEAK.search(_without_given(answer))


@pytest.mark.slow
@pytest.mark.parametrize("op", FUZZED, ids=lambda op: op.name)
@THOROUGH
@given(data=st.data())
async def test_much_generated_input_gets_a_described_answer(filled: Filled, op: Operation, data: st.DataObject) -> None:
    await check(op, filled, data)
