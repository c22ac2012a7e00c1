"""Wakes of the relay in a burst of commits: one for all that follow each other closely, behind the answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

GATHER_SECONDS: Final = 0.05  # of the second that an event may take; a busy organization is visited 20 times in it


@dataclass(slots=True)
class Gathered:
    """Call it after a commit. The organization is woken once, after every commit of the next `GATHER_SECONDS`.

    A process that ends before loses the wake and nothing else: the relay's sweep finds what is due.
    """

    wake: Callable[[UUID], Awaitable[None]]
    _held: set[UUID] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)  # the loop itself keeps no task alive

    async def __call__(self, organization_id: UUID) -> None:
        if organization_id not in self._held:
            self._held.add(organization_id)
            task = asyncio.create_task(self._later(organization_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _later(self, organization_id: UUID) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        self._held.discard(organization_id)  # who commits from now on wakes anew
        await self.wake(organization_id)

    async def close(self) -> None:
        """Returns when what was held back is sent."""
        await asyncio.gather(*self._tasks)
