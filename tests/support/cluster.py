"""A PostgreSQL of a test's own, beside the run's broker and object store: for what concerns a cluster as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from adapters.embedded.servers import EmbeddedServers
from bizcore.settings import Settings


@asynccontextmanager
async def own_cluster(servers: Settings) -> AsyncIterator[tuple[Settings, str]]:
    """The settings that lead to it, and its superuser's URL."""
    with tempfile.TemporaryDirectory(prefix="bizcore-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        embedded = EmbeddedServers(replace(servers, home=Path(folder), database_url=""), durable=False)
        settings = await embedded.start()
        try:
            yield settings, embedded.superuser_url
        finally:
            await embedded.stop()
