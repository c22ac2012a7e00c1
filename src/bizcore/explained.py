"""A derived number beside the rows it is the sum of."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """What one document contributed."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Type")]
    document_number: Annotated[str | None, Field("Number")]
    line: Annotated[UUID | None, Field("Line")]
    date: Annotated[date, Field("Date")]
    recorded_at: Annotated[str, Field("Recorded at")]
    amount: Annotated[str, Field("Amount", help="Signed; the rows add up to the value exactly")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A number and the rows it is the sum of."""

    value: Annotated[str, Field("Value")]
    rows: Annotated[tuple[ExplainedRow, ...], Field("Rows")]
