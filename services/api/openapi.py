"""OpenAPI 3.1 of the generated routes: each operation from its declaration, and the components they share."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bizcore.bounds import MAX_PAGE, MAX_REFERENCE, MAX_TEXT
from bizcore.call import EFFECTS
from bizcore.documents.commands import TakeAction
from bizcore.documents.type import Action, AnyDocumentType
from bizcore.documents.view import DocumentView
from bizcore.fields import Described, describe
from bizcore.registry import Registered, RegisteredQuery
from services.api.errors import ErrorEnvelope
from services.api.parsing import FROM_ROUTE
from services.api.schema import DECIMAL, input_model, output_model

TITLE = "bizcore"
ERRORS = {
    "400": "The query cannot be read",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "Not found, or not for you to see",
    "409": "The state of the books forbids it",
    "412": "Changed since it was read",
    "413": "Too large",
    "415": "Not the media type",
    "422": "The input is not valid",
    "428": "If-Match is missing",
    "429": "Too many requests",
    "503": "Not available; try again",
}
_READ = ("400", "401", "403", "404", "422", "429", "503")
_WRITE = tuple(ERRORS)

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": "The same key with the same body is carried out once and answered again",
}
_IF_MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'}}
DRY_RUN = {"name": "dry_run", "in": "query", "schema": {"type": "boolean"}, "description": "Same checks, nothing kept"}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
AS_OF = {"name": "as_of", "in": "query", "schema": {"type": "string", "format": "date"}}
KNOWN_AT = {"name": "known_at", "in": "query", "schema": {"type": "string", "format": "date-time"}}

EFFECTS_SHOWN = {
    "type": "object",
    "title": "Effects",
    "description": "In a dry run: what would be kept",
    "required": [*EFFECTS],
    "properties": {name: {"type": "array", "items": {"type": "object"}} for name in EFFECTS},
    "additionalProperties": False,
}
_EXPLAIN = {
    "type": "object",
    "title": "Explain",
    "description": "With explain=true: each derived member by its JSON pointer, with the rows it is the sum of",
    "additionalProperties": {
        "type": "object",
        "required": ["value", "rows"],
        "properties": {"value": {"type": "string"}, "rows": {"type": "array", "items": {"type": "object"}}},
    },
}
_EXPANDED = {
    "type": "object",
    "title": "Expanded",
    "description": "With expand: each reference by its field, null where there is none or it is not for you to see",
    "additionalProperties": {
        "type": ["object", "null"],
        "required": ["id", "code", "name"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "code": {"type": ["string", "null"]},
            "name": {"type": ["string", "null"]},
        },
    },
}
EXPLAIN = {"name": "explain", "in": "query", "schema": {"type": "boolean"}}


class _Reference(dict[str, str]):
    """A `$ref` that knows its model: the components are made of those that the routes of an app refer to.

    `when_asked` are members that the answer has only where the request asks for them.
    """

    def __init__(
        self,
        model: type[BaseModel],
        mode: Literal["validation", "serialization"],
        when_asked: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__({"$ref": f"#/components/schemas/{model.__name__}"})
        self.model, self.mode, self.when_asked = model, mode, when_asked or {}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def answers(view: type, **when_asked: dict[str, Any]) -> dict[str, str]:
    """`when_asked` are members that the answer has only where the request asks for them."""
    return _Reference(output_model(view), "serialization", when_asked)


def responses(
    status: str, schema: dict[str, Any] | None, errors: tuple[str, ...], *, etag: bool = False
) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if schema is not None:
        success["content"] = _json(schema)
    if etag:
        success["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version, for If-Match"}}
    refusal = _json(_Reference(ErrorEnvelope, "serialization"))
    return {status: success} | {code: {"description": ERRORS[code], "content": refusal} for code in errors}


def body(declaration: type, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The request body of a declaration; needed when one of its fields is."""
    required = any(item.required for item in describe(declaration) if item.name not in left_out)
    model = input_model(declaration, left_out)
    return {"required": required, "content": _json(_Reference(model, "validation"))}


def operation(
    summary: str, tag: str, permission: str | None, parameters: list[Any], replies: dict[str, Any]
) -> dict[str, Any]:
    extra = {} if permission is None else {"x-permission": permission}
    return {
        "summary": summary,
        "tags": [tag],
        "parameters": parameters,
        "responses": replies,
        "security": [{"bearer": []}, {"apiKey": []}],
        **extra,
    }


def command(registered: Registered[Any, Any], form: dict[str, Any] | None = None) -> dict[str, Any]:
    """`form` is the schema of a body that is no JSON but a form with a file."""
    method, _, path = registered.route.partition(" ")
    named = {item.name for item in describe(registered.command)}
    parameters: list[Any] = [DRY_RUN, KEY] if method == "POST" else [DRY_RUN]
    if "{id}" in path:
        parameters.append(ID)
    if "version" in named:
        parameters.append({**_IF_MATCH, "required": method == "PATCH"})
    left_out = FROM_ROUTE & named
    status = "201" if registered.creates else "200"
    described = operation(
        (registered.command.__doc__ or "").strip().splitlines()[0],
        registered.permission.split(".")[0],
        registered.permission,
        parameters,
        responses(status, answers(registered.subject.view, effects=EFFECTS_SHOWN), _WRITE, etag=True),
    )
    if form is not None:
        return {**described, "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}
    command_type: type = registered.command
    return {**described, "requestBody": body(command_type, frozenset(left_out))}


def batch(declaration: type, view: type, permission: str) -> dict[str, Any]:
    """Many of one command in a request; the answer tells what became of each."""
    described = operation(
        (declaration.__doc__ or "").strip().splitlines()[0],
        permission.split(".")[0],
        permission,
        [DRY_RUN, KEY],
        responses("200", answers(view), _WRITE),
    )
    return {**described, "requestBody": body(declaration)}


def action(type: AnyDocumentType, action: Action) -> dict[str, Any]:
    described = operation(
        f"{action.label} a {type.label.lower()}",
        type.context,
        type.permission(action.code),
        [ID, DRY_RUN, KEY, _IF_MATCH],
        responses("200", answers(type.view, effects=EFFECTS_SHOWN), _WRITE, etag=True),
    )
    return {**described, "requestBody": body(TakeAction, FROM_ROUTE | {"action"})}


def list_operation(view: type, permission: str, label: str) -> dict[str, Any]:
    parameters = [
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
        },
        {"name": "cursor", "in": "query", "schema": {"type": "string"}},
        {"name": "sort", "in": "query", "schema": {"type": "string"}, "example": "-created_at"},
        {
            "name": "q",
            "in": "query",
            "schema": {"type": "string"},
            "description": "Words, all to be found in number and title, or in the party's code and name",
        },
        {
            "name": "filter",
            "in": "query",
            "schema": {"type": "string"},
            "description": "JSON; or one parameter a field",
        },
        {"name": "fields", "in": "query", "schema": {"type": "string"}},
        {
            "name": "expand",
            "in": "query",
            "schema": {"type": "string"},
            "description": "References to show with code and name, beside their ids: such as party,company",
        },
    ]
    page = {
        "type": "object",
        "required": ["data", "next_cursor"],
        "properties": {
            "data": {
                "type": "array",
                "items": {"type": "object", "properties": {"expanded": _EXPANDED}, "additionalProperties": True},
            },
            "next_cursor": {"type": ["string", "null"]},
        },
    }
    return operation(
        f"List: {label.lower()}", permission.split(".")[0], permission, parameters, responses("200", page, _READ)
    )


def read_operation(view: type, permission: str, label: str, *, derived: bool) -> dict[str, Any]:
    parameters = [ID, *([AS_OF, KNOWN_AT, EXPLAIN] if derived else [])]
    explained = {"explain": _EXPLAIN} if derived else {}
    replies = responses("200", answers(view, **explained), _READ, etag=True)
    return operation(f"Read: {label.lower()}", permission.split(".")[0], permission, parameters, replies)


def query(registered: RegisteredQuery[Any, Any]) -> dict[str, Any]:
    path = registered.route.partition(" ")[2]
    parameters = [_parameter(item, in_path=f"{{{item.name}}}" in path) for item in describe(registered.query)]
    return operation(
        (registered.query.__doc__ or "").strip().splitlines()[0],
        registered.permission.split(".")[0],
        registered.permission,
        parameters,
        responses("200", answers(registered.answers), _READ),
    )


def _parameter(item: Described, *, in_path: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"name": item.name, "in": "path" if in_path else "query", "schema": _parameter_schema(item)}
    if in_path or item.required:
        found["required"] = True
    words = f"{item.info.label}. {item.info.help}".strip()
    return {**found, "description": words}


def _parameter_schema(item: Described) -> dict[str, Any]:
    kind = item.type
    if item.info.ref is not None:
        return {"type": "string", "minLength": 1, "maxLength": MAX_REFERENCE, "x-ref": item.info.ref}
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    simple: dict[Any, dict[str, Any]] = {
        bool: {"type": "boolean"},
        date: {"type": "string", "format": "date"},
        datetime: {"type": "string", "format": "date-time"},
        Decimal: {"type": "string", "format": "decimal", "pattern": DECIMAL},
        UUID: {"type": "string", "format": "uuid"},
    }
    if kind is int:
        bounds = {"minimum": item.info.minimum, "maximum": item.info.maximum}
        return {"type": "integer"} | {k: int(v) for k, v in bounds.items() if v is not None}
    return simple.get(kind, {"type": "string", "maxLength": item.info.max_length or MAX_TEXT})


def document(app: FastAPI) -> dict[str, Any]:
    """The whole contract, made once: FastAPI's part for routes by hand, ours for the generated ones."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(title=TITLE, version=app.version, routes=app.routes, description=app.description)
    references = [
        reference
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for reference in _references(context.original_route.openapi_extra)
    ]
    models = sorted({(each.model, each.mode) for each in references}, key=lambda pair: pair[0].__name__)
    _, components = models_json_schema(models, ref_template="#/components/schemas/{model}")
    own = found.setdefault("components", {})
    schemas = own.setdefault("schemas", {})
    schemas.update(components.get("$defs", {}))
    if lost := {model.__name__ for model, _ in models} - schemas.keys():
        raise ValueError(f"two declarations share each of these names, and references lead nowhere: {sorted(lost)}")
    for reference in references:
        if reference.when_asked:
            schemas[reference.model.__name__]["properties"] |= reference.when_asked
    # Whatever its type: the members of the type come beside those of all documents.
    schemas.get(DocumentView.__name__, {}).pop("additionalProperties", None)
    own["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    }
    app.openapi_schema = found
    return found


def _references(described: object) -> Iterator[_Reference]:
    """Those anywhere in what a route says of itself."""
    if isinstance(described, _Reference):
        yield described
    elif isinstance(described, dict | list):
        for inner in described.values() if isinstance(described, dict) else described:
            yield from _references(inner)
