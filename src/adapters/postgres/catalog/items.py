"""Items on PostgreSQL."""

from typing import Any, Final
from uuid import UUID

from adapters.postgres.catalog import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.work import PostgresWork
from contexts.catalog.domain.item import Item

_KIND: Final = "item"


class PostgresItems:
    """Implements `contexts.catalog.ports.Items`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work
        self._loaded: dict[UUID, dict[str, Any]] = {}

    def add(self, item: Item) -> None:
        fixed = {"id": item.id, "sku": item.sku, "kind": item.kind, "unit_id": item.unit, "valuation": item.valuation}
        add_record(self._work, _KIND, tables.item, {**fixed, **_to_row(item)})

    async def get(self, id: UUID, *, version: int | None) -> Item:
        row = await load_record(self._work, _KIND, tables.item, id, version)
        self._loaded[id] = row
        return Item(
            id=row["id"],
            sku=row["sku"],
            name=row["name"],
            kind=row["kind"],
            unit=row["unit_id"],
            category=row["category"],
            valuation=row["valuation"],
            standard_cost=row["standard_cost"],
            sales_price=row["sales_price"],
            tax_code=row["tax_code_id"],
            attributes=row["attributes"],
            active=row["active"],
        )

    def save(self, item: Item, *, happened: str = "changed") -> None:
        save_record(self._work, _KIND, tables.item, self._loaded[item.id], _to_row(item), happened=happened)


def _to_row(item: Item) -> dict[str, Any]:
    """What may change."""
    return {
        "name": item.name,
        "category": item.category,
        "standard_cost": item.standard_cost,
        "sales_price": item.sales_price,
        "tax_code_id": item.tax_code,
        "attributes": dict(item.attributes),
        "active": item.active,
    }
