"""What every route needs, put together once at start: who asks, in which tenant, and the way into the pipeline."""

import difflib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request
from starlette.responses import Response

from adapters.postgres.connection import TenantDatabase, Tenants
from adapters.postgres.reading import reading
from adapters.postgres.session import Caller, Composition, PostgresUnit, note_refusal
from adapters.postgres.tenant_reading import TenantReading
from bizcore import pipeline
from bizcore.bounds import MAX_KEY_LENGTH, MAX_QUERY_BYTES
from bizcore.call import Call
from bizcore.clock import Clock
from bizcore.errors import Malformed, PermissionDenied, Unauthenticated
from bizcore.objects import ObjectStore
from bizcore.registry import Registered
from bizcore.settings import Settings
from bizcore.tenancy import Identity

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"|(\d{1,9})')


@dataclass(frozen=True, slots=True)
class Surface:
    """The API's view of the system."""

    settings: Settings
    clock: Clock
    tenants: Tenants
    composition: Composition
    read_permissions: Mapping[str, str]  # by the kind of document or record
    consumers: Sequence[pipeline.Consumer]
    authenticate: Callable[[Request], Awaitable[Identity]]
    wake: Callable[[UUID], Awaitable[None]]
    allow_request: Callable[[UUID], None]
    objects: ObjectStore
    probes: Mapping[str, Callable[[], Awaitable[object]]]

    async def enter(self, request: Request) -> tuple[TenantDatabase, Caller]:
        """Who asks and where. Errors: MALFORMED, UNAUTHENTICATED, NOT_FOUND, RATE_LIMITED, UNAVAILABLE."""
        if (size := len(request.scope["query_string"])) > MAX_QUERY_BYTES:
            raise Malformed("The query string is too long.", given=size, limit=MAX_QUERY_BYTES)
        identity = await self.authenticate(request)
        self.allow_request(identity.organization_id)
        tenant = await self.tenants.get(identity.organization_id)
        structlog.contextvars.bind_contextvars(
            tenant=tenant.id, actor=str(identity.user_id or identity.principal_id or "")
        )
        return tenant, Caller(identity.user_id, identity.principal_id)

    def call(self, request: Request, *, command: bool) -> Call:
        """Errors: MALFORMED for an unreadable dry_run or Idempotency-Key."""
        key = request.headers.get("Idempotency-Key") if command else None
        if key is not None and not (0 < len(key) <= MAX_KEY_LENGTH and key.isprintable()):
            raise Malformed(f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} printable characters.", given=len(key))
        return Call(
            request_id=request.state.request_id,
            at=self.clock.now(),
            ip=request.client.host if request.client else None,
            key=key,
            dry_run=command and flag(request, "dry_run"),
            traceparent=request.state.traceparent,
        )

    async def run(
        self, request: Request, registered: Registered[Any, Any], parse: Callable[[], pipeline.Parsed]
    ) -> pipeline.Answer:
        """One command through the pipeline."""
        tenant, caller = await self.enter(request)
        call = self.call(request, command=True)

        def judge() -> pipeline.Parsed:
            refuse_undeclared(request)
            return parse()

        return await pipeline.run(
            registered,
            judge,
            lambda: PostgresUnit(tenant, caller, call, self.composition, self.wake),
            self.consumers,
            dry_run=call.dry_run,
        )

    @asynccontextmanager
    async def reading(self, request: Request, permission: str | None) -> AsyncIterator[TenantReading]:
        """One snapshot for one query, or for what a change by a route of its own looks at first: who may not is noted
        then as the pipeline would. Errors: PERMISSION_DENIED before anything of the query is judged."""
        tenant, caller = await self.enter(request)
        changing = request.method not in ("GET", "HEAD")
        call, reader = self.call(request, command=changing), None
        try:
            async with reading(TenantReading, tenant, caller, call, self.composition.catalogue) as read:
                reader = read.principal.id
                if permission is not None:  # else who reads judges both
                    if not read.allows(permission):
                        raise PermissionDenied(permission)
                    refuse_undeclared(request)
                yield read
        except PermissionDenied as refusal:
            if changing and reader is not None and not call.dry_run:
                await note_refusal(tenant, call, reader, request.scope["route"].operation_id, refusal)
            raise


def surface(request: Request) -> Surface:
    found: Surface = request.app.state.surface
    return found


def refuse_undeclared(request: Request) -> None:
    """A misspelt `dry_run` must not be carried out, nor a misspelt `as_of` answered as of now. Errors: MALFORMED."""
    parameters = request.scope["route"].openapi_extra.get("parameters", ())
    declared = [each["name"] for each in parameters if each["in"] == "query"]
    if "filter" in declared:
        return  # a list's own fields are parameters too: whoever reads them refuses the others
    for name in request.query_params:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, 1)
            raise Malformed(
                f"There is no parameter {name[:100]!r}.", given=name[:100], nearest=near[0] if near else None,
                allowed=sorted(declared),
            )  # fmt: skip


def flag(request: Request, name: str) -> bool:
    """A boolean of the query string. Errors: MALFORMED."""
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        raise Malformed(f"{name} is true or false.", given=given[:100], allowed=["true", "false"])
    return given == "true"


def if_match(request: Request) -> int | None:
    """The version that If-Match names. Errors: MALFORMED."""
    given = request.headers.get("If-Match")
    if given is None or given == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Malformed('If-Match holds the ETag as it was read, such as "3".', given=given[:100])
    return int(found[1] or found[2])


def answered(answer: pipeline.Answer, *, created: bool | None = None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(
        answer.body, 201 if (answer.created if created is None else created) else 200, headers, "application/json"
    )


def bearer(request: Request) -> str:
    """Errors: UNAUTHENTICATED."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Sign in: this needs a bearer token.")
    return token
