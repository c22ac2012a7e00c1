"""Founding an organization: at once, completely, and again where it was broken off."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bizcore.settings import Settings
from bizcore.tenancy import Step
from contexts.ledger.standard.chart import CHART
from contexts.ledger.standard.rules import RULES
from tests.support.api import Api, Office, new_email, running_api, signup
from tests.support.control import control
from tests.support.objects import object_client

STEPS = tuple(step.value for step in Step if step is not Step.RESERVED)
BROKEN_OFF = (  # once a step's effect is there, before or after it is written down that it is
    *(f"provision.after_{step}" for step in (*STEPS, "active")),
    "provision.unrecorded_first_steps",
    *(
        pytest.param(f"provision.unrecorded_{step}", marks=pytest.mark.slow)
        for step in STEPS
        if step != Step.FIRST_STEPS.value
    ),
)


async def test_an_organization_is_usable_at_once(api: Api) -> None:
    body = signup("Müller & Söhne", country="AT")
    answer = await api.stranger.post("auth/signup", body)
    session = answer.json()
    assert answer.status_code == 201
    assert session["organization"]["status"] == "active"
    assert session["organization"]["slug"].startswith("muller-sohne")
    assert session["company"]["currency"] == "EUR"
    assert session["user"]["email"] == body["email"]

    owner = api.signed_in(session)
    assert (await owner.seen("me"))["roles"] == ["owner"]
    for path, count in (
        ("companies", 1), ("ledger/accounts", len(CHART)), ("ledger/fiscal-years", 1), ("ledger/periods", 12),
        ("tax-codes", 4), ("access/roles", 11), ("payment-terms", 3), ("ledger/bank-accounts", 1),
        ("inventory/locations", 1), ("units", 48), ("ledger/posting-rules", len(RULES)),
    ):  # fmt: skip
        assert len((await owner.seen(path, limit="200"))["data"]) == count, path
    line = {"description": "Chair", "quantity": "2", "unit_price": "10.50"}
    made = await owner.made("procurement/requisitions", {"lines": [line]})
    assert (made["phase"], made["total"], made["currency"]) == ("draft", "21.00", "EUR")


async def test_two_of_one_name_get_two_slugs(api: Api) -> None:
    one, two = [await api.sign_up("Twin Peaks") for _ in range(2)]
    assert one.slug != two.slug
    assert two.slug.startswith("twin-peaks")


async def test_a_slug_that_is_taken_is_refused(api: Api, acme: Office) -> None:
    body = signup()
    body["organization"]["slug"] = acme.slug
    answer = await api.stranger.post("auth/signup", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "SLUG_TAKEN")
    body["organization"]["slug"] = f"{acme.slug}-two"
    assert (await api.stranger.made("auth/signup", body))["organization"]["slug"] == f"{acme.slug}-two"


async def test_an_address_with_an_account_signs_in_instead(api: Api, acme: Office) -> None:
    for email, password in ((acme.owner.email, "wrong password"), (acme.owner.email.upper(), "correct horse")):
        answer = await api.stranger.post("auth/signup", signup(email=email) | {"password": password})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ACCOUNT_EXISTS")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/email", "not an address", "STRING_PATTERN_MISMATCH"),
        ("/password", "short", "STRING_TOO_SHORT"),
        ("/organization/slug", "Not A Slug", "NOT_A_SLUG"),
        ("/organization/name", "", "STRING_TOO_SHORT"),
        ("/company/country", "Germany", "STRING_PATTERN_MISMATCH"),
        ("/company/currency", "XXY", "UNKNOWN_CURRENCY"),
        ("/company/timezone", "Mars/Olympus", "UNKNOWN_TIME_ZONE"),
        ("/company/owner", "me", "UNKNOWN_FIELD"),
        ("/is_admin", True, "UNKNOWN_FIELD"),
        ("/package", "deluxe", "LITERAL_ERROR"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_founded(api: Api, path: str, value: object, code: str) -> None:
    body: dict[str, Any] = signup()
    *parents, name = path[1:].split("/")
    target = body
    for parent in parents:
        target = target[parent]
    target[name] = value
    answer = await api.stranger.post("auth/signup", body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], [(f["path"], f["code"]) for f in error["details"]["fields"]]) == (
        "VALIDATION_FAILED",
        [(path, code)],
    )
    async with control(api.settings) as connection:
        assert await connection.fetchval("SELECT count(*) FROM control.users WHERE email = $1", body["email"]) == 0


async def test_where_sign_up_is_closed_nobody_founds_an_organization(servers: Settings, acme: Office) -> None:
    async with running_api(servers, signup="closed") as closed:
        answer = await closed.stranger.post("auth/signup", signup())
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "SIGNUP_CLOSED")
        owner = await closed.log_in(acme.owner.email)
        body = signup("Beta")
        answer = await owner.post("organizations", {"organization": body["organization"], "company": body["company"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "SIGNUP_CLOSED")


async def test_two_sign_ups_at_once_found_one_organization(api: Api) -> None:
    body = signup()
    answers = await asyncio.gather(*(api.stranger.post("auth/signup", body) for _ in range(2)))
    assert 201 in {answer.status_code for answer in answers}
    assert {answer.status_code for answer in answers} <= {201, 409}
    async with control(api.settings) as connection:
        founded = await connection.fetchval(
            """SELECT count(*) FROM control.organization o JOIN control.users u ON u.id = o.founder_id
               WHERE u.email = $1""",
            body["email"],
        )
    assert founded == 1


@pytest.mark.parametrize("point", BROKEN_OFF)
async def test_a_sign_up_broken_off_after_any_step_is_resumed(
    api: Api, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same address and password, and nothing is there twice."""
    before = await _places(api)
    body = signup("Resumed", email=new_email("resumed"))
    monkeypatch.setenv("BIZCORE_FAULTS", f"{point}=raise")
    assert (await api.stranger.post("auth/signup", body)).status_code == 500
    monkeypatch.delenv("BIZCORE_FAULTS")
    stolen = await api.stranger.post("auth/signup", body | {"password": "another password"})
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (409, "ACCOUNT_EXISTS")

    if point == "provision.after_active":
        owner = await api.log_in(body["email"])
    else:
        owner = api.signed_in(await api.stranger.made("auth/signup", body))
    assert owner.session["organization"]["status"] == "active"
    assert len((await owner.seen("companies"))["data"]) == 1
    assert len((await owner.seen("access/members"))["data"]) == 1
    assert len((await owner.seen("ledger/fiscal-years"))["data"]) == 1
    assert len((await owner.seen("ledger/bank-accounts"))["data"]) == 1
    grown = {what: after - before[what] for what, after in (await _places(api)).items()}
    assert grown == {"databases": 1, "roles": 3, "buckets": 1, "organizations": 1, "placements": 1, "sagas": 0}


async def test_one_who_signs_in_to_an_unfinished_organization_is_told_so(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = signup("Unfinished")
    monkeypatch.setenv("BIZCORE_FAULTS", "provision.after_database=raise")
    await api.stranger.post("auth/signup", body)
    answer = await api.stranger.post("auth/login", {"email": body["email"], "password": body["password"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NO_ORGANIZATION")
    monkeypatch.delenv("BIZCORE_FAULTS")
    await api.stranger.made("auth/signup", body)
    await api.log_in(body["email"])


@pytest.mark.slow
async def test_a_sign_up_takes_at_most_a_second_and_a_half(api: Api) -> None:
    await api.sign_up()
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        await api.stranger.made("auth/signup", signup())
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[2] < 1.5


async def _places(api: Api) -> dict[str, int]:
    """How many there are of everything that an organization is made of."""
    async with control(api.settings) as connection:
        row = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM pg_database WHERE datname LIKE 't\\_%') AS databases,
                      (SELECT count(*) FROM pg_roles WHERE rolname LIKE 't\\_%') AS roles,
                      (SELECT count(*) FROM control.organization) AS organizations,
                      (SELECT count(*) FROM control.placement) AS placements,
                      (SELECT count(*) FROM control.saga) AS sagas"""
        )
    assert row is not None
    return {**dict(row), "buckets": len(await asyncio.to_thread(object_client(api.settings).list_buckets))}
