"""One declared command that has every kind of field, for tests of schema and parsing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from bizcore.documents import DocumentType
from bizcore.documents.view import DocumentView
from bizcore.fields import UNSET, Field, Unset
from bizcore.registry import Registered

PERSON = UUID(int=7)
UNIT = UUID(int=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """One line of a note."""

    text: Annotated[str, Field("Text", max_length=10)]
    weight: Annotated[Decimal, Field("Weight", above=Decimal(0), maximum=Decimal(1000))]
    unit: Annotated[UUID, Field("Unit", ref="unit", example="KGM")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote:
    """Write a note."""

    id: Annotated[UUID, Field("Note")]
    version: Annotated[int, Field("Version")] | None = None
    about: Annotated[UUID, Field("About", ref="party", help="Whom it is about")]
    lines: Annotated[tuple[NoteLine, ...], Field("Lines", min_length=1)]
    readers: Annotated[tuple[UUID, ...], Field("Readers", ref="party")] | None = None
    due_on: Annotated[date, Field("Due")] | None = None
    kind: Annotated[Literal["memo", "letter"], Field("Kind")] = "memo"
    copies: Annotated[int, Field("Copies", minimum=Decimal(1), maximum=Decimal(99))] = 1
    urgent: Annotated[bool, Field("Urgent")] = False
    title: Annotated[str, Field("Title", max_length=20)] | Unset | None = UNSET
    attributes: Annotated[Mapping[str, object], Field("Attributes")] | Unset = UNSET


NOTE: DocumentType[Any] = DocumentType("note", "office", "notes", "Note", (), DocumentView)


async def _never(command: object, work: object) -> UUID:
    raise AssertionError("only declared, never run")


WRITE = Registered(WriteNote, "office.note.update", "PATCH office/notes/{id}", _never, NOTE)
