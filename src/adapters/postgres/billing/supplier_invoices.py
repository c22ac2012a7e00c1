"""Supplier invoices in PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, func, literal_column, select

from adapters.postgres.billing import tables
from adapters.postgres.billing.open_items import explained_balance
from adapters.postgres.lists import amount, d, header_columns, header_from, reference
from adapters.postgres.parties.tables import party
from adapters.postgres.procurement.rows import decimal_of, id_of, terms_of_row, terms_row, write_lines
from adapters.postgres.types import DocumentSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore.documents import Document
from bizcore.errors import plain
from bizcore.ids import new_id
from bizcore.values import Money, Percentage
from contexts.billing.domain.match import MatchException
from contexts.billing.domain.supplier_invoice import InvoiceLine, OrderCharge, SupplierInvoice, reference_key
from contexts.billing.ports import ChargedSoFar, ReferenceTaken
from contexts.procurement.public import Terms, Value


class PostgresSupplierInvoices:
    """Implements `contexts.billing.ports.SupplierInvoices`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def get(self, id: UUID) -> SupplierInvoice:
        document = self._work.documents[id]
        row = self._work.loaded[id].aggregate
        terms = terms_of_row(row, document.currency, document.company.currency)
        return SupplierInvoice(
            document=document,
            reference=row["supplier_reference"],
            terms=terms,
            payment_terms_id=id_of(row["payment_terms_id"]),
            due_on=date.fromisoformat(row["due_on"]),
            lines=[_line(line, terms) for line in row["lines"] or ()],
            charges=[_charge(charge, terms) for charge in row["charges"] or ()],
            related={UUID(order) for order in row["related"] or ()},
        )

    def add(self, invoice: SupplierInvoice) -> None:
        document = invoice.document
        self._work.insert(tables.supplier_invoice, {"id": document.id, **_row(invoice)}, of=document)
        self._take_reference(_reference(invoice), document)
        after = {line.id: _line_row(line) for line in invoice.lines}
        write_lines(self._work, tables.supplier_invoice_line, document, {}, after)

    def save(self, invoice: SupplierInvoice) -> None:
        document = invoice.document
        earlier = self.get(document.id)
        self._work.update(tables.supplier_invoice, {"id": document.id}, _row(earlier), _row(invoice), of=document)
        before = self._reference_before(document)
        if before != _reference(invoice):
            self._work.writes.delete(tables.supplier_reference, before)
            self._take_reference(_reference(invoice), document)
        write_lines(
            self._work,
            tables.supplier_invoice_line,
            document,
            {line.id: _line_row(line) for line in earlier.lines},
            {line.id: _line_row(line) for line in invoice.lines},
        )

    def free_reference(self, invoice: SupplierInvoice) -> None:
        self._work.writes.delete(tables.supplier_reference, _reference(invoice))

    async def with_reference(self, supplier_id: UUID, key: str) -> ReferenceTaken | None:
        row = await self._work.connection.fetchrow(
            """SELECT d.id AS invoice_id, d.number, d.company_id
               FROM billing.supplier_reference r JOIN platform.document d ON d.id = r.invoice_id
               WHERE r.supplier_id = $1 AND r.reference_key = $2""",
            supplier_id,
            key,
        )
        return None if row is None else ReferenceTaken(**dict(row))

    def charge(
        self,
        charge: OrderCharge,
        exceptions: Sequence[MatchException],
        *,
        by: Document,
        on: date,
        reverses: UUID | None = None,
    ) -> None:
        self._work.writes.insert(
            tables.order_charge,
            {
                "id": charge.id,
                "charge_id": reverses or charge.id,
                "line_id": charge.line_id,
                "order_line_id": charge.order_line_id,
                "document_id": by.id,
                "sequence": charge.sequence,
                "quantity": charge.quantity,
                "charged_minor": charge.charged.minor,
                "expected_minor": charge.expected.minor,
                "cleared_minor": charge.cleared.amount.minor,
                "cleared_company_minor": charge.cleared.company.minor,
                "quantity_tolerance": charge.quantity_tolerance,
                "budget_line_id": charge.budget_line_id,
                "effective_on": on,
                "recorded_at": self._work.call.at,
            },
        )
        for exception in exceptions:
            self._work.writes.insert(
                tables.match_exception,
                {
                    "charge_id": charge.id,
                    "code": exception.code.value,
                    "expected": exception.expected,
                    "actual": exception.actual,
                    "tolerance": exception.tolerance,
                },
            )

    async def charged_so_far(self, order_line_ids: Iterable[UUID]) -> Mapping[UUID, ChargedSoFar]:
        rows = await self._work.connection.fetch(
            """SELECT order_line_id, max(sequence) AS charges, sum(expected_minor)::bigint AS expected_minor
               FROM billing.order_charge WHERE order_line_id = ANY($1) GROUP BY order_line_id""",
            list(order_line_ids),
        )
        return {row["order_line_id"]: ChargedSoFar(row["charges"], row["expected_minor"]) for row in rows}

    async def block(self, id: UUID) -> Sequence[Mapping[str, object]]:
        found = await self._work.connection.fetchval("SELECT billing.payment_block($1, '9999-12-31', 'infinity')", id)
        exceptions: list[Mapping[str, object]] = orjson.loads(found)
        return exceptions

    def release(self, document: Document, exceptions: Sequence[Mapping[str, object]], reason: str) -> None:
        self._work.writes.insert(
            tables.block_release,
            {
                "id": new_id(),
                "invoice_id": document.id,
                "exceptions": plain(exceptions),
                "reason": reason,
                "released_at": self._work.call.at,
                "released_by": self._work.principal.id,
            },
        )

    def _take_reference(self, key: Mapping[str, Any], document: Document) -> None:
        self._work.writes.insert(tables.supplier_reference, {**key, "invoice_id": document.id})

    def _reference_before(self, document: Document) -> dict[str, Any]:
        loaded = self._work.loaded[document.id]
        key = reference_key(loaded.aggregate["supplier_reference"])
        return {"supplier_id": UUID(loaded.header["party_id"]), "reference_key": key}


def _reference(invoice: SupplierInvoice) -> dict[str, Any]:
    return {"supplier_id": invoice.document.party_id, "reference_key": reference_key(invoice.reference)}


def _row(invoice: SupplierInvoice) -> dict[str, Any]:
    return {
        "supplier_reference": invoice.reference,
        "payment_terms_id": invoice.payment_terms_id,
        "due_on": invoice.due_on,
        **terms_row(invoice.terms),
    }


def _line_row(line: InvoiceLine) -> dict[str, Any]:
    return {
        "order_line_id": line.order_line_id,
        "item_id": line.item_id,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "tax_code_id": line.tax_code_id,
        "tax_rate": line.tax_rate.value if line.tax_rate is not None else None,
        "account_id": line.account_id,
        "budget_line_id": line.budget_line_id,
        "dimensions": dict(line.dimensions),
        "net_minor": line.net.amount.minor,
        "net_company_minor": line.net.company.minor,
        "tax_minor": line.tax.amount.minor,
        "tax_company_minor": line.tax.company.minor,
    }


def _line(row: Mapping[str, Any], terms: Terms) -> InvoiceLine:
    tax_rate = decimal_of(row["tax_rate"])
    return InvoiceLine(
        id=UUID(row["id"]),
        order_line_id=id_of(row["order_line_id"]),
        order_id=id_of(row["order_id"]),
        item_id=id_of(row["item_id"]),
        description=row["description"],
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        unit_price=Decimal(row["unit_price"]),
        tax_code_id=id_of(row["tax_code_id"]),
        tax_rate=Percentage(tax_rate) if tax_rate is not None else None,
        account_id=id_of(row["account_id"]),
        budget_line_id=id_of(row["budget_line_id"]),
        dimensions=row["dimensions"],
        net=_value(row, "net", terms),
        tax=_value(row, "tax", terms),
    )


def _charge(row: Mapping[str, Any], terms: Terms) -> OrderCharge:
    return OrderCharge(
        id=UUID(row["id"]),
        line_id=UUID(row["line_id"]),
        order_line_id=UUID(row["order_line_id"]),
        sequence=row["sequence"],
        quantity=Decimal(row["quantity"]),
        charged=Money(row["charged_minor"], terms.currency),
        expected=Money(row["expected_minor"], terms.currency),
        cleared=_value(row, "cleared", terms),
        quantity_tolerance=Decimal(row["quantity_tolerance"]),
        budget_line_id=id_of(row["budget_line_id"]),
    )


def _value(row: Mapping[str, Any], name: str, terms: Terms) -> Value:
    return Value(Money(row[f"{name}_minor"], terms.currency), Money(row[f"{name}_company_minor"], terms.conversion.own))


# Amounts and quantities travel as text: a JSON number would be read as a float.
_AGGREGATE: Final = """(
    SELECT jsonb_build_object(
        'supplier_reference', s.supplier_reference, 'payment_terms_id', s.payment_terms_id, 'due_on', s.due_on,
        'rate_base', s.rate_base, 'rate', s.rate::text,
        'lines', (
            SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'tax_rate', l.tax_rate::text,
                'order_id', ol.document_id) ORDER BY pl.position)
            FROM billing.supplier_invoice_line l JOIN platform.line pl ON pl.id = l.id
            LEFT JOIN platform.line ol ON ol.id = l.order_line_id WHERE l.document_id = d.id),
        'charges', (
            SELECT jsonb_agg(to_jsonb(c) || jsonb_build_object(
                'quantity', c.quantity::text, 'quantity_tolerance', c.quantity_tolerance::text) ORDER BY l.position)
            FROM billing.order_charge c JOIN platform.line l ON l.id = c.line_id
            WHERE c.document_id = d.id AND c.charge_id = c.id),
        'related', (
            SELECT jsonb_agg(k.target_id) FROM platform.document_link k WHERE k.source_id = d.id AND k.kind = 'bills'))
    FROM billing.supplier_invoice s WHERE s.id = d.id)"""

_LIMIT_KEYS: Final = f"""
    SELECT {lock_text("order_line", "l.order_line_id")} FROM billing.supplier_invoice_line l
    WHERE l.document_id = d.id AND l.order_line_id IS NOT NULL
    UNION ALL
    SELECT {lock_text("budget", "l.budget_line_id")} FROM billing.supplier_invoice_line l
    WHERE l.document_id = d.id AND l.budget_line_id IS NOT NULL
    UNION ALL
    SELECT {lock_text("open_item", "d.id")}"""

_VIEW: Final = """(
    SELECT jsonb_build_object(
        'supplier', d.party_id, 'supplier_code', p.code, 'supplier_name', p.name,
        'supplier_reference', s.supplier_reference, 'invoice_date', d.document_date,
        'payment_terms', s.payment_terms_id, 'payment_terms_code', t.code, 'due_on', s.due_on,
        'net_total', platform.amount_text(m.net, d.currency), 'tax_total', platform.amount_text(m.tax, d.currency),
        'balance', platform.amount_text(billing.balance(d.id, {as_of}, {known_at}), d.currency),
        'match', jsonb_build_object(
            'status', CASE WHEN jsonb_array_length(x.exceptions) > 0 THEN 'blocked'
                           WHEN EXISTS (SELECT FROM billing.order_charge c WHERE c.document_id = d.id
                                        AND c.effective_on <= {as_of} AND c.recorded_at <= {known_at}) THEN 'matched'
                           ELSE 'not_required' END,
            'exceptions', x.exceptions),
        'payment_block', jsonb_array_length(billing.payment_block(d.id, {as_of}, {known_at})) > 0,
        'release', (
            SELECT jsonb_build_object('released_at', platform.instant_text(r.released_at), 'released_by', r.released_by,
                                      'released_by_name', rp.name, 'reason', r.reason)
            FROM billing.block_release r JOIN platform.principal rp ON rp.id = r.released_by
            WHERE r.invoice_id = d.id AND r.released_at <= {known_at} ORDER BY r.released_at DESC, r.id DESC LIMIT 1),
        'lines', (
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'position', pl.position,
                'order_line', l.order_line_id, 'order', o.id, 'order_number', o.number,
                'item', l.item_id, 'item_sku', i.sku, 'item_name', i.name, 'description', l.description,
                'quantity', trim_scale(l.quantity)::text, 'unit', l.unit, 'unit_price', trim_scale(l.unit_price)::text,
                'tax_code', l.tax_code_id, 'tax_code_code', tc.code, 'tax_rate', trim_scale(l.tax_rate)::text,
                'account', l.account_id, 'account_code', a.code,
                'budget_line', l.budget_line_id, 'budget_line_code', bl.code, 'dimensions', l.dimensions,
                'net_amount', platform.amount_text(l.net_minor, d.currency),
                'tax_amount', platform.amount_text(l.tax_minor, d.currency)) ORDER BY pl.position)
            FROM billing.supplier_invoice_line l
            JOIN platform.line pl ON pl.id = l.id
            LEFT JOIN platform.line ol ON ol.id = l.order_line_id
            LEFT JOIN platform.document o ON o.id = ol.document_id
            LEFT JOIN catalog.item i ON i.id = l.item_id
            LEFT JOIN ledger.tax_code tc ON tc.id = l.tax_code_id
            LEFT JOIN ledger.account a ON a.id = l.account_id
            LEFT JOIN ledger.budget_line bl ON bl.id = l.budget_line_id
            WHERE l.document_id = d.id))
    FROM billing.supplier_invoice s
    JOIN parties.party p ON p.id = d.party_id
    LEFT JOIN parties.payment_terms t ON t.id = s.payment_terms_id
    CROSS JOIN LATERAL (SELECT sum(l.net_minor) AS net, sum(l.tax_minor) AS tax
                        FROM billing.supplier_invoice_line l WHERE l.document_id = d.id) m
    CROSS JOIN LATERAL (SELECT billing.match_exceptions(d.id, {as_of}, {known_at}) AS exceptions) x
    WHERE s.id = d.id)"""

_EVER: Final[ColumnElement[Any]] = literal_column("date '9999-12-31'")
_KNOWN: Final[ColumnElement[Any]] = literal_column("timestamptz 'infinity'")

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    explain=explained_balance("/balance", "-"),
    limit_keys=_LIMIT_KEYS,
    period_dates="ARRAY[d.document_date]",
    listing=select(
        *header_columns(),
        reference("supplier", d.c.party_id, "party"),
        party.c.name.label("supplier_name"),
        tables.supplier_invoice.c.supplier_reference.label("supplier_reference"),
        d.c.document_date.label("invoice_date"),
        tables.supplier_invoice.c.due_on.label("due_on"),
        amount("balance", func.billing.balance(d.c.id, _EVER, _KNOWN), d.c.currency),
    ).select_from(
        header_from()
        .join(tables.supplier_invoice, tables.supplier_invoice.c.id == d.c.id)
        .join(party, party.c.id == d.c.party_id)
    ),
)
