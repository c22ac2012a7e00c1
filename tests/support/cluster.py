"""A PostgreSQL of a test's own, beside the run's broker and object store: for what concerns a cluster as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters.embedded.servers import EmbeddedServers
from bizcore.settings import Settings
from tests.support.folders import new_folder


@asynccontextmanager
async def own_cluster(servers: Settings) -> AsyncIterator[tuple[Settings, str]]:
    """The settings that lead to it, and its superuser's URL."""
    with new_folder() as home:
        embedded = EmbeddedServers(replace(servers, home=home, database_url=""), durable=False)
        settings = await embedded.start()
        try:
            yield settings, embedded.superuser_url
        finally:
            await embedded.stop()
