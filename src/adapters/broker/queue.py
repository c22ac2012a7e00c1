"""Dramatiq over Valkey: carries only the news that a tenant has due work. What is due stands in PostgreSQL."""

from typing import Final
from uuid import UUID

from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, ShutdownNotifications

from adapters.broker import QUEUE

ACTOR: Final = "deliver"
# A killed worker's messages come back after 5 s instead of a minute: each call looks for them with chance 1 in 10.
HEARTBEAT_TIMEOUT_MS: Final = 5_000
MAINTENANCE_CHANCE: Final = 100_000
MESSAGE_AGE_MS: Final = 3_600_000
QUEUED_SECONDS: Final = 30  # after this long a queued message is taken for lost


class DueWork:
    """The queue of tenants with due work. One message stands for a tenant at a time, which keeps tenants in turn and
    the queue no longer than there are tenants."""

    def __init__(self, redis_url: str) -> None:
        middleware = [AgeLimit(max_age=MESSAGE_AGE_MS), ShutdownNotifications()]
        self.broker = RedisBroker(  # type: ignore[no-untyped-call]
            url=redis_url,
            middleware=middleware,
            heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
            maintenance_chance=MAINTENANCE_CHANCE,
        )
        self.broker.declare_queue(QUEUE)

    def announce(self, organization_id: UUID, *, delay_ms: int | None = None) -> None:
        """Queue the tenant unless it is queued; with a delay, for then. Errors: RedisError, which loses nothing, for
        the sweep announces again."""
        if delay_ms is None and not self.broker.client.set(_mark(organization_id), 1, nx=True, ex=QUEUED_SECONDS):
            return
        message: Message[None] = Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(str(organization_id),), kwargs={}, options={}
        )
        self.broker.enqueue(message, delay=delay_ms)

    def taken(self, organization_id: UUID) -> None:
        """The message is in work: what becomes due from now on needs a new one. Errors: RedisError."""
        self.broker.client.delete(_mark(organization_id))

    def close(self) -> None:
        self.broker.close()


def _mark(organization_id: UUID) -> str:
    return f"{organization_id}:queued"
