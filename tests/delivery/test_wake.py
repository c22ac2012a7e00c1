"""What the relay hears of the broker: organizations that have work, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog

from adapters.broker.wake import CHANNEL, Wake, woken
from bizcore.ids import new_id
from bizcore.settings import Settings


@pytest.fixture
async def wake(servers: Settings) -> AsyncIterator[Wake]:
    opened = Wake(servers.redis_url)
    yield opened
    await opened.close()


async def test_asking_whether_the_broker_is_there_wakes_nobody(servers: Settings, wake: Wake) -> None:
    heard, acme = woken(servers.redis_url), new_id()
    with structlog.testing.capture_logs() as log:
        first = asyncio.create_task(anext(heard))
        while not dict(await wake._redis.pubsub_numsub(CHANNEL))[CHANNEL.encode()]:
            await asyncio.sleep(0.01)
        await wake.ping()
        await wake(acme)
        assert await asyncio.wait_for(first, 5) == acme
    await heard.aclose()
    assert log == []
