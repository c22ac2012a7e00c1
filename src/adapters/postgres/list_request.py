"""What a list is asked for: page, order, words and filter, read from a query string and checked against its fields."""

import base64
import binascii
import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final
from uuid import UUID

import orjson

from bizcore.bounds import MAX_PAGE, MAX_REFERENCE
from bizcore.clock import day_of, instant_of
from bizcore.errors import Malformed, ValidationFailed
from bizcore.values import parse_decimal

DEFAULT_PAGE: Final = 50
MAX_CONDITIONS: Final = 50
MAX_CHOICES: Final = 200  # values of one `in`
MAX_SORT_FIELDS: Final = 8
MAX_WORDS: Final = 20

ATTRIBUTE: Final = "attr."
NEWEST_FIRST: Final = "-id"
_DIGEST_BYTES: Final = 8


class CursorMismatch(Malformed):
    """The cursor belongs to another filter, order or search than the one it came with."""

    code = "CURSOR_MISMATCH"


class FieldKind(Enum):
    """What the values of a field are, and so which operators compare it."""

    TEXT = "text"
    ID = "id"
    REFERENCE = "reference"
    DATE = "date"
    INSTANT = "instant"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    LIST = "list"  # of texts: equality asks whether one is in it
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class ListField:
    """One field of a list. `ref` is the kind of thing that a REFERENCE names, by id or by natural code."""

    name: str
    kind: FieldKind
    ref: str | None = None


class Operator(Enum):
    EQ = "eq"
    NE = "ne"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    LIKE = "like"  # ignores case; * stands for any text, and without one the text may stand anywhere
    NULL = "null"  # null:true or null:false


_EQUAL = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NULL})
_ORDERED = _EQUAL | {Operator.GT, Operator.GTE, Operator.LT, Operator.LTE}
_ALLOWED: Mapping[FieldKind, frozenset[Operator]] = {
    FieldKind.TEXT: _ORDERED | {Operator.LIKE},
    FieldKind.ID: _ORDERED,
    FieldKind.REFERENCE: _EQUAL,
    FieldKind.DATE: _ORDERED,
    FieldKind.INSTANT: _ORDERED,
    FieldKind.DECIMAL: _ORDERED,
    FieldKind.INTEGER: _ORDERED,
    FieldKind.BOOLEAN: _EQUAL,
    FieldKind.LIST: _EQUAL,
    FieldKind.OBJECT: frozenset(),
}
_OF_ATTRIBUTES = _EQUAL | {Operator.LIKE}

Value = str | UUID | date | datetime | Decimal | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator values`; a `field` that begins with "attr." is one of the organization's own. IN has several
    values, every other operator one."""

    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class ListRequest:
    """`after` holds the sort values of the last row of the page before, the id last; a None there is a null."""

    limit: int = DEFAULT_PAGE
    sort: tuple[SortKey, ...] = (SortKey("id", descending=True),)
    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    after: tuple[Value | None, ...] | None = None

    def cursor(self, last: Sequence[str | None]) -> str:
        """The cursor that continues behind the row whose sort values are `last`."""
        payload = orjson.dumps([self.fingerprint(), *last])
        return base64.urlsafe_b64encode(_digest(payload) + payload).decode().rstrip("=")

    def fingerprint(self) -> str:
        """What makes two requests pages of one list: order, filter and words; not the page's size or its fields."""
        said = (self.sort, self.conditions, self.words)
        return hashlib.blake2b(repr(said).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def parse_list_request(
    parameters: Sequence[tuple[str, str]], fields: Mapping[str, ListField], *, default_sort: str = NEWEST_FIRST
) -> ListRequest:
    """The request that a query string writes out.

    Errors: MALFORMED naming the parameter and the nearest field where one is unknown; CURSOR_MISMATCH.
    """
    own: dict[str, str] = {}
    conditions: list[Condition] = []
    for name, text in parameters:
        if "\0" in text:
            raise Malformed("A value cannot hold the character NUL.", parameter=name)
        if name == "filter":
            conditions += _filter(text, fields)
        elif name in _PARAMETERS:
            if name in own:
                raise Malformed(f"{name} is given twice.", parameter=name)
            own[name] = text
        else:
            conditions.append(_short_condition(name, text, fields))
    if len(conditions) > MAX_CONDITIONS:
        raise Malformed("Too many conditions.", parameter="filter", limit=MAX_CONDITIONS, given=len(conditions))
    request = ListRequest(
        limit=_limit(own.get("limit")),
        sort=_sort(own.get("sort", default_sort), fields),
        conditions=tuple(conditions),
        words=_words(own.get("q", "")),
        fields=_chosen(own.get("fields"), fields),
        expand=_expanded(own.get("expand"), fields),
    )
    if "cursor" not in own:
        return request
    return replace(request, after=_after(own["cursor"], request, fields))


_PARAMETERS: Final = ("limit", "cursor", "sort", "q", "filter", "fields", "expand")


def _known(name: str, fields: Mapping[str, ListField], parameter: str) -> ListField:
    field = fields.get(name)
    if field is None:
        choices = [*fields, *(_PARAMETERS if parameter == name else ())]
        near = difflib.get_close_matches(name, choices, n=1, cutoff=0)
        shown = name[:100]
        raise Malformed(
            f"{shown} is no field of this list" + (f"; did you mean {near[0]}?" if near else "."),
            parameter=parameter[:100],
            given=shown,
            nearest=near[0] if near else None,
            allowed=sorted(fields),
        )
    return field


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE):
        raise Malformed(f"limit is a number from 1 to {MAX_PAGE}.", parameter="limit", given=text[:100])
    return int(text)


def _sort(text: str, fields: Mapping[str, ListField]) -> tuple[SortKey, ...]:
    keys: list[SortKey] = []
    for part in text.split(","):
        name = part.removeprefix("-")
        field = _known(name, fields, "sort")
        if field.kind in (FieldKind.LIST, FieldKind.OBJECT):
            raise Malformed(f"{name} has no order.", parameter="sort", given=name)
        if any(key.field == name for key in keys):
            raise Malformed(f"{name} is named twice in the order.", parameter="sort", given=name)
        keys.append(SortKey(name, part.startswith("-")))
    if len(keys) > MAX_SORT_FIELDS:
        raise Malformed("Too many fields in the order.", parameter="sort", limit=MAX_SORT_FIELDS, given=len(keys))
    # The id makes the order total; what would follow it could never decide.
    before_id = next((at for at, key in enumerate(keys) if key.field == "id"), None)
    return tuple(keys[: before_id + 1]) if before_id is not None else (*keys, SortKey("id", keys[-1].descending))


def _words(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if len(words) > MAX_WORDS:
        raise Malformed("Too many words.", parameter="q", limit=MAX_WORDS, given=len(words))
    return words


def _chosen(text: str | None, fields: Mapping[str, ListField]) -> tuple[str, ...]:
    if text is None:
        return ()
    return tuple(dict.fromkeys(_known(name, fields, "fields").name for name in text.split(",")))


def _expanded(text: str | None, fields: Mapping[str, ListField]) -> tuple[str, ...]:
    if text is None:
        return ()
    references = {name: field for name, field in fields.items() if field.kind is FieldKind.REFERENCE}
    return tuple(dict.fromkeys(_known(name, references, "expand").name for name in text.split(",")))


def _short_condition(name: str, text: str, fields: Mapping[str, ListField]) -> Condition:
    """`total=gte:100`, `phase=in:draft,review`, `phase=draft`: what does not begin with an operator is a value."""
    head, colon, rest = text.partition(":")
    operator = _OPERATORS.get(head) if colon else None
    if operator is None:
        return _condition(name, Operator.EQ, [text], fields)
    return _condition(name, operator, rest.split(",") if operator is Operator.IN else [rest], fields)


_OPERATORS: Final = {operator.value: operator for operator in Operator}


def _filter(text: str, fields: Mapping[str, ListField]) -> list[Condition]:
    """`{"phase": {"in": ["draft"]}, "total": {"gte": "100", "lt": "200"}, "currency": "EUR", "title": null}`."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Malformed("filter is no JSON.", parameter="filter") from None
    if not isinstance(given, dict):
        raise Malformed("filter is an object of conditions by field.", parameter="filter")
    conditions = []
    for name, wanted in given.items():
        if not isinstance(wanted, dict):
            wanted = {"null": True} if wanted is None else {"eq": wanted}
        for code, value in wanted.items():
            operator = _OPERATORS.get(code)
            if operator is None:
                raise Malformed(
                    f"{code[:100]} is no operator.", parameter="filter", given=code[:100], allowed=sorted(_OPERATORS)
                )
            values = value if isinstance(value, list) and operator is Operator.IN else [value]
            conditions.append(_condition(name, operator, [_plain_text(item) for item in values], fields))
    return conditions


def _plain_text(value: object) -> str:
    """A JSON value as the short form would write it. A fraction is written as text, for a JSON number is a float."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str() if "\0" not in value:
            return value
    raise Malformed("A filter compares with texts, whole numbers, true or false.", parameter="filter")


def _condition(name: str, operator: Operator, texts: list[str], fields: Mapping[str, ListField]) -> Condition:
    if name.startswith(ATTRIBUTE) and "attributes" in fields and len(name) > len(ATTRIBUTE):
        if "\0" in name:
            raise Malformed("A name cannot hold the character NUL.", parameter="filter")
        kind, allowed = FieldKind.TEXT, _OF_ATTRIBUTES
    else:
        kind = _known(name, fields, name).kind
        allowed = _ALLOWED[kind]
    if operator not in allowed:
        raise Malformed(
            f"{name[:100]} is not compared by {operator.value}.",
            parameter=name[:100],
            given=operator.value,
            allowed=sorted(choice.value for choice in allowed),
        )
    if not texts:
        raise Malformed(f"{name[:100]} is compared with no value.", parameter=name[:100])
    if len(texts) > MAX_CHOICES:
        raise Malformed("Too many values.", parameter=name[:100], limit=MAX_CHOICES, given=len(texts))
    read = _boolean if operator is Operator.NULL else str if operator is Operator.LIKE else _READ[kind]
    values = []
    for text in texts:
        try:
            values.append(read(text))
        except (ValueError, OverflowError, ValidationFailed):
            expected = "true or false" if read is _boolean else kind.value
            raise Malformed(f"{text[:100]!r} is no {expected}.", parameter=name[:100], given=text[:100]) from None
    return Condition(name, operator, tuple(values))


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def _reference(text: str) -> str:
    if len(text) > MAX_REFERENCE:
        raise ValueError("no id or code is as long")
    return text


def _integer(text: str) -> Decimal:
    """As a decimal, so that a number beyond the column's range is compared and not refused by the driver."""
    return parse_decimal(text, decimals=0)


_READ: Mapping[FieldKind, Callable[[str], Value]] = {
    FieldKind.TEXT: str,
    FieldKind.REFERENCE: _reference,
    FieldKind.ID: UUID,
    FieldKind.DATE: day_of,
    FieldKind.INSTANT: instant_of,
    FieldKind.DECIMAL: parse_decimal,
    FieldKind.INTEGER: _integer,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.LIST: str,
}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# The values of a row that exists, whatever may be asked for.
_READ_AGAIN: Mapping[FieldKind, Callable[[str], Value]] = {
    **_READ,
    FieldKind.REFERENCE: UUID,
    FieldKind.DATE: date.fromisoformat,
    FieldKind.INSTANT: _instant,
}


def _after(text: str, request: ListRequest, fields: Mapping[str, ListField]) -> tuple[Value | None, ...]:
    """The sort values a cursor holds. It checks itself, and its values are read by their kinds, so a forged one is at
    worst a place where nobody stopped."""
    broken = Malformed("This is no cursor of ours.", parameter="cursor")
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        payload = decoded[_DIGEST_BYTES:]
        if decoded[:_DIGEST_BYTES] != _digest(payload):
            raise broken
        fingerprint, *values = orjson.loads(payload)
    except (binascii.Error, ValueError, TypeError):
        raise broken from None
    if fingerprint != request.fingerprint():
        raise CursorMismatch(
            "The cursor belongs to another filter, order or search: begin again without it.", parameter="cursor"
        )
    kinds = [fields[key.field].kind for key in request.sort]
    try:
        return tuple(
            None if value is None else _READ_AGAIN[kind](value) for kind, value in zip(kinds, values, strict=True)
        )
    except (ValueError, TypeError, AttributeError, OverflowError, ValidationFailed):
        raise broken from None


def _digest(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_BYTES, person=b"bizcore cursor").digest()
