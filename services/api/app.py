"""The API: routes of the registries and those by hand, the web UI as files, health and metrics, at one address."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI

from adapters import logging
from adapters.broker.gauges import Gauges
from adapters.broker.wake import Wake
from adapters.identity.passwords import Passwords
from adapters.identity.secrets import Secrets
from adapters.identity.tokens import JoseTokens
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.control.accounts import Accounts
from adapters.postgres.control.attempts import Attempts
from adapters.postgres.tenancy.provision import Provisioner
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.clock import SystemClock
from bizcore.settings import Settings
from services.api import (
    access,
    attachments,
    auth,
    batch,
    documents,
    errors,
    health,
    openapi,
    reference,
    static,
    webhooks,
)
from services.api.auth import Identities
from services.api.authentication import Authenticator
from services.api.gauges import measure_of
from services.api.limiting import RequestRate
from services.api.middleware import Observed
from services.api.mounting import mount
from services.api.routing import HeadedRoute
from services.api.surface import Surface, surface
from services.api.waking import Gathered
from services.composition import CONSUMERS, REGISTRIES, compose, document_types, read_permissions

VERSION = "0.1.0"
PREFIX = "/api/v1"
WEB = Path(__file__).parents[2] / "web" / "out"
DESCRIPTION = (
    "The operational core a business runs on. Decimals are strings; every command may be tried with dry_run=true."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Without settings it only describes itself: openapi.json is written so, with no database."""
    app = FastAPI(
        title=openapi.TITLE,
        version=VERSION,
        description=DESCRIPTION,
        lifespan=None if settings is None else _lifespan(settings),
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    errors.install(app)
    # Not included: then each route would be looked for twice, the second time inside of the router that it came from.
    app.router.routes.extend(_api(lambda: app.state.identities).routes)
    health.add_routes(app.router)
    reference.add_routes(app.router, title=openapi.TITLE, contract=f"{PREFIX}/openapi.json")
    app.router.default = static.Files(WEB)  # no mount: it would take every path, and no method would be refused
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    app.add_middleware(Observed)
    return app


def from_environment() -> FastAPI:
    """What the server starts: settings from the environment, logs as JSON lines."""
    settings = Settings.read(os.environ).require_complete()
    logging.configure(settings.log_level)
    return create_app(settings)


def _api(identities: Callable[[], Identities]) -> APIRouter:
    router = APIRouter(prefix=PREFIX, route_class=HeadedRoute)
    types = document_types()
    auth.add_routes(router)
    access.add_routes(router, identities)
    documents.add_routes(router, types)
    attachments.add_routes(router, types, lambda request: surface(request).objects)
    webhooks.add_routes(router)
    batch.add_routes(router)
    for registry in REGISTRIES:
        mount(router, registry)
    return router


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        clock, secrets = SystemClock(), Secrets.of(settings.master_key)
        wake, objects = Wake(settings.redis_url), S3ObjectStore.of(settings)
        gathered, gauges = Gathered(wake), Gauges(settings.redis_url)
        async with open_tenants(settings) as tenants:
            organizations, pool = tenants.organizations, tenants.organizations.pool
            tokens, accounts = JoseTokens.of(settings.token_key, clock), Accounts(pool, secrets)
            app.state.identities = Identities(
                settings=settings,
                clock=clock,
                tokens=tokens,
                accounts=accounts,
                organizations=organizations,
                attempts=Attempts(pool),
                passwords=Passwords(),
                provisioner=Provisioner(settings.database_url, organizations, objects),
                tenants=tenants,
            )
            app.state.measure = measure_of(tenants, gauges)
            app.state.surface = Surface(
                settings=settings,
                clock=clock,
                tenants=tenants,
                composition=compose(secrets),
                read_permissions=read_permissions(),
                consumers=CONSUMERS,
                authenticate=Authenticator(tokens, organizations, accounts),
                wake=gathered,
                allow_request=RequestRate(settings.tenant_requests_per_second, settings.tenant_burst),
                objects=objects,
                probes={
                    "database": lambda: pool.fetchval("SELECT 1"),
                    "broker": wake.ping,
                    "objects": objects.ping,
                },
            )
            yield
            await gauges.close()
            await gathered.close()
            await wake.close()

    return running
