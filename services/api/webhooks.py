"""Webhook endpoints, deliveries and the event log."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.responses import Response, StreamingResponse

from adapters.identity.secrets import Secrets
from adapters.postgres.outbox import deliveries, endpoints, queries
from adapters.postgres.outbox.endpoints import Endpoint
from adapters.postgres.outbox.events import latest_position, read_log
from adapters.postgres.types import Part, RecordSql
from adapters.postgres.work import PostgresWork
from adapters.webhooks.addresses import MAX_URL, AddressError, policy
from adapters.webhooks.signing import new_secret
from adapters.webhooks.subscription import MAX_PATTERNS, is_filter, is_pattern
from bizcore.bounds import MAX_PAGE
from bizcore.clock import instant_of
from bizcore.errors import BusinessError, FieldProblem, Malformed, NotFound, PreconditionRequired, ValidationFailed
from bizcore.fields import Field as Said
from bizcore.ids import new_id
from bizcore.pipeline import Occasion, Reference
from bizcore.records import RecordType
from bizcore.registry import Registered
from services.api import openapi
from services.api.answers import answer_json
from services.api.mounting import path_id, read_body, require_json
from services.api.parsing import pointer
from services.api.surface import answered, if_match, surface

PAGE: Final = 50
STREAM_BATCH: Final = 100
POLL_SECONDS: Final = 1.0  # a look at the log by key; needs no broker
HEARTBEAT_SECONDS: Final = 15.0

M = TypeVar("M", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewEndpoint(_Body):
    """Where to send which events."""

    url: Annotated[str, Field(max_length=MAX_URL, examples=["https://example.com/hooks"])]
    events: Annotated[list[str], Field(min_length=1, max_length=MAX_PATTERNS, examples=[["procurement.*"]])]
    filter: Annotated[dict[str, Any], Field(description="Path in the envelope to a value, or a list of them")] = {}


class EndpointChange(_Body):
    """What is left out stays as it is."""

    url: Annotated[str, Field(max_length=MAX_URL)] = ""
    events: Annotated[list[str], Field(min_length=1, max_length=MAX_PATTERNS)] = []
    filter: dict[str, Any] = {}
    active: bool = True


class Nothing(_Body):
    """An operation without a body."""


def _read_instant(given: object) -> datetime:
    if not isinstance(given, str):
        raise ValueError("an instant is a text")
    return instant_of(given)


Instant = Annotated[datetime, BeforeValidator(_read_instant)]


class ReplayRange(_Body):
    """Which deliveries to send again: of events from `since` to before `until`, the dead ones or all that ended."""

    since: Instant
    until: Instant
    states: Annotated[list[Literal["dead", "delivered"]], Field(min_length=1)] = ["dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """Where events go; its secret is shown when it is made or rotated, and never again."""

    id: Annotated[UUID, Said("Id")]
    url: Annotated[str, Said("URL")]
    events: Annotated[tuple[str, ...], Said("Events")]
    filter: Annotated[Mapping[str, object], Said("Filter")]
    active: Annotated[bool, Said("Active")]
    disabled_reason: Annotated[str | None, Said("Why it is not active")]
    previous_secret_until: Annotated[datetime | None, Said("The replaced secret signs until")]
    version: Annotated[int, Said("Version")]
    created_at: Annotated[datetime, Said("Created at")]
    updated_at: Annotated[datetime, Said("Changed at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """What became of one event at one endpoint, attempt by attempt."""

    id: Annotated[UUID, Said("Id")]
    endpoint: Annotated[UUID, Said("Endpoint")]
    state: Annotated[str, Said("State", help="waiting, due, sending, delivered or dead")]
    attempts: Annotated[int, Said("Attempts")]
    event: Annotated[Mapping[str, object], Said("Event")]
    subject: Annotated[Mapping[str, object], Said("Subject")]
    next_attempt_at: Annotated[datetime | None, Said("Next attempt at")]
    last_status: Annotated[int | None, Said("Last status")]
    last_error: Annotated[str | None, Said("Last error")]
    created_at: Annotated[datetime, Said("Created at")]
    finished_at: Annotated[datetime | None, Said("Finished at")]
    log: Annotated[tuple[Mapping[str, object], ...], Said("Log")]


ENDPOINT: Final = RecordType("webhook_endpoint", "webhooks", "webhooks/endpoints", "Webhook endpoint", EndpointView)
DELIVERY: Final = RecordType("webhook_delivery", "webhooks", "webhooks/deliveries", "Delivery", DeliveryView)

PART: Final = Part(
    records={
        "webhook_endpoint": RecordSql(
            table="outbox.endpoint",
            view="""jsonb_build_object(
                'id', r.id, 'url', r.url, 'events', r.events, 'filter', r.filter, 'active', r.active,
                'disabled_reason', r.disabled_reason, 'version', r.version,
                'created_at', platform.instant_text(r.created_at),
                'previous_secret_until', platform.instant_text(r.previous_secret_until),
                'updated_at', platform.instant_text(r.updated_at))""",
            code="url",
        ),
        "webhook_delivery": RecordSql(
            table="outbox.delivery",
            view=f"(SELECT {queries.VIEW} FROM outbox.delivery d JOIN outbox.event e ON e.id = d.event_id "
            "WHERE d.id = r.id)",
            code="id",
        ),
    }
)


def add_routes(router: APIRouter) -> None:
    _add_endpoints(router)
    _add_deliveries(router)
    _add_events(router)


def _add_endpoints(router: APIRouter) -> None:
    @router.get(
        "/webhooks/endpoints", operation_id="webhooks.endpoints", openapi_extra=_listing("webhooks.endpoint.read")
    )
    async def listing(request: Request) -> Response:
        async with surface(request).reading(request, "webhooks.endpoint.read") as read:
            limit, after = _limit(request), _uuid(request, "cursor")
            found = await endpoints.page(read.connection, after=after, limit=limit + 1)
        return _page([(each.id, _shown(each)) for each in found], limit)

    @router.post(
        "/webhooks/endpoints",
        operation_id="webhooks.endpoint.create",
        status_code=201,
        openapi_extra=_writing("Subscribe to events", "webhooks.endpoint.create", NewEndpoint, "201"),
    )
    async def create(request: Request) -> Response:
        endpoint_id, secret = new_id(), new_secret()

        async def work(given: NewEndpoint, on: PostgresWork) -> UUID:
            await _check(request, given.model_dump())
            await endpoints.create(
                on.connection, endpoint_id, url=given.url, events=given.events, conditions=given.filter,
                secret=_encrypted(request, endpoint_id, secret), actor_id=on.principal.id, call=on.call,
            )  # fmt: skip
            return endpoint_id

        change = _Change("webhooks.endpoint.create", "webhooks.endpoint.create", "POST webhooks/endpoints", ENDPOINT)
        return await change.run(request, NewEndpoint, work, once={"secret": secret})

    @router.get("/webhooks/endpoints/{id}", operation_id="webhooks.endpoint.read", openapi_extra=_reading())
    async def one(request: Request) -> Response:
        async with surface(request).reading(request, "webhooks.endpoint.read") as read:
            return _answer(await endpoints.get(read.connection, path_id(request)))

    @router.patch(
        "/webhooks/endpoints/{id}",
        operation_id="webhooks.endpoint.change",
        openapi_extra=_writing("Change an endpoint", "webhooks.endpoint.change", EndpointChange, "200", match=True),
    )
    async def patch(request: Request) -> Response:
        async def work(given: EndpointChange, on: PostgresWork) -> UUID:
            version = if_match(request)
            if version is None:
                raise PreconditionRequired("A change needs If-Match with the ETag that was read.", header="If-Match")
            changes = given.model_dump(exclude_unset=True)
            await _check(request, changes)
            return await changed(request, on, changes, version)

        return await _CHANGE.run(request, EndpointChange, work)

    @router.delete(
        "/webhooks/endpoints/{id}",
        operation_id="webhooks.endpoint.disable",
        openapi_extra=_writing("Disable an endpoint", "webhooks.endpoint.change", None, "200"),
    )
    async def disable(request: Request) -> Response:
        async def work(_: Nothing, on: PostgresWork) -> UUID:
            return await changed(request, on, {"active": False}, if_match(request))

        return await _CHANGE.run(request, Nothing, work)

    async def changed(request: Request, on: PostgresWork, changes: Mapping[str, Any], version: int | None) -> UUID:
        endpoint = await endpoints.change(
            on.connection, path_id(request), changes, version=version, actor_id=on.principal.id, call=on.call
        )
        return endpoint.id

    @router.post(
        "/webhooks/endpoints/{id}/rotate-secret",
        operation_id="webhooks.endpoint.rotate_secret",
        openapi_extra=_writing("Give an endpoint a new secret", "webhooks.endpoint.change", None, "200"),
    )
    async def rotate(request: Request) -> Response:
        secret = new_secret()

        async def work(_: Nothing, on: PostgresWork) -> UUID:
            id = path_id(request)
            kept = _encrypted(request, id, secret)
            await endpoints.rotate_secret(on.connection, id, kept, actor_id=on.principal.id, call=on.call)
            return id

        change = replace(_CHANGE, name="webhooks.endpoint.rotate_secret")
        return await change.run(request, Nothing, work, once={"secret": secret})


def _add_deliveries(router: APIRouter) -> None:
    @router.get(
        "/webhooks/deliveries",
        operation_id="webhooks.deliveries",
        openapi_extra=_listing(
            "webhooks.delivery.read",
            {"name": "endpoint", "in": "query", "schema": {"type": "string", "format": "uuid"}},
            {"name": "state", "in": "query", "schema": {"type": "string", "enum": [*queries.STATES]}},
        ),
    )
    async def listing(request: Request) -> Response:
        async with surface(request).reading(request, "webhooks.delivery.read") as read:
            limit, state = _limit(request), request.query_params.get("state")
            if state is not None and state not in queries.STATES:
                raise Malformed("This is no state of a delivery.", given=state[:100], allowed=queries.STATES)
            found = await queries.page(
                read.connection, endpoint_id=_uuid(request, "endpoint"), state=state, after=_uuid(request, "cursor"),
                limit=limit + 1,
            )  # fmt: skip
        return _page(list(found), limit)

    @router.post(
        "/webhooks/deliveries/{id}/replay",
        operation_id="webhooks.delivery.replay",
        openapi_extra=_writing("Send a delivery again", "webhooks.delivery.replay", None, "200", view=DeliveryView),
    )
    async def replay(request: Request) -> Response:
        async def work(_: Nothing, on: PostgresWork) -> UUID:
            id = path_id(request)
            await deliveries.replay(on.connection, [id])
            if await queries.one(on.connection, id) is None:
                raise NotFound("There is no such delivery.", id=id)
            return id

        change = _Change(
            "webhooks.delivery.replay", "webhooks.delivery.replay", "POST webhooks/deliveries/{id}/replay", DELIVERY
        )
        return await change.run(request, Nothing, work)

    @router.post(
        "/webhooks/endpoints/{id}/replay",
        operation_id="webhooks.endpoint.replay",
        openapi_extra=_writing("Send a range of deliveries again", "webhooks.delivery.replay", ReplayRange, "200"),
    )
    async def replay_range(request: Request) -> Response:
        counted: dict[str, object] = {}

        async def work(given: ReplayRange, on: PostgresWork) -> UUID:
            endpoint = await endpoints.get(on.connection, path_id(request))
            found = await queries.in_range(
                on.connection, endpoint.id, since=given.since, until=given.until, states=given.states
            )
            counted["replayed"] = await deliveries.replay(on.connection, found)
            return endpoint.id

        change = _Change(
            "webhooks.endpoint.replay", "webhooks.delivery.replay", "POST webhooks/endpoints/{id}/replay", ENDPOINT
        )
        return await change.run(request, ReplayRange, work, once=counted)


def _add_events(router: APIRouter) -> None:
    @router.get("/events", operation_id="events.list", openapi_extra=_listing("webhooks.event.read"))
    async def log(request: Request) -> Response:
        async with surface(request).reading(request, "webhooks.event.read") as read:
            limit = _limit(request)
            after = _position(request.query_params.get("cursor"))
            found = await read_log(read.connection, after=after, limit=limit + 1)
            slug = read.tenant.slug
        bodies = [event.body(slug) for _, event in found[:limit]]
        cursor = orjson.dumps(str(found[limit - 1][0]) if len(found) > limit else None)
        body = b'{"data":[' + b",".join(bodies) + b'],"next_cursor":' + cursor + b"}"
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.get("/events/stream", operation_id="events.stream", openapi_extra=_streaming())
    async def stream(request: Request) -> Response:
        last = request.headers.get("Last-Event-ID")
        async with surface(request).reading(request, "webhooks.event.read") as read:
            after = await latest_position(read.connection) if last is None else _position(last)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(request, after), media_type="text/event-stream", headers=headers)


async def _events(request: Request, after: int) -> AsyncIterator[bytes]:
    """Events behind a position, for as long as the token and the permission hold: both are judged at each heartbeat.
    The client comes back by Last-Event-ID with a fresh token and misses nothing."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with surface(request).reading(request, "webhooks.event.read") as read:
                tenant = read.tenant
        except BusinessError:
            return
        yield b": heartbeat\n\n"
        judged_at = loop.time()
        while loop.time() - judged_at < HEARTBEAT_SECONDS:
            async with tenant.connection() as connection:
                found = await read_log(connection, after=after, limit=STREAM_BATCH)
            for position, event in found:
                data = event.body(tenant.slug)
                yield b"id: %d\nevent: %s\ndata: %s\n\n" % (position, event.type.encode(), data)
                after = position
            if len(found) < STREAM_BATCH:
                await asyncio.sleep(POLL_SECONDS)


@dataclass(frozen=True, slots=True)
class _Change:
    """One writing operation as a command of the pipeline: its key, its refusals and its dry run are as everywhere."""

    name: str
    permission: str
    route: str
    subject: RecordType

    async def run(
        self,
        request: Request,
        model: type[M],
        work: Callable[[M, PostgresWork], Awaitable[UUID]],
        *,
        once: Mapping[str, object] = MappingProxyType({}),
    ) -> Response:
        """`once` holds members of this answer alone: not even who asks with the same key sees them again."""
        own, body = surface(request), await read_body(request)
        asked_in: list[UUID] = []

        async def handle(given: Any, on: PostgresWork) -> UUID:
            asked_in.append(on.tenant.organization_id)
            return await work(given, on)

        registered: Registered[Any, Any] = Registered(
            Asked, self.permission, self.route, handle, self.subject, name=self.name
        )
        answer = await own.run(request, registered, lambda: _judged(model, body, request))
        if not own.call(request, command=True).dry_run:
            for organization_id in asked_in:
                await own.wake(organization_id)
        if once and not answer.replayed:
            answer = replace(answer, body=orjson.dumps({**orjson.loads(answer.body), **once}))
        return answered(answer)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an endpoint or a delivery; the route and its body say what."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """Implements `bizcore.pipeline.Parsed` for a body that refers to nothing."""

    model: BaseModel
    body_hash: str
    references: tuple[Reference, ...] = ()
    occasion: Occasion = field(default_factory=Occasion)

    def build(self, resolved: Mapping[tuple[str, str], UUID]) -> BaseModel:
        return self.model


def _judged(model: type[BaseModel], body: bytes, request: Request) -> _Judged:
    """Errors: VALIDATION_FAILED with every field that is wrong."""
    try:
        require_json(request, body)
        given = model.model_validate_json(body or b"{}")
    except ValidationError as error:
        codes = {"extra_forbidden": "UNKNOWN_FIELD", "missing": "REQUIRED", "json_invalid": "MALFORMED_JSON"}
        problems = [
            FieldProblem(pointer(each["loc"]), codes.get(each["type"], each["type"].upper()), each["msg"])
            for each in error.errors(include_url=False)
        ]
        raise ValidationFailed(fields=problems) from None
    said = request.url.path.encode() + given.model_dump_json(exclude_unset=True).encode()
    return _Judged(given, hashlib.sha256(said).hexdigest())


_CHANGE: Final = _Change(
    "webhooks.endpoint.change", "webhooks.endpoint.change", "POST webhooks/endpoints/{id}", ENDPOINT
)


async def _check(request: Request, given: Mapping[str, Any]) -> None:
    """What a schema cannot say of an endpoint's fields. Errors: VALIDATION_FAILED."""
    for number, pattern in enumerate(given.get("events", [])):
        if not is_pattern(pattern):
            message = "An event is a type or a pattern such as procurement.purchase_order.*"
            raise ValidationFailed.at(f"/events/{number}", "INVALID_PATTERN", message, given=pattern[:100])
    if not is_filter(given.get("filter", {})):
        raise ValidationFailed.at("/filter", "INVALID_FILTER", "A filter maps paths to a value or a list of values.")
    if "url" in given:
        try:
            await policy(surface(request).settings.webhook_allow).target(given["url"])
        except AddressError as error:
            raise ValidationFailed.at("/url", "ADDRESS_NOT_ALLOWED", str(error), given=given["url"][:100]) from None
        except OSError:
            return  # a name may come to exist later; it is judged again before every attempt


def _encrypted(request: Request, endpoint_id: UUID, secret: str) -> bytes:
    secrets = Secrets.of(surface(request).settings.master_key)
    return secrets.encrypt(secret.encode(), endpoints.secret_binding(endpoint_id))


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        **endpoint.settings(),
        "disabled_reason": endpoint.disabled_reason,
        "previous_secret_until": _instant(endpoint.previous_secret_until),
        "version": endpoint.version,
        "created_at": _instant(endpoint.created_at),
        "updated_at": _instant(endpoint.updated_at),
    }


def _answer(endpoint: Endpoint) -> Response:
    return answer_json(_shown(endpoint), headers={"ETag": f'"{endpoint.version}"'})


def _page(found: list[tuple[UUID, dict[str, Any]]], limit: int) -> Response:
    cursor = str(found[limit - 1][0]) if len(found) > limit else None
    return answer_json({"data": [view for _, view in found[:limit]], "next_cursor": cursor})


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(PAGE))
    if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= MAX_PAGE):
        raise Malformed(f"limit is a whole number from 1 to {MAX_PAGE}.", given=given[:100], allowed=MAX_PAGE)
    return int(given)


def _uuid(request: Request, name: str) -> UUID | None:
    given = request.query_params.get(name)
    try:
        return None if given is None else UUID(given)
    except ValueError:
        raise Malformed(f"{name} is not an id.", given=given) from None


def _position(given: str | None) -> int:
    if given is None:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Malformed("This is no position in the log.", given=given[:100])
    return int(given)


_FREE: Final = {"type": "object", "additionalProperties": True}
_READ: Final = ("400", "401", "403", "404", "429", "503")
_WRITE: Final = (*_READ[:-2], "409", "412", "413", "415", "422", "428", "429", "503")
# Members of one answer alone.
_ONCE: Final[Mapping[str, dict[str, Any]]] = {
    "secret": {"type": "string", "title": "Secret", "description": "When it is made or rotated"},
    "replayed": {"type": "integer", "title": "Replayed", "description": "How many deliveries a replay sends again"},
}


def _listing(permission: str, *own: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        *own,
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}},
        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
    ]
    page = {
        "type": "object",
        "required": ["data", "next_cursor"],
        "properties": {
            "data": {"type": "array", "items": _FREE},
            "next_cursor": {"type": ["string", "null"]},
        },
    }
    return openapi.operation("List", "webhooks", permission, parameters, openapi.responses("200", page, _READ))


def _reading() -> dict[str, Any]:
    replies = openapi.responses("200", openapi.answers(EndpointView), _READ, etag=True)
    return openapi.operation("Read an endpoint", "webhooks", "webhooks.endpoint.read", [_id()], replies)


def _streaming() -> dict[str, Any]:
    replies = openapi.responses("200", {"type": "string"}, _READ)
    replies["200"]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    parameters = [{"name": "Last-Event-ID", "in": "header", "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"}}]
    return openapi.operation("Events as they happen", "webhooks", "webhooks.event.read", parameters, replies)


def _writing(
    summary: str,
    permission: str,
    body: type[BaseModel] | None,
    status: str,
    *,
    match: bool = False,
    view: type = EndpointView,
) -> dict[str, Any]:
    parameters: list[Any] = [openapi.DRY_RUN] if match else [openapi.DRY_RUN, openapi.KEY]
    if permission != "webhooks.endpoint.create":
        parameters.append(_id())
    if match:
        parameters.append({"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}})
    once = _ONCE if view is EndpointView else {}
    shown = openapi.answers(view, effects=openapi.EFFECTS_SHOWN, **once)
    described = openapi.operation(
        summary, "webhooks", permission, parameters, openapi.responses(status, shown, _WRITE, etag=True)
    )
    if body is None:
        return described
    content = {"application/json": {"schema": body.model_json_schema()}}
    return {**described, "requestBody": {"required": True, "content": content}}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
