"""Requisition lines and order lines as limits: what is allowed of each, what is taken, and the facts to decide by."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import orjson

from adapters.postgres.connection import Connection
from adapters.postgres.procurement.rows import id_of, requisition_line_of, terms_of_row
from adapters.postgres.types import LimitSql
from bizcore.documents import Phase
from bizcore.limits import Limit, LimitKey
from bizcore.values import Money, Unit
from contexts.procurement.domain.ordered_line import OrderedLine, Settled
from contexts.procurement.domain.requisition import Need
from contexts.procurement.domain.value import Terms, Value

_COMMITTED: Final = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'budget_line', k.budget_line_id, 'minor', k.minor, 'company_minor', k.company)), '[]')
    FROM (SELECT budget_line_id, sum(amount_minor)::bigint AS minor, sum(amount_company_minor)::bigint AS company
          FROM procurement.commitment WHERE line_id = l.id GROUP BY budget_line_id) k)"""

_DOCUMENT: Final = """'document', jsonb_build_object(
    'id', d.id, 'number', d.number, 'phase', d.phase, 'company', d.company_id, 'party', d.party_id,
    'on', d.document_date, 'currency', d.currency, 'company_currency', c.currency,
    'rate_base', h.rate_base, 'rate', h.rate::text)"""


def _unit(alias: str) -> str:
    return f"""jsonb_build_object('code', {alias}.code, 'category', {alias}.category,
        'numerator', {alias}.numerator::text, 'denominator', {alias}.denominator::text)"""


def _line(alias: str) -> str:
    # Decimals travel as text: a JSON number would be read as a float.
    return f"""to_jsonb({alias}) || jsonb_build_object(
        'quantity', {alias}.quantity::text, 'unit_price', {alias}.unit_price::text)"""


# Orders take up a requisition line, as far as it was asked for.
_REQUISITION_LINES: Final = f"""
    SELECT l.id, l.quantity::text AS allowed, k.ordered::text AS taken,
           jsonb_build_object('committed', {_COMMITTED}, {_DOCUMENT}, 'line', {_line("l")}) AS facts
    FROM procurement.requisition_line l
    JOIN procurement.requisition h ON h.id = l.document_id
    JOIN platform.document d ON d.id = l.document_id
    JOIN platform.company c ON c.id = d.company_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0) AS ordered FROM platform.line_link
        WHERE target_line_id = l.id AND kind = 'originates') k
    WHERE l.id = ANY($ids)"""

# Receipts fulfil an order line, as far as it was ordered and the tolerance goes.
_ORDER_LINES: Final = f"""
    SELECT l.id, (l.quantity * (1 + t.percent / 100))::text AS allowed, k.received::text AS taken,
           jsonb_build_object(
               'committed', {_COMMITTED}, {_DOCUMENT}, 'line', {_line("l")}, 'position', pl.position,
               'unit', {_unit("u")},
               'stock_unit', CASE WHEN i.kind = 'stock' THEN {_unit("iu")} END,
               'allowed', (l.quantity * (1 + t.percent / 100))::text,
               'received', k.received::text, 'invoiced', k.invoiced::text, 'invoiced_minor', k.invoiced_minor,
               'taken_up', (SELECT coalesce(sum(quantity), 0)::text FROM platform.line_link
                            WHERE source_line_id = l.id AND kind = 'originates'),
               'accrual_account', (
                   SELECT p.account_id FROM procurement.accrual k
                   JOIN ledger.posting p ON p.fact_id = k.id AND p.role = 'goods_received_not_invoiced'
                   WHERE k.order_line_id = l.id ORDER BY k.id LIMIT 1),
               'settled', coalesce((
                   SELECT jsonb_object_agg(s.source_line_id, to_jsonb(s))
                   FROM (SELECT source_line_id, -sum(amount_minor)::bigint AS minor,
                                -sum(amount_company_minor)::bigint AS company_minor, max(effective_on) AS since
                         FROM procurement.accrual
                         WHERE order_line_id = l.id AND unit_price IS NULL AND quantity = 0
                         GROUP BY source_line_id
                         HAVING sum(amount_minor) <> 0 OR sum(amount_company_minor) <> 0) s), '{{}}'),
               'accrued', to_jsonb(a) || jsonb_build_object('at_price', a.at_price::text)) AS facts
    FROM procurement.purchase_order_line l
    JOIN procurement.purchase_order h ON h.id = l.document_id
    JOIN platform.document d ON d.id = l.document_id
    JOIN platform.company c ON c.id = d.company_id
    JOIN platform.line pl ON pl.id = l.id
    JOIN catalog.unit u ON u.code = l.unit
    LEFT JOIN catalog.item i ON i.id = l.item_id
    LEFT JOIN catalog.unit iu ON iu.id = i.unit_id
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT (s.value ->> 'over_receipt_tolerance')::numeric FROM platform.setting s
                         WHERE s.key = 'policies/' || d.company_id), 0) AS percent) t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity) FILTER (WHERE kind = 'fulfils'), 0) AS received,
               coalesce(sum(quantity) FILTER (WHERE kind = 'bills'), 0) AS invoiced,
               coalesce(sum(amount_minor) FILTER (WHERE kind = 'bills'), 0)::bigint AS invoiced_minor
        FROM platform.line_link WHERE target_line_id = l.id AND kind IN ('fulfils', 'bills')) k
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity) FILTER (WHERE unit_price = l.unit_price), 0) AS at_price,
               coalesce(sum(amount_minor) FILTER (WHERE unit_price = l.unit_price), 0)::bigint AS at_price_minor,
               coalesce(sum(amount_company_minor) FILTER (WHERE unit_price = l.unit_price), 0)::bigint
                   AS at_price_company_minor,
               coalesce(sum(amount_minor) FILTER (WHERE unit_price IS NOT NULL), 0)::bigint AS received_minor,
               coalesce(sum(amount_company_minor) FILTER (WHERE unit_price IS NOT NULL), 0)::bigint
                   AS received_company_minor,
               coalesce(-sum(amount_minor) FILTER (WHERE unit_price IS NULL), 0)::bigint AS cleared_minor,
               coalesce(-sum(amount_company_minor) FILTER (WHERE unit_price IS NULL), 0)::bigint
                   AS cleared_company_minor
        FROM procurement.accrual WHERE order_line_id = l.id) a
    WHERE l.id = ANY($ids)"""

LIMIT: Final = LimitSql(sums=f"{_REQUISITION_LINES} UNION ALL {_ORDER_LINES}")

NEEDS: Final = f"SELECT jsonb_agg(to_jsonb(s)) FROM ({_REQUISITION_LINES.replace('$ids', '$1')}) s"
LINES: Final = f"SELECT jsonb_agg(to_jsonb(s)) FROM ({_ORDER_LINES.replace('$ids', '$1')}) s"
LINES_OF: Final = LINES.replace("l.id = ANY($1)", "l.document_id = $1")


async def read_limits(connection: Connection, query: str, given: object) -> list[Limit]:
    """The lines that one of these queries finds, as limits, without locking them."""
    rows = orjson.loads(await connection.fetchval(query, given) or b"[]")
    return [
        Limit(LimitKey("order_line", UUID(row["id"])), Decimal(row["allowed"]), Decimal(row["taken"]), row["facts"])
        for row in rows
    ]


def need_of(limit: Limit) -> Need:
    facts: Mapping[str, Any] = limit.facts
    document = facts["document"]
    return Need(
        line=requisition_line_of(facts["line"]),
        requisition_id=UUID(document["id"]),
        requisition_number=document["number"],
        company_id=UUID(document["company"]),
        phase=Phase(document["phase"]),
        requested_on=date.fromisoformat(document["on"]),
        terms=terms_of_row(document, document["currency"], document["company_currency"]),
        quantity_ordered=limit.taken,
    )


def ordered_line_of(limit: Limit) -> OrderedLine:
    facts: Mapping[str, Any] = limit.facts
    document, line, accrued = facts["document"], facts["line"], facts["accrued"]
    terms = terms_of_row(document, document["currency"], document["company_currency"])
    return OrderedLine(
        id=limit.key.id,
        position=facts["position"],
        order_id=UUID(document["id"]),
        order_number=document["number"],
        order_phase=Phase(document["phase"]),
        ordered_on=date.fromisoformat(document["on"]),
        company_id=UUID(document["company"]),
        supplier_id=UUID(document["party"]),
        terms=terms,
        item_id=id_of(line["item_id"]),
        stock_unit=_unit_of(facts["stock_unit"]) if facts["stock_unit"] else None,
        description=line["description"],
        unit=_unit_of(facts["unit"]),
        quantity=Decimal(line["quantity"]),
        unit_price=Decimal(line["unit_price"]),
        tax_code_id=id_of(line["tax_code_id"]),
        budget_line_id=id_of(line["budget_line_id"]),
        location_id=id_of(line["location_id"]),
        dimensions=line["dimensions"],
        quantity_allowed=Decimal(facts["allowed"]),
        quantity_received=Decimal(facts["received"]),
        received=_value(terms, accrued, "received"),
        quantity_at_price=Decimal(accrued["at_price"]),
        received_at_price=_value(terms, accrued, "at_price"),
        quantity_invoiced=Decimal(facts["invoiced"]),
        amount_invoiced=Money(facts["invoiced_minor"], terms.currency),
        cleared=_value(terms, accrued, "cleared"),
        quantity_taken_up=Decimal(facts["taken_up"]),
        settled={UUID(id): _settled(terms, row) for id, row in facts["settled"].items()},
        accrual_account_id=id_of(facts["accrual_account"]),
    )


def _settled(terms: Terms, row: Mapping[str, Any]) -> Settled:
    value = Value(Money(row["minor"], terms.currency), Money(row["company_minor"], terms.conversion.own))
    return Settled(value, date.fromisoformat(row["since"]))


def _unit_of(row: Mapping[str, Any]) -> Unit:
    factor = Fraction(Decimal(row["numerator"])) / Fraction(Decimal(row["denominator"]))
    return Unit(row["code"], row["category"], factor)


def _value(terms: Terms, accrued: Mapping[str, Any], name: str) -> Value:
    return Value(
        Money(accrued[f"{name}_minor"], terms.currency),
        Money(accrued[f"{name}_company_minor"], terms.conversion.own),
    )
