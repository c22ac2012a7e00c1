"""The relay and scheduler process: `python -m services.worker.relay`.

It visits tenants: at once when one is woken, and every one within a minute whatever happens to the broker. A visit
moves due events on, announces due deliveries, seals the audit trail, and takes away what has had its time. Several
relays may run; locks keep them apart.
"""

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from adapters.broker.gauges import Gauges
from adapters.broker.queue import DueWork
from adapters.broker.wake import woken
from adapters.objectstore.orphans import sweep_orphans
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.audit.keys import AuditKey
from adapters.postgres.audit.sealer import BATCH, seal_batch
from adapters.postgres.connection import TenantDatabase, Tenants
from adapters.postgres.idempotency import remove_expired
from adapters.postgres.outbox.backlog import Backlog, backlog, together
from adapters.postgres.outbox.deliveries import next_due
from adapters.postgres.outbox.relay import relay_batch
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.clock import Clock, SystemClock
from bizcore.errors import NotFound, Unavailable
from bizcore.faults import fault
from bizcore.objects import ObjectStore
from bizcore.settings import Settings
from services.worker.parts import read_settings

SWEEP_SECONDS: Final = 45.0  # with the visits themselves, every tenant within 60 s
SEAL_SECONDS: Final = 10.0
ORPHAN_SECONDS: Final = 6 * 3600.0
EXPIRY_SECONDS: Final = 3600.0
PUBLISH_SECONDS: Final = 10.0
VISITORS: Final = 4
RETRY_SECONDS: Final = 1.0

UNSEALED: Final = f"SELECT count(*) FROM (SELECT FROM audit.unsealed LIMIT {BATCH}) waiting"

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Visits:
    """Tenants to visit, each once: one that is woken while it waits is visited once, one woken while it is being
    visited once more."""

    _queue: asyncio.Queue[UUID] = field(default_factory=asyncio.Queue)
    _waiting: set[UUID] = field(default_factory=set)
    _visited: set[UUID] = field(default_factory=set)
    _again: set[UUID] = field(default_factory=set)

    def add(self, organization_id: UUID) -> None:
        if organization_id in self._visited:
            self._again.add(organization_id)
        elif organization_id not in self._waiting:
            self._waiting.add(organization_id)
            self._queue.put_nowait(organization_id)

    async def next(self) -> UUID:
        organization_id = await self._queue.get()
        self._waiting.discard(organization_id)
        self._visited.add(organization_id)
        return organization_id

    def done(self, organization_id: UUID) -> None:
        self._visited.discard(organization_id)
        if organization_id in self._again:
            self._again.discard(organization_id)
            self.add(organization_id)


@dataclass(slots=True)
class Relay:
    tenants: Tenants
    due_work: DueWork
    key: AuditKey
    objects: ObjectStore
    clock: Clock
    redis_url: str
    visits: Visits = field(default_factory=Visits)
    _sealed: dict[UUID, float] = field(default_factory=dict)
    _swept: dict[UUID, float] = field(default_factory=dict)
    _expired: dict[UUID, float] = field(default_factory=dict)
    _backlogs: dict[UUID, Backlog] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._sweep())
            tasks.create_task(self._publish())
            for _ in range(VISITORS):
                tasks.create_task(self._visitor())

    async def visit(self, organization_id: UUID) -> None:
        """Move on what is due, seal what is unsealed. Errors of the tenant's database are the caller's."""
        tenant = await self.tenants.get(organization_id)
        async with tenant.connection() as connection:
            # Before anything is moved on: what is measured is what had to wait for this visit.
            self._backlogs[organization_id] = await backlog(connection)
            while (await relay_batch(connection, tenant.slug, self.clock.now())).more:
                pass
            wait = await next_due(connection)
        if wait is not None and wait.total_seconds() <= 0:
            await self._announce(organization_id)
        fault("relay.after_announce")
        await self._seal(tenant, organization_id)
        await self._remove_expired(tenant, organization_id)
        await self._remove_orphans(tenant, organization_id)

    async def _announce(self, organization_id: UUID) -> None:
        try:
            await asyncio.to_thread(self.due_work.announce, organization_id)
        except (RedisError, OSError) as error:
            _log.warning("relay.broker_away", error=type(error).__name__)

    async def _seal(self, tenant: TenantDatabase, organization_id: UUID) -> None:
        """At most every SEAL_SECONDS, so that a seal holds more than a handful, but a full batch at once."""
        since = time.monotonic() - self._sealed.get(organization_id, -SEAL_SECONDS)
        async with tenant.connection() as connection:
            if since < SEAL_SECONDS and await connection.fetchval(UNSEALED) < BATCH:
                asyncio.get_running_loop().call_later(SEAL_SECONDS - since, self.visits.add, organization_id)
                return
            while (seal := await seal_batch(connection, self.key, self.clock.now())) is not None:
                # The root in the log is an anchor outside the database.
                _log.info("audit.sealed", tenant=tenant.id, number=seal.number, root=seal.root.hex())
                self._sealed[organization_id] = time.monotonic()

    async def _remove_expired(self, tenant: TenantDatabase, organization_id: UUID) -> None:
        """Idempotency keys past their time, once an hour."""
        if time.monotonic() - self._expired.get(organization_id, -EXPIRY_SECONDS) >= EXPIRY_SECONDS:
            async with tenant.connection() as connection:
                removed = await remove_expired(connection, self.clock.now())
            self._expired[organization_id] = time.monotonic()
            if removed:
                _log.info("idempotency.keys_removed", tenant=tenant.id, count=removed)

    async def _remove_orphans(self, tenant: TenantDatabase, organization_id: UUID) -> None:
        last = self._swept.setdefault(organization_id, time.monotonic())
        if time.monotonic() - last >= ORPHAN_SECONDS:
            self._swept[organization_id] = time.monotonic()
            removed = await sweep_orphans(tenant, self.objects, self.clock.now())
            if removed:
                _log.info("objects.orphans_removed", tenant=tenant.id, count=removed)

    async def _listen(self) -> None:
        async for organization_id in woken(self.redis_url):
            self.visits.add(organization_id)

    async def _sweep(self) -> None:
        """Every tenant in turn, paced, so that a thousand of them are no burst."""
        while True:
            try:
                organizations = await self.tenants.all_ids()
            except Exception:
                _log.exception("relay.sweep_failed")
                organizations = []
            for organization_id in organizations:
                self.visits.add(organization_id)
                await asyncio.sleep(SWEEP_SECONDS / len(organizations))
            if not organizations:
                await asyncio.sleep(RETRY_SECONDS)

    def measured(self) -> dict[str, float]:
        """Of all organizations together, for whoever reads them says nothing of one."""
        total = together(self._backlogs.values())
        return {
            "bizcore_relay_organizations": len(self._backlogs),
            "bizcore_relay_events": total.events,
            "bizcore_relay_lag_seconds": total.event_seconds,
            "bizcore_deliveries_due": total.deliveries,
            "bizcore_deliveries_oldest_due_seconds": total.delivery_seconds,
            "bizcore_deliveries_dead": total.dead,
        }

    async def _publish(self) -> None:
        gauges = Gauges(self.redis_url)
        try:
            while True:
                try:
                    await gauges.publish(self.measured())
                except (RedisError, OSError) as error:
                    _log.warning("relay.broker_away", error=type(error).__name__)
                await asyncio.sleep(PUBLISH_SECONDS)
        finally:
            await gauges.close()

    async def _visitor(self) -> None:
        while True:
            organization_id = await self.visits.next()
            try:
                await self.visit(organization_id)
            except (NotFound, Unavailable):
                self._backlogs.pop(organization_id, None)
                _log.info("relay.no_tenant", organization=str(organization_id))
            except Exception:
                # Whatever is wrong with one tenant, or with all while a server restarts, the sweep comes back to it.
                _log.exception("relay.visit_failed", organization=str(organization_id))
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self.visits.done(organization_id)


async def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    due_work = DueWork(settings.redis_url)
    async with open_tenants(replace(settings, connections=settings.connections_behind)) as tenants:
        relay = Relay(
            tenants=tenants,
            due_work=due_work,
            key=AuditKey.from_pem(settings.audit_key),
            objects=S3ObjectStore.of(settings),
            clock=SystemClock(),
            redis_url=settings.redis_url,
        )
        running = asyncio.create_task(relay.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        _log.info("relay.ready")
        with suppress(asyncio.CancelledError):
            await running
    due_work.close()
    _log.info("relay.stopped")


if __name__ == "__main__":
    asyncio.run(serve(read_settings()))
