"""Bringing every organization to the newest schema: one first, then the others; who fails stays as he was, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import asyncpg

from adapters.postgres.control.connection import url_of
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.grants import grant
from adapters.postgres.tenancy.migrate import head, upgrade
from bizcore.tenancy import Placement

PROCESSES = 2


async def upgrade_fleet(url: str, organizations: Organizations) -> AsyncIterator[tuple[Placement, str | None]]:
    """Each organization that was behind, as it is done, with what went wrong, if anything.

    `url` is the cluster's, as the role that provisions. The first goes alone: where it fails, no other is touched. One
    that is done answers at once; run again, it goes on with those that are not.
    """
    newest = head("tenant")
    behind = await organizations.behind(newest)
    if not behind:
        return
    # Alembic keeps its state in module globals: one upgrade at a time in a process.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:

        async def bring(placement: Placement) -> tuple[Placement, str | None]:
            try:
                await asyncio.get_running_loop().run_in_executor(pool, _in_process, url, placement)
            except Exception as error:  # one organization's failure is no other's
                return placement, f"{type(error).__name__}: {error}"
            await organizations.migrated(placement.organization_id, newest)
            return placement, None

        first = await bring(behind[0])
        yield first
        if first[1] is None:
            for done in asyncio.as_completed(map(bring, behind[1:])):
                yield await done


def _in_process(url: str, placement: Placement) -> None:
    asyncio.run(_upgrade(url_of(url, database=placement.database), placement))


async def _upgrade(url: str, placement: Placement) -> None:
    await upgrade(url, "tenant", role=placement.owner_role)
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {placement.owner_role}")
            await grant(connection, placement)
    finally:
        await connection.close()
