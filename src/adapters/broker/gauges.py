"""What the relay measured, handed to whoever is asked for metrics: a few numbers in the broker, gone when it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson
from redis.asyncio import Redis

from adapters.broker import QUEUE

KEY: Final = "relay:gauges"
LIFE_SECONDS: Final = 60  # a relay that publishes no more is taken for gone
PATIENCE: Final = 1.0


class Gauges:
    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(redis_url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)

    async def publish(self, values: Mapping[str, float]) -> None:
        """Errors: RedisError, OSError."""
        await self._redis.set(KEY, orjson.dumps(values), ex=LIFE_SECONDS)

    async def published(self) -> Mapping[str, float]:
        """Empty when no relay published lately. Errors: RedisError, OSError."""
        found = await self._redis.get(KEY)
        values: Mapping[str, float] = orjson.loads(found) if found else {}
        return values

    async def queued(self) -> int:
        """Organizations with due work that no worker has taken up yet. Errors: RedisError, OSError."""
        length: int = await self._redis.llen(f"dramatiq:{QUEUE}")
        return length

    async def close(self) -> None:
        await self._redis.aclose()
