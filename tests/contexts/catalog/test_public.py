"""What other contexts are told of items."""

from decimal import Decimal

import pytest

from bizcore.ids import new_id
from bizcore.values import InexactConversion, Quantity, Unit, UnitMismatch
from contexts.catalog.public import ItemFacts, ItemInactive, items_in_use


def facts(sku: str, *, active: bool = True, unit: str = "EA") -> ItemFacts:
    return ItemFacts(
        id=new_id(),
        sku=sku,
        name=sku,
        kind="stock",
        unit_id=new_id(),
        unit=Unit.known[unit],
        category=None,
        valuation="fifo",
        standard_cost=None,
        sales_price=None,
        tax_code_id=None,
        active=active,
    )


class Directory:
    def __init__(self, *items: ItemFacts):
        self.known = {item.id: item for item in items}
        self.item_directory = self

    async def items(self, ids):
        return {id: self.known[id] for id in ids if id in self.known}


async def test_every_item_out_of_use_is_named():
    items = [facts("A"), facts("C", active=False), facts("B", active=False)]
    work = Directory(*items)
    with pytest.raises(ItemInactive) as refusal:
        await items_in_use([item.id for item in items], work)
    assert refusal.value.details == {"items": ["B", "C"]}
    assert await items_in_use([items[0].id], work) == {items[0].id: items[0]}


def test_a_quantity_is_told_in_the_stock_unit_exactly():
    assert facts("A").in_stock_unit(Decimal("1.5"), Unit.known["DZN"]) == Quantity(Decimal(18), "EA")
    assert facts("A", unit="KGM").in_stock_unit(Decimal(1), Unit.known["LBR"]) == Quantity(Decimal("0.45359237"), "KGM")
    with pytest.raises(InexactConversion):
        facts("A", unit="DZN").in_stock_unit(Decimal(1), Unit.known["EA"])
    with pytest.raises(UnitMismatch):
        facts("A").in_stock_unit(Decimal(1), Unit.known["KGM"])
