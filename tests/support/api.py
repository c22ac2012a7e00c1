"""The API as its users meet it: the application in this process, organizations signed up, people signed in.

async with running_api(servers) as api:
    acme = await api.sign_up("Acme")
    buyer = await acme.member("buyer")
    order = await buyer.made("procurement/purchase-orders", {...})
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Final

import httpx
import pytest
import structlog
from fastapi import FastAPI

from adapters.postgres.tenancy.provision import prepare_cluster
from bizcore.settings import Settings
from services.api import authentication
from services.api.app import PREFIX, create_app

PASSWORD = "correct horse"
Json = dict[str, Any]


class Refused(AssertionError):
    """A helper that expects success met a refusal; the message holds the whole answer."""


def _success(answer: httpx.Response) -> Json:
    if not answer.is_success:
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
    found: Json = answer.json()
    return found


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in to one organization, or a machine with its key."""

    client: httpx.AsyncClient = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    email: str = ""
    principal: str = ""
    session: Json = field(default_factory=dict, repr=False)

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **(options.pop("headers", None) or {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **({} if body is None else {"json": body}), **options)

    async def patch(self, path: str, body: object, *, version: int | None) -> httpx.Response:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.request("PATCH", path, json=body, headers=headers)

    async def delete(self, path: str) -> httpx.Response:
        return await self.request("DELETE", path)

    async def seen(self, path: str, **parameters: str) -> Json:
        """What GET answers, which must be a success."""
        return _success(await self.get(path, params=parameters))

    async def made(self, path: str, body: object = None, **options: Any) -> Json:
        """What POST answers, which must be a success."""
        return _success(await self.post(path, body, **options))

    async def changed(self, path: str, body: object) -> Json:
        """What PATCH answers at the version that GET shows now."""
        return _success(await self.patch(path, body, version=(await self.seen(path))["version"]))


@dataclass(slots=True)
class Office:
    """One organization: its owner, and one colleague for each role that was asked for."""

    api: Api = field(repr=False)
    owner: Person
    _members: dict[str, Person] = field(default_factory=dict, repr=False)

    @property
    def slug(self) -> str:
        return str(self.owner.session["organization"]["slug"])

    @property
    def id(self) -> str:
        return str(self.owner.session["organization"]["id"])

    @property
    def company(self) -> str:
        return str(self.owner.session["company"]["id"])

    async def member(self, *roles: str, scopes: Json | None = None) -> Person:
        """The colleague with exactly these roles, invited and signed in when first asked for."""
        named = "+".join(roles) + repr(scopes or "")
        if named not in self._members:
            self._members[named] = await self.new_member(*roles, scopes=scopes)
        return self._members[named]

    async def new_member(self, *roles: str, scopes: Json | None = None) -> Person:
        email = new_email(roles[0])
        body: Json = {
            "email": email,
            "name": f"{roles[0].title()} of {self.slug}",
            "password": PASSWORD,
            "roles": [*roles],
        }
        added = await self.owner.made("access/members", body | ({"scopes": scopes} if scopes else {}))
        return replace(await self.api.log_in(email), principal=added["id"])


@dataclass(slots=True)
class Api:
    """The running application. `stranger` asks without a token; `log` are the lines that it wrote."""

    app: FastAPI = field(repr=False)
    settings: Settings = field(repr=False)
    log: list[str] = field(default_factory=list, repr=False)

    def client(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A client as if it asked from `address`; it keeps the cookies that it is given."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=f"http://bizcore.test{PREFIX}/")

    @property
    def stranger(self) -> Person:
        return Person(self.client(), {})

    async def sign_up(self, name: str = "Acme", *, country: str = "DE", currency: str = "EUR") -> Office:
        body = signup(name, country=country, currency=currency)
        session = await self.stranger.made("auth/signup", body)
        owner = self.signed_in(session)
        return Office(self, replace(owner, principal=(await owner.seen("me"))["principal"]))

    async def log_in(self, email: str, password: str = PASSWORD, organization: str | None = None) -> Person:
        body = {"email": email, "password": password} | ({"organization": organization} if organization else {})
        return self.signed_in(await self.stranger.made("auth/login", body))

    def signed_in(self, session: Json) -> Person:
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        return Person(self.client(), headers, session["user"]["email"], session=session)

    def machine(self, key: str) -> Person:
        return Person(self.client(), {"X-Api-Key": key})


def new_email(who: str) -> str:
    return f"{who}-{os.urandom(6).hex()}@example.com"


def signup(name: str = "Acme", *, email: str | None = None, country: str = "DE", currency: str = "EUR") -> Json:
    """The body of a sign-up that nobody sent before."""
    return {
        "email": email or new_email("owner"),
        "password": PASSWORD,
        "name": f"Owner of {name}",
        "organization": {"name": name},
        "company": {"name": f"{name} Ltd", "country": country, "currency": currency},
    }


# All tests come from one address.
WIDE: Final[Mapping[str, Any]] = {"signups_per_address": 1_000_000, "login_attempts_per_address": 1_000_000}


@asynccontextmanager
async def running_api(servers: Settings, **changed: Any) -> AsyncIterator[Api]:
    """The application on the run's servers. `changed` are settings; limits on strangers are wide unless given."""
    await prepare_cluster(servers)
    settings = replace(servers, **{**WIDE, **changed})
    api = Api(create_app(settings), settings)
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: _Lines(api.log),
    )
    try:
        async with api.app.router.lifespan_context(api.app):
            yield api
    finally:
        structlog.configure(**before)


@dataclass(frozen=True, slots=True)
class _Lines:
    """A logger that keeps its lines; an error is shown beside the test that met it."""

    kept: list[str]

    def msg(self, line: str) -> None:
        self.kept.append(line)

    def error(self, line: str) -> None:
        self.kept.append(line)
        sys.stderr.write(f"{line}\n")

    debug = info = warning = msg


def pass_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is remembered of who asks."""
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 5)
    monkeypatch.setattr(authentication, "time", later)
