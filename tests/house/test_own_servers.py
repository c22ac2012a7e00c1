"""Servers of the operator's own: what is asked of their administrator, and what is said when they do not serve."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from bizcore.settings import Settings, SettingsError
from services.cli.prepare import NotPrepared, prepare
from tests.house.support import free_port, new_home, running
from tests.house.test_run import RUN
from tests.support.api import signup
from tests.support.cluster import own_cluster

OPEN = """The database at {place} is not closed yet. Every role of this cluster may connect to its shared databases and \
read all names there. An administrator must run:
GRANT CONNECT ON DATABASE postgres TO operator;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;"""


@dataclass(frozen=True, slots=True)
class Own:
    """A cluster as an administrator hands it over. `settings` name a role that makes databases and roles, no more."""

    settings: Settings
    superuser_url: str

    @property
    def place(self) -> str:
        target = make_url(self.settings.database_url)
        return f"{target.host}:{target.port}"

    async def administer(self, statements: str) -> None:
        administrator = await asyncpg.connect(self.superuser_url)
        try:
            await administrator.execute(statements)
        finally:
            await administrator.close()


@pytest.fixture(scope="module")
async def own(servers: Settings) -> AsyncIterator[Own]:
    """A PostgreSQL as it is after initdb: open to everybody. Broker and object store are the run's."""
    async with own_cluster(servers) as (settings, superuser_url):
        url = make_url(settings.database_url).set(username="operator", password="known")
        outside = Own(replace(settings, database_url=url.render_as_string(hide_password=False)), superuser_url)
        await outside.administer(
            "CREATE ROLE operator LOGIN CREATEDB CREATEROLE PASSWORD 'known';"
            "GRANT CONNECT, TEMPORARY ON DATABASE postgres, template1 TO PUBLIC"
        )
        yield outside


@pytest.fixture
async def closed(own: Own) -> Own:
    """The same when its administrator has done what is asked."""
    await own.administer(
        "GRANT CONNECT ON DATABASE postgres TO operator; REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"
    )
    return own


def variables(settings: Settings) -> dict[str, str]:
    own_ones = settings.environment()
    return {name: value for name, value in own_ones.items() if name not in ("BIZCORE_HOME", "BIZCORE_PORT")}


def sign_up(port: int) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/auth/signup",
        json.dumps(signup()).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        status: int = answer.status
        return status


async def test_a_cluster_open_to_everybody_is_a_sentence_with_the_statements_that_close_it_and_then_serves(
    own: Own,
) -> None:
    with new_home() as home:
        with running(home, free_port(), *RUN, **variables(own.settings)) as house:
            assert house.end() == 1
        wanted = OPEN.format(place=own.place)
        assert "\n".join(house.said) == wanted
        await own.administer("".join(re.findall(r"^(?:GRANT|REVOKE).*$", wanted, re.MULTILINE)))
        port = free_port()
        with running(home, port, *RUN, **variables(own.settings)) as house:
            house.wait_for("is ready at")
            assert sign_up(port) == 201
            assert {*house.children()} == {"worker"}, "no server of ours runs beside theirs"


async def test_the_database_that_the_address_names_must_be_closed_too(closed: Own) -> None:
    await closed.administer('CREATE DATABASE "meeting-place"')
    url = make_url(closed.settings.database_url).set(database="meeting-place").render_as_string(hide_password=False)
    asked = await refusal(replace(closed.settings, database_url=url))
    assert asked.endswith(
        'GRANT CONNECT ON DATABASE "meeting-place" TO operator;\nREVOKE ALL ON DATABASE "meeting-place" FROM PUBLIC;'
    )
    await closed.administer("".join(re.findall(r"^(?:GRANT|REVOKE).*$", asked, re.MULTILINE)))
    assert await prepare(replace(closed.settings, database_url=url)) == []


def test_a_missing_key_is_named(own: Own) -> None:
    given = variables(own.settings) | {"BIZCORE_AUDIT_KEY": ""}
    with new_home() as home, running(home, free_port(), *RUN, **given) as house:
        assert house.end() == 1
    assert house.said == [
        "Not given: BIZCORE_AUDIT_KEY. `bizcore run` fills in what belongs to the servers that it embeds."
    ]


async def refusal(settings: Settings) -> str:
    with pytest.raises((NotPrepared, SettingsError)) as refused:
        await prepare(settings)
    return str(refused.value)


async def test_a_database_that_does_not_answer_is_a_sentence_without_its_password(own: Own) -> None:
    port = free_port()
    url = f"postgresql://operator:known@127.0.0.1:{port}/postgres"
    said = await refusal(replace(own.settings, database_url=url))
    assert said.startswith(f"The database at 127.0.0.1:{port} does not answer: ")
    assert said.endswith(". BIZCORE_DATABASE_URL must lead to a PostgreSQL 18 that can be reached from here.")
    assert "known" not in said


async def test_an_address_that_secures_its_connection_in_no_known_way_is_named(own: Own) -> None:
    url = f"{own.settings.database_url.partition('?')[0]}?sslmode=verify"
    said = await refusal(replace(own.settings, database_url=url))
    assert said.startswith("BIZCORE_DATABASE_URL is wrong: `sslmode` parameter must be one of: ")


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("database_url", "known", "postgresql://role:password@host:port/postgres"),
        ("redis_url", "localhost", "redis://:password@host:port/0"),
        ("s3_endpoint", "http://localhost/path", "host:port"),
        ("master_key", "c2hvcnQ=", "32 bytes in base64"),
        ("token_key", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "a P-256 private key in PEM"),
        ("audit_key", "abc", "a P-256 private key in PEM"),
    ],
)
async def test_a_value_that_cannot_be_read_is_named_with_what_would_pass(
    own: Own, name: str, value: str, form: str
) -> None:
    changed: dict[str, Any] = {name: value}
    assert await refusal(replace(own.settings, **changed)) == f"BIZCORE_{name.upper()} is wrong: it must be {form}."


async def test_a_role_that_may_not_make_databases_and_a_wrong_password_are_told_what_is_needed(closed: Own) -> None:
    await closed.administer("CREATE ROLE weak LOGIN PASSWORD 'known'; GRANT CONNECT ON DATABASE postgres TO weak")
    needed = (
        "BIZCORE_DATABASE_URL must name a role with LOGIN, CREATEDB and CREATEROLE, its password, "
        "and a database that it may connect to."
    )
    url = closed.settings.database_url
    weak = await refusal(replace(closed.settings, database_url=url.replace("operator", "weak")))
    assert weak.startswith(f"The database at {closed.place} refuses: ")
    assert weak.endswith(f". {needed}")
    guessed = await refusal(replace(closed.settings, database_url=url.replace("known", "guessed")))
    assert guessed == (
        f'The database at {closed.place} refuses: password authentication failed for user "operator". {needed}'
    )


async def test_a_broker_or_store_that_does_not_serve_is_mentioned_and_the_rest_goes_on(closed: Own) -> None:
    port = free_port()
    away = replace(closed.settings, redis_url=f"redis://127.0.0.1:{port}/0", s3_endpoint=f"127.0.0.1:{port}")
    broker, objects = await prepare(away)
    assert broker.startswith(f"The broker at 127.0.0.1:{port} does not serve: ")
    assert broker.endswith(". Check BIZCORE_REDIS_URL. Everything else is served; webhooks wait until it is back.")
    assert objects == (
        f"The object store at 127.0.0.1:{port} does not serve: The object store does not answer. "
        "Check BIZCORE_S3_ENDPOINT and its keys. "
        "Everything else is served; attachments and sign-ups wait until it is back."
    )
    assert await prepare(closed.settings) == []


async def test_an_address_may_say_how_the_connection_is_secured(closed: Own) -> None:
    """As PostgreSQL's own programs are told it; this server has no certificate, so the demand for one is refused."""
    url = make_url(closed.settings.database_url)
    preferred, required = [
        url.set(query={"sslmode": mode}).render_as_string(hide_password=False) for mode in ("prefer", "require")
    ]
    assert await prepare(replace(closed.settings, database_url=preferred)) == []
    demanded = await refusal(replace(closed.settings, database_url=required))
    assert demanded.startswith(f"The database at {closed.place} does not answer: ")
