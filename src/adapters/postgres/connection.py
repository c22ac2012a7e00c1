"""One tenant's database: SQLAlchemy's pool for reads, its driver connections for the commands' own transactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast
from uuid import UUID

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:  # the class takes no parameter at run time
    Connection = asyncpg.Connection

ROLLBACK_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 10.0


@dataclass(slots=True)
class TenantDatabase:
    """Where one organization's business lives. Inside it nobody knows that there are others.

    `id` is opaque and starts every cache key; `cache` holds what was read of the configuration, by its version.
    """

    id: str
    organization_id: UUID
    slug: str
    engine: AsyncEngine
    turns: asyncio.Semaphore  # as many as the engine's pool has connections
    bucket: str = ""
    cache: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A driver connection of the pool, for a transaction of one's own. What is left open is rolled back.

        SQLAlchemy sends BEGIN with its own first statement only, so the two are never mixed on one connection.
        """
        async with self._turn():
            try:
                pooled = await self.engine.raw_connection()
            except AsyncAdapt_asyncpg_dbapi.Error as translated:  # who asks for the driver hears the driver
                raise (translated.__cause__ or translated) from None
            driver = cast("Connection", pooled.driver_connection)
            try:
                yield driver
            finally:
                try:
                    if not driver.is_closed() and driver.is_in_transaction():
                        await driver.execute("ROLLBACK", timeout=ROLLBACK_SECONDS)  # the driver ends one that is late
                finally:
                    if driver.is_closed() or driver.is_in_transaction():
                        pooled.invalidate()
                    else:
                        pooled.close()

    @asynccontextmanager
    async def selecting(self) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool for selects that SQLAlchemy composes."""
        async with self._turn(), self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Connections are given in the order they are asked for.

        The pool alone gives a free one to whoever comes by before the longest waiting is awake, and sends that one back
        to the end of the queue.
        """
        async with asyncio.timeout(WAIT_SECONDS):
            await self.turns.acquire()
        try:
            yield
        finally:
            self.turns.release()


class Tenants(Protocol):
    """Finds the database of an organization; opens it lazily, once, within the budget of connections."""

    async def get(self, organization_id: UUID) -> TenantDatabase:
        """Errors: NOT_FOUND for an unknown organization, UNAVAILABLE while it is suspended or behind in schema."""

    async def all_ids(self) -> list[UUID]:
        """Every active organization."""
