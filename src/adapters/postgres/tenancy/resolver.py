"""From an organization to its open database: opened when first asked for, once, within a budget of connections."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from adapters.identity.secrets import Secrets
from adapters.postgres import dialect
from adapters.postgres.connection import WAIT_SECONDS, TenantDatabase
from adapters.postgres.control.connection import open_control, url_of
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.migrate import head
from bizcore.errors import NotFound, Unavailable
from bizcore.settings import Settings
from bizcore.tenancy import Organization, Placement, Status

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FRESH_SECONDS: Final = 5.0  # how late a suspension or a move may take effect
IDLE_SECONDS: Final = 300.0
MAX_OPEN_TENANTS: Final = 500
RECYCLE_SECONDS: Final = 1800  # a backend that has touched every table holds 11 MiB
RETRY_SECONDS: Final = 0.02
# Later than the server's own statement timeout: who has no answer by then is connected to nothing, and would wait for
# ever with one of the pool's few connections.
ANSWER_SECONDS: Final = 35.0
SESSION: Final = {
    "application_name": "bizcore",
    "timezone": "UTC",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "15s",
}


@dataclass(slots=True)
class _Open:
    database: TenantDatabase
    placement: Placement
    checked_at: float
    used_at: float

    @property
    def pool(self) -> QueuePool:
        return cast(QueuePool, self.database.engine.sync_engine.pool)


@dataclass(slots=True)
class PooledTenants:
    """`Tenants` with one small pool for each organization, least recently used last.

    `connections` bounds what all pools hold together: whoever needs one more takes it from an idle organization.
    """

    organizations: Organizations
    url: str = field(repr=False)
    pool_size: int
    connections: int
    schema_version: str
    _open: OrderedDict[UUID, _Open] = field(default_factory=OrderedDict)
    _idle: dict[Driver, None] = field(default_factory=dict)  # the longest idle first
    connected: int = 0
    _opening: dict[UUID, asyncio.Task[_Open]] = field(default_factory=dict)

    async def get(self, organization_id: UUID) -> TenantDatabase:
        now = asyncio.get_running_loop().time()
        known = self._open.get(organization_id)
        if known is None or now - known.checked_at > FRESH_SECONDS:
            known = await self._look_up(organization_id)
        known.used_at = now
        self._open.move_to_end(organization_id)
        return known.database

    @property
    def opened(self) -> int:
        return len(self._open)

    async def all_ids(self) -> list[UUID]:
        return await self.organizations.active_ids()

    async def close(self) -> None:
        for opening in list(self._opening.values()):
            opening.cancel()
        while self._open:
            _, known = self._open.popitem()
            await known.database.engine.dispose()

    async def _look_up(self, organization_id: UUID) -> _Open:
        """However many ask at once, one looks; a caller that gives up does not take the others with it."""
        task = self._opening.get(organization_id)
        if task is None:
            task = asyncio.create_task(self._open_or_refresh(organization_id))
            self._opening[organization_id] = task
            task.add_done_callback(lambda _: self._opening.pop(organization_id, None))
        return await asyncio.shield(task)

    async def _open_or_refresh(self, organization_id: UUID) -> _Open:
        found = await self.organizations.placement(organization_id)
        if found is None or found[0].status is Status.PENDING:
            raise NotFound("No such organization.")
        organization, placement = found
        if organization.status is Status.SUSPENDED:
            raise Unavailable("The organization is suspended.", retry_after=60)
        if placement.schema_version < self.schema_version:
            raise Unavailable("The organization's database is being brought up to date.", retry_after=10)
        now = asyncio.get_running_loop().time()
        known = self._open.get(organization_id)
        if known is not None and known.placement == placement:
            known.checked_at = now
            return known
        if known is not None:
            await self._dispose(organization_id)
        await self._dispose_unused(now)
        password = (await self.organizations.passwords(organization_id)).app
        opened = _Open(self._database(organization, placement, password), placement, now, now)
        self._open[organization_id] = opened
        return opened

    def _database(self, organization: Organization, placement: Placement, password: str) -> TenantDatabase:
        url = url_of(self.url, database=placement.database, role=placement.app_role, password=password)
        engine = create_async_engine(
            dialect.URL,
            async_creator=partial(self._connect, url),
            pool_size=self.pool_size,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            pool_recycle=RECYCLE_SECONDS,
            pool_use_lifo=True,
        )
        event.listen(engine.sync_engine, "checkin", self._checked_in)
        event.listen(engine.sync_engine, "checkout", self._checked_out)
        turns = asyncio.Semaphore(self.pool_size)
        return TenantDatabase(placement.database, organization.id, organization.slug, engine, turns, placement.bucket)

    async def _connect(self, url: str) -> Driver:
        """A connection within the budget: when that is used up, one that is idle gives way, or we wait for one."""
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while self.connected >= self.connections:
            if self._idle:
                next(iter(self._idle)).terminate()
                await asyncio.sleep(0)  # it is counted as closed in the loop's next round
            elif asyncio.get_running_loop().time() > deadline:
                raise Unavailable("All database connections are in use.", retry_after=math.ceil(WAIT_SECONDS))
            else:
                await asyncio.sleep(RETRY_SECONDS)
        self.connected += 1
        try:
            connection = await asyncpg.connect(
                url, timeout=WAIT_SECONDS, command_timeout=ANSWER_SECONDS, server_settings=SESSION
            )
        except BaseException:
            self.connected -= 1
            raise
        connection.add_termination_listener(self._closed)
        return connection

    def _closed(self, driver: Any) -> None:
        self.connected -= 1
        self._idle.pop(driver, None)

    def _checked_in(self, pooled: Any, record: object) -> None:
        if pooled is not None and not pooled.driver_connection.is_closed():
            self._idle[pooled.driver_connection] = None

    def _checked_out(self, pooled: Any, record: object, proxy: object) -> None:
        """A connection that was closed, by the server or to make room, is noticed here; the pool makes a new one."""
        self._idle.pop(pooled.driver_connection, None)
        if pooled.driver_connection.is_closed():
            raise DisconnectionError

    async def _dispose_unused(self, now: float) -> None:
        """Forget organizations nobody asked for lately, and the oldest when there are too many."""
        for organization_id, known in list(self._open.items()):
            too_many = len(self._open) >= MAX_OPEN_TENANTS
            if not too_many and now - known.used_at < IDLE_SECONDS:
                break
            if not known.pool.checkedout():
                await self._dispose(organization_id)

    async def _dispose(self, organization_id: UUID) -> None:
        await self._open.pop(organization_id).database.engine.dispose()


@asynccontextmanager
async def open_tenants(settings: Settings) -> AsyncIterator[PooledTenants]:
    """The organizations of the cluster that `prepare_cluster` made ready."""
    pool = await open_control(settings)
    tenants = PooledTenants(
        Organizations(pool, Secrets.of(settings.master_key)),
        settings.database_url,
        settings.pool_size,
        settings.connections,
        head("tenant"),
    )
    try:
        yield tenants
    finally:
        await tenants.close()
        await pool.close()
