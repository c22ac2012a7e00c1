"""Locations: where goods lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from bizcore.fields import UNSET, Field, Unset
from bizcore.records import RecordType
from contexts.inventory.ports import InventoryWork
from contexts.inventory.queries import LocationView

LOCATION: Final = RecordType(
    kind="location", context="inventory", route="inventory/locations", label="Location", view=LocationView
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLocation:
    """Open a place for goods."""

    company: Annotated[UUID | None, Field("Company", ref="company")] = None
    code: Annotated[str, Field("Code", example="NORTH", pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    name: Annotated[str, Field("Name", example="Northern warehouse", min_length=1, max_length=200)]
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLocation:
    """Rename a place, or take it out of use."""

    id: Annotated[UUID, Field("Location")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    name: Annotated[str | Unset, Field("Name", min_length=1, max_length=200)] = UNSET
    active: Annotated[bool | Unset, Field("Active", help="False: no longer in use")] = UNSET
    attributes: Annotated[Mapping[str, object] | Unset, Field("Attributes", help="Replaces them")] = UNSET


async def create_location(command: CreateLocation, work: InventoryWork) -> UUID:
    company = work.company(command.company)
    return await work.stock.add_location(
        {
            "company_id": company.id,
            "code": command.code,
            "name": command.name,
            "is_default": False,
            "active": True,
            "attributes": dict(command.attributes or {}),
        }
    )


async def change_location(command: ChangeLocation, work: InventoryWork) -> UUID:
    given: dict[str, Any] = {"name": command.name, "active": command.active, "attributes": command.attributes}
    changes = {name: value for name, value in given.items() if not isinstance(value, Unset)}
    return await work.stock.change_location(command.id, command.version, changes)
