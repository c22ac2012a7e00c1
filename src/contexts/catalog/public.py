"""What other contexts may ask of the catalog."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from bizcore.values import Quantity, Unit
from contexts.catalog.domain.item import ItemKind, Valuation
from contexts.catalog.errors import ItemInactive

__all__ = [
    "HasItemDirectory",
    "ItemDirectory",
    "ItemFacts",
    "ItemInactive",
    "ItemKind",
    "Valuation",
    "items_in_use",
    "units_by_id",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What a line needs to know of its item. Prices are per stock unit, in the company's currency."""

    id: UUID
    sku: str
    name: str
    kind: ItemKind
    unit_id: UUID
    unit: Unit
    category: str | None
    valuation: Valuation | None
    standard_cost: Decimal | None
    sales_price: Decimal | None
    tax_code_id: UUID | None
    active: bool

    @property
    def stocked(self) -> bool:
        return self.kind == "stock"

    def in_stock_unit(self, amount: Decimal, unit: Unit) -> Quantity:
        """`amount` of `unit` in the item's stock unit, exactly. Errors: UNIT_MISMATCH, INEXACT_CONVERSION."""
        return Quantity(amount, unit.code).convert(unit, self.unit)


class ItemDirectory(Protocol):
    async def items(self, ids: Collection[UUID]) -> Mapping[UUID, ItemFacts]:
        """Unlocked, in one statement; what does not exist is left out."""

    async def units(self, ids: Collection[UUID]) -> Mapping[UUID, Unit]:
        """In one statement; what does not exist is left out."""


class HasItemDirectory(Protocol):
    @property
    def item_directory(self) -> ItemDirectory: ...


async def items_in_use(ids: Collection[UUID], work: HasItemDirectory) -> Mapping[UUID, ItemFacts]:
    """The items of new lines. Errors: ITEM_INACTIVE naming every one that is out of use."""
    found = await work.item_directory.items(ids)
    inactive = sorted(item.sku for item in found.values() if not item.active)
    if inactive:
        raise ItemInactive(f"{', '.join(inactive)}: out of use.", items=inactive)
    return found


async def units_by_id(ids: Collection[UUID], work: HasItemDirectory) -> Mapping[UUID, Unit]:
    return await work.item_directory.units(ids)
