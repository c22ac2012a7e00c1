"""The operations of openapi.json, as tests walk along them: a new one is met by every such test at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from services.api.app import PREFIX, create_app

Json = dict[str, Any]
METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is named: `path` is a JSON pointer in which `0` stands for any item of a list."""

    path: str
    kind: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str  # without the prefix and the first slash
    declared: Mapping[str, Any] = field(hash=False, repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> str | None:
        found: str | None = self.declared.get("x-permission")
        return found

    @property
    def collection(self) -> str:
        """The part before the id: what the id is an id of."""
        return self.path.partition("/{")[0]

    @property
    def needs_match(self) -> bool:
        return any(p["name"] == "If-Match" and p.get("required") for p in self.declared.get("parameters", []))

    @property
    def parameters(self) -> Mapping[str, Json]:
        """Of the query string."""
        return {p["name"]: p["schema"] for p in self.declared.get("parameters", []) if p["in"] == "query"}

    @property
    def body(self) -> Json | None:
        """The schema of a JSON body."""
        content = self.declared.get("requestBody", {}).get("content", {})
        return resolved(content["application/json"]["schema"]) if "application/json" in content else None

    @property
    def answer(self) -> Json | None:
        """The schema of a success."""
        for status, response in self.declared["responses"].items():
            if status.startswith("2") and "application/json" in response.get("content", {}):
                return resolved(response["content"]["application/json"]["schema"])
        return None

    def references(self) -> list[Place]:
        """The places of the body that name something."""
        return list(_references(self.body, "")) if self.body is not None else []

    def line_ids(self) -> list[str]:
        """The places of the body that name a line of the document itself, as JSON pointers."""
        return list(_line_ids(self.body, "")) if self.body is not None else []


@cache
def contract() -> Json:
    return create_app().openapi()


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(method.upper(), path.removeprefix(f"{PREFIX}/"), declared)
        for path, methods in contract()["paths"].items()
        if path.startswith(PREFIX)
        for method, declared in methods.items()
        if method in METHODS
    )


def resolved(schema: Json) -> Json:
    """The schema that a reference leads to; of a choice, the one that is not null."""
    if "$ref" in schema:
        found: Json = contract()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return resolved({**found, **{key: value for key, value in schema.items() if key != "$ref"}})
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        outer = {key: value for key, value in schema.items() if key != "anyOf"}
        return resolved({**options[0], **outer})
    return schema


def _references(schema: Json, path: str) -> Iterator[Place]:
    schema = resolved(schema)
    for name, declared in schema.get("properties", {}).items():
        here = f"{path}/{name}"
        found = resolved(declared)
        items = resolved(found["items"]) if found.get("type") == "array" else None
        if "x-ref" in found:
            yield Place(here, found["x-ref"], listed=items is not None)
        elif items is not None:
            yield from _references(items, f"{here}/0")
        else:
            yield from _references(found, here)


def _line_ids(schema: Json, path: str) -> Iterator[str]:
    schema = resolved(schema)
    for name, declared in schema.get("properties", {}).items():
        here = f"{path}/{name}"
        found = resolved(declared)
        if found.get("format") == "uuid" and "x-ref" not in found:
            yield here
        elif found.get("type") == "array":
            yield from _line_ids(found["items"], f"{here}/0")
        else:
            yield from _line_ids(found, here)


def placed(body: Json, path: str, value: object) -> Json:
    """`body` with `value` at the pointer `path`, what is missing on the way made."""
    first, _, rest = path[1:].partition("/")
    if first == "0":
        raise ValueError("a body is an object")
    if not rest:
        return {**body, first: value}
    if rest.startswith("0/") or rest == "0":
        listed = list(body.get(first) or [{}])
        within = rest[1:]
        listed[0] = placed(listed[0], within, value) if within else value
        return {**body, first: listed}
    return {**body, first: placed(body.get(first) or {}, f"/{rest}", value)}
