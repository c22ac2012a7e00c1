"""From the raw body of a request to a command: judged as a whole, every problem named by its place."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, get_args
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.logging import HIDDEN, is_secret
from bizcore.errors import FieldProblem, ValidationFailed
from bizcore.fields import describe, element
from bizcore.pipeline import Occasion, Reference
from services.api.schema import input_model, is_mapping

# Fields that the route and its headers give, never the body.
FROM_ROUTE = frozenset({"id", "version"})

_CODES = {"extra_forbidden": "UNKNOWN_FIELD", "missing": "REQUIRED", "json_invalid": "MALFORMED_JSON"}
_SHOWN = 100
_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")


described = cache(describe)  # declarations do not change, and reading their annotations costs more than the parsing


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """Implements `bizcore.pipeline.Parsed` for one command of one request."""

    declaration: type
    model: BaseModel
    route: Mapping[str, object]
    references: tuple[Reference, ...]
    occasion: Occasion
    body_hash: str

    def build(self, resolved: Mapping[tuple[str, str], UUID]) -> Any:
        return _build(self.declaration, self.model, resolved, self.route)


def parse_body(declaration: type, body: bytes, route: Mapping[str, object]) -> ParsedBody:
    """Errors: VALIDATION_FAILED with every field that is wrong."""
    left_out = frozenset(route) | (FROM_ROUTE & {item.name for item in described(declaration)})
    model_type = input_model(declaration, left_out)
    try:
        model = model_type.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise ValidationFailed(
            "The input is not valid.", fields=[_problem(e) for e in error.errors(include_url=False)]
        ) from None
    except RecursionError:
        raise ValidationFailed.at("", "TOO_DEEP", "The input is nested too deeply.") from None
    references: list[Reference] = []
    _collect(declaration, model, "", references)
    occasion = _occasion(declaration, model, route)
    return ParsedBody(declaration, model, route, tuple(references), occasion, _hash(body, route))


def _occasion(declaration: type, model: BaseModel, route: Mapping[str, object]) -> Occasion:
    dates = (getattr(model, item.name) for item in described(declaration) if item.info.document_date)
    document_id = route.get("id")
    return Occasion(
        document_id=document_id if isinstance(document_id, UUID) else None,
        on=next((given for given in dates if isinstance(given, date)), None),
    )


def _hash(body: bytes, route: Mapping[str, object]) -> str:
    """Of what was asked, whatever the spelling: two bodies that differ in white space are one."""
    content = {"body": orjson.loads(body or b"{}"), "route": {k: str(v) for k, v in route.items() if k != "version"}}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def pointer(location: tuple[int | str, ...]) -> str:
    """The JSON pointer (RFC 6901) of a place in the input."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _problem(error: ErrorDetails) -> FieldProblem:
    kind = error["type"]
    context = error.get("ctx", {})
    allowed = next(
        (
            context[k]
            for k in ("allowed", "expected", "max_length", "min_length", "ge", "gt", "le", "pattern")
            if k in context
        ),
        None,
    )
    # A union names the branch it tried; the place in the input does not contain it.
    location = tuple(part for part in error["loc"] if not (isinstance(part, str) and "[" in part))
    return FieldProblem(
        pointer(location),
        _CODES.get(kind, kind.upper()),
        _worded(error["msg"].removeprefix("Value error, ")),
        None if kind == "missing" else _shown(location, error.get("input")),
        allowed if allowed is None or isinstance(allowed, int) else _worded(str(allowed)),
    )


def _worded(text: str) -> str:
    """Without the spelling of this language: "greater than 0", not "greater than Decimal('0')"."""
    return _DECIMAL.sub(r"\1", text)


def _shown(location: Sequence[int | str], given: object) -> object:
    """A refusal is kept by proxies and by the logs of clients: it repeats no password, not even one too short."""
    return HIDDEN if any(isinstance(part, str) and is_secret(part) for part in location) else _short(given)


def _short(given: object) -> object:
    if given is None or isinstance(given, bool | int):
        return given if given is None or isinstance(given, bool) or abs(given) < 2**53 else str(given)[:_SHOWN]
    if isinstance(given, str):
        return given[:_SHOWN]
    return type(given).__name__


def _collect(declaration: type, model: BaseModel, path: str, found: list[Reference]) -> None:
    for item in described(declaration):
        if item.name not in model.model_fields_set:
            continue
        value = getattr(model, item.name)
        here = f"{path}/{item.name}"
        nested = element(item.type)
        if value is None:
            continue
        if isinstance(value, list):
            for index, part in enumerate(value):
                if isinstance(part, BaseModel):
                    _collect(nested, part, f"{here}/{index}", found)
                elif item.info.ref is not None:
                    found.append(Reference(f"{here}/{index}", item.info.ref, part))
        elif isinstance(value, BaseModel):
            _collect(nested, value, here, found)
        elif item.info.ref is not None and isinstance(value, str):
            found.append(Reference(here, item.info.ref, value))


def _build(
    declaration: type, model: BaseModel, resolved: Mapping[tuple[str, str], UUID], route: Mapping[str, object]
) -> Any:
    values: dict[str, Any] = dict(route)
    for item in described(declaration):
        if item.name not in model.model_fields_set:
            continue
        values[item.name] = _value(item.type, item.info.ref, getattr(model, item.name), resolved)
    return declaration(**values)


def _value(kind: Any, ref: str | None, value: Any, resolved: Mapping[tuple[str, str], UUID]) -> Any:
    nested = element(kind)
    if isinstance(value, list):
        return tuple(_value(nested, ref, part, resolved) for part in value)
    if isinstance(value, BaseModel):
        options = [option for option in (nested, *get_args(nested)) if is_dataclass(option)]
        return _build(next(o for o in options if o.__name__ == type(value).__name__), value, resolved, {})  # type: ignore[union-attr,arg-type]
    if ref is not None and isinstance(value, str):
        return resolved[ref, value]
    if is_mapping(kind) and isinstance(value, dict):
        return MappingProxyType(value)
    return value
