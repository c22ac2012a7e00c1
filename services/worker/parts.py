"""What the worker and the relay are put together from."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapters import logging
from adapters.broker.queue import DueWork
from adapters.identity.secrets import Secrets
from adapters.postgres.tenancy.resolver import open_tenants
from adapters.webhooks.addresses import policy
from adapters.webhooks.sender import Sender
from bizcore.clock import SystemClock
from bizcore.settings import Settings, SettingsError
from services.worker.actors import Delivery


def read_settings() -> Settings:
    """The process's settings, with its log opened; without them it ends with a sentence."""
    try:
        settings = Settings.read(os.environ).require_complete()
    except SettingsError as error:
        sys.exit(str(error))
    logging.configure(settings.log_level)
    return settings


@asynccontextmanager
async def open_delivery(settings: Settings, due_work: DueWork) -> AsyncIterator[Delivery]:
    """What sending needs, in the event loop that will send."""
    clock = SystemClock()
    async with open_tenants(replace(settings, connections=settings.connections_behind)) as tenants:
        sender = Sender(policy(settings.webhook_allow), clock)
        yield Delivery(tenants, Secrets.of(settings.master_key), sender, clock, due_work)
