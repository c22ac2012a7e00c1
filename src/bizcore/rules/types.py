"""Types of a rule's values, read from the JSON Schema of the data it will meet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from jsonlogic.json_schema.types import BinaryOp, JSONSchemaType, UnaryOp, UnsupportedOperation

from bizcore.rules.coercion import numeral
from bizcore.rules.limits import MAX_DEPTH, MAX_DIGITS

_ORDERED = {"number", "string", "date", "date-time"}
_FORMATS = {"decimal": "number", "date": "date", "date-time": "date-time"}
_KINDS = {
    "null": "null",
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "string": "string",
    "array": "array",
    "object": "object",
}


@dataclass(frozen=True, slots=True)
class Type(JSONSchemaType):
    """The kinds a value may be of: null, boolean, number, string, date, date-time, array, object; "any" is unknown.

    `items` types the elements of an array, `properties` the members of an object; None is unknown. `literal` is the
    text a rule itself writes, which may stand for a number or a date.
    """

    kinds: frozenset[str]
    items: "Type | None" = None
    properties: "Mapping[str, Type] | None" = field(default=None, hash=False)
    literal: str | None = None

    @property
    def name(self) -> str:
        return " or ".join(sorted(self.kinds))

    @property
    def is_any(self) -> bool:
        return "any" in self.kinds

    def __or__(self, other: JSONSchemaType, /) -> "Type":  # type: ignore[override]
        assert isinstance(other, Type)
        return union([self, other])

    def without_null(self) -> "Type":
        return Type(self.kinds - {"null"} or frozenset({"null"}), self.items, self.properties, self.literal)

    def reads_as(self, kind: str) -> bool:
        """Whether it can be taken for a value of this kind."""
        if kind in self.kinds or self.is_any or kind == "any":
            return True
        if self.literal is None:
            return False
        if kind == "number":
            return numeral(self.literal) is not None
        return kind in {"date", "date-time"} and _is_iso(self.literal, kind)

    def is_only(self, kind: str) -> bool:
        return self.is_any or self.kinds == {kind} or (self.literal is not None and self.reads_as(kind))

    def can_equal(self, other: "Type") -> bool:
        if self.is_any or other.is_any:
            return True
        return any(other.reads_as(kind) for kind in self.kinds) or any(self.reads_as(kind) for kind in other.kinds)

    def is_ordered_with(self, other: "Type") -> bool:
        if self.is_any or other.is_any:
            return True
        return any(self.is_only(kind) and other.is_only(kind) for kind in _ORDERED)

    def binary_op(self, other: JSONSchemaType, op: BinaryOp, /) -> "Type":
        assert isinstance(other, Type)
        if op in {"<", "<=", ">", ">="}:
            if self.is_ordered_with(other):
                return BOOLEAN
        elif self.is_only("number") and other.is_only("number"):
            return NUMBER
        raise UnsupportedOperation

    def unary_op(self, op: UnaryOp) -> "Type":
        if op == "bool":
            return BOOLEAN
        if self.is_only("number"):
            return NUMBER
        raise UnsupportedOperation


ANY = Type(frozenset({"any"}))
NULL = Type(frozenset({"null"}))
BOOLEAN = Type(frozenset({"boolean"}))
NUMBER = Type(frozenset({"number"}))
STRING = Type(frozenset({"string"}))


def union(types: Iterable[Type]) -> Type:
    """What is of any of these types."""
    first, *rest = types
    for other in rest:
        first = _either(first, other)
    return first


def _either(one: Type, other: Type) -> Type:
    if one is other:
        return one
    if one.is_any or other.is_any:
        return ANY
    literal = one.literal if one.literal == other.literal else None
    return Type(one.kinds | other.kinds, _items(one, other), _properties(one, other), literal)


def _items(one: Type, other: Type) -> Type | None:
    if "array" not in one.kinds or "array" not in other.kinds:
        return one.items if "array" in one.kinds else other.items
    return None if one.items is None or other.items is None else _either(one.items, other.items)


def _properties(one: Type, other: Type) -> Mapping[str, Type] | None:
    if "object" not in one.kinds or "object" not in other.kinds:
        return one.properties if "object" in one.kinds else other.properties
    if one.properties is None or other.properties is None:
        return None
    return {
        name: _either(one.properties.get(name, NULL), other.properties.get(name, NULL))
        for name in {**one.properties, **other.properties}
    }


def type_of_literal(literal: object) -> Type:
    """The type of what a rule itself writes."""
    if literal is None:
        return NULL
    if isinstance(literal, bool):
        return BOOLEAN
    if isinstance(literal, str):
        return Type(frozenset({"string"}), literal=literal)
    return NUMBER


def array_of(items: Type | None) -> Type:
    return Type(frozenset({"array"}), items=items)


def _is_iso(text: str, kind: str) -> bool:
    try:
        datetime.fromisoformat(text) if kind == "date-time" else date.fromisoformat(text)
    except ValueError:
        return False
    return True


def from_schema(schema: Mapping[str, Any]) -> Type:
    """The type that a JSON Schema (2020-12) describes by type, format, properties, items, anyOf, oneOf, $ref and enum.

    The format "decimal" makes a string a number, as amounts and quantities travel; what else it says is left to the
    schema's own validation. An object without `properties` is open: nothing is known of its members.
    """
    return _SchemaReader(schema).read(schema, 0)


class _SchemaReader:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._references: dict[str, Type] = {}

    def read(self, schema: Mapping[str, Any] | bool, depth: int) -> Type:
        if isinstance(schema, bool) or depth > MAX_DEPTH:
            return ANY
        if "$ref" in schema:
            return self._referenced(schema["$ref"], depth)
        for alternatives in ("anyOf", "oneOf"):
            if alternatives in schema:
                return union(self.read(each, depth + 1) for each in schema[alternatives])
        names = schema.get("type")
        if names is None:
            values = schema.get("enum", [schema["const"]] if "const" in schema else None)
            return union(Type(type_of_literal(value).kinds) for value in values) if values else ANY
        return union(self._of_kind(name, schema, depth) for name in ([names] if isinstance(names, str) else names))

    def _of_kind(self, name: str, schema: Mapping[str, Any], depth: int) -> Type:
        kind = _KINDS.get(name, "any")
        if kind == "string":
            return Type(frozenset({_FORMATS.get(schema.get("format", ""), "string")}))
        if kind == "array":
            return array_of(self.read(schema["items"], depth + 1) if "items" in schema else None)
        if kind == "object" and "properties" in schema:
            members = {name: self.read(member, depth + 1) for name, member in schema["properties"].items()}
            return Type(frozenset({"object"}), properties=members)
        return Type(frozenset({kind}))

    def _referenced(self, reference: str, depth: int) -> Type:
        if reference not in self._references:
            self._references[reference] = ANY  # a type that contains itself is known one level deep
            target: Any = self._root
            for step in reference.removeprefix("#").split("/")[1:]:
                target = target[step.replace("~1", "/").replace("~0", "~")]
            self._references[reference] = self.read(target, depth + 1)
        return self._references[reference]


def cast(value: object, expected: Type | None) -> object:
    """`value` with its decimals, dates and instants made of the texts in which JSON carries them."""
    if expected is None or expected.is_any:
        return value
    if isinstance(value, str) and "string" not in expected.kinds:
        return _cast_text(value, expected)
    if isinstance(value, list) and expected.items is not None:
        return [cast(item, expected.items) for item in value]
    if isinstance(value, dict) and expected.properties is not None:
        return {key: cast(item, expected.properties.get(key)) for key, item in value.items()}
    return value


def _cast_text(value: str, expected: Type) -> object:
    if "number" in expected.kinds and len(value) <= MAX_DIGITS and numeral(value) is not None:
        return Decimal(value.strip())
    if "date-time" in expected.kinds and _is_iso(value, "date-time"):
        return datetime.fromisoformat(value)
    if "date" in expected.kinds and _is_iso(value, "date"):
        return date.fromisoformat(value)
    return value


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """The names somebody may have meant, most likely first; all of a few when none is near."""
    return get_close_matches(name, known, n=3) or sorted(known)[:20]
