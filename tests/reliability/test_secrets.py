"""Secrets planted where people put them, and in the wrong places too: none is written down anywhere."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import redis.asyncio as redis
from sqlalchemy.engine import make_url

from adapters.embedded.postgres import client
from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import CONTROL_DATABASE, open_control
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.provision import prepare_cluster
from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.support.api import Api, Office, running_api, signup
from tests.support.filled import body_of, fill
from tests.support.tenants import as_owner_of

PASSWORD, WRONG, CHOSEN = (f"planted-{name}-{os.urandom(9).hex()}" for name in ("password", "wrong", "chosen"))


@dataclass(slots=True)
class Planted:
    """`secrets` by what they are; `said` is every answer that is not the one that shows a secret once."""

    office: Office
    database: str
    secrets: dict[str, str]
    said: list[str] = field(default_factory=list)

    async def refused(self, asked: httpx.Response, *statuses: int) -> None:
        assert asked.status_code in statuses, asked.text
        self.said.append(asked.text + repr(asked.headers.multi_items()))


def forms(secret: str) -> Iterator[bytes]:
    """As written, and as a dump, a URL or an encoder would write it."""
    for raw in {secret.encode(), _decoded(secret)} - {b""}:
        yield raw
        yield raw.hex().encode()
        yield base64.b64encode(raw).rstrip(b"=")
        yield base64.urlsafe_b64encode(raw).rstrip(b"=")
    yield quote(secret, safe="").encode()


def _decoded(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return b""


def found_in(text: bytes, secrets: dict[str, str]) -> list[str]:
    return [name for name, secret in secrets.items() if any(form in text for form in forms(secret))]


@pytest.fixture(scope="module")
async def planted(servers: Settings) -> AsyncIterator[tuple[Planted, Api]]:
    async with running_api(servers) as api:
        body = signup("Planted") | {"password": PASSWORD}
        session = await api.stranger.made("auth/signup", body)
        owner = api.signed_in(session)
        office = Office(api, replace(owner, principal=(await owner.seen("me"))["principal"]))
        filled = await fill(office)
        once = {"Idempotency-Key": "shown once"}
        key = await owner.made("access/api-keys", body_of("POST access/api-keys", filled), headers=once)
        hook = await owner.made("webhooks/endpoints", body_of("POST webhooks/endpoints", filled), headers=once)
        rotated = await owner.made(f"webhooks/endpoints/{hook['id']}/rotate-secret")
        refreshed = await api.stranger.made("auth/refresh", {"refresh_token": session["refresh_token"]})
        database, passwords = await _place(servers, office)
        secrets = {
            "password": PASSWORD,
            "wrong password": WRONG,
            "a member's password": CHOSEN,
            "refresh token": session["refresh_token"],
            "its successor": refreshed["refresh_token"],
            "access token": session["access_token"],
            "API key": key["key"],
            "the secret part of the API key": key["key"].rpartition("_")[2],
            "webhook secret": hook["secret"],
            "the webhook secret after it": rotated["secret"],
            "master key": servers.master_key,
            "token key": _middle(servers.token_key),
            "audit key": _middle(servers.audit_key),
            "password of the tenant's role": passwords[0],
            "password of its reading role": passwords[1],
            "password of the provisioner": str(make_url(servers.database_url).password),
            "secret key of the object store": servers.s3_secret_key,
        }
        planted = Planted(office, database, secrets)
        await _go_wrong(planted, api, body["email"], key["key"], hook["secret"])
        for path, given in (("access/api-keys", "access/api-keys"), ("webhooks/endpoints", "webhooks/endpoints")):
            replayed = await owner.post(path, body_of(f"POST {given}", filled), headers=once)
            planted.said.append(replayed.text)  # the same request again, or another body under its key
            planted.said.append((await owner.get(path)).text)
        yield planted, api


async def _place(servers: Settings, office: Office) -> tuple[str, tuple[str, str]]:
    pool = await open_control(servers)
    try:
        organizations = Organizations(pool, Secrets.of(servers.master_key))
        found = await organizations.placement(UUID(office.id))
        assert found is not None
        passwords = await organizations.passwords(UUID(office.id))
        return found[1].database, (passwords.app, passwords.read)
    finally:
        await pool.close()


def _middle(pem: str) -> str:
    """A line that only the private key has."""
    return max(pem.splitlines(), key=len)


async def _go_wrong(planted: Planted, api: Api, email: str, key: str, hook: str) -> None:
    """Secrets in bodies that are refused, in fields where they do not belong, in the address, in torn headers."""
    stranger, owner, secrets = api.stranger, planted.office.owner, planted.secrets
    member = {"email": "x", "name": "Member", "password": CHOSEN, "roles": ["nobody"]}
    for path, body, status in (
        ("auth/login", {"email": email, "password": WRONG}, 401),
        ("auth/login", {"email": email, "password": WRONG, "token": secrets["access token"]}, 422),
        ("auth/login", {"email": email, "password": [PASSWORD]}, 422),
        ("auth/signup", signup(email=email) | {"password": WRONG}, 409),
        ("auth/signup", signup() | {"password": PASSWORD, "name": ""}, 422),
        ("auth/signup", signup() | {"password": PASSWORD * 20}, 422),
        ("auth/refresh", {"refresh_token": secrets["refresh token"], "access_token": secrets["access token"]}, 422),
        ("auth/refresh", {"refresh_token": secrets["refresh token"] * 9}, 422),
        ("auth/refresh", {"refresh_token": "x" + secrets["refresh token"]}, 401),
    ):
        await planted.refused(await stranger.post(path, body), status)
    await planted.refused(await owner.post("access/members", member), 422)
    await planted.refused(await owner.post(f"access/api-keys?key={quote(key)}", {"name": 1, "api_key": key}), 400, 422)
    await planted.refused(await owner.get("parties", params={"password": PASSWORD}), 400)
    await planted.refused(await owner.get(f"webhooks/endpoints/{quote(hook, safe='')}"), 404)
    for headers in (
        {"X-Api-Key": key[:-1]},
        {"X-Api-Key": secrets["access token"]},
        {"Authorization": f"Basic {PASSWORD}"},
        {"Authorization": f"Bearer {secrets['access token'][:-9]}"},
        {"Authorization": f"Bearer {key}"},
    ):
        await planted.refused(await stranger.get("me", headers=headers), 401)
    os.environ["BIZCORE_FAULTS"] = "provision.after_roles=raise"
    try:  # our own failure is told to the log with its stack, in the middle of a request that holds a password
        broken = signup("Broken") | {"password": PASSWORD}
        await planted.refused(await stranger.post("auth/signup", broken), 500)
    finally:
        del os.environ["BIZCORE_FAULTS"]
    await stranger.made("auth/signup", broken)


def test_no_refusal_and_no_repetition_shows_a_secret(planted: tuple[Planted, Api]) -> None:
    assert "VALIDATION_FAILED" in "".join(planted[0].said)
    shown = {text: found for text in planted[0].said if (found := found_in(text.encode(), planted[0].secrets))}
    assert shown == {}


def test_no_line_of_the_log_holds_a_secret(planted: tuple[Planted, Api]) -> None:
    """As the program logs it: the masks that the running service lays over are not even there."""
    log = "\n".join(planted[1].log).encode()
    assert b'"event": "request"' in log
    assert b"InjectedFault" in log
    assert found_in(log, planted[0].secrets) == []


async def test_no_dump_holds_a_secret(planted: tuple[Planted, Api], servers: Settings) -> None:
    for database in (CONTROL_DATABASE, planted[0].database):
        dump = await _dumped(servers, database)
        assert planted[0].office.owner.email.encode() in dump
        assert found_in(dump, planted[0].secrets) == []


async def test_a_secret_in_a_dump_would_be_found(
    planted: tuple[Planted, Api], servers: Settings, tmp_path: Path
) -> None:
    tenant = await planted[1].app.state.surface.tenants.get(UUID(planted[0].office.id))
    owner = await as_owner_of(tenant, servers)
    hidden = {name: planted[0].secrets[name] for name in ("password", "webhook secret", "master key")}
    try:
        await owner.execute("CREATE TABLE public.careless (plain text, bytes bytea, encoded text)")
        await owner.execute(
            "INSERT INTO public.careless VALUES ($1, $2, $3)",
            hidden["password"],
            base64.b64decode(hidden["webhook secret"].removeprefix("whsec_")),
            base64.b64encode(hidden["master key"].encode()).decode(),
        )
        assert found_in(await _dumped(servers, planted[0].database), planted[0].secrets) == list(hidden)
    finally:
        await owner.execute("DROP TABLE public.careless")
        await owner.close()


async def _dumped(servers: Settings, database: str) -> bytes:
    url = make_url(servers.database_url)
    environment = {"PGPASSWORD": str(url.password), "PATH": os.environ["PATH"]}
    process = await asyncio.create_subprocess_exec(
        str(client("pg_dump")), "-h", str(url.host), "-p", str(url.port), "-U", str(url.username), database,
        env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    written, _ = await process.communicate()
    assert process.returncode == 0
    return written


async def test_the_broker_holds_no_secret(planted: tuple[Planted, Api], servers: Settings) -> None:
    broker = redis.from_url(servers.redis_url)
    try:
        await broker.set("test:seen", "by the scan")
        held = [key + b" " + (await broker.dump(key) or b"") async for key in broker.scan_iter()]
        await broker.delete("test:seen")
    finally:
        await broker.aclose()
    everything = b"\n".join(held)
    assert b"by the scan" in everything
    assert found_in(everything, planted[0].secrets) == []


async def test_no_server_writes_a_secret_beside_its_keys(
    planted: tuple[Planted, Api], running_servers: RunningServers
) -> None:
    """In the folder of the embedded servers, but for the keys themselves and PostgreSQL's own files: see the dump."""
    home = running_servers.settings.home
    known = {name: secret for name, secret in planted[0].secrets.items() if "object store" not in name}
    files = [
        file
        for file in home.rglob("*")
        if file.is_file() and not {"keys", "data"} & set(file.relative_to(home).parts)
    ]  # fmt: skip
    assert files
    assert [(file.name, found) for file in files if (found := found_in(file.read_bytes(), known))] == []


async def test_a_new_master_key_before_the_old_one_leaves_everything_readable(
    planted: tuple[Planted, Api], servers: Settings
) -> None:
    """What the old key sealed or hashed is read, what is written from now on is the new key's."""
    office, secrets = planted[0].office, planted[0].secrets
    new = base64.b64encode(os.urandom(32)).decode()
    try:
        async with running_api(replace(servers, master_key=f"{new} {servers.master_key}")) as api:
            machine = api.machine(secrets["API key"])
            assert (await machine.seen("me"))["organization"]["slug"] == office.slug
            owner = await api.log_in(office.owner.email, PASSWORD)
            assert len((await owner.seen("parties"))["data"]) >= 1
            (endpoint, *_) = (await owner.seen("webhooks/endpoints"))["data"]
            rotated = (await owner.made(f"webhooks/endpoints/{endpoint['id']}/rotate-secret"))["secret"]
            tenant = await api.app.state.surface.tenants.get(UUID(office.id))
            async with tenant.connection() as connection:
                kept = await connection.fetchval("SELECT secret FROM outbox.endpoint WHERE id = $1", endpoint["id"])
            assert Secrets.of(new).is_current(kept)
            assert rotated.removeprefix("whsec_").encode() not in kept
    finally:
        await prepare_cluster(servers)
