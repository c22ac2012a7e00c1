"""What must be true before a service starts: settings that can be read, a control database, a template, migrations.

What the operator has to mend is said in a sentence, and the process ends with REFUSED. A broker or an object store
that does not answer is only mentioned: serving goes on without them, and they may come back. So is an organization
that could not be brought to the newest schema: the others are served.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

import asyncpg
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url

from adapters.broker.wake import Wake
from adapters.embedded.process import REFUSED
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.tenancy.provision import ClusterNotReady, prepare_cluster
from bizcore.objects import ObjectsUnavailable
from bizcore.settings import Settings, SettingsError
from services.cli.migrate import migrated
from services.cli.operator import require_readable, said


class NotPrepared(Exception):
    """The message says what is wrong, where, and what would pass."""


async def prepare(settings: Settings) -> list[str]:
    """What to mention. Errors: NotPrepared, SettingsError."""
    require_readable(settings)
    await _prepare_database(settings)
    brought = [line async for line, _ in migrated(settings)]
    missing = await asyncio.gather(_broker_missing(settings.redis_url), _objects_missing(settings))
    return [*brought, *(line for line in missing if line)]


async def _prepare_database(settings: Settings) -> None:
    place = _place(settings.database_url)
    try:
        await prepare_cluster(settings)
    except ClusterNotReady as error:
        raise NotPrepared(f"The database at {place} is not closed yet. {error}") from None
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError) as error:
        raise NotPrepared(
            f"The database at {place} does not answer: {said(error)}. "
            "BIZCORE_DATABASE_URL must lead to a PostgreSQL 18 that can be reached from here."
        ) from None
    except asyncpg.PostgresError as error:
        raise NotPrepared(
            f"The database at {place} refuses: {said(error)}. "
            "BIZCORE_DATABASE_URL must name a role with LOGIN, CREATEDB and CREATEROLE, its password, "
            "and a database that it may connect to."
        ) from None
    except asyncpg.ClientConfigurationError as error:
        raise NotPrepared(f"BIZCORE_DATABASE_URL is wrong: {said(error)}.") from None


async def _broker_missing(url: str) -> str | None:
    wake = Wake(url)
    try:
        await wake.ping()
    except (RedisError, OSError) as error:
        return (
            f"The broker at {_place(url)} does not serve: {said(error)}. Check BIZCORE_REDIS_URL. "
            "Everything else is served; webhooks wait until it is back."
        )
    finally:
        await wake.close()
    return None


async def _objects_missing(settings: Settings) -> str | None:
    try:
        await S3ObjectStore.of(settings).ping()
    except ObjectsUnavailable as error:
        return (
            f"The object store at {settings.s3_endpoint} does not serve: {error.message} Check BIZCORE_S3_ENDPOINT "
            "and its keys. Everything else is served; attachments and sign-ups wait until it is back."
        )
    return None


def _place(url: str) -> str:
    """Host and port, never the password."""
    target = make_url(url)
    return f"{target.host}:{target.port}" if target.port else str(target.host)


def main() -> int:
    logging.disable(logging.WARNING)  # a library's retries: what comes of them is said here
    try:
        for line in asyncio.run(prepare(Settings.read(os.environ).require_complete())):
            print(line)
    except (SettingsError, NotPrepared) as error:
        print(error)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
