"""Which events an endpoint wants: patterns over the type, and a filter over the envelope."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

_PATTERN: Final = re.compile(r"\*|[a-z0-9_]+(\.([a-z0-9_]+|\*))*")
MAX_PATTERNS: Final = 50
MAX_FILTER_PATHS: Final = 20


def is_pattern(text: str) -> bool:
    """Whether it is a type or a pattern such as `procurement.purchase_order.*`."""
    return len(text) <= 200 and _PATTERN.fullmatch(text) is not None


def type_matches(pattern: str, event_type: str) -> bool:
    """A `*` stands for one part of a type, at the end for all that follow."""
    wanted, parts = pattern.split("."), event_type.split(".")
    if len(wanted) > len(parts) or (len(wanted) < len(parts) and wanted[-1] != "*"):
        return False
    return all(want in ("*", part) for want, part in zip(wanted, parts, strict=False))


def wants(patterns: Sequence[str], conditions: Mapping[str, object], envelope: Mapping[str, object]) -> bool:
    """Whether the type matches one pattern, and at every path of the filter, such as `data.company`, the envelope has
    the value given, or one of them where a list is given."""
    return any(type_matches(pattern, str(envelope["type"])) for pattern in patterns) and all(
        _at(envelope, path) in (accepted if isinstance(accepted, list) else [accepted])
        for path, accepted in conditions.items()
    )


def is_filter(value: object) -> bool:
    """Whether it maps paths to a plain value or a list of them, each such that JSON keeps it as it is."""
    return (
        isinstance(value, Mapping)
        and len(value) <= MAX_FILTER_PATHS
        and all(_is_kept(path) and all(str(path).split(".")) for path in value)
        and all(
            _is_kept(each)
            for accepted in value.values()
            for each in (accepted if isinstance(accepted, list) else [accepted])
        )
    )


def _is_kept(value: object) -> bool:
    match value:
        case str():
            return "\0" not in value  # PostgreSQL's text holds no NUL
        case int():
            return abs(value) < 2**53  # a larger number would become a float
    return value is None


def _at(value: object, path: str) -> object:
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _Absent
        value = value[part]
    return value


class _Absent:
    """What no filter accepts: JSON's null is a value, and a missing member is not it."""
