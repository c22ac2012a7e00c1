"""Reports of procurement in PostgreSQL: sums over append-only rows, grouped by line, with the rows on request."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from adapters.postgres.reading import PostgresReading
from adapters.postgres.views import EVER, EVER_KNOWN
from bizcore.documents import Company
from bizcore.values import Currency, Money
from contexts.procurement.reports import (
    AccrualMovement,
    CommitmentLine,
    CommitmentMovement,
    Commitments,
    GetCommitments,
    GetGoodsReceivedNotInvoiced,
    GoodsReceivedNotInvoiced,
    GoodsReceivedNotInvoicedLine,
)

# $1 company, $2 as of, $3 known at, $4 supplier or null, $5 whether to explain, $6 budget line or null.
_COMMITMENTS: Final = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'kind', CASE d.type WHEN 'requisition' THEN 'pre_encumbered' ELSE 'encumbered' END,
    'document', d.id, 'document_number', d.number, 'line', s.line_id,
    'description', coalesce(rl.description, ol.description, i.name),
    'supplier', p.id, 'supplier_name', p.name, 'budget_line', s.budget_line_id, 'budget_line_code', b.code,
    'minor', s.minor, 'explain', s.movements) ORDER BY d.number, pl.position, b.code), '[]')::text
FROM (
    SELECT k.line_id, k.budget_line_id, sum(k.amount_company_minor)::bigint AS minor,
           CASE WHEN $5 THEN jsonb_agg(jsonb_build_object(
               'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', k.line_id,
               'date', k.effective_on, 'recorded_at', platform.instant_text(k.recorded_at),
               'minor', k.amount_company_minor) ORDER BY k.recorded_at, k.id) END AS movements
    FROM procurement.commitment k JOIN platform.document o ON o.id = k.document_id
    WHERE o.company_id = $1 AND k.effective_on <= $2 AND k.recorded_at <= $3
      AND ($6::uuid IS NULL OR k.budget_line_id = $6)
    GROUP BY k.line_id, k.budget_line_id
    HAVING sum(k.amount_company_minor) <> 0) s
JOIN platform.line pl ON pl.id = s.line_id
JOIN platform.document d ON d.id = pl.document_id
LEFT JOIN procurement.requisition_line rl ON rl.id = s.line_id
LEFT JOIN procurement.purchase_order_line ol ON ol.id = s.line_id
LEFT JOIN catalog.item i ON i.id = coalesce(rl.item_id, ol.item_id)
LEFT JOIN parties.party p ON p.id = coalesce(d.party_id, rl.supplier_id)
LEFT JOIN ledger.budget_line b ON b.id = s.budget_line_id
WHERE $4::uuid IS NULL OR p.id = $4
"""

_ACCRUALS: Final = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'order', d.id, 'order_number', d.number, 'line', s.order_line_id,
    'description', coalesce(l.description, i.name), 'supplier', p.id, 'supplier_name', p.name,
    'quantity', trim_scale(s.quantity)::text, 'unit', l.unit,
    'order_currency', d.currency, 'order_amount', platform.amount_text(s.minor, d.currency),
    'minor', s.company_minor, 'explain', s.movements) ORDER BY d.number, pl.position), '[]')::text
FROM (
    SELECT a.order_line_id, sum(a.quantity) AS quantity, sum(a.amount_minor) AS minor,
           sum(a.amount_company_minor)::bigint AS company_minor,
           CASE WHEN $5 THEN jsonb_agg(jsonb_build_object(
               'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', a.source_line_id,
               'date', a.effective_on, 'recorded_at', platform.instant_text(a.recorded_at),
               'quantity', trim_scale(a.quantity)::text, 'minor', a.amount_company_minor)
               ORDER BY a.recorded_at, a.id) END AS movements
    FROM procurement.accrual a JOIN platform.document o ON o.id = a.document_id
    WHERE o.company_id = $1 AND a.effective_on <= $2 AND a.recorded_at <= $3
    GROUP BY a.order_line_id
    HAVING sum(a.quantity) <> 0 OR sum(a.amount_company_minor) <> 0) s
JOIN procurement.purchase_order_line l ON l.id = s.order_line_id
JOIN platform.line pl ON pl.id = l.id
JOIN platform.document d ON d.id = l.document_id
LEFT JOIN catalog.item i ON i.id = l.item_id
LEFT JOIN parties.party p ON p.id = d.party_id
WHERE $4::uuid IS NULL OR d.party_id = $4
"""


class PostgresProcurementReports:
    """Implements `contexts.procurement.reports.ProcurementReports`."""

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    def company(self, id: UUID | None) -> Company:
        return self._reading.company(id)

    async def commitments(self, query: GetCommitments, company: Company) -> Commitments:
        own = Currency.of(company.currency)
        rows = await self._rows(
            _COMMITMENTS, company, query.as_of, query.known_at, query.supplier, query.explain, query.budget_line
        )
        held = {
            kind: Money(sum(row["minor"] for row in rows if row["kind"] == kind), own)
            for kind in ("pre_encumbered", "encumbered")
        }
        return Commitments(
            company=company.code,
            currency=own.code,
            as_of=query.as_of,
            known_at=query.known_at,
            rows=tuple(
                CommitmentLine(
                    **_plain(row, own),
                    explain=_movements(row, CommitmentMovement, own) if query.explain else None,
                )
                for row in rows
            ),
            pre_encumbered=held["pre_encumbered"].text(),
            encumbered=held["encumbered"].text(),
            total=(held["pre_encumbered"] + held["encumbered"]).text(),
        )

    async def received_not_invoiced(
        self, query: GetGoodsReceivedNotInvoiced, company: Company
    ) -> GoodsReceivedNotInvoiced:
        own = Currency.of(company.currency)
        rows = await self._rows(_ACCRUALS, company, query.as_of, query.known_at, query.supplier, query.explain)
        return GoodsReceivedNotInvoiced(
            company=company.code,
            currency=own.code,
            as_of=query.as_of,
            known_at=query.known_at,
            rows=tuple(
                GoodsReceivedNotInvoicedLine(
                    **_plain(row, own),
                    explain=_movements(row, AccrualMovement, own) if query.explain else None,
                )
                for row in rows
            ),
            total=Money(sum(row["minor"] for row in rows), own).text(),
        )

    async def _rows(
        self,
        statement: str,
        company: Company,
        as_of: date | None,
        known_at: datetime | None,
        supplier: UUID | None,
        explain: bool,
        *more: object,
    ) -> list[dict[str, Any]]:
        known = known_at or EVER_KNOWN
        given = (company.id, as_of or EVER, known, supplier, explain, *more)
        rows: list[dict[str, Any]] = orjson.loads(await self._reading.connection.fetchval(statement, *given))
        return rows


def _plain(row: dict[str, Any], own: Currency) -> dict[str, Any]:
    rest = {name: value for name, value in row.items() if name not in ("minor", "explain")}
    return {**rest, "amount": Money(row["minor"], own).text()}


def _movements(row: dict[str, Any], kind: type[Any], own: Currency) -> tuple[Any, ...]:
    return tuple(kind(**_plain(movement, own)) for movement in row["explain"])
