"""Is it alive, is it ready, how does it go: for machines that watch."""

import asyncio
import ipaddress
import secrets
from enum import Enum

import orjson
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from bizcore.errors import NotFound
from services.api import gauges
from services.api.surface import Surface, surface

PATIENCE = 2.0
_TAGS: list[str | Enum] = ["health"]


def add_routes(router: APIRouter) -> None:
    @router.get("/healthz", operation_id="health.alive", tags=_TAGS)
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get(
        "/readyz",
        operation_id="health.ready",
        tags=_TAGS,
        responses={503: {"description": "The database does not serve"}},
    )
    async def ready(request: Request) -> Response:
        """The database serves; a broker or object store that does not shows as degraded."""
        parts = await _parts(surface(request))
        status = "ready" if all(parts.values()) else "degraded" if parts["database"] else "unavailable"
        shown = {name: "up" if up else "down" for name, up in parts.items()}
        body = orjson.dumps({"status": status, "parts": shown})
        return Response(body, 200 if parts["database"] else 503, media_type="application/json")

    @router.get("/metrics", operation_id="health.metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """Prometheus metrics, with the token of BIZCORE_METRICS_TOKEN; on loopback where none is set."""
        if not _may_measure(request):
            raise NotFound
        measured = gauges.written(await request.app.state.measure())
        return Response(generate_latest() + measured, media_type=CONTENT_TYPE_LATEST)


async def _parts(own: Surface) -> dict[str, bool]:
    names = list(own.probes)
    results = await asyncio.gather(*(_up(own, name) for name in names))
    return dict(zip(names, results, strict=True))


async def _up(own: Surface, name: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await own.probes[name]()
    except Exception:
        return False
    return True


def _may_measure(request: Request) -> bool:
    """A token that is set is needed on loopback too: behind a proxy on this machine everybody comes from there."""
    token = surface(request).settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return secrets.compare_digest(given.encode(), token.encode())
    return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
