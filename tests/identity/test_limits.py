"""How often a stranger may try."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bizcore.settings import Settings
from tests.support.api import PASSWORD, Api, Office, Person, new_email, running_api, signup
from tests.support.control import control


@pytest.fixture
async def strict(servers: Settings) -> AsyncIterator[Api]:
    """The limits as they are shipped, but for fewer sign-ups."""
    shipped = Settings()
    async with running_api(
        servers,
        login_attempts_per_address=shipped.login_attempts_per_address,
        login_failures_per_account=shipped.login_failures_per_account,
        signups_per_address=3,
    ) as api:
        yield api
    async with control(servers) as connection:
        await connection.execute("DELETE FROM control.attempt")


async def test_the_eleventh_wrong_password_of_an_account_waits(strict: Api, acme: Office) -> None:
    for number in range(10):
        answer = await _log_in(strict, f"10.0.0.{number}", acme.owner.email, "wrong password")
        assert answer[0] == 401
    for address in ("10.0.0.1", "10.0.1.1"):
        for password in ("wrong password", PASSWORD):
            status, code, retry_after = await _log_in(strict, address, acme.owner.email.upper(), password)
            assert (status, code) == (429, "RATE_LIMITED")
            assert 0 < retry_after <= 15 * 60
    colleague = await acme.member("buyer")
    assert (await _log_in(strict, "10.0.0.1", colleague.email, PASSWORD))[0] == 200


async def test_an_unknown_account_is_limited_alike(strict: Api) -> None:
    email = new_email("nobody")
    seen = [(await _log_in(strict, "10.0.2.1", email, "wrong password"))[0] for _ in range(11)]
    assert seen == [401] * 10 + [429]


async def test_a_right_password_clears_the_count(strict: Api, acme: Office) -> None:
    person = await acme.member("receiver")
    for _ in range(3):
        for _ in range(9):
            assert (await _log_in(strict, "10.0.3.1", person.email, "wrong password"))[0] == 401
        assert (await _log_in(strict, "10.0.3.1", person.email, PASSWORD))[0] == 200


async def test_the_count_of_an_account_ends_after_a_quarter_of_an_hour(strict: Api, acme: Office) -> None:
    person = await acme.member("payer")
    for _ in range(10):
        await _log_in(strict, "10.0.4.1", person.email, "wrong password")
    assert (await _log_in(strict, "10.0.4.1", person.email, PASSWORD))[0] == 429
    async with control(strict.settings) as connection:
        await connection.execute("UPDATE control.attempt SET since = since - interval '15 minutes 1 second'")
    assert (await _log_in(strict, "10.0.4.1", person.email, PASSWORD))[0] == 200


async def test_an_address_may_try_120_times_a_minute(strict: Api) -> None:
    person = Person(strict.client("10.0.5.1"), {})
    statuses = [(await person.post("auth/login", {})).status_code for _ in range(121)]
    assert statuses == [422] * 120 + [429]
    assert (await Person(strict.client("10.0.5.2"), {}).post("auth/login", {})).status_code == 422


async def test_an_address_may_sign_up_only_so_often(strict: Api) -> None:
    person = Person(strict.client("10.0.6.1"), {})
    statuses = [(await person.post("auth/signup", {})).status_code for _ in range(3)]
    answer = await person.post("auth/signup", signup())
    assert statuses == [422] * 3
    assert (answer.status_code, answer.json()["error"]["details"]["limit"]) == (429, 3)
    assert 3590 < int(answer.headers["Retry-After"]) <= 3600


async def test_an_organization_has_its_rate(servers: Settings, acme: Office) -> None:
    async with running_api(servers, tenant_requests_per_second=1, tenant_burst=5) as api:
        person = await api.log_in(acme.owner.email)
        statuses = [(await person.get("me")).status_code for _ in range(7)]
        assert statuses[:5] == [200] * 5
        answer = await person.get("companies")
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert int(answer.headers["Retry-After"]) >= 1
        other = await api.sign_up("Quiet")
        assert (await other.owner.get("companies")).status_code == 200


async def _log_in(api: Api, address: str, email: str, password: str) -> tuple[int, str, int]:
    answer = await Person(api.client(address), {}).post("auth/login", {"email": email, "password": password})
    code = answer.json().get("error", {}).get("code", "")
    return answer.status_code, code, int(answer.headers.get("Retry-After", 0))
