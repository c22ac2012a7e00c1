"""Signing in and out, and the life of tokens."""

from __future__ import annotations

import time
from http.cookies import SimpleCookie

import httpx
import pytest

from bizcore.settings import Settings
from tests.support.api import PASSWORD, Api, Json, Office, signup
from tests.support.control import control


async def test_a_session_opens_one_organization(api: Api, acme: Office) -> None:
    session = (await api.stranger.post("auth/login", {"email": acme.owner.email, "password": PASSWORD})).json()
    assert sorted(session) == [
        "access_token", "company", "expires_in", "organization", "organizations", "refresh_token", "token_type", "user",
    ]  # fmt: skip
    assert (session["token_type"], session["expires_in"]) == ("Bearer", 900)
    assert session["organization"] == {
        "id": acme.id, "slug": acme.slug, "name": "Acme", "status": "active", "accepted": True,
    }  # fmt: skip
    assert session["company"] == {"id": acme.company, "code": "MAIN", "name": "Acme Ltd", "currency": "EUR"}
    assert [each["slug"] for each in session["organizations"]] == [acme.slug]


async def test_an_address_is_the_same_in_any_case(api: Api, acme: Office) -> None:
    person = await api.log_in(acme.owner.email.upper())
    assert (await person.seen("me"))["principal"] == acme.owner.principal


async def test_a_wrong_password_and_an_unknown_address_get_one_answer(api: Api, acme: Office) -> None:
    wrong = await api.stranger.post("auth/login", {"email": acme.owner.email, "password": "wrong password"})
    unknown = await api.stranger.post("auth/login", {"email": "nobody@example.com", "password": "wrong password"})
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert _without_request(wrong) == _without_request(unknown)
    assert _without_request(wrong)["code"] == "UNAUTHENTICATED"
    assert _header_names(wrong) == _header_names(unknown)


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(api: Api, acme: Office) -> None:
    async def seconds(email: str) -> float:
        started = time.perf_counter()
        await api.stranger.post("auth/login", {"email": email, "password": "wrong password"})
        return time.perf_counter() - started

    # In turn, and the shortest of each: what else the machine does only makes some of them longer.
    took = [(await seconds(acme.owner.email), await seconds(f"nobody-{n}@example.com")) for n in range(5)]
    known, unknown = map(min, zip(*took, strict=True))
    assert 0.5 < unknown / known < 2
    async with control(api.settings) as connection:
        await connection.execute("DELETE FROM control.attempt")


async def test_me_tells_who_one_is_here(acme: Office) -> None:
    buyer = await acme.member("buyer")
    me = await buyer.seen("me")
    assert (me["user"]["email"], me["principal"], me["roles"]) == (buyer.email, buyer.principal, ["buyer"])
    assert "procurement.purchase_order.*" in me["permissions"]
    assert "*" not in me["permissions"]
    assert [company["id"] for company in me["companies"]] == [acme.company]
    assert [each["slug"] for each in me["organizations"]] == [acme.slug]


async def test_the_refresh_cookie_is_for_the_browser_alone(api: Api, acme: Office) -> None:
    answer = await api.stranger.post("auth/login", {"email": acme.owner.email, "password": PASSWORD})
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["bizcore_refresh"]
    assert cookie.value == answer.json()["refresh_token"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/api/v1/auth")
    assert (cookie["max-age"], cookie["domain"], cookie["secure"]) == (str(30 * 24 * 3600), "", "")


async def test_the_cookie_is_secure_over_https(api: Api, acme: Office) -> None:
    transport = httpx.ASGITransport(api.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://bizcore.test/api/v1/") as client:
        answer = await client.post("auth/login", json={"email": acme.owner.email, "password": PASSWORD})
    assert SimpleCookie(answer.headers["Set-Cookie"])["bizcore_refresh"]["secure"] is True


async def test_a_browser_refreshes_by_its_cookie_alone(api: Api, acme: Office) -> None:
    browser = api.stranger
    first = await browser.made("auth/login", {"email": acme.owner.email, "password": PASSWORD})
    second = await browser.made("auth/refresh")
    assert second["refresh_token"] != first["refresh_token"]
    assert (await api.signed_in(second).seen("me"))["principal"] == acme.owner.principal


async def test_a_token_rotates_and_the_one_just_rotated_is_accepted(api: Api, acme: Office) -> None:
    first = acme.owner.session["refresh_token"]
    second = await _refresh(api, first)
    third = await _refresh(api, first)
    assert len({first, second["refresh_token"], third["refresh_token"]}) == 3
    assert (await _refresh(api, second["refresh_token"]))["user"]["email"] == acme.owner.email


async def test_reuse_of_an_old_token_revokes_its_family(api: Api, acme: Office) -> None:
    first = (await api.log_in(acme.owner.email)).session["refresh_token"]
    other = (await api.log_in(acme.owner.email)).session["refresh_token"]
    second = (await _refresh(api, first))["refresh_token"]
    await _age_used_tokens(api.settings)
    for token in (first, second):
        answer = await api.stranger.post("auth/refresh", {"refresh_token": token})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert (await _refresh(api, other))["user"]["email"] == acme.owner.email, "another session is another family"


@pytest.mark.parametrize("token", ["", "x", "a" * 43, None])
async def test_what_is_no_refresh_token_opens_nothing(api: Api, token: str | None) -> None:
    answer = await api.stranger.post("auth/refresh", {} if token is None else {"refresh_token": token})
    assert answer.status_code == 401


async def test_signing_out_ends_the_session_and_its_cookie(api: Api, acme: Office) -> None:
    browser = api.stranger
    session = await browser.made("auth/login", {"email": acme.owner.email, "password": PASSWORD})
    answer = await browser.post("auth/logout")
    assert (answer.status_code, answer.content) == (204, b"")
    assert 'bizcore_refresh=""' in answer.headers["Set-Cookie"]
    again = await api.stranger.post("auth/refresh", {"refresh_token": session["refresh_token"]})
    assert again.status_code == 401
    assert (await browser.post("auth/logout")).status_code == 204


async def test_a_token_of_another_of_ones_organizations(api: Api, acme: Office) -> None:
    body = signup("Beta")
    founded = await acme.owner.made("organizations", {"organization": body["organization"], "company": body["company"]})
    beta = founded["organization"]["slug"]
    here = await acme.owner.seen("organizations")
    assert [each["slug"] for each in here["data"]] == [acme.slug, beta]

    there = api.signed_in(await acme.owner.made(f"organizations/{beta}/token"))
    assert (await there.seen("me"))["organization"]["slug"] == beta
    assert (await there.seen("me"))["principal"] != acme.owner.principal
    by_name = await api.log_in(acme.owner.email, organization=beta)
    assert by_name.session["organization"]["slug"] == beta
    assert (await api.log_in(acme.owner.email)).session["organization"]["slug"] == acme.slug


async def test_an_organization_of_others_gives_no_token(api: Api, acme: Office) -> None:
    others = await api.sign_up("Others")
    for slug in (others.slug, "no-such-organization"):
        answer = await acme.owner.post(f"organizations/{slug}/token")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        answer = await api.stranger.post(
            "auth/login", {"email": acme.owner.email, "password": PASSWORD, "organization": slug}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NO_ORGANIZATION")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic b3duZXI6cGFzc3dvcmQ=", "Bearer null", "Bearer a.b.c", "Token x"],
)
async def test_without_a_token_nothing_is_shown(api: Api, header: str | None) -> None:
    answer = await api.stranger.get("me", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def _refresh(api: Api, token: str) -> Json:
    return await api.stranger.made("auth/refresh", {"refresh_token": token})


async def _age_used_tokens(settings: Settings) -> None:
    async with control(settings) as connection:
        await connection.execute("UPDATE control.refresh_token SET used_at = used_at - interval '11 s'")


def _without_request(answer: httpx.Response) -> Json:
    error: Json = answer.json()["error"]
    return {name: value for name, value in error.items() if name != "request_id"}


def _header_names(answer: httpx.Response) -> set[str]:
    return set(answer.headers)
