"""Derived members a second time: what answers show, from links and postings, against documents and facts.

The views read append-only links and postings and never a phase; here the same members are counted from the lines of the
documents that are in force, and from facts instead of postings. Only a mistake made twice would pass.
"""

from typing import Final

from adapters.postgres.types import Catalogue
from adapters.postgres.views import FROM_HEADER

_IN_FORCE: Final = "o.phase IN ('active', 'done')"


def statements(catalogue: Catalogue) -> tuple[str, ...]:
    """The comparisons for the document types of `catalogue`."""
    views = {code: _ever(sql.view) for code, sql in catalogue.documents.items()}
    explained = {code: _ever(sql.explain) for code, sql in catalogue.documents.items() if sql.explain is not None}
    return (
        _ORDERS.format(view=views["purchase_order"], header=FROM_HEADER),
        _BUDGETS.format(view=views["budget"], header=FROM_HEADER),
        _COMMITTED,
        _INVOICES.format(view=views["supplier_invoice"], header=FROM_HEADER),
        _PAYMENTS.format(view=views["payment"], header=FROM_HEADER),
        *(_EXPLAINED.format(explain=explain, type=code, header=FROM_HEADER) for code, explain in explained.items()),
    )


def _ever(fragment: str) -> str:
    return fragment.replace("{as_of}", "date '9999-12-31'").replace("{known_at}", "timestamptz 'infinity'")


_ORDERS: Final = f"""
WITH told AS (
    SELECT (l ->> 'id')::uuid AS id, d.number, l ->> 'position' AS position,
           ((l ->> 'quantity_received')::numeric, (l ->> 'amount_received')::numeric,
            (l ->> 'quantity_invoiced')::numeric, (l ->> 'amount_invoiced')::numeric) AS members, d.currency
    FROM {{header}} CROSS JOIN jsonb_array_elements(({{view}}) -> 'lines') l WHERE d.type = 'purchase_order'),
received AS (
    SELECT r.id, sum(r.quantity) AS quantity, sum(r.minor) AS minor
    FROM (SELECT l.order_line_id AS id, l.quantity_ordered_unit AS quantity, l.net_minor AS minor
          FROM procurement.goods_receipt_line l JOIN platform.document o ON o.id = l.document_id WHERE {_IN_FORCE}
          UNION ALL
          SELECT a.order_line_id, a.quantity, a.amount_minor
          FROM procurement.accrual a JOIN platform.document o ON o.id = a.document_id
          WHERE o.type = 'supplier_invoice' AND a.unit_price IS NOT NULL) r
    GROUP BY 1),
invoiced AS (
    SELECT i.order_line_id AS id, sum(i.quantity) AS quantity, sum(i.net_minor) AS minor
    FROM billing.supplier_invoice_line i JOIN platform.document o ON o.id = i.document_id
    WHERE {_IN_FORCE} GROUP BY 1),
counted AS (
    SELECT t.*, (coalesce(r.quantity, 0), platform.amount_text(coalesce(r.minor, 0), t.currency)::numeric,
                 coalesce(i.quantity, 0), platform.amount_text(coalesce(i.minor, 0), t.currency)::numeric) AS again
    FROM told t LEFT JOIN received r USING (id) LEFT JOIN invoiced i USING (id))
SELECT format('Order %s, line %s: received and invoiced are answered as %s, its documents say %s.', number, position,
              members, again)
FROM counted WHERE members IS DISTINCT FROM again ORDER BY number, position"""

_BUDGETS: Final = """
WITH told AS (
    SELECT (l ->> 'id')::uuid AS id, l ->> 'code' AS code, d.currency,
           ARRAY[l ->> 'budgeted', l ->> 'pre_encumbered', l ->> 'encumbered', l ->> 'actual', l ->> 'remaining']
               AS members
    FROM {header} CROSS JOIN jsonb_array_elements(({view}) -> 'lines') l WHERE d.type = 'budget'),
facts AS (
    SELECT t.*, s.* FROM told t CROSS JOIN LATERAL (
        SELECT coalesce(sum(minor) FILTER (WHERE kind = 'ledger.budget.approved'), 0) AS budgeted,
               coalesce(sum(minor) FILTER (WHERE kind LIKE 'procurement.requisition.%'), 0) AS asked,
               coalesce(sum(minor) FILTER (WHERE kind LIKE 'procurement.purchase_order.%'), 0) AS bound,
               coalesce(sum(minor) FILTER (WHERE kind NOT LIKE 'procurement.requisition.%'
                   AND kind NOT LIKE 'procurement.purchase_order.%' AND kind <> 'ledger.budget.approved'), 0) AS spent
        FROM (SELECT f.kind, CASE WHEN f.kind LIKE '%.relieved' THEN -f.company_amount_minor
                                  ELSE f.company_amount_minor END AS minor
              FROM ledger.fact f WHERE f.budget_line_id = t.id) f) s),
counted AS (
    SELECT code, members, ARRAY[
        platform.amount_text(budgeted, currency), platform.amount_text(asked, currency),
        platform.amount_text(bound, currency), platform.amount_text(spent, currency),
        platform.amount_text(budgeted - asked - bound - spent, currency)] AS again
    FROM facts)
SELECT format('Budget line %s is answered as %s, its facts say %s.', code, members, again)
FROM counted WHERE members <> again ORDER BY code"""

# What lines hold of a budget line, by procurement's own rows, against what the commitment book says.
_COMMITTED: Final = """
SELECT format('Budget line %s: lines hold %s, the commitment book says %s.', l.code,
              platform.amount_text(k.minor, d.currency), platform.amount_text(p.minor, d.currency))
FROM ledger.budget_line l JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (SELECT coalesce(sum(k.amount_company_minor), 0) AS minor
                    FROM procurement.commitment k WHERE k.budget_line_id = l.id) k
CROSS JOIN LATERAL (SELECT coalesce(sum(p.company_amount_minor), 0) AS minor
                    FROM ledger.posting p WHERE p.budget_line_id = l.id AND p.book = 'commitment') p
WHERE k.minor <> p.minor ORDER BY l.code"""

_INVOICES: Final = """
WITH told AS (
    SELECT d.id, d.number, d.currency, ({view}) ->> 'balance' AS balance, d.phase, d.total_minor
    FROM {header} WHERE d.type = 'supplier_invoice'),
counted AS (
    SELECT t.*, platform.amount_text(CASE WHEN t.phase IN ('active', 'done') THEN t.total_minor ELSE 0 END - (
        SELECT coalesce(sum(f.amount_minor), 0) FROM ledger.fact f
        WHERE f.kind = 'billing.payment.settled' AND f.open_item_id = t.id), t.currency) AS again
    FROM told t)
SELECT format('Invoice %s: its balance is answered as %s, its total less its payments is %s.', number, balance, again)
FROM counted WHERE balance IS DISTINCT FROM again ORDER BY number"""

# A payment settles invoices; money that came back settles what of a payment is left, so it is less left of both.
_PAYMENTS: Final = """
WITH told AS (
    SELECT d.id, d.number, d.currency, ({view}) ->> 'unallocated' AS unallocated, d.phase, d.total_minor
    FROM {header} WHERE d.type = 'payment'),
counted AS (
    SELECT t.*, platform.amount_text(CASE WHEN t.phase IN ('active', 'done') THEN t.total_minor ELSE 0 END - (
        SELECT coalesce(sum(f.amount_minor), 0) FROM ledger.fact f
        WHERE (f.kind = 'billing.payment.settled' AND f.document_id = t.id)
           OR (f.kind = 'billing.payment.refunded' AND (f.document_id = t.id) <> (f.open_item_id = t.id))),
        t.currency) AS again
    FROM told t)
SELECT format('Payment %s: %s is answered as unallocated, its facts leave %s.', number, unallocated, again)
FROM counted WHERE unallocated IS DISTINCT FROM again ORDER BY number"""

_EXPLAINED: Final = """
SELECT format('{type} %s: the rows that explain %s add up to %s and not to %s.', s.number, s.pointer, s.sum, s.value)
FROM (SELECT coalesce(d.number, d.id::text) AS number, x.key AS pointer, x.value ->> 'value' AS value,
             (SELECT coalesce(sum((r ->> 'amount')::numeric), 0) FROM jsonb_array_elements(x.value -> 'rows') r) AS sum
      FROM {header} CROSS JOIN LATERAL jsonb_each({explain}) x WHERE d.type = '{type}') s
WHERE s.sum IS DISTINCT FROM s.value::numeric ORDER BY s.number, s.pointer"""
