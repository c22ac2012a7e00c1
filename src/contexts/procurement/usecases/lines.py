"""What the lines of requisitions and orders share: items, units, budgets and currencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from bizcore.documents import Company
from bizcore.errors import ValidationFailed
from bizcore.values import Currency, Unit
from contexts.catalog.public import ItemFacts, items_in_use, units_by_id
from contexts.procurement.ports import ProcurementWork


class LineInput(Protocol):
    @property
    def item(self) -> UUID | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def unit(self) -> UUID | None: ...


class Budgeted(Protocol):
    @property
    def budget_line(self) -> UUID | None: ...


def refuse_anothers(lines: Sequence[Budgeted], company: Company, work: ProcurementWork) -> None:
    """No company pays with another's budget. Errors: UNKNOWN_REFERENCE."""
    for index, line in enumerate(lines):
        if line.budget_line is not None:
            work.require_own(company, line.budget_line, f"/lines/{index}/budget_line")


def known_currency(code: str | None) -> str | None:
    """The code, if it is one. Errors: UNKNOWN_CURRENCY at the field."""
    try:
        return Currency.of(code).code if code is not None else None
    except ValidationFailed as refusal:
        raise refusal.within("/currency") from None


@dataclass(frozen=True, slots=True)
class Goods:
    """The items and units that the lines of one command name."""

    items: Mapping[UUID, ItemFacts]
    units: Mapping[UUID, Unit]

    def unit(self, unit_id: UUID | None, item_id: UUID | None) -> Unit:
        """The unit given, else the item's own, else each. Errors: UNIT_MISMATCH when the item is not measured so."""
        item = self.items[item_id] if item_id is not None else None
        if unit_id is None:
            return item.unit if item is not None else Unit.known["EA"]
        unit = self.units[unit_id]
        if item is not None:
            unit.convert(1, item.unit)
        return unit


async def goods_of(lines: Sequence[LineInput], work: ProcurementWork) -> Goods:
    """What the catalog knows of the lines. Errors: ITEM_INACTIVE; VALIDATION_FAILED for a line that names nothing."""
    for index, line in enumerate(lines):
        if line.item is None and line.description is None:
            raise ValidationFailed.at(f"/lines/{index}", "REQUIRED", "Name an item or describe what is meant.")
    items = {line.item for line in lines if line.item is not None}
    units = {line.unit for line in lines if line.unit is not None}
    return Goods(
        items=await items_in_use(items, work) if items else {},
        units=await units_by_id(units, work) if units else {},
    )
