"""The delivery actor: sends what one tenant has due, for a slice of time, then goes to the back of the queue."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from adapters.broker.queue import DueWork
from adapters.identity.secrets import Secrets, SecretUnreadable
from adapters.postgres.connection import TenantDatabase, Tenants
from adapters.postgres.outbox.deliveries import Claimed, Outcome, next_due, turn
from adapters.postgres.outbox.endpoints import secret_binding
from adapters.webhooks.retry import delay_after
from adapters.webhooks.sender import Answer, Sender
from adapters.webhooks.signing import signed_headers
from bizcore.clock import Clock
from bizcore.errors import NotFound, Unavailable
from bizcore.faults import fault

SLICE: Final = 3.0  # seconds in which one tenant may begin deliveries before the next has its turn
IN_FLIGHT: Final = 16  # deliveries of one tenant at once in one process
LONGEST_DELAY: Final = timedelta(seconds=60)  # what is due later is found by the sweep
USER_AGENT: Final = "bizcore-webhooks/1"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What sending needs; made once in each worker process."""

    tenants: Tenants
    secrets: Secrets
    sender: Sender
    clock: Clock
    due_work: DueWork

    async def run(self, organization_id: UUID) -> None:
        """Send what is due now and announce the tenant again for the rest."""
        await _on_broker(partial(self.due_work.taken, organization_id))
        try:
            tenant = await self.tenants.get(organization_id)
        except (NotFound, Unavailable) as refusal:
            _log.warning("delivery.no_tenant", organization=str(organization_id), code=refusal.code)
            return
        await self._slice(tenant)
        async with tenant.connection() as connection:
            wait = await next_due(connection)
        if wait is not None and wait <= LONGEST_DELAY:
            delay_ms = int(wait / timedelta(milliseconds=1)) + 1 if wait > timedelta(0) else None
            await _on_broker(partial(self.due_work.announce, organization_id, delay_ms=delay_ms))

    async def _slice(self, tenant: TenantDatabase) -> None:
        """Keep up to IN_FLIGHT deliveries going: as one ends, its outcome and the next claim share a transaction."""
        ends = time.monotonic() + SLICE
        running: set[asyncio.Task[Outcome]] = set()
        outcomes: list[Outcome] = []
        while True:
            room = IN_FLIGHT - len(running) if time.monotonic() < ends else 0
            async with tenant.connection() as connection:
                claimed = await turn(connection, outcomes, room, self.clock.now())
            fault("worker.after_record")
            running |= {asyncio.create_task(self._send(tenant.slug, each)) for each in claimed}
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            outcomes = [task.result() for task in done]

    async def _send(self, organization: str, claimed: Claimed) -> Outcome:
        event = claimed.event
        body = event.body(organization)
        try:
            bound_to = secret_binding(claimed.endpoint_id)
            signing = [self.secrets.decrypt(secret, bound_to).decode() for secret in claimed.secrets]
        except SecretUnreadable:
            return _outcome(claimed, Answer(error="The endpoint's secret cannot be read: rotate it.", duration_ms=0))
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "x-request-id": event.request_id,
            **({"traceparent": event.traceparent} if event.traceparent else {}),
            **signed_headers(event.id, self.clock.now(), body, signing),
        }
        fault("worker.before_post")
        answer = await self.sender.send(claimed.url, headers, body)
        fault("worker.after_post")
        return _outcome(claimed, answer)


def _outcome(claimed: Claimed, answer: Answer) -> Outcome:
    return Outcome(
        claimed=claimed,
        delivered=answer.accepted,
        gone=answer.gone,
        wait=None if answer.accepted else delay_after(claimed.tries, answer.retry_after, random.random),
        status=answer.status,
        error=answer.error,
        response=answer.body,
        duration_ms=answer.duration_ms,
    )


async def _on_broker(call: Callable[[], None]) -> None:
    """In a thread, for the client blocks. A broker that is down costs only the hurry: the sweep announces again."""
    try:
        await asyncio.to_thread(call)
    except (RedisError, OSError) as error:
        _log.warning("delivery.broker_away", error=type(error).__name__)
