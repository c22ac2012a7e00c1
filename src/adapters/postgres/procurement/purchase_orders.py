"""Purchase orders in PostgreSQL."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, literal_column, select

from adapters.postgres.lists import d, header_columns, header_from, reference
from adapters.postgres.parties.tables import party
from adapters.postgres.procurement import tables
from adapters.postgres.procurement.order_lines import LINES, LINES_OF, ordered_line_of, read_limits
from adapters.postgres.procurement.rows import id_of, terms_of_row, terms_row, write_lines
from adapters.postgres.types import DocumentSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore.limits import Limit
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.purchase_order import PurchaseOrder, PurchaseOrderLine
from contexts.procurement.domain.value import Terms


class PostgresPurchaseOrders:
    """Implements `contexts.procurement.ports.PurchaseOrders`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def get(self, id: UUID) -> PurchaseOrder:
        document = self._work.documents[id]
        row = self._work.loaded[id].aggregate
        return PurchaseOrder(
            document=document,
            # The currency may not change; the rate is the row's until a draft is dated anew.
            terms=terms_of_row(row, document.currency, document.company.currency),
            lines=[_line(line) for line in row["lines"] or ()],
            requisition_ids={UUID(target) for target in row["requisitions"] or ()},
        )

    def add(self, order: PurchaseOrder) -> None:
        document = order.document
        self._work.insert(tables.purchase_order, {"id": document.id, **terms_row(order.terms)}, of=document)
        write_lines(self._work, tables.purchase_order_line, document, {}, _line_rows(order))

    def save(self, order: PurchaseOrder) -> None:
        document = order.document
        earlier = self.get(document.id)
        self._work.update(
            tables.purchase_order,
            {"id": document.id},
            terms_row(earlier.terms),
            terms_row(order.terms),
            of=document,
        )
        write_lines(self._work, tables.purchase_order_line, document, _line_rows(earlier), _line_rows(order))

    def agree(self, order: PurchaseOrder, *, on: date) -> None:
        for line in order.lines:
            self._work.writes.insert(
                tables.price_agreement,
                {
                    "order_line_id": line.id,
                    "order_version": order.document.version,
                    "unit_price": line.unit_price,
                    "effective_on": on,
                    "recorded_at": self._work.call.at,
                },
            )

    def line(self, limit: Limit) -> OrderedLine:
        return ordered_line_of(limit)

    async def lines(self, *, order_id: UUID | None = None, line_ids: Iterable[UUID] = ()) -> Mapping[UUID, OrderedLine]:
        query, given = (LINES, list(line_ids)) if order_id is None else (LINES_OF, order_id)
        limits = await read_limits(self._work.connection, query, given)
        return {limit.key.id: ordered_line_of(limit) for limit in limits}


def _line_rows(order: PurchaseOrder) -> dict[UUID, dict[str, Any]]:
    return {line.id: _line_row(line, order.terms) for line in order.lines}


def _line_row(line: PurchaseOrderLine, terms: Terms) -> dict[str, Any]:
    net = line.net(terms)
    return {
        "item_id": line.item_id,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "net_minor": net.amount.minor,
        "net_company_minor": net.company.minor,
        "budget_line_id": line.budget_line_id,
        "dimensions": dict(line.dimensions),
        "tax_code_id": line.tax_code_id,
        "requisition_line_id": line.requisition_line_id,
        "location_id": line.location_id,
    }


def _line(row: Mapping[str, Any]) -> PurchaseOrderLine:
    return PurchaseOrderLine(
        id=UUID(row["id"]),
        item_id=id_of(row["item_id"]),
        description=row["description"],
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        unit_price=Decimal(row["unit_price"]),
        tax_code_id=id_of(row["tax_code_id"]),
        requisition_line_id=id_of(row["requisition_line_id"]),
        budget_line_id=id_of(row["budget_line_id"]),
        location_id=id_of(row["location_id"]),
        dimensions=row["dimensions"],
    )


_AGGREGATE: Final = """(
    SELECT jsonb_build_object(
        'rate_base', o.rate_base, 'rate', o.rate::text,
        'requisitions', (SELECT jsonb_agg(k.target_id) FROM platform.document_link k
                         WHERE k.source_id = d.id AND k.kind = 'originates'),
        'lines', (
            SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                'quantity', l.quantity::text, 'unit_price', l.unit_price::text) ORDER BY pl.position)
            FROM procurement.purchase_order_line l JOIN platform.line pl ON pl.id = l.id WHERE l.document_id = d.id))
    FROM procurement.purchase_order o WHERE o.id = d.id)"""

# Its own lines, the requisition lines it takes up, and every budget that one of them holds or shall hold.
_LIMIT_KEYS: Final = f"""
    WITH own AS (
        SELECT id, budget_line_id, requisition_line_id FROM procurement.purchase_order_line WHERE document_id = d.id),
    lines AS (
        SELECT id, budget_line_id FROM own
        UNION ALL
        SELECT r.id, r.budget_line_id FROM own JOIN procurement.requisition_line r ON r.id = own.requisition_line_id)
    SELECT {lock_text("order_line", "id")} FROM lines
    UNION ALL
    SELECT {lock_text("budget", "budget_line_id")} FROM lines WHERE budget_line_id IS NOT NULL
    UNION ALL
    SELECT {lock_text("budget", "k.budget_line_id")} FROM lines JOIN procurement.commitment k ON k.line_id = lines.id
    WHERE k.budget_line_id IS NOT NULL"""


def _done(kind: str) -> str:
    return f"""
        FROM platform.line_link k WHERE k.target_line_id = l.id AND k.kind = '{kind}'
         AND k.effective_on <= {{as_of}} AND k.recorded_at <= {{known_at}}"""


def _progress(column: str) -> str:
    """How far all lines together are: `receipt_status` of `received`, `invoice_status` of `invoiced`."""
    return f"""CASE WHEN bool_and(l.{column} = 0) THEN 'none'
                    WHEN bool_and(l.{column} >= l.quantity) THEN 'complete' ELSE 'partial' END"""


# A line that an amendment left out stays for its links' sake, with quantity 0: no reader wants it.
_DONE: Final = f"""
    SELECT l.*, pl.position,
           (SELECT coalesce(sum(k.quantity), 0) {_done("fulfils")}) AS received,
           (SELECT coalesce(sum(k.amount_minor), 0) {_done("fulfils")}) AS received_minor,
           (SELECT coalesce(sum(k.quantity), 0) {_done("bills")}) AS invoiced,
           (SELECT coalesce(sum(k.amount_minor), 0) {_done("bills")}) AS invoiced_minor
    FROM procurement.purchase_order_line l JOIN platform.line pl ON pl.id = l.id
    WHERE l.document_id = d.id AND l.quantity > 0"""

_VIEW: Final = f"""(
    SELECT jsonb_build_object(
        'supplier', d.party_id, 'supplier_code', p.code, 'supplier_name', p.name, 'order_date', d.document_date,
        'exchange_rate', trim_scale(o.rate)::text,
        'net_total', platform.amount_text(d.total_minor, d.currency),
        'receipt_status', s.receipt_status, 'invoice_status', s.invoice_status, 'lines', s.lines)
    FROM procurement.purchase_order o
    LEFT JOIN parties.party p ON p.id = d.party_id
    CROSS JOIN LATERAL (
        SELECT {_progress("received")} AS receipt_status,
               {_progress("invoiced")} AS invoice_status,
               coalesce(jsonb_agg(jsonb_build_object(
                   'id', l.id, 'position', l.position,
                   'item', l.item_id, 'item_sku', i.sku, 'item_name', i.name, 'description', l.description,
                   'quantity', trim_scale(l.quantity)::text, 'unit', l.unit,
                   'unit_price', trim_scale(l.unit_price)::text,
                   'net_amount', platform.amount_text(l.net_minor, d.currency),
                   'tax_code', l.tax_code_id, 'tax_code_code', t.code,
                   'requisition_line', l.requisition_line_id,
                   'requisition_number', (
                       SELECT r.number FROM platform.line rl JOIN platform.document r ON r.id = rl.document_id
                       WHERE rl.id = l.requisition_line_id),
                   'budget_line', l.budget_line_id, 'budget_line_code', b.code,
                   'location', l.location_id, 'dimensions', l.dimensions,
                   'quantity_received', trim_scale(l.received)::text,
                   'amount_received', platform.amount_text(l.received_minor, d.currency),
                   'quantity_invoiced', trim_scale(l.invoiced)::text,
                   'amount_invoiced', platform.amount_text(l.invoiced_minor, d.currency)) ORDER BY l.position), '[]')
                   AS lines
        FROM ({_DONE}) l
        LEFT JOIN catalog.item i ON i.id = l.item_id
        LEFT JOIN ledger.tax_code t ON t.id = l.tax_code_id
        LEFT JOIN ledger.budget_line b ON b.id = l.budget_line_id) s
    WHERE o.id = d.id)"""


def _explained(member: str, kind: str, column: str, shown_as: str) -> str:
    """One derived member of every line with the links whose `column` it is the sum of."""
    return f"""
        SELECT '/lines/' || l.index || '/{member}' AS pointer, jsonb_build_object(
            'value', (SELECT {shown_as % f"coalesce(sum(k.{column}), 0)"} {_done(kind)}),
            'rows', coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                    'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', k.source_line_id,
                    'date', k.effective_on, 'recorded_at', platform.instant_text(k.recorded_at),
                    'amount', {shown_as % f"k.{column}"}) ORDER BY k.recorded_at, k.id)
                FROM (SELECT k.* {_done(kind)}) k JOIN platform.document o ON o.id = k.document_id), '[]'))
            AS explained
        FROM shown l"""


def _listed(column: str, kind: str) -> ColumnElement[str]:
    """How far an order is by all that is recorded, in its list."""
    done = _done(kind).format(as_of="'infinity'", known_at="'infinity'")
    return literal_column(
        f"""(SELECT {_progress(column)} FROM (
            SELECT l.quantity, (SELECT coalesce(sum(k.quantity), 0) {done}) AS {column}
            FROM procurement.purchase_order_line l WHERE l.document_id = d.id AND l.quantity > 0) l)""",
        Text(),
    )


_QUANTITY: Final = "trim_scale(%s)::text"
_AMOUNT: Final = "platform.amount_text(%s, d.currency)"

_EXPLAIN: Final = f"""(
    WITH shown AS (
        SELECT l.id, row_number() OVER (ORDER BY pl.position) - 1 AS index
        FROM procurement.purchase_order_line l JOIN platform.line pl ON pl.id = l.id
        WHERE l.document_id = d.id AND l.quantity > 0)
    SELECT jsonb_object_agg(e.pointer, e.explained) FROM (
        {_explained("quantity_received", "fulfils", "quantity", _QUANTITY)}
        UNION ALL {_explained("amount_received", "fulfils", "amount_minor", _AMOUNT)}
        UNION ALL {_explained("quantity_invoiced", "bills", "quantity", _QUANTITY)}
        UNION ALL {_explained("amount_invoiced", "bills", "amount_minor", _AMOUNT)}) e)"""

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    explain=_EXPLAIN,
    limit_keys=_LIMIT_KEYS,
    period_dates="ARRAY[d.document_date]",
    listing=select(
        *header_columns(),
        reference("supplier", d.c.party_id, "party"),
        party.c.name.label("supplier_name"),
        d.c.document_date.label("order_date"),
        _listed("received", "fulfils").label("receipt_status"),
        _listed("invoiced", "bills").label("invoice_status"),
    ).select_from(
        header_from()
        .join(tables.purchase_order, tables.purchase_order.c.id == d.c.id)
        .join(party, party.c.id == d.c.party_id)
    ),
)
