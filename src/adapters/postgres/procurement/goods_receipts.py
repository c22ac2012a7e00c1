"""Goods receipts in PostgreSQL."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from adapters.postgres.lists import d, header_columns, header_from, reference
from adapters.postgres.parties.tables import party
from adapters.postgres.platform.tables import document as platform_document
from adapters.postgres.procurement import tables
from adapters.postgres.procurement.rows import id_of, terms_of_row, write_lines
from adapters.postgres.types import DocumentSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore.values import Money
from contexts.procurement.domain.goods_receipt import GoodsReceipt, GoodsReceiptLine
from contexts.procurement.domain.value import Terms, Value


class PostgresGoodsReceipts:
    """Implements `contexts.procurement.ports.GoodsReceipts`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def get(self, id: UUID) -> GoodsReceipt:
        document = self._work.documents[id]
        row = self._work.loaded[id].aggregate
        terms = terms_of_row(row, document.currency, document.company.currency)
        return GoodsReceipt(
            document=document,
            order_id=UUID(row["order_id"]),
            terms=terms,
            lines=[_line(line, terms) for line in row["lines"] or ()],
        )

    def add(self, receipt: GoodsReceipt) -> None:
        document = receipt.document
        self._work.insert(tables.goods_receipt, {"id": document.id, "order_id": receipt.order_id}, of=document)
        write_lines(self._work, tables.goods_receipt_line, document, {}, _line_rows(receipt))

    def save(self, receipt: GoodsReceipt) -> None:
        earlier = self.get(receipt.document.id)
        write_lines(self._work, tables.goods_receipt_line, receipt.document, _line_rows(earlier), _line_rows(receipt))


def _line_rows(receipt: GoodsReceipt) -> dict[UUID, dict[str, Any]]:
    return {line.id: _line_row(line) for line in receipt.lines}


def _line_row(line: GoodsReceiptLine) -> dict[str, Any]:
    return {
        "order_line_id": line.order_line_id,
        "quantity": line.quantity,
        "unit": line.unit,
        "quantity_ordered_unit": line.quantity_ordered_unit,
        "unit_price": line.unit_price,
        "net_minor": line.value.amount.minor,
        "net_company_minor": line.value.company.minor,
        "budget_line_id": line.budget_line_id,
        "dimensions": dict(line.dimensions),
        "location_id": line.location_id,
        "lot": line.lot,
        "serials": list(line.serials),
    }


def _line(row: Mapping[str, Any], terms: Terms) -> GoodsReceiptLine:
    return GoodsReceiptLine(
        id=UUID(row["id"]),
        order_line_id=UUID(row["order_line_id"]),
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        quantity_ordered_unit=Decimal(row["quantity_ordered_unit"]),
        unit_price=Decimal(row["unit_price"]),
        value=Value(Money(row["net_minor"], terms.currency), Money(row["net_company_minor"], terms.conversion.own)),
        budget_line_id=id_of(row["budget_line_id"]),
        dimensions=row["dimensions"],
        location_id=id_of(row["location_id"]),
        lot=row["lot"],
        serials=tuple(row["serials"]),
    )


_AGGREGATE: Final = """(
    SELECT jsonb_build_object(
        'order_id', g.order_id, 'rate_base', o.rate_base, 'rate', o.rate::text,
        'lines', (
            SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                'quantity', l.quantity::text, 'quantity_ordered_unit', l.quantity_ordered_unit::text,
                'unit_price', l.unit_price::text) ORDER BY pl.position)
            FROM procurement.goods_receipt_line l JOIN platform.line pl ON pl.id = l.id WHERE l.document_id = d.id))
    FROM procurement.goods_receipt g JOIN procurement.purchase_order o ON o.id = g.order_id WHERE g.id = d.id)"""

# No budget is among them: what is received was held already.
_LIMIT_KEYS: Final = f"""
    SELECT {lock_text("order_line", "l.order_line_id")}
    FROM procurement.goods_receipt_line l WHERE l.document_id = d.id"""

_VIEW: Final = """(
    SELECT jsonb_build_object(
        'purchase_order', g.order_id, 'purchase_order_number', o.number,
        'supplier', d.party_id, 'supplier_name', p.name, 'received_on', d.document_date,
        'lines', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'position', pl.position, 'order_line', l.order_line_id,
                'item', ol.item_id, 'item_sku', i.sku, 'item_name', i.name, 'description', ol.description,
                'quantity', trim_scale(l.quantity)::text, 'unit', l.unit,
                'quantity_ordered_unit', trim_scale(l.quantity_ordered_unit)::text,
                'unit_price', trim_scale(l.unit_price)::text,
                'net_amount', platform.amount_text(l.net_minor, d.currency),
                'location', l.location_id, 'lot', l.lot, 'serials', l.serials) ORDER BY pl.position)
            FROM procurement.goods_receipt_line l
            JOIN platform.line pl ON pl.id = l.id
            JOIN procurement.purchase_order_line ol ON ol.id = l.order_line_id
            LEFT JOIN catalog.item i ON i.id = ol.item_id
            WHERE l.document_id = d.id), '[]'))
    FROM procurement.goods_receipt g
    JOIN platform.document o ON o.id = g.order_id
    LEFT JOIN parties.party p ON p.id = d.party_id
    WHERE g.id = d.id)"""

_order = platform_document.alias("o")

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    limit_keys=_LIMIT_KEYS,
    period_dates="ARRAY[d.document_date]",
    listing=select(
        *header_columns(),
        reference("supplier", d.c.party_id, "party"),
        party.c.name.label("supplier_name"),
        reference("purchase_order", tables.goods_receipt.c.order_id, "purchase_order"),
        _order.c.number.label("purchase_order_number"),
        d.c.document_date.label("received_on"),
    ).select_from(
        header_from()
        .join(tables.goods_receipt, tables.goods_receipt.c.id == d.c.id)
        .join(_order, _order.c.id == tables.goods_receipt.c.order_id)
        .join(party, party.c.id == d.c.party_id)
    ),
)
