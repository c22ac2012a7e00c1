"""The reports of stock: sums over moves and layers, each with the rows it is made of."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from adapters.postgres.reading import PostgresReading
from adapters.postgres.views import EVER, EVER_KNOWN
from bizcore.documents import Company
from bizcore.errors import Malformed
from bizcore.explained import Explained, ExplainedRow
from contexts.inventory.queries import (
    LayerRow,
    MoveRow,
    Moves,
    MovesAnswer,
    Stock,
    StockAnswer,
    StockRow,
    Valuation,
    ValuationAnswer,
    ValuationRow,
)


class PostgresStockReports:
    """Implements `contexts.inventory.queries.StockReports`."""

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    async def stock(self, query: Stock) -> StockAnswer:
        company, as_of, known = self._view(query)
        by_location = query.group_by == "location" or query.location is not None
        rows = await self._reading.connection.fetch(
            _STOCK.format(location="e.location_id" if by_location else "NULL::uuid"),
            company.id, as_of, known, query.item, query.location, company.currency, query.explain,
        )  # fmt: skip
        return StockAnswer(
            company=company.id,
            currency=company.currency,
            as_of=query.as_of,
            known_at=query.known_at,
            data=tuple(_stock_row(_plain(row), by_location=by_location, explain=query.explain) for row in rows),
        )

    async def valuation(self, query: Valuation) -> ValuationAnswer:
        company, as_of, known = self._view(query)
        row = await self._reading.connection.fetchrow(
            _VALUATION, company.id, as_of, known, query.item, company.currency, query.explain
        )
        assert row is not None
        return ValuationAnswer(
            company=company.id,
            currency=company.currency,
            as_of=query.as_of,
            known_at=query.known_at,
            rows=tuple(_valuation_row(item, explain=query.explain) for item in orjson.loads(row["rows"])),
            total=row["total"],
        )

    async def moves(self, query: Moves) -> MovesAnswer:
        company, as_of, known = self._view(query)
        rows = await self._reading.connection.fetch(
            _MOVES,
            company.id, as_of, known, query.item, query.location, _before(query.cursor), query.limit + 1,
            company.currency,
        )  # fmt: skip
        data = tuple(MoveRow(**_plain(row)) for row in rows[: query.limit])
        return MovesAnswer(
            company=company.id,
            currency=company.currency,
            data=data,
            next_cursor=str(data[-1].id) if len(rows) > query.limit else None,
        )

    def _view(self, query: Stock | Valuation | Moves) -> tuple[Company, date, datetime]:
        """Whose stock is asked for, until which day and as known when."""
        return self._reading.company(query.company), query.as_of or EVER, query.known_at or EVER_KNOWN


def _plain(row: Record) -> dict[str, Any]:
    """The row with ids of the standard library: JSON encoders refuse the driver's own class of them."""
    return {name: UUID(int=value.int) if isinstance(value, UUID) else value for name, value in row.items()}


def _before(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor is not None else None
    except ValueError:
        raise Malformed("This cursor is none of ours.", parameter="cursor", given=str(cursor)[:100]) from None


def _stock_row(row: Mapping[str, Any], *, by_location: bool, explain: bool) -> StockRow:
    explained = None
    if explain:
        moved = orjson.loads(row["rows"])
        explained = {"on_hand": _explained(row["on_hand"], moved, "quantity")}
        explained["reserved"] = Explained(value="0", rows=())
        explained["available"] = explained["on_hand"]
        if not by_location:
            explained["value"] = _explained(row["value"], moved, "value")
    return StockRow(
        item=row["item"],
        item_sku=row["item_sku"],
        item_name=row["item_name"],
        unit=row["unit"],
        location=row["location"],
        location_code=row["location_code"],
        on_hand=row["on_hand"],
        reserved="0",
        available=row["on_hand"],
        value=None if by_location else row["value"],
        explain=explained,
    )


def _valuation_row(item: Mapping[str, Any], *, explain: bool) -> ValuationRow:
    shown = {name: value for name, value in item.items() if name not in ("layers", "moved")}
    explained = None
    if explain:
        explained = {name: _explained(item[name], item["moved"], name) for name in ("quantity", "value")}
    return ValuationRow(**shown, layers=tuple(LayerRow(**layer) for layer in item["layers"]), explain=explained)


def _explained(value: str, rows: list[dict[str, Any]], member: str) -> Explained:
    shared = ("document", "document_type", "document_number", "line", "date", "recorded_at")
    return Explained(
        value=value,
        rows=tuple(ExplainedRow(**{name: row[name] for name in shared}, amount=row[member]) for row in rows),
    )


# One move is up to two rows: out of a place, into a place. Its value belongs to the company, so only what crosses the
# company's border has one.
_EFFECTS: Final = """
    SELECT m.*, m.to_location_id AS location_id, m.quantity AS change,
           CASE WHEN m.from_location_id IS NULL THEN m.value_minor ELSE 0 END AS worth
    FROM inventory.move m WHERE m.to_location_id IS NOT NULL
    UNION ALL
    SELECT m.*, m.from_location_id, -m.quantity, CASE WHEN m.to_location_id IS NULL THEN -m.value_minor ELSE 0 END
    FROM inventory.move m WHERE m.from_location_id IS NOT NULL"""

_STOCK: Final = f"""
SELECT i.id AS item, i.sku AS item_sku, i.name AS item_name, u.code AS unit, s.location, p.code AS location_code,
       trim_scale(s.on_hand)::text AS on_hand, platform.amount_text(s.worth, $6) AS value, s.rows
FROM (SELECT e.item_id, {{location}} AS location, sum(e.change) AS on_hand, sum(e.worth) AS worth,
             CASE WHEN $7 THEN jsonb_agg(jsonb_build_object(
                 'document', e.document_id, 'document_type', d.type, 'document_number', d.number, 'line', e.line_id,
                 'date', e.effective_on, 'recorded_at', platform.instant_text(e.recorded_at),
                 'quantity', trim_scale(e.change)::text, 'value', platform.amount_text(e.worth, $6))
                 ORDER BY e.effective_on, e.id)::text END AS rows
      FROM ({_EFFECTS}) e JOIN platform.document d ON d.id = e.document_id
      WHERE e.company_id = $1 AND e.effective_on <= $2 AND e.recorded_at <= $3
        AND ($4::uuid IS NULL OR e.item_id = $4) AND ($5::uuid IS NULL OR e.location_id = $5)
      GROUP BY 1, 2) s
JOIN catalog.item i ON i.id = s.item_id JOIN catalog.unit u ON u.id = i.unit_id
LEFT JOIN inventory.location p ON p.id = s.location
ORDER BY i.sku, p.code
"""

_VALUATION: Final = f"""
WITH layer AS (
    SELECT l.id, l.item_id, l.sequence, l.effective_on, l.quantity - coalesce(c.quantity, 0) AS quantity,
           l.value_minor - coalesce(c.value_minor, 0) AS value_minor
    FROM inventory.layer l
    LEFT JOIN LATERAL (SELECT sum(c.quantity) AS quantity, sum(c.value_minor) AS value_minor
                       FROM inventory.consumption c
                       WHERE c.layer_id = l.id AND c.effective_on <= $2 AND c.recorded_at <= $3) c ON true
    WHERE l.company_id = $1 AND l.effective_on <= $2 AND l.recorded_at <= $3 AND ($4::uuid IS NULL OR l.item_id = $4)
), item AS (
    SELECT item_id, sum(quantity) AS quantity, sum(value_minor) AS value_minor FROM layer GROUP BY item_id
)
SELECT coalesce((
           SELECT jsonb_agg(jsonb_build_object(
               'item', i.id, 'item_sku', i.sku, 'item_name', i.name, 'unit', u.code, 'valuation', i.valuation,
               'quantity', trim_scale(s.quantity)::text, 'value', platform.amount_text(s.value_minor, $5),
               'layers', coalesce((
                   SELECT jsonb_agg(jsonb_build_object(
                       'document', m.document_id, 'document_number', d.number, 'effective_on', l.effective_on,
                       'quantity', trim_scale(l.quantity)::text,
                       'value', CASE WHEN i.valuation <> 'average' THEN platform.amount_text(l.value_minor, $5) END)
                       ORDER BY l.effective_on, l.sequence)
                   FROM layer l JOIN inventory.move m ON m.id = l.id JOIN platform.document d ON d.id = m.document_id
                   WHERE l.item_id = s.item_id AND l.quantity <> 0), '[]'),
               'moved', CASE WHEN $6 THEN (
                   SELECT jsonb_agg(jsonb_build_object(
                       'document', e.document_id, 'document_type', d.type, 'document_number', d.number,
                       'line', e.line_id, 'date', e.effective_on, 'recorded_at', platform.instant_text(e.recorded_at),
                       'quantity', trim_scale(e.change)::text, 'value', platform.amount_text(e.worth, $5))
                       ORDER BY e.effective_on, e.recorded_at, e.id)
                   FROM ({_EFFECTS}) e JOIN platform.document d ON d.id = e.document_id
                   WHERE e.company_id = $1 AND e.item_id = s.item_id AND e.effective_on <= $2
                     AND e.recorded_at <= $3) END) ORDER BY i.sku)
           FROM item s JOIN catalog.item i ON i.id = s.item_id JOIN catalog.unit u ON u.id = i.unit_id
           WHERE s.quantity <> 0 OR s.value_minor <> 0), '[]')::text AS rows,
       platform.amount_text((SELECT coalesce(sum(value_minor), 0) FROM item), $5) AS total
"""

_MOVES: Final = """
SELECT m.id, m.kind, i.id AS item, i.sku AS item_sku, i.name AS item_name, trim_scale(m.quantity)::text AS quantity,
       u.code AS unit, m.from_location_id AS from_location, f.code AS from_location_code,
       m.to_location_id AS to_location, t.code AS to_location_code, m.effective_on,
       platform.instant_text(m.recorded_at) AS recorded_at, d.id AS document, d.type AS document_type,
       d.number AS document_number, m.line_id AS line, platform.amount_text(m.value_minor, $8) AS value
FROM inventory.move m
JOIN catalog.item i ON i.id = m.item_id JOIN catalog.unit u ON u.id = i.unit_id
JOIN platform.document d ON d.id = m.document_id
LEFT JOIN inventory.location f ON f.id = m.from_location_id
LEFT JOIN inventory.location t ON t.id = m.to_location_id
WHERE m.company_id = $1 AND m.effective_on <= $2 AND m.recorded_at <= $3
  AND ($4::uuid IS NULL OR m.item_id = $4) AND ($5::uuid IS NULL OR $5 IN (m.from_location_id, m.to_location_id))
  AND ($6::uuid IS NULL OR m.id < $6)
ORDER BY m.id DESC LIMIT $7
"""
