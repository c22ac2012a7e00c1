"""Routes of the registries: one for each command, query, action and list, made from its declaration."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import Select
from starlette.responses import Response

from adapters.postgres.list_request import NEWEST_FIRST, parse_list_request
from adapters.postgres.lists import COMPANY, NOTHING, list_fields, list_page, things
from adapters.postgres.types import Catalogue
from adapters.postgres.views import EVER, EVER_KNOWN, Sight, explain_document, render_document, render_record
from bizcore.bounds import MAX_BODY_BYTES
from bizcore.clock import day_of, instant_of
from bizcore.documents.commands import TakeAction, take_action
from bizcore.documents.type import Action, AnyDocumentType
from bizcore.errors import (
    BusinessError,
    ErrorKind,
    LimitExceeded,
    Malformed,
    NotFound,
    PermissionDenied,
    PreconditionRequired,
)
from bizcore.fields import describe
from bizcore.platform.companies import COMPANY as COMPANY_RECORD
from bizcore.records import RecordType
from bizcore.registry import Registered, RegisteredQuery, Registry
from services.api import openapi
from services.api.answers import answer_json, encoded
from services.api.parsing import ParsedBody, parse_body
from services.api.queries import parse_query
from services.api.surface import answered, flag, if_match, surface

JSON = "application/json"

Endpoint = Callable[[Request], Awaitable[Response]]


class BodyTooLarge(LimitExceeded):
    code = "BODY_TOO_LARGE"
    kind = ErrorKind.TOO_LARGE


class NotJson(BusinessError):
    code = "UNSUPPORTED_MEDIA_TYPE"
    kind = ErrorKind.UNSUPPORTED


def mount(router: APIRouter, registry: Registry) -> None:
    """Every route of one context; the order matters only for `{id}`, which no literal path of ours resembles."""
    for query in registry.queries:
        _mount_query(router, query)
    for command in registry.commands:
        _mount_command(router, command)
    for type in registry.document_types:
        _mount_document(router, type)
    for record in registry.record_types:
        _mount_record(router, record)


def _mount_command(router: APIRouter, registered: Registered[Any, Any]) -> None:
    method, _, path = registered.route.partition(" ")
    named = {item.name for item in describe(registered.command)}

    async def endpoint(request: Request) -> Response:
        body = await read_body(request)

        def parse() -> ParsedBody:
            require_json(request, body)
            return parse_body(registered.command, body, route_values(request, method, named))

        return answered(await surface(request).run(request, registered, parse))

    router.add_api_route(
        f"/{path}",
        endpoint,
        methods=[method],
        name=registered.name,
        operation_id=registered.name,
        status_code=201 if registered.creates else 200,
        openapi_extra=openapi.command(registered),
    )


def route_values(request: Request, method: str, named: set[str]) -> Mapping[str, object]:
    """What the route and its headers give a command. Errors: NOT_FOUND, MALFORMED, PRECONDITION_REQUIRED."""
    values: dict[str, object] = {}
    if "id" in request.path_params:
        values["id"] = path_id(request)
    if "version" in named:
        version = if_match(request)
        if version is None and method == "PATCH":
            raise PreconditionRequired(
                'A change needs If-Match with the ETag that was read, such as If-Match: "3".', header="If-Match"
            )
        values["version"] = version
    return values


def path_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("Nothing has this id.") from None


def require_json(request: Request, body: bytes) -> None:
    """Errors: UNSUPPORTED_MEDIA_TYPE for a body that says it is something else; judged after the permission."""
    given = request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
    if body and given != JSON:
        raise NotJson("A body is JSON.", given=given[:100], allowed=[JSON])


async def read_body(request: Request) -> bytes:
    """The body within its bound. Errors: BODY_TOO_LARGE."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge("The body is too large.", limit=MAX_BODY_BYTES, given=size)
        parts.append(part)
    return b"".join(parts)


def _mount_document(router: APIRouter, type: AnyDocumentType) -> None:
    for action in type.actions:
        _mount_action(router, type, action)
    sql_fields = openapi.list_operation(type.view, type.permission("read"), type.label)

    async def listing(request: Request) -> Response:
        return await _list(request, type.permission("read"), lambda catalogue: catalogue.documents[type.code].listing)

    router.add_api_route(
        f"/{type.route}",
        listing,
        methods=["GET"],
        operation_id=f"{type.context}.{type.code}.list",
        openapi_extra=sql_fields,
    )

    async def one(request: Request) -> Response:
        async with surface(request).reading(request, type.permission("read")) as read:
            return await show_document(request, read, type.code, path_id(request))

    router.add_api_route(
        f"/{type.route}/{{id}}",
        one,
        methods=["GET"],
        operation_id=f"{type.context}.{type.code}.read",
        openapi_extra=openapi.read_operation(type.view, type.permission("read"), type.label, derived=True),
    )


async def _list(
    request: Request,
    permission: str,
    of: Callable[[Catalogue], Select[Any] | None],
    *,
    sort: str = NEWEST_FIRST,
    company: str = COMPANY,
) -> Response:
    """One page of a list, by the one engine of lists. `company` is the field that tells whose a row is."""
    async with surface(request).reading(request, permission) as read:
        tenant, scope, catalogue = read.tenant, read.scope, read.catalogue
    listing = of(catalogue)
    assert listing is not None
    fields = list_fields(listing)
    asked = parse_list_request(request.query_params.multi_items(), fields, default_sort=sort)
    for name in asked.expand:
        needed = surface(request).read_permissions[fields[name].ref or ""]
        if not read.allows(needed):
            raise PermissionDenied(needed)
    async with tenant.selecting() as connection:
        page = await list_page(
            connection,
            listing,
            asked,
            scope=scope,
            references=catalogue.references,
            things=things(catalogue) if asked.expand or asked.words else NOTHING,
            company=company,
        )
    return Response(page.body(), media_type="application/json", headers={"Cache-Control": "no-store"})


async def show_document(request: Request, read: Any, type_code: str, id: UUID) -> Response:
    """The document's answer, its derived members as of a date, as known at an instant, explained when asked."""
    as_of, known_at = read_time(request)
    known = known_at or EVER_KNOWN
    sight = Sight.of(read, surface(request).composition.types.values())
    found = await render_document(
        read.connection, read.catalogue, type_code, id, as_of=as_of or EVER, known_at=known, sight=sight
    )
    if found is None:
        raise NotFound("No such document.")
    body, version = found
    if flag(request, "explain"):
        explained = await explain_document(
            read.connection, read.catalogue, type_code, id, as_of=as_of or EVER, known_at=known
        )
        body = orjson.dumps({**orjson.loads(body), "explain": sight.unnamed(explained)})
    return Response(body, 200, {"ETag": f'"{version}"', "Cache-Control": "no-store"}, "application/json")


def read_time(request: Request) -> tuple[date | None, datetime | None]:
    """`as_of` and `known_at` of the query string. Errors: MALFORMED."""
    as_of, known_at = request.query_params.get("as_of"), request.query_params.get("known_at")
    try:
        on = day_of(as_of) if as_of else None
        at = instant_of(known_at) if known_at else None
    except ValueError:
        raise Malformed(
            "as_of is a date such as 2026-01-31, known_at an instant with its offset such as 2026-01-31T12:00:00Z.",
            as_of=(as_of or "")[:40],
            known_at=(known_at or "")[:40],
        ) from None
    return on, at


def _mount_action(router: APIRouter, type: AnyDocumentType, action: Action) -> None:
    registered = action_command(type, action)

    async def endpoint(request: Request) -> Response:
        body = await read_body(request)

        def parse() -> ParsedBody:
            require_json(request, body)
            route = {"id": path_id(request), "version": if_match(request), "action": action.code}
            return parse_body(TakeAction, body, route)

        return answered(await surface(request).run(request, registered, parse))

    router.add_api_route(
        f"/{type.route}/{{id}}/{action.code}",
        endpoint,
        methods=["POST"],
        operation_id=registered.name,
        openapi_extra=openapi.action(type, action),
    )


def action_command(type: AnyDocumentType, action: Action) -> Registered[Any, Any]:
    """`TakeAction` as the command of one action of one type, with that action's permission."""

    async def handle(command: TakeAction, work: Any) -> UUID:
        return await take_action(command, work, type)

    return Registered(
        TakeAction,
        type.permission(action.code),
        f"POST {type.route}/{{id}}/{action.code}",
        handle,
        type,
        loads_first=True,
    )


def _mount_record(router: APIRouter, record: RecordType) -> None:
    permission = record.permission("read")

    async def listing(request: Request) -> Response:
        company = "id" if record is COMPANY_RECORD else COMPANY
        return await _list(
            request,
            permission,
            lambda catalogue: catalogue.records[record.kind].listing,
            sort=record.sort,
            company=company,
        )

    async def one(request: Request) -> Response:
        async with surface(request).reading(request, permission) as read:
            found = await render_record(read.connection, read.catalogue, record.kind, path_id(request), read.scope)
        if found is None:
            raise NotFound(f"No such {record.label.lower()}.")
        body, version = found
        headers = {"Cache-Control": "no-store"} | ({"ETag": f'"{version}"'} if version is not None else {})
        return Response(body, 200, headers, "application/json")

    router.add_api_route(
        f"/{record.route}",
        listing,
        methods=["GET"],
        operation_id=f"{record.context}.{record.kind}.list",
        openapi_extra=openapi.list_operation(record.view, permission, record.label),
    )
    router.add_api_route(
        f"/{record.route}/{{id}}",
        one,
        methods=["GET"],
        operation_id=f"{record.context}.{record.kind}.read",
        openapi_extra=openapi.read_operation(record.view, permission, record.label, derived=False),
    )


def _mount_query(router: APIRouter, registered: RegisteredQuery[Any, Any]) -> None:
    _, _, path = registered.route.partition(" ")

    async def endpoint(request: Request) -> Response:
        async with surface(request).reading(request, registered.permission) as read:
            query = await parse_query(registered.query, request, read)
            answer = await registered.read(query, read)
            sight = Sight.of(read, surface(request).composition.types.values())
        if sight.types is not None:
            answer = sight.unnamed(orjson.loads(encoded(answer)))
        return answer_json(answer)

    router.add_api_route(
        f"/{path}",
        endpoint,
        methods=["GET"],
        operation_id=path.translate({ord("/"): ".", ord("{"): None, ord("}"): None}),
        openapi_extra=openapi.query(registered),
    )
