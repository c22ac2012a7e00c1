"""Wakes of the relay are gathered, and none is lost."""

import asyncio
from uuid import UUID

from bizcore.ids import new_id
from services.api.waking import GATHER_SECONDS, Gathered


async def test_a_burst_of_commits_wakes_each_organization_once() -> None:
    woken: list[UUID] = []

    async def wake(organization_id: UUID) -> None:
        woken.append(organization_id)

    gathered, acme, other = Gathered(wake), new_id(), new_id()
    for organization_id in (acme, other, acme, acme):
        await gathered(organization_id)
    assert woken == []
    await gathered.close()
    assert woken == [acme, other]


async def test_a_commit_while_its_organization_is_being_woken_wakes_it_once_more() -> None:
    woken: list[UUID] = []
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wake(organization_id: UUID) -> None:
        woken.append(organization_id)
        started.set()
        await go_on.wait()

    gathered, acme = Gathered(wake), new_id()
    await gathered(acme)
    await started.wait()
    await gathered(acme)
    go_on.set()
    await gathered.close()
    assert woken == [acme, acme]


async def test_a_wake_leaves_at_once_when_nothing_else_is_committed() -> None:
    told = asyncio.Event()

    async def wake(_: UUID) -> None:
        told.set()

    await Gathered(wake)(new_id())
    await asyncio.wait_for(told.wait(), GATHER_SECONDS * 100)
