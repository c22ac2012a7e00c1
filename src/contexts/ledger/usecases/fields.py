"""Fields that several commands of the ledger share."""

from typing import Annotated, Any
from uuid import UUID

from bizcore.fields import Field
from bizcore.platform import changes

Id = Annotated[UUID, Field("Id")]
Version = Annotated[int | None, Field("Version", help="The version it was read at")]
Name = Annotated[str, Field("Name", min_length=1, max_length=200)]
Active = Annotated[bool, Field("In use", help="What is out of use takes no new references")]
CurrencyCode = Annotated[str, Field("Currency", help="ISO 4217", example="EUR", pattern="^[A-Z]{3}$")]
CompanyRef = Annotated[UUID, Field("Company", help="The only one where it is left out", ref="company")]


def given(command: Any, **columns: str) -> dict[str, Any]:
    """What a PATCH changes, by column; `columns` renames fields that hold references."""
    return {columns.get(name, name): value for name, value in changes.given(command).items()}
