"""The harness's own pieces: a judge who finds nothing proves nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from adapters.postgres import connection
from adapters.postgres.tenancy import resolver
from bizcore.settings import Settings
from tests.conftest import RunningServers
from tests.faults.journal import Asked, Heard, Journal
from tests.faults.proxy import CommitCut, proxying
from tests.faults.receiver import Delivery, Mailbox
from tests.faults.truth import compared, received
from tests.support.tenants import new_organization


@pytest.mark.parametrize(
    ("cut", "kept"), [(CommitCut.BEFORE, {0}), (CommitCut.SENT, {0, 1}), (CommitCut.ANSWERED, {1}), (None, {1})]
)
async def test_a_commit_is_cut_where_it_is_told(
    running_servers: RunningServers, cut: CommitCut | None, kept: set[int]
) -> None:
    url = make_url(running_servers.embedded.superuser_url)
    assert url.port is not None
    direct = await asyncpg.connect(running_servers.embedded.superuser_url)
    table = f"cut_{cut.name if cut else 'none'}".lower()
    await direct.execute(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (x int)")
    async with proxying(url.port) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        client = await asyncpg.connect(through, timeout=5)
        await client.execute("BEGIN")
        await client.execute(f"INSERT INTO {table} VALUES (1)")
        if cut is None:
            await client.execute("COMMIT")
            await client.close()
        else:
            proxy.commits.append(cut)
            with pytest.raises((asyncpg.ConnectionDoesNotExistError, ConnectionError)):
                await client.execute("COMMIT")
    assert await direct.fetchval(f"SELECT count(*) FROM {table}") in kept
    await direct.execute(f"DROP TABLE {table}")
    await direct.close()


async def test_crumbs_and_delays_change_nothing(servers: Settings) -> None:
    url = make_url(servers.database_url)
    assert url.port is not None
    async with proxying(url.port) as proxy:
        proxy.sliced, proxy.delay = True, 0.002
        client = await asyncpg.connect(url.set(port=proxy.port).render_as_string(hide_password=False), timeout=20)
        assert await client.fetchval("SELECT repeat('x', 500) || $1::text", "y") == "x" * 500 + "y"
        await client.close()


async def test_a_silent_link_costs_a_connection_and_not_the_pool(
    servers: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides believe to be connected, and nothing arrives: nobody waits for ever."""
    monkeypatch.setattr(resolver, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(connection, "ROLLBACK_SECONDS", 0.5)
    made = await new_organization(servers)
    url = make_url(servers.database_url)
    assert url.port is not None
    async with proxying(url.port) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        async with resolver.open_tenants(replace(servers, database_url=through, pool_size=1)) as tenants:
            tenant = await tenants.get(made.organization_id)
            async with tenant.connection() as driver:
                assert await driver.fetchval("SELECT 1") == 1
            proxy.fall_silent()
            with pytest.raises(TimeoutError):
                async with tenant.connection() as driver:
                    await driver.execute("BEGIN")
            proxy.flow()
            async with tenant.connection() as driver:
                assert await driver.fetchval("SELECT 2") == 2


def test_a_journal_reads_what_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.asked("a-0", "buyer", "parties", {"name": "A"})
    journal.heard("a-0", Heard.UNKNOWN)
    journal.heard("a-0", Heard.OK, "id")
    journal.asked("a-1", "buyer", "parties", None)
    read = journal.read()
    assert read["a-0"] == Asked("a-0", "buyer", "parties", {"name": "A"}, [Heard.UNKNOWN, Heard.OK], {"id"})
    assert (read["a-0"].outcome, read["a-1"].outcome) == (Heard.OK, Heard.UNKNOWN)


@pytest.mark.parametrize(
    ("heard", "effects", "wrong"),
    [
        ([Heard.OK], 1, None),
        ([Heard.OK], 0, "took effect 0 times"),
        ([Heard.OK, Heard.OK], 2, "took effect 2 times"),
        ([Heard.REFUSED], 0, None),
        ([Heard.REFUSED], 1, "took effect 1 times"),
        ([Heard.UNKNOWN], 0, None),
        ([Heard.UNKNOWN], 1, None),
        ([Heard.UNKNOWN], 2, "took effect 2 times"),
        ([Heard.UNKNOWN, Heard.REFUSED], 1, "took effect 1 times"),
    ],
)
def test_what_was_heard_is_compared_with_what_happened(heard: list[Heard], effects: int, wrong: str | None) -> None:
    found = compared({"k": Asked("k", "buyer", "parties", None, heard)}, Counter({"k": effects} if effects else {}))
    assert len(found) == (wrong is not None)
    assert wrong is None or wrong in found[0]


def test_what_nobody_asked_is_noticed() -> None:
    assert compared({}, Counter({"k": 1})) == ["k took effect and was never asked"]


def _delivery(id: str, sequence: int, *, accepted: bool = True, subject: str = "s") -> Delivery:
    return Delivery(id, {"id": id, "sequence": sequence, "subject": {"id": subject}}, accepted)


@pytest.mark.parametrize(
    ("deliveries", "attempts", "wrong"),
    [
        ([_delivery("a", 1), _delivery("b", 2), _delivery("a", 1)], {"a": 2, "b": 1}, None),
        ([_delivery("b", 2), _delivery("a", 1)], {"a": 1, "b": 1}, "came after a later one"),
        ([_delivery("a", 1)], {"a": 1, "b": 1}, "event b was never delivered"),
        ([_delivery("a", 1), _delivery("x", 2)], {"a": 1}, "x was delivered and is no event"),
        ([_delivery("a", 1), _delivery("a", 2)], {"a": 2}, "stood for different events"),
        ([_delivery("a", 1), _delivery("a", 1)], {"a": 1}, "was posted 2 times, 1 are counted"),
        ([_delivery("a", 1, accepted=False)], {"a": 1}, "event a was never delivered"),
    ],
)
def test_what_the_receiver_got_is_compared_with_what_was_sent(
    deliveries: list[Delivery], attempts: dict[str, int], wrong: str | None
) -> None:
    found = received(Mailbox(deliveries=deliveries), attempts)
    assert len(found) == (wrong is not None), found
    assert wrong is None or wrong in found[0]


def test_a_forged_delivery_is_noticed() -> None:
    assert received(Mailbox(forged=2), {}) == ["2 deliveries bore no valid signature"]
