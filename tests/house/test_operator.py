"""Operator commands that cannot do their work say so in a sentence; `verify` then never ends as if something were
wrong with the books."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from adapters.embedded.keys import new_master_key
from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import open_control
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.migrate import head
from bizcore.settings import Settings
from services.cli import keys, migrate, tenant, verify
from tests.support.tenants import new_organization

Verb = Callable[[Sequence[str]], int]
# Each with the code it ends with when it cannot do what is asked.
VERBS = [
    pytest.param(verify.main, (), 2, id="verify"),
    pytest.param(migrate.main, (), 1, id="migrate"),
    pytest.param(keys.main, ("rotate",), 1, id="keys"),
    pytest.param(tenant.main, ("backup", "acme", "acme.tar"), 1, id="tenant"),
]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], None]:
    """Make these the settings that a command finds."""

    def use(settings: Settings) -> None:
        for name in [name for name in os.environ if name.startswith("BIZCORE_")]:
            monkeypatch.delenv(name)
        for name, value in settings.environment().items():
            monkeypatch.setenv(name, value)

    return use


@pytest.mark.parametrize(("verb", "arguments", "code"), VERBS)
def test_where_nothing_was_ever_served_that_is_said(
    verb: Verb, arguments: Sequence[str], code: int, use: Callable[[Settings], None], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    use(Settings(home=tmp_path))
    assert verb(arguments) == code
    assert capsys.readouterr().out == f"Nothing was ever served from {tmp_path}: start it with `make run`.\n"


@pytest.mark.parametrize(("verb", "arguments", "code"), VERBS)
def test_where_nothing_is_served_now_that_is_said(
    verb: Verb, arguments: Sequence[str], code: int, servers: Settings, use: Callable[[Settings], None],
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.copytree(servers.home / "keys", tmp_path / "keys")
    (tmp_path / "ports.json").write_text('{"postgres": 1, "valkey": 1, "objects": 1}')
    use(Settings(home=tmp_path))
    assert verb(arguments) == code
    said = capsys.readouterr().out
    assert said.startswith("The servers do not answer: ")
    assert said.endswith(". They must be running: start bizcore first.\n")


@pytest.mark.parametrize(("verb", "arguments", "code"), VERBS)
def test_an_address_that_secures_its_connection_in_no_known_way_is_named(
    verb: Verb, arguments: Sequence[str], code: int, servers: Settings, use: Callable[[Settings], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    address = make_url(servers.database_url).update_query_dict({"sslmode": "verify"})
    use(replace(servers, database_url=address.render_as_string(hide_password=False)))
    assert verb(arguments) == code
    assert capsys.readouterr().out.startswith("BIZCORE_DATABASE_URL is wrong: `sslmode` parameter must be one of: ")


@pytest.mark.parametrize(("verb", "arguments", "code"), VERBS)
async def test_another_master_key_than_the_services_have_is_said(
    verb: Verb, arguments: Sequence[str], code: int, servers: Settings, use: Callable[[Settings], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    await new_organization(servers)
    use(replace(servers, master_key=new_master_key()))
    assert await asyncio.to_thread(verb, arguments) == code
    assert capsys.readouterr().out == (
        "The services do not know the first of these master keys: give theirs, or restart them with this one.\n"
    )


@pytest.mark.parametrize(("verb", "arguments", "code"), VERBS)
def test_a_key_that_cannot_be_read_is_named_with_what_would_pass(
    verb: Verb, arguments: Sequence[str], code: int, servers: Settings, use: Callable[[Settings], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    use(replace(servers, master_key="short"))
    assert verb(arguments) == code
    assert capsys.readouterr().out == "BIZCORE_MASTER_KEY is wrong: it must be 32 bytes in base64.\n"


def test_a_name_that_is_no_slug_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        tenant.main(["restore", "nowhere.tar", "--as", "Bad Slug"])
    assert ended.value.code == 2
    assert "Bad Slug is no slug: small letters, digits and hyphens, at most 40" in capsys.readouterr().err


async def test_what_holds_and_what_was_not_checked_are_told_apart(
    servers: Settings, use: Callable[[Settings], None], capsys: pytest.CaptureFixture[str]
) -> None:
    signup = await new_organization(servers, company="Told apart")
    use(servers)
    control = await open_control(servers)
    organizations = Organizations(control, Secrets.of(servers.master_key))
    found = await organizations.placement(signup.organization_id)
    assert found is not None
    slug, newest = found[0].slug, head("tenant")
    check = ["books", "--organization", slug]
    try:
        assert await asyncio.to_thread(verify.main, check) == 0
        assert capsys.readouterr().out == f"{slug}: books: no findings\nOrganizations checked: 1. Findings: 0.\n"
        await organizations.migrated(signup.organization_id, "0000")
        assert await asyncio.to_thread(verify.main, check) == 2
        assert capsys.readouterr().out == (
            f"{slug}: not checked: it is at schema 0000, not at {newest}.\nOrganizations checked: 0. Findings: 0.\n"
        )
    finally:
        await organizations.migrated(signup.organization_id, newest)
        await control.close()
