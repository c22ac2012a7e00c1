"""Around every request: its id, its trace, its log line, its measure, and the headers that keep browsers safe."""

import re
import time
from collections.abc import Mapping

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizcore.ids import new_id
from services.api.trace import trace_id, traceparent

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}

SECONDS = Histogram(
    "bizcore_request_seconds",
    "Time to answer, by route",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ANSWERS = Counter("bizcore_answers_total", "Answers by route and status", ("method", "route", "status"))

log = structlog.get_logger("bizcore.request")


class Observed:
    """Pure ASGI, for it stands in the way of every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("X-Request-Id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        trace = traceparent(headers.get("traceparent"))
        scope.setdefault("state", {}).update(request_id=request_id, traceparent=trace)
        started, status = time.perf_counter(), 500
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, trace=trace_id(trace))

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "static")
            SECONDS.labels(scope["method"], route).observe(seconds)
            ANSWERS.labels(scope["method"], route, str(status)).inc()
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
