"""One handler for every refusal: the same envelope, the kind mapped to its status, and never a stack trace."""

import asyncio
from typing import Annotated

import asyncpg
import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, JsonValue
from pydantic import Field as ModelField
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from bizcore.errors import BusinessError, ErrorKind, FieldProblem, Unavailable, ValidationFailed, plain
from services.api.parsing import pointer

STATUS = {
    ErrorKind.MALFORMED: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.STALE: 412,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNSUPPORTED: 415,
    ErrorKind.INVALID: 422,
    ErrorKind.PRECONDITION: 428,
    ErrorKind.LIMITED: 429,
    ErrorKind.UNAVAILABLE: 503,
}

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_HTTP_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}

# The database went away, is not yet there, or is too busy. The caller may try again; a command whose commit went
# unanswered is carried out once if both requests have one Idempotency-Key.
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
    asyncio.TimeoutError,
    PoolTimeout,
)

log = structlog.get_logger(__name__)


class ErrorBody(BaseModel):
    """What went wrong, where, and what would pass."""

    code: Annotated[str, ModelField(examples=["BUDGET_EXCEEDED"])]
    message: str
    details: dict[str, JsonValue]
    request_id: str


class ErrorEnvelope(BaseModel):
    error: ErrorBody


def render(error: BusinessError, request_id: str) -> Response:
    body = {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": plain(error.details),
            "request_id": request_id,
        }
    }
    headers = {}
    retry_after = error.details.get("retry_after")
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if error.kind is ErrorKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), STATUS[error.kind], headers, "application/json")


def request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _allowed(request: Request) -> list[str]:
    """The methods by which the application answers at the path asked for; a route knows its own one only."""
    routes = request.app.routes
    return [m for m in _METHODS if any(r.matches({**request.scope, "method": m})[0] is Match.FULL for r in routes)]


def install(app: FastAPI) -> None:
    @app.exception_handler(BusinessError)
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, BusinessError)
        if error.kind in (ErrorKind.FORBIDDEN, ErrorKind.UNAUTHENTICATED):
            log.warning("refused", code=error.code, path=request.url.path)
        return render(error, request_id(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = [
            FieldProblem(pointer(tuple(e["loc"][1:])), str(e["type"]).upper(), str(e["msg"])) for e in error.errors()
        ]
        return render(ValidationFailed("The input is not valid.", fields=problems), request_id(request))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _HTTP_CODES.get(error.status_code, "HTTP_ERROR")
        message = f"{error.detail.rstrip('.')}."
        body = {"error": {"code": code, "message": message, "details": {}, "request_id": request_id(request)}}
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_allowed(request) or ("GET", "HEAD"))  # no route: a file of the web UI
        return Response(orjson.dumps(body), error.status_code, headers, "application/json")

    for kind in GONE:

        @app.exception_handler(kind)
        async def gone(request: Request, error: Exception) -> Response:
            log.warning("database unavailable", error=type(error).__name__)
            return render(Unavailable("The database does not answer; try again.", retry_after=1), request_id(request))

    @app.exception_handler(DBAPIError)
    async def wrapped(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)
        if (
            error.connection_invalidated
            or isinstance(error.orig, GONE)
            or isinstance(getattr(error.orig, "__cause__", None), GONE)
        ):
            return render(Unavailable("The database does not answer; try again.", retry_after=1), request_id(request))
        return await unexpected(request, error)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error", path=request.url.path, exc_info=error)
        body = {
            "error": {
                "code": "INTERNAL",
                "message": "Something went wrong on our side. Whether anything was changed is not certain: "
                "look first, or send it again with the same Idempotency-Key.",
                "details": {},
                "request_id": request_id(request),
            }
        }
        # This handler stands outside of every middleware.
        return Response(orjson.dumps(body), 500, {"X-Request-Id": request_id(request)}, "application/json")
