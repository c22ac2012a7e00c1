"""What catalog knows of the things that lines name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bizcore.values import Unit

EACH: Final = "EA"


@dataclass(frozen=True, slots=True)
class Item:
    id: UUID
    stocked: bool
    unit: Unit
    tax_code_id: UUID | None


@dataclass(frozen=True, slots=True)
class Goods:
    """The items and units of one command's lines."""

    items: Mapping[UUID, Item]
    units: Mapping[UUID, Unit]
    each: Unit

    def unit(self, unit_id: UUID | None, item_id: UUID | None) -> Unit:
        """The unit given, else the item's own, else each. Errors: UNIT_MISMATCH when the item is not measured so."""
        item = self.items[item_id] if item_id is not None else None
        if unit_id is None:
            return item.unit if item is not None else self.each
        unit = self.units[unit_id]
        if item is not None:
            unit.convert(1, item.unit)
        return unit
