"""The control database: its address and its own role, which is not the one that provisions."""

from __future__ import annotations

from typing import Final, TypeAlias

import asyncpg
from sqlalchemy.engine import make_url

from adapters.identity.secrets import Secrets
from bizcore.settings import Settings

CONTROL_DATABASE: Final = "bizcore_control"
CONTROL_ROLE: Final = "bizcore_control_app"
POOL_SIZE: Final = 8
# Later than the server's own statement timeout: who has no answer by then is connected to nothing.
ANSWER_SECONDS: Final = 15.0

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


def url_of(url: str, *, database: str, role: str | None = None, password: str | None = None) -> str:
    """The same server at another database, as `role` if given."""
    target = make_url(url).set(database=database)
    if role is not None:
        target = target.set(username=role, password=password)
    return target.render_as_string(hide_password=False)


def control_password(settings: Settings) -> str:
    return Secrets.of(settings.master_key).derived_password(CONTROL_ROLE)


async def open_control(settings: Settings) -> Pool:
    """A pool to the control database that `prepare_cluster` made. The caller closes it."""
    return await asyncpg.create_pool(
        url_of(
            settings.database_url, database=CONTROL_DATABASE, role=CONTROL_ROLE, password=control_password(settings)
        ),
        min_size=0,
        max_size=POOL_SIZE,
        max_inactive_connection_lifetime=300,
        timeout=10,
        command_timeout=ANSWER_SECONDS,
        server_settings={
            "application_name": "bizcore-control",
            "statement_timeout": "10s",
            "idle_in_transaction_session_timeout": "10s",
        },
    )
