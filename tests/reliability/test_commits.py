"""The connection breaks at COMMIT, again and again, and each command is carried out once: its key decides the retry."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy.engine import make_url

from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.errors import IdempotencyKeyInUse, Unavailable
from bizcore.settings import Settings
from services.api.errors import GONE
from tests.faults.proxy import CommitCut, Proxy, proxying
from tests.kernel.office import Create, Office, open_office
from tests.support.tenants import new_organization

CLIENTS, SEED = 8, 11
KEPT = """
    SELECT d.title, count(*) AS times, count(DISTINCT k.key) AS keys,
           (SELECT count(*) FROM audit.entry a WHERE a.subject_id = min(d.id::text)::uuid) AS audited,
           (SELECT count(*) FROM outbox.event e WHERE e.subject_id = min(d.id::text)::uuid) AS events
    FROM platform.document d LEFT JOIN platform.idempotency_key k ON k.subject_id = d.id
    WHERE d.type = 'paper' GROUP BY d.title"""


@pytest.fixture(scope="module")
async def cut_off(servers: Settings) -> AsyncIterator[tuple[Office, Proxy]]:
    """An office whose way to PostgreSQL leads through the proxy."""
    made = await new_organization(servers)
    url = make_url(servers.database_url)
    assert url.port is not None
    async with proxying(url.port) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        async with open_tenants(replace(servers, database_url=through, pool_size=CLIENTS)) as tenants:
            yield await open_office(await tenants.get(made.organization_id)), proxy


@pytest.mark.parametrize("cuts", [100, pytest.param(1_000, marks=pytest.mark.slow)])
async def test_commands_whose_commit_was_cut_are_carried_out_once(cut_off: tuple[Office, Proxy], cuts: int) -> None:
    """Before the server hears of it, once it is sent, or when the answer was on its way: a client cannot tell."""
    office, proxy = cut_off
    writer = await office.person("Writer")
    dice, keys = Random(SEED), itertools.count()
    proxy.commits_cut = 0
    proxy.commits.extend(dice.choice(list(CommitCut)) for _ in range(cuts))
    answered: dict[str, object] = {}
    replayed = 0

    async def client() -> None:
        nonlocal replayed
        while proxy.commits:
            key = f"{cuts} cuts, command {next(keys)}"
            async with asyncio.timeout(60):
                while key not in answered:
                    try:
                        answer = await office.run(writer, Create(title=key), key=key)
                    except (*GONE, Unavailable, IdempotencyKeyInUse):
                        await asyncio.sleep(0.01)
                        continue
                    answered[key] = answer.subject_id
                    replayed += answer.replayed

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    assert proxy.commits_cut == cuts
    found = {row["title"]: row for row in await office.fetch(KEPT) if row["title"] in answered}
    assert found.keys() == answered.keys()
    counted = {(row["times"], row["keys"], row["audited"], row["events"]) for row in found.values()}
    assert counted == {(1, 1, 1, 1)}
    # Of what was sent some arrived: those commands answered their retry with what they had done.
    assert 0 < replayed < cuts
    for key, subject_id in answered.items():
        answer = await office.run(writer, Create(title=key), key=key)
        assert (answer.replayed, answer.subject_id) == (True, subject_id)
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    assert await office.fetchval(sessions) <= CLIENTS, "no connection outlives its cut"
