"""What records share in reading their input: a PATCH in which absent is not null, values judged where they stand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Unset

_NAMES_THE_RECORD = frozenset({"id", "version"})


def given(command: Any) -> dict[str, Any]:
    """The fields of a PATCH command that the caller gave."""
    values = {item.name: getattr(command, item.name) for item in fields(command) if item.name not in _NAMES_THE_RECORD}
    return {name: value for name, value in values.items() if value is not UNSET}


def merged(before: Mapping[str, object], patch: Mapping[str, object] | Unset | None) -> dict[str, object]:
    """A merge patch (RFC 7396) of a flat object: null takes a member away, null for the whole all; absent, it stays."""
    if patch is None:
        return {}
    named = {} if isinstance(patch, Unset) else patch
    return {name: value for name, value in {**before, **named}.items() if value is not None}


@contextmanager
def at(path: str) -> Iterator[None]:
    """A value refused within is refused as the field at `path`."""
    try:
        yield
    except ValidationFailed as refusal:
        raise refusal.within(path) from None
