"""The commands of units. A unit never changes: quantities were written in it."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.values import Unit
from contexts.catalog.ports import CatalogWork

_LARGEST = Decimal(10**15)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUnit:
    """Add a unit of measure, such as a pallet of 48 boxes."""

    code: Annotated[str, Field("Code", example="PALLET", max_length=32, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    name: Annotated[str, Field("Name", min_length=1, max_length=100)]
    category: Annotated[
        str, Field("Category", help="Only units of one category convert", example="count", min_length=1, max_length=50)
    ]
    numerator: Annotated[
        int,
        Field("Numerator", help="Base units of the category in it", example=48, minimum=Decimal(1), maximum=_LARGEST),
    ] = 1
    denominator: Annotated[
        int, Field("Denominator", help="Divides the numerator", minimum=Decimal(1), maximum=_LARGEST)
    ] = 1


async def create_unit(command: CreateUnit, work: CatalogWork) -> UUID:
    id = new_id()
    unit = Unit(command.code, command.category, Fraction(command.numerator, command.denominator))
    work.units.add(id, unit, command.name)
    return id
