"""What every document answers, whatever its type; a type's view adds its own members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field

Id = Annotated[UUID, Field("Id", help="uuidv7, so ids sort by age")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A document this one is tied to."""

    kind: Annotated[str, Field("Kind", help="originates, fulfils, bills, settles or reverses")]
    direction: Annotated[str, Field("Direction", help="to: this document names the other; from: the other names it")]
    document: Id
    type: Annotated[str, Field("Type")]
    number: Annotated[str | None, Field("Number")]
    phase: Annotated[str, Field("Phase")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """The header."""

    id: Id
    type: Annotated[str, Field("Type", example="requisition")]
    number: Annotated[str | None, Field("Number", help="null in a dry run, and in a draft of a gapless series")]
    title: Annotated[str | None, Field("Title")]
    company: Annotated[UUID, Field("Company")]
    company_code: Annotated[str, Field("Company code")]
    currency: Annotated[str, Field("Currency", help="ISO 4217")]
    document_date: Annotated[date, Field("Date")]
    state: Annotated[str, Field("State", help="of the workflow")]
    phase: Annotated[str, Field("Phase", help="draft, review, active, done or void")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    total: Annotated[str, Field("Total", help="in the document's currency")]
    created_at: Annotated[datetime, Field("Created at")]
    created_by: Annotated[UUID, Field("Created by")]
    created_by_name: Annotated[str, Field("Created by")]
    updated_at: Annotated[datetime, Field("Changed at")]
    updated_by: Annotated[UUID, Field("Changed by")]
    updated_by_name: Annotated[str, Field("Changed by")]
    attributes: Annotated[Mapping[str, object], Field("Attributes", help="the organization's own fields")]
    links: Annotated[tuple[LinkView, ...], Field("Links")]
