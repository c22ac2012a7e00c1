"""The API: routes of the registries and those by hand, the web UI as files, health and metrics, at one address."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI

from adapters import logging
from adapters.broker.wake import Wake
from adapters.identity.secrets import Secrets
from adapters.identity.tokens import JoseTokens
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.clock import SystemClock
from bizcore.settings import Settings
from services.api import attachments, documents, errors, health, openapi, static, webhooks
from services.api.limiting import RequestRate
from services.api.middleware import Observed
from services.api.mounting import mount
from services.api.surface import Surface, surface
from services.composition import CONSUMERS, REGISTRIES, compose, document_types

VERSION = "0.1.0"
PREFIX = "/api/v1"
WEB = Path(__file__).parents[2] / "web" / "out"
DESCRIPTION = "The operational core a business runs on. Decimals are strings; every command may be tried with dry_run=true."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without settings it only describes itself: openapi.json is written so, with no database."""
    app = FastAPI(
        title=openapi.TITLE,
        version=VERSION,
        description=DESCRIPTION,
        lifespan=None if settings is None else _lifespan(settings),
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        separate_input_output_schemas=False,
    )
    errors.install(app)
    app.include_router(_api(), prefix=PREFIX)
    app.include_router(health.routes())
    app.mount("/", static.Files(WEB))
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    app.add_middleware(Observed)
    return app


def from_environment() -> FastAPI:
    """What the server starts: settings from the environment, logs as JSON lines."""
    settings = Settings.read(os.environ).require_complete()
    logging.configure(settings.log_level)
    return create_app(settings)


def _api() -> APIRouter:
    router = APIRouter()
    types = document_types()
    router.include_router(documents.routes(types))
    router.include_router(attachments.routes(types, lambda request: surface(request).objects))
    router.include_router(webhooks.routes())
    for registry in REGISTRIES:
        mount(router, registry)
    return router


def _lifespan(settings: Settings):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        clock, secrets = SystemClock(), Secrets.of(settings.master_key)
        wake = Wake(settings.redis_url)
        async with open_tenants(settings) as tenants:
            app.state.surface = Surface(
                settings=settings,
                clock=clock,
                tenants=tenants,
                composition=compose(secrets),
                consumers=CONSUMERS,
                authenticate=_authenticate(JoseTokens.of(settings.token_key, clock)),
                wake=wake,
                allow_request=RequestRate(settings.tenant_requests_per_second, settings.tenant_burst),
            )
            yield
            await wake.close()

    return running
