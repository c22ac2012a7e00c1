"""What other contexts ask of the catalog, on PostgreSQL."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from uuid import UUID

import asyncpg

from adapters.postgres.connection import Connection
from bizcore.values import Unit
from contexts.catalog.public import ItemFacts

_ITEMS = """
SELECT i.id, i.sku, i.name, i.kind, i.unit_id, i.category, i.valuation, i.standard_cost, i.sales_price, i.tax_code_id,
       i.active, u.code AS unit_code, u.category AS unit_category, u.numerator, u.denominator
FROM catalog.item i JOIN catalog.unit u ON u.id = i.unit_id WHERE i.id = ANY($1)
"""
_UNITS = """
SELECT id, code AS unit_code, category AS unit_category, numerator, denominator FROM catalog.unit WHERE id = ANY($1)
"""


class PostgresItemDirectory:
    """Implements `contexts.catalog.public.ItemDirectory`; a command asks for an item once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._items: dict[UUID, ItemFacts] = {}
        self._units: dict[UUID, Unit] = {}

    async def items(self, ids: Collection[UUID]) -> Mapping[UUID, ItemFacts]:
        missing = set(ids) - self._items.keys()
        if missing:
            for row in await self._connection.fetch(_ITEMS, list(missing)):
                self._items[row["id"]] = ItemFacts(
                    id=row["id"],
                    sku=row["sku"],
                    name=row["name"],
                    kind=row["kind"],
                    unit_id=row["unit_id"],
                    unit=_unit(row),
                    category=row["category"],
                    valuation=row["valuation"],
                    standard_cost=row["standard_cost"],
                    sales_price=row["sales_price"],
                    tax_code_id=row["tax_code_id"],
                    active=row["active"],
                )
        return {id: self._items[id] for id in ids if id in self._items}

    async def units(self, ids: Collection[UUID]) -> Mapping[UUID, Unit]:
        missing = set(ids) - self._units.keys()
        if missing:
            rows = await self._connection.fetch(_UNITS, list(missing))
            self._units |= {row["id"]: _unit(row) for row in rows}
        return {id: self._units[id] for id in ids if id in self._units}


def _unit(row: asyncpg.Record) -> Unit:
    return Unit(row["unit_code"], row["unit_category"], Fraction(int(row["numerator"]), int(row["denominator"])))
