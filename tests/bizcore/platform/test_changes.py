"""Reading a PATCH: absent is not null."""

from dataclasses import dataclass

import pytest

from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Unset
from bizcore.platform.changes import at, given, merged
from bizcore.platform.countries import COUNTRIES, require_country


@dataclass(frozen=True)
class Change:
    id: int = 1
    version: int | None = 2
    name: str | Unset = UNSET
    email: str | Unset | None = UNSET


def test_what_was_given_is_told_from_what_was_left_out():
    assert given(Change()) == {}
    assert given(Change(email=None)) == {"email": None}
    assert given(Change(name="New", email="a@example.com")) == {"name": "New", "email": "a@example.com"}


def test_a_merge_patch_replaces_adds_and_takes_away():
    assert merged({"a": 1, "b": 2}, {"b": None, "c": 3}) == {"a": 1, "c": 3}
    assert merged({}, {"a": None}) == {}


def test_a_value_is_refused_as_the_field_it_stands_in():
    with pytest.raises(ValidationFailed) as refusal, at("/lines/0"):
        require_country("XX", "/country")
    assert refusal.value.fields[0].path == "/lines/0/country"


def test_countries_are_two_capital_letters():
    assert len(COUNTRIES) == 250
    assert all(len(code) == 2 and code.isupper() and code.isalpha() for code in COUNTRIES)
    assert {"DE", "US", "XI"} <= COUNTRIES
