"""What a command, query or record must say of itself, and that a gap is found when the program is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest

from bizcore.documents import DocumentType
from bizcore.documents.commands import AddComment, AttachFile, TakeAction
from bizcore.documents.view import DocumentView
from bizcore.fields import UNSET, Field, Unset, check_declaration, describe, element
from bizcore.limits import KINDS, Limit, LimitKey
from bizcore.registry import Registered, RegisteredQuery

NOTE = DocumentType("note", "office", "notes", "Note", (), DocumentView)


@dataclass(frozen=True, kw_only=True)
class Line:
    text: Annotated[str, Field("Text")]


@dataclass(frozen=True, kw_only=True)
class Write:
    """Write a note."""

    subject: Annotated[UUID, Field("Subject", ref="party", help="Whom it is about")]
    lines: Annotated[tuple[Line, ...], Field("Lines")]
    weight: Annotated[Decimal, Field("Weight", above=Decimal(0))] | None = None
    title: Annotated[str, Field("Title")] | Unset | None = UNSET
    words: Annotated[Mapping[str, object], Field("Words")] | Unset = UNSET


@dataclass(frozen=True)
class Undescribed:
    weight: int


@dataclass(frozen=True)
class UndescribedWithin:
    lines: Annotated[tuple[Undescribed, ...], Field("Lines")]


@dataclass(frozen=True)
class UndescribedOption:
    line: Annotated[Undescribed, Field("Line")] | None = None


async def write(command: Any, work: Any) -> UUID:
    raise AssertionError("only declared, never run")


def test_a_field_is_described_apart_from_its_type() -> None:
    subject, lines, weight, title, words = describe(Write)
    assert (subject.name, subject.type, subject.required, subject.nullable) == ("subject", UUID, True, False)
    assert (subject.info.label, subject.info.ref) == ("Subject", "party")
    assert (lines.type, element(lines.type), lines.required) == (tuple[Line, ...], Line, True)
    assert (weight.type, weight.required, weight.nullable, weight.info.above) == (Decimal, False, True, Decimal(0))
    assert (title.type, title.required, title.nullable) == (str, False, True)
    assert (words.required, words.nullable) == (False, False)


@pytest.mark.parametrize(
    ("declaration", "named"),
    [
        (Undescribed, "Undescribed.weight"),
        (UndescribedWithin, "Undescribed.weight"),
        (UndescribedOption, "Undescribed.weight"),
    ],
)
def test_an_undescribed_field_is_refused_at_any_depth(declaration: type, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        check_declaration(declaration)


@pytest.mark.parametrize("declaration", [TakeAction, AddComment, AttachFile, DocumentView, Write])
def test_what_the_kernel_declares_is_described(declaration: type) -> None:
    check_declaration(declaration)


def command(**changes: Any) -> Registered[Any, Any]:
    given = {"command": Write, "permission": "office.note.create", "route": "POST office/notes", "subject": NOTE}
    return Registered(**{**given, "handle": write, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"permission": ""}, "is not a permission"),
        ({"permission": "office.note"}, "is not a permission"),
        ({"permission": "office.note.*"}, "is not a permission"),
        ({"route": "GET office/notes"}, "is not a route"),
        ({"route": "POST /office/notes"}, "is not a route"),
        ({"route": "office/notes"}, "is not a route"),
        ({"route": "POST "}, "is not a route"),
        ({"command": Undescribed}, "has no Field"),
        ({"command": UUID}, "is not a dataclass"),
    ],
)
def test_a_command_that_lacks_something_fails_at_import(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        command(**changes)


def test_a_query_that_would_change_something_fails_at_import() -> None:
    with pytest.raises(ValueError, match="is not a route"):
        RegisteredQuery(Write, "office.note.read", "POST office/notes", write, DocumentView)


def test_a_command_creates_when_its_route_names_no_subject() -> None:
    assert command().creates
    assert not command(route="POST office/notes/{id}/sign").creates
    assert not command(route="PATCH office/notes/{id}").creates


def test_an_operation_is_named_after_its_permission_unless_it_says_otherwise() -> None:
    assert command().name == "office.note.create"
    assert command(name="office.note.create_many").name == "office.note.create_many"


def test_a_document_type_knows_its_route_and_its_permissions() -> None:
    assert (NOTE.route, NOTE.permission("approve")) == ("office/notes", "office.note.approve")


# -- limits ------------------------------------------------------------------------------------------------------------


def test_limits_are_locked_kind_by_kind_in_one_order_for_everybody() -> None:
    ids = [UUID(int=n << 64) for n in (3, 1, 2)]
    keys = [LimitKey(kind, id) for id in ids for kind in reversed(KINDS)]
    locked = sorted(keys, key=lambda key: key.lock)
    assert [(key.kind, key.id) for key in locked] == [(kind, id) for kind in KINDS for id in sorted(ids)]


def test_the_order_of_locks_survives_a_sort_as_text_because_ten_kinds_are_not_reached() -> None:
    assert len(KINDS) <= 10


def test_a_limit_of_an_unknown_kind_has_no_place_in_the_order() -> None:
    with pytest.raises(ValueError, match="lock order"):
        LimitKey("patience", UUID(int=1))


def test_two_lines_on_one_limit_see_each_other() -> None:
    limit = Limit(LimitKey("budget", UUID(int=1)), allowed=Decimal(100), taken=Decimal(30))
    assert limit.available == 70
    limit.take(Decimal("69.99"))
    assert limit.available == Decimal("0.01")
    limit.take(Decimal(-50))
    assert limit.available == Decimal("50.01")
