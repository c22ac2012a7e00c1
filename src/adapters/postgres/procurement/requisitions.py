"""Requisitions in PostgreSQL."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from adapters.postgres.lists import d, header_columns, header_from
from adapters.postgres.procurement import tables
from adapters.postgres.procurement.order_lines import NEEDS, need_of, read_limits
from adapters.postgres.procurement.rows import requisition_line_of, terms_of_row, terms_row, write_lines
from adapters.postgres.types import DocumentSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore.limits import Limit
from contexts.procurement.domain.requisition import Need, Requisition, RequisitionLine
from contexts.procurement.domain.value import Terms


class PostgresRequisitions:
    """Implements `contexts.procurement.ports.Requisitions`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def get(self, id: UUID) -> Requisition:
        document = self._work.documents[id]
        row = self._work.loaded[id].aggregate
        return Requisition(
            document=document,
            terms=terms_of_row(row, document.currency, document.company.currency),
            needed_on=date.fromisoformat(row["needed_on"]) if row["needed_on"] else None,
            lines=[requisition_line_of(line) for line in row["lines"] or ()],
        )

    def add(self, requisition: Requisition) -> None:
        document, terms = requisition.document, requisition.terms
        self._work.insert(tables.requisition, {"id": document.id, **_row(requisition)}, of=document)
        after = {line.id: _line_row(line, terms) for line in requisition.lines}
        write_lines(self._work, tables.requisition_line, document, {}, after)

    def save(self, requisition: Requisition) -> None:
        document, terms = requisition.document, requisition.terms
        earlier = self.get(document.id)
        self._work.update(tables.requisition, {"id": document.id}, _row(earlier), _row(requisition), of=document)
        write_lines(
            self._work,
            tables.requisition_line,
            document,
            {line.id: _line_row(line, terms) for line in earlier.lines},
            {line.id: _line_row(line, terms) for line in requisition.lines},
        )

    def need(self, limit: Limit) -> Need:
        return need_of(limit)

    async def needs(self, line_ids: Iterable[UUID]) -> Mapping[UUID, Need]:
        limits = await read_limits(self._work.connection, NEEDS, list(line_ids))
        return {limit.key.id: need_of(limit) for limit in limits}


def _row(requisition: Requisition) -> dict[str, Any]:
    return {"needed_on": requisition.needed_on, **terms_row(requisition.terms)}


def _line_row(line: RequisitionLine, terms: Terms) -> dict[str, Any]:
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
        "supplier_id": line.supplier_id,
        "dimensions": dict(line.dimensions),
    }


# Amounts and quantities travel as text: a JSON number would be read as a float.
_AGGREGATE: Final = """(
    SELECT jsonb_build_object(
        'needed_on', r.needed_on, 'rate_base', r.rate_base, 'rate', r.rate::text,
        'lines', (
            SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                'quantity', l.quantity::text, 'unit_price', l.unit_price::text) ORDER BY pl.position)
            FROM procurement.requisition_line l JOIN platform.line pl ON pl.id = l.id WHERE l.document_id = d.id))
    FROM procurement.requisition r WHERE r.id = d.id)"""

_LIMIT_KEYS: Final = f"""
    SELECT {lock_text("order_line", "l.id")} FROM procurement.requisition_line l WHERE l.document_id = d.id
    UNION ALL
    SELECT {lock_text("budget", "l.budget_line_id")} FROM procurement.requisition_line l
    WHERE l.document_id = d.id AND l.budget_line_id IS NOT NULL
    UNION ALL
    SELECT {lock_text("budget", "k.budget_line_id")} FROM procurement.requisition_line l
    JOIN procurement.commitment k ON k.line_id = l.id WHERE l.document_id = d.id AND k.budget_line_id IS NOT NULL"""

_TAKEN_UP: Final = """
    FROM platform.line_link k WHERE k.target_line_id = l.id AND k.kind = 'originates'
     AND k.effective_on <= {as_of} AND k.recorded_at <= {known_at}"""

# A line that an amendment left out stays for its links' sake, with quantity 0: no reader wants it.
_VIEW: Final = f"""(
    SELECT jsonb_build_object(
        'needed_on', r.needed_on,
        'lines', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'position', pl.position,
                'item', l.item_id, 'item_sku', i.sku, 'item_name', i.name, 'description', l.description,
                'quantity', trim_scale(l.quantity)::text, 'unit', l.unit,
                'unit_price', trim_scale(l.unit_price)::text,
                'net_amount', platform.amount_text(l.net_minor, d.currency),
                'budget_line', l.budget_line_id, 'budget_line_code', b.code,
                'supplier', l.supplier_id, 'supplier_name', p.name, 'dimensions', l.dimensions,
                'quantity_ordered', (SELECT trim_scale(coalesce(sum(k.quantity), 0))::text {_TAKEN_UP}))
                ORDER BY pl.position)
            FROM procurement.requisition_line l
            JOIN platform.line pl ON pl.id = l.id
            LEFT JOIN catalog.item i ON i.id = l.item_id
            LEFT JOIN parties.party p ON p.id = l.supplier_id
            LEFT JOIN ledger.budget_line b ON b.id = l.budget_line_id
            WHERE l.document_id = d.id AND l.quantity > 0), '[]'))
    FROM procurement.requisition r WHERE r.id = d.id)"""

_EXPLAIN: Final = f"""(
    SELECT jsonb_object_agg('/lines/' || l.index || '/quantity_ordered', jsonb_build_object(
        'value', (SELECT trim_scale(coalesce(sum(k.quantity), 0))::text {_TAKEN_UP}),
        'rows', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', s.source_line_id,
                'date', s.effective_on, 'recorded_at', platform.instant_text(s.recorded_at),
                'amount', trim_scale(s.quantity)::text) ORDER BY s.recorded_at, s.id)
            FROM (SELECT k.* {_TAKEN_UP}) s JOIN platform.document o ON o.id = s.document_id), '[]')))
    FROM (SELECT l.id, row_number() OVER (ORDER BY pl.position) - 1 AS index
          FROM procurement.requisition_line l JOIN platform.line pl ON pl.id = l.id
          WHERE l.document_id = d.id AND l.quantity > 0) l)"""

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    explain=_EXPLAIN,
    limit_keys=_LIMIT_KEYS,
    period_dates="ARRAY[d.document_date]",
    listing=select(*header_columns(), tables.requisition.c.needed_on.label("needed_on")).select_from(
        header_from().join(tables.requisition, tables.requisition.c.id == d.c.id)
    ),
)
