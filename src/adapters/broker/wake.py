"""Wakes the relay after a commit, so that an event leaves at once and not with the next sweep."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL: Final = "wake"
PATIENCE: Final = 0.25  # seconds a command may lose to a broker that hangs
RECONNECT: Final = 1.0

_log = structlog.get_logger(__name__)


class Wake:
    """Call it with the organization whose transaction has committed; a broker that is down only costs the hurry."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)

    async def __call__(self, organization_id: UUID) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._redis.publish(CHANNEL, str(organization_id))
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("wake.failed", error=type(error).__name__)

    async def ping(self) -> None:
        """Errors: RedisError."""
        await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


async def woken(redis_url: str) -> AsyncIterator[UUID]:
    """Organizations as they are woken, for ever; what is published while the broker is away is not heard."""
    while True:
        redis = Redis.from_url(redis_url)
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as subscription:
                await subscription.subscribe(CHANNEL)
                async for message in subscription.listen():
                    try:
                        yield UUID(message["data"].decode())
                    except ValueError:
                        _log.warning("wake.unreadable")
        except (RedisError, OSError) as error:
            _log.warning("wake.disconnected", error=type(error).__name__)
            await asyncio.sleep(RECONNECT)
        finally:
            await redis.aclose()
