"""Locations, and the append-only rows of stock, on PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from adapters.postgres.inventory import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.types import LimitSql
from adapters.postgres.work import PostgresWork
from bizcore.documents import Company
from bizcore.facts import StockFact
from bizcore.limits import Limit
from bizcore.values import Currency, Money
from contexts.inventory.domain.stock import Booked, Consumption, Layer, Stock, Valuation

_KIND: Final = "location"


class PostgresStock:
    """Implements `contexts.inventory.ports.StockRecords`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def stock(self, limit: Limit, company: Company) -> Stock:
        facts = cast("dict[str, Any]", limit.facts)
        own, currency = str(company.id), Currency.of(company.currency)
        standard_cost = facts["standard_cost"]
        return Stock(
            item_id=limit.key.id,
            sku=facts["sku"],
            unit=facts["unit"],
            valuation=Valuation(facts["valuation"]),
            standard_cost=Decimal(standard_cost) if standard_cost is not None else None,
            layers=[
                Layer(
                    UUID(row["id"]),
                    UUID(row["line"]) if row["line"] else None,
                    row["sequence"],
                    date.fromisoformat(row["effective_on"]),
                    Decimal(row["quantity"]),
                    Money(row["value_minor"], currency),
                    row["whole"],
                )
                for row in facts["layers"]
                if row["company"] == own
            ],
            layers_made=facts["layers_made"].get(own, 0),
            value=Money(facts["values"].get(own, 0), currency),
            at_location={UUID(id): Decimal(quantity) for id, quantity in facts["locations"].items()},
        )

    def moved(
        self,
        fact: StockFact,
        value: Money,
        *,
        layer: Layer | None = None,
        booked: Money | None = None,
        taken: Sequence[Consumption] = (),
    ) -> None:
        writes = self._work.writes
        times = {"effective_on": fact.effective_on, "recorded_at": self._work.call.at}
        owner = {"company_id": fact.company_id, "item_id": fact.item_id}
        writes.insert(
            tables.move,
            {
                "id": fact.id,
                "kind": fact.kind,
                **owner,
                "quantity": fact.quantity,
                "from_location_id": fact.from_location_id,
                "to_location_id": fact.to_location_id,
                "value_minor": value.minor,
                "document_id": fact.document_id,
                "line_id": fact.line_id,
                **times,
            },
        )
        if layer is not None and booked is not None:
            held = {
                "line_id": layer.line_id,
                "sequence": layer.sequence,
                "quantity": layer.quantity,
                "value_minor": layer.value.minor,
                "booked_minor": booked.minor,
            }
            writes.insert(tables.layer, {"id": fact.id, **owner, **held, **times})
        for part in taken:
            took = {"layer_id": part.layer_id, "quantity": part.quantity, "value_minor": part.value.minor}
            writes.insert(tables.consumption, {"move_id": fact.id, **owner, **took, **times})

    async def default_location(self, company_id: UUID) -> UUID:
        found: UUID = await self._work.connection.fetchval(
            "SELECT id FROM inventory.location WHERE company_id = $1 AND is_default", company_id
        )
        return found

    async def booked(self, line_ids: Collection[UUID]) -> Mapping[UUID, Booked]:
        if not line_ids:
            return {}
        rows = await self._work.connection.fetch(
            """SELECT l.line_id, l.quantity, l.booked_minor, c.currency FROM inventory.layer l
               JOIN platform.company c ON c.id = l.company_id WHERE l.line_id = ANY($1)""",
            list(line_ids),
        )
        assert len(rows) == len(line_ids), "a return names a line that was received"
        return {
            row["line_id"]: Booked(row["quantity"], Money(row["booked_minor"], Currency.of(row["currency"])))
            for row in rows
        }

    async def add_location(self, values: Mapping[str, Any]) -> UUID:
        return add_record(self._work, _KIND, tables.location, values)

    async def change_location(self, id: UUID, version: int | None, changes: Mapping[str, Any]) -> UUID:
        before = await load_record(self._work, _KIND, tables.location, id, version)
        save_record(self._work, _KIND, tables.location, before, changes)
        return id


# What an item's moves must know, of all companies: layers with something left, whole values, quantities by place.
STOCK: Final = LimitSql(
    sums="""
    SELECT i.id,
           coalesce((SELECT sum(CASE WHEN m.from_location_id IS NULL THEN m.quantity
                                     WHEN m.to_location_id IS NULL THEN -m.quantity ELSE 0 END)
                     FROM inventory.move m WHERE m.item_id = i.id), 0)::text AS allowed,
           '0' AS taken,
           jsonb_build_object(
               'sku', i.sku, 'unit', u.code, 'valuation', i.valuation, 'standard_cost', i.standard_cost::text,
               'layers', coalesce((
                   SELECT jsonb_agg(jsonb_build_object(
                       'id', l.id, 'company', l.company_id, 'line', l.line_id, 'effective_on', l.effective_on,
                       'sequence', l.sequence, 'quantity', l.quantity::text, 'value_minor', l.value_minor,
                       'whole', l.whole)
                       ORDER BY l.effective_on, l.sequence)
                   FROM (SELECT l.id, l.company_id, l.line_id, l.sequence, l.effective_on,
                                l.quantity - coalesce(c.quantity, 0) AS quantity,
                                l.value_minor - coalesce(c.value_minor, 0) AS value_minor,
                                c.quantity IS NULL AS whole
                         FROM inventory.layer l
                         LEFT JOIN (SELECT layer_id, sum(quantity) AS quantity, sum(value_minor) AS value_minor
                                    FROM inventory.consumption WHERE item_id = i.id GROUP BY layer_id) c
                           ON c.layer_id = l.id
                         WHERE l.item_id = i.id) l
                   WHERE l.quantity > 0), '[]'),
               'layers_made', coalesce((
                   SELECT jsonb_object_agg(n.company_id, n.sequence)
                   FROM (SELECT l.company_id, max(l.sequence) AS sequence
                         FROM inventory.layer l WHERE l.item_id = i.id GROUP BY l.company_id) n), '{}'),
               'values', coalesce((
                   SELECT jsonb_object_agg(v.company_id, v.value_minor)
                   FROM (SELECT m.company_id, sum(CASE WHEN m.from_location_id IS NULL THEN m.value_minor
                                                       ELSE -m.value_minor END)::bigint AS value_minor
                         FROM inventory.move m WHERE m.item_id = i.id GROUP BY m.company_id) v), '{}'),
               'locations', coalesce((
                   SELECT jsonb_object_agg(p.location_id, p.quantity::text)
                   FROM (SELECT e.location_id, sum(e.quantity) AS quantity
                         FROM (SELECT to_location_id AS location_id, quantity FROM inventory.move
                               WHERE item_id = i.id AND to_location_id IS NOT NULL
                               UNION ALL
                               SELECT from_location_id, -quantity FROM inventory.move
                               WHERE item_id = i.id AND from_location_id IS NOT NULL) e
                         GROUP BY e.location_id) p), '{}')) AS facts
    FROM catalog.item i JOIN catalog.unit u ON u.id = i.unit_id WHERE i.id = ANY($ids)"""
)
