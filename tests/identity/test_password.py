"""A new password, one's own or given by the operator: the old one and every other session end with it."""

import asyncio
import io
import os

import pytest

from bizcore.settings import Settings
from services.cli import password
from tests.support.api import PASSWORD, Api, Office, pass_five_seconds
from tests.support.control import control

NEW = "another correct horse"


async def changed(
    servers: Settings, email: str, typed: str, patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The code and the words of the command, with `typed` at its standard input."""
    for name in [name for name in os.environ if name.startswith("BIZCORE_")]:
        patch.delenv(name)
    for name, value in servers.environment().items():
        patch.setenv(name, value)
    patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    code = await asyncio.to_thread(password.main, [email])
    return code, said.readouterr().out


async def test_a_new_password_ends_the_old_one_and_every_session(
    api: Api, acme: Office, servers: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = acme.owner
    email = owner.email.upper()
    assert await changed(servers, email, NEW, monkeypatch, capsys) == (
        0, f"{email} has a new password, and has to sign in with it.\n",
    )  # fmt: skip
    refreshed = await api.stranger.post("auth/refresh", {"refresh_token": owner.session["refresh_token"]})
    assert refreshed.status_code == 401
    assert (await api.stranger.post("auth/login", {"email": owner.email, "password": PASSWORD})).status_code == 401
    assert (await (await api.log_in(owner.email, NEW)).seen("me"))["roles"] == ["owner"]
    pass_five_seconds(monkeypatch)
    assert (await owner.get("me")).status_code == 401


async def test_whoever_changes_their_password_stays_and_every_other_session_ends(api: Api) -> None:
    """Also what the colleague who chose the first one still holds."""
    office = await api.sign_up("Changed")
    buyer = await office.member("buyer")
    elsewhere = await api.log_in(buyer.email)
    session = await buyer.made("auth/password", {"password": PASSWORD, "new_password": NEW})
    assert (await (api.signed_in(session)).seen("me"))["roles"] == ["buyer"]
    assert (await api.stranger.post("auth/login", {"email": buyer.email, "password": PASSWORD})).status_code == 401
    refreshed = await api.stranger.post("auth/refresh", {"refresh_token": elsewhere.session["refresh_token"]})
    assert refreshed.status_code == 401
    assert (await elsewhere.get("me")).status_code == 401  # at once here: its stamp is behind the new token's
    assert (await (await api.log_in(buyer.email, NEW)).seen("me"))["roles"] == ["buyer"]


async def test_a_wrong_present_password_changes_nothing_and_is_counted(api: Api) -> None:
    office = await api.sign_up("Guessed")
    owner = office.owner
    guess = {"password": "not the one", "new_password": NEW}
    refused = await owner.post("auth/password", guess)
    assert refused.status_code == 422
    [field] = refused.json()["error"]["details"]["fields"]
    assert (field["path"], field["code"], field["given"]) == ("/password", "WRONG_PASSWORD", None)
    answers = [(await owner.post("auth/password", guess)).status_code for _ in range(10)]
    assert answers == [*[422] * 9, 429]
    assert (await api.stranger.post("auth/login", {"email": owner.email, "password": PASSWORD})).status_code == 429
    assert (await owner.get("me")).status_code == 200
    async with control(api.settings) as connection:
        await connection.execute("DELETE FROM control.attempt")
    assert (await (await api.log_in(owner.email)).seen("me"))["roles"] == ["owner"]


@pytest.mark.parametrize(
    ("email", "typed", "said"),
    [
        ("nobody@example.com", NEW, "Nobody has the address nobody@example.com here.\n"),
        ("nobody@example.com", "short", "A password has 8 to 200 characters.\n"),
    ],
)
async def test_what_cannot_be_done_is_said(
    api: Api, servers: Settings, email: str, typed: str, said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert await changed(servers, email, typed, monkeypatch, capsys) == (1, said)
