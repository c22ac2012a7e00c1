"""Each bound of a request over HTTP: what is at the limit is taken, one more is refused and told the limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bizcore.bounds import (
    FIRST_DAY,
    LAST_DAY,
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_KEY_LENGTH,
    MAX_LINES,
    MAX_PAGE,
    MAX_QUERY_BYTES,
    MAX_REFERENCE,
    MAX_TEXT,
)
from bizcore.ids import new_id
from tests.support.api import Api, Json, Office

LINE = {"description": "Chair", "quantity": "1", "unit_price": "10.00"}
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def office(api: Api) -> Office:
    return await api.sign_up("Bounds")


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels > 1 else []


BODIES: list[tuple[str, Json, Json, tuple[str, str, object]]] = [
    ("lines", {"lines": [LINE] * MAX_LINES}, {"lines": [LINE] * (MAX_LINES + 1)}, ("/lines", "TOO_LONG", MAX_LINES)),
    (
        "attributes",
        {"attributes": {f"a{n}": n for n in range(MAX_ATTRIBUTES)}},
        {"attributes": {f"a{n}": n for n in range(MAX_ATTRIBUTES + 1)}},
        ("/attributes", "TOO_LONG", MAX_ATTRIBUTES),
    ),
    (
        "depth",
        {"attributes": {"a": nested(MAX_DEPTH)}},
        {"attributes": {"a": nested(MAX_DEPTH + 1)}},
        ("/attributes/a", "VALUE_ERROR", None),
    ),
    (
        "first day",
        {"needed_on": str(FIRST_DAY)},
        {"needed_on": str(FIRST_DAY - DAY)},
        ("/needed_on", "GREATER_THAN_EQUAL", str(FIRST_DAY)),
    ),
    (
        "last day",
        {"needed_on": str(LAST_DAY)},
        {"needed_on": str(LAST_DAY + DAY)},
        ("/needed_on", "LESS_THAN_EQUAL", str(LAST_DAY)),
    ),
]


@pytest.mark.parametrize(
    ("taken", "beyond", "problem"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
async def test_a_body_may_hold_the_limit_and_no_more(
    office: Office, taken: Json, beyond: Json, problem: tuple[str, str, object]
) -> None:
    (field,) = taken
    made = await office.owner.made("procurement/requisitions", {"lines": [LINE], **taken})
    if field == "lines":
        assert len(made["lines"]) == MAX_LINES
    else:
        assert made[field] == taken[field]
    count = len((await office.owner.seen("procurement/requisitions", limit="200"))["data"])
    refused = await office.owner.post("procurement/requisitions", {"lines": [LINE], **beyond})
    assert refused.status_code == 422, refused.text
    assert [(f["path"], f["code"], f["allowed"]) for f in refused.json()["error"]["details"]["fields"]] == [problem]
    assert len((await office.owner.seen("procurement/requisitions", limit="200"))["data"]) == count


QUERIES: list[tuple[str, str, str]] = [
    ("bytes", "parties?limit=1".ljust(MAX_QUERY_BYTES + 8, "&"), "parties?limit=1".ljust(MAX_QUERY_BYTES + 9, "&")),
    ("page", f"parties?limit={MAX_PAGE}", f"parties?limit={MAX_PAGE + 1}"),
    ("text", f"search?q={'x' * 200}", f"search?q={'x' * 201}"),
    *(
        (f"{name} of {path}", f"{path}?as_of={last}", f"{path}?as_of={beyond}")
        for path in ("ledger/trial-balance", "inventory/stock")
        for name, last, beyond in (
            ("first day", FIRST_DAY, FIRST_DAY - DAY),
            ("last day", LAST_DAY, LAST_DAY + DAY),
        )
    ),
]


async def test_a_reference_in_a_query_string_may_be_as_long_as_a_code_and_no_longer(office: Office) -> None:
    for path in ("inventory/stock?location=", "procurement/requisitions?company="):
        refused = await office.owner.get(f"{path}{'x' * MAX_REFERENCE}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_FAILED"), refused.text
        refused = await office.owner.get(f"{path}{'x' * (MAX_REFERENCE + 1)}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MALFORMED"), refused.text


@pytest.mark.parametrize(("taken", "beyond"), [case[1:] for case in QUERIES], ids=[case[0] for case in QUERIES])
async def test_a_query_string_may_hold_the_limit_and_no_more(office: Office, taken: str, beyond: str) -> None:
    answer = await office.owner.get(taken)
    assert answer.status_code == 200, answer.text
    refused = await office.owner.get(beyond)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MALFORMED"), refused.text


async def test_a_reason_may_be_as_long_as_the_limit_and_no_longer(office: Office) -> None:
    made = await office.owner.made("procurement/requisitions", {"lines": [LINE]})
    path = f"procurement/requisitions/{made['id']}/cancel"
    refused = await office.owner.post(path, {"reason": "ä" * (MAX_TEXT + 1)})
    assert refused.status_code == 422
    assert [(f["path"], f["code"], f["allowed"]) for f in refused.json()["error"]["details"]["fields"]] == [
        ("/reason", "STRING_TOO_LONG", MAX_TEXT)
    ]
    assert (await office.owner.made(path, {"reason": "ä" * MAX_TEXT}))["phase"] == "void"


@pytest.mark.parametrize(
    ("day", "status"), [(FIRST_DAY, 200), (FIRST_DAY - DAY, 400), (LAST_DAY, 200), (LAST_DAY + DAY, 400)]
)
async def test_a_document_is_shown_as_of_any_business_day(office: Office, day: object, status: int) -> None:
    made = await office.owner.made("procurement/requisitions", {"lines": [LINE]})
    answer = await office.owner.get(f"procurement/requisitions/{made['id']}", params={"as_of": str(day)})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        (f"{FIRST_DAY}T00:00:00+14:00", 200),
        (f"{LAST_DAY}T23:59:59-12:00", 200),
        (f"{FIRST_DAY - DAY}T23:59:59Z", 400),
        ("0001-01-01T00:06:25+01:00", 400),
        ("9999-12-31T23:59:59-01:00", 400),
        ("2026-01-31T12:00:00", 400),
    ],
)
async def test_what_is_known_at_an_instant_is_told_for_business_days_with_their_offset(
    office: Office, instant: str, status: int
) -> None:
    made = await office.owner.made("procurement/requisitions", {"lines": [LINE]})
    for path in (f"procurement/requisitions/{made['id']}", "ledger/trial-balance"):
        answer = await office.owner.get(path, params={"known_at": instant})
        assert answer.status_code == status, (path, answer.text)


async def test_an_idempotency_key_may_be_as_long_as_the_limit_and_no_longer(office: Office) -> None:
    async def asked(length: int) -> tuple[int, str | None]:
        key = new_id().hex.ljust(length, "k")[:length]
        answer = await office.owner.post(
            "procurement/requisitions", {"lines": [LINE]}, headers={"Idempotency-Key": key}
        )
        return answer.status_code, None if answer.is_success else answer.json()["error"]["code"]

    assert await asked(MAX_KEY_LENGTH) == (201, None)
    assert await asked(MAX_KEY_LENGTH + 1) == (400, "MALFORMED")
    assert await asked(0) == (400, "MALFORMED")
