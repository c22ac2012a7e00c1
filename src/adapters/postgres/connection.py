"""One tenant's database: SQLAlchemy's pool for reads, its driver connections for the commands' own transactions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:  # the class takes no parameter at run time
    Connection = asyncpg.Connection

ROLLBACK_SECONDS: Final = 5.0


@dataclass(slots=True)
class TenantDatabase:
    """Where one organization's business lives. Inside it nobody knows that there are others.

    `id` is opaque and starts every cache key; `cache` holds what was read of the configuration, by its version.
    """

    id: str
    organization_id: UUID
    slug: str
    engine: AsyncEngine
    bucket: str = ""
    cache: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A driver connection of the pool, for a transaction of one's own. What is left open is rolled back.

        SQLAlchemy sends BEGIN with its own first statement only, so the two are never mixed on one connection.
        """
        async with self.engine.connect() as pooled:
            raw = await pooled.get_raw_connection()
            driver = cast("Connection", raw.driver_connection)
            try:
                yield driver
            finally:
                if driver.is_closed():
                    await pooled.invalidate()
                elif driver.is_in_transaction():
                    await driver.execute("ROLLBACK", timeout=ROLLBACK_SECONDS)  # the driver ends one that is late


class Tenants(Protocol):
    """Finds the database of an organization; opens it lazily, once, within the budget of connections."""

    async def get(self, organization_id: UUID) -> TenantDatabase:
        """Errors: NOT_FOUND for an unknown organization, UNAVAILABLE while it is suspended or behind in schema."""

    async def all_ids(self) -> list[UUID]:
        """Every active organization."""
