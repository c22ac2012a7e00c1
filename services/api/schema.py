"""From a declared dataclass to its JSON form: how input is judged, and what OpenAPI says of input and answers."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as ModelField
from pydantic_core import PydanticCustomError

from bizcore.bounds import FIRST_DAY, LAST_DAY, MAX_ATTRIBUTES, MAX_DEPTH, MAX_LINES, MAX_REFERENCE, MAX_TEXT
from bizcore.errors import ValidationFailed
from bizcore.fields import Described, Field, describe, element
from bizcore.values.exact import parse_decimal

DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$"
INTEGER_BOUND = 2**31 - 1
EXACT_INTEGER = 2**53 - 1  # every JSON reader takes a whole number up to here for the same

_INPUT = ConfigDict(extra="forbid", strict=True)
_OUTPUT = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


def _decimal(given: object) -> Decimal:
    """A decimal from a string, or from a number without a fraction: what a float would carry is not exact."""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise ValueError('give it as a string, such as "12.50"')
    try:
        return parse_decimal(given)
    except ValidationFailed as refusal:
        problem = refusal.fields[0]
        raise PydanticCustomError(
            problem.code.lower(),
            problem.message,
            {"allowed": problem.allowed},
        ) from None


def _printable(given: str) -> str:
    if "\x00" in given:
        raise ValueError("the NUL character cannot be kept")
    return given


def _kept(given: object, depth: int = 0) -> object:
    """A free value that is the same after it was kept: whole numbers and text, and no float."""
    match given:
        case float():
            raise ValueError('give a fraction as a string, such as "12.50"')
        case int() if abs(given) > EXACT_INTEGER:
            raise ValueError("give a number of so many digits as a string")
        case str():
            return _printable(given)
        case list() | dict() if depth == MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")
        case list():
            for item in given:
                _kept(item, depth + 1)
        case dict():
            for name, item in given.items():
                _printable(name)
                _kept(item, depth + 1)
    return given


_DECIMAL_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string", "format": "decimal", "pattern": DECIMAL}, {"type": "integer"}]
}


@lru_cache(maxsize=2048)
def input_model(declaration: type, left_out: frozenset[str] = frozenset()) -> type[BaseModel]:
    """The model that judges the input of `declaration`; unknown fields are refused at every depth."""
    fields = {
        item.name: (_input_type(item), _model_field(item))
        for item in describe(declaration)
        if item.name not in left_out
    }
    return create_model(declaration.__name__, __config__=_INPUT, __doc__=_docstring(declaration), **fields)  # type: ignore[call-overload,no-any-return]


@lru_cache(maxsize=2048)
def output_model(declaration: type) -> type[BaseModel]:
    """The model that describes the answer `declaration`, for OpenAPI and the checks of answers in tests."""
    fields = {
        item.name: (
            Annotated[_optional(_output_type(item.type), item.nullable), ModelField(**_words(item.info))],
            None if item.nullable and not item.required else ...,
        )
        for item in describe(declaration)
    }
    return create_model(declaration.__name__, __config__=_OUTPUT, __doc__=_docstring(declaration), **fields)  # type: ignore[call-overload,no-any-return]


def _docstring(declaration: type) -> str | None:
    """What its author wrote; for one without, `dataclass` writes the signature."""
    written = declaration.__doc__ or ""
    return None if written.startswith(f"{declaration.__name__}(") else written


def _optional(kind: Any, nullable: bool) -> Any:
    return kind | None if nullable else kind


def _words(info: Field) -> dict[str, Any]:
    words: dict[str, Any] = {"title": info.label}
    if info.help:
        words["description"] = info.help
    if info.example is not None:
        words["examples"] = [info.example]
    if info.ref is not None:
        words["json_schema_extra"] = {"x-ref": info.ref}
    return words


def _model_field(item: Described) -> Any:
    """What is left out keeps the declaration's own default: the model's is never read, and absent is not null."""
    if item.required:
        return ModelField(..., **_words(item.info))
    return ModelField(default_factory=_absent, **_words(item.info))


def _absent() -> None:
    return None


def _input_type(item: Described) -> Any:
    return _optional(_input_of(item.type, item.info), item.nullable)


def _input_of(kind: Any, info: Field) -> Any:
    if kind is UUID and info.ref is not None:
        return Annotated[str, StringConstraints(min_length=1, max_length=MAX_REFERENCE), AfterValidator(_printable)]
    if kind is Decimal:
        return Annotated[
            Decimal,
            BeforeValidator(_decimal),
            ModelField(gt=info.above, ge=info.minimum, le=info.maximum),
            WithJsonSchema(_DECIMAL_SCHEMA),
        ]
    if kind is str:
        bounds = StringConstraints(
            min_length=info.min_length, max_length=info.max_length or MAX_TEXT, pattern=info.pattern
        )
        return Annotated[str, bounds, AfterValidator(_printable)]
    if kind is int:
        low = int(info.minimum) if info.minimum is not None else -INTEGER_BOUND
        high = int(info.maximum) if info.maximum is not None else INTEGER_BOUND
        return Annotated[int, ModelField(ge=low, le=high)]
    if kind is date:
        return Annotated[date, ModelField(ge=FIRST_DAY, le=LAST_DAY)]
    if get_origin(kind) is tuple:
        nested = element(kind)
        inner = (
            input_model(nested)
            if isinstance(nested, type) and is_dataclass(nested)
            else _input_of(nested, Field("", ref=info.ref))
        )
        return Annotated[
            list[inner],  # type: ignore[valid-type]
            ModelField(min_length=info.min_length or 0, max_length=info.max_length or MAX_LINES),
        ]
    if is_mapping(kind):
        return _mapping(kind, info)
    if get_origin(kind) in (Union, UnionType):
        options = tuple(_input_of(option, info) for option in get_args(kind))
        return Union[options]  # noqa: UP007 - a union built at run time
    if isinstance(kind, type) and is_dataclass(kind):
        return input_model(kind)
    return kind


def is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _mapping(kind: Any, info: Field) -> Any:
    value = get_args(kind)[1]
    inner = Annotated[JsonValue, AfterValidator(_kept)] if value is object else _input_of(value, info)
    key = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]
    return Annotated[dict[key, inner], ModelField(max_length=info.max_length or MAX_ATTRIBUTES)]  # type: ignore[valid-type]


def _output_type(kind: Any) -> Any:
    if get_origin(kind) is tuple:
        return list[_output_type(element(kind))]  # type: ignore[misc]
    if is_mapping(kind):
        value = get_args(kind)[1]
        return dict[str, JsonValue if value is object else _output_type(value)]  # type: ignore[misc]
    if get_origin(kind) in (Union, UnionType):
        return Union[tuple(_output_type(option) for option in get_args(kind))]  # noqa: UP007
    if isinstance(kind, type) and is_dataclass(kind):
        return output_model(kind)
    if kind is Decimal:
        return Annotated[str, WithJsonSchema({"type": "string", "format": "decimal"})]
    if kind is object:
        return JsonValue
    return kind
