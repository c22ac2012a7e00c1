"""Limits: nothing took more than there was."""

from typing import Final

# An invoice dearer than its order is recorded, whatever the budget says; the order, its receipts and what was charged
# without an order had to be covered.
_BUDGETS: Final = """
SELECT format('Budget line %s allows %s and requisitions, orders, receipts and charges took %s.', l.code,
              platform.amount_text(s.allowed, d.currency), platform.amount_text(s.taken, d.currency))
FROM ledger.budget_line l
JOIN ledger.budget b ON b.document_id = l.document_id
JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(f.company_amount_minor) FILTER (WHERE f.kind = 'ledger.budget.approved'), 0) AS allowed,
           coalesce(sum(CASE WHEN f.kind LIKE '%.relieved' THEN -f.company_amount_minor
                             WHEN f.kind LIKE 'procurement.%' OR f.kind = 'billing.supplier_invoice.charged'
                             THEN f.company_amount_minor END), 0) AS taken
    FROM ledger.fact f WHERE f.budget_line_id = l.id) s
WHERE b.control = 'stop' AND s.taken > s.allowed ORDER BY l.code"""

# Goods are received by receipts, services also by the invoices that accept them.
_ORDER_LINES: Final = """
SELECT format('Line %s of order %s is for %s and %s were received.', n.position, d.number, trim_scale(l.quantity),
              trim_scale(k.received))
FROM procurement.purchase_order_line l
JOIN platform.line n ON n.id = l.id JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.quantity), 0) AS received
    FROM (SELECT r.quantity_ordered_unit AS quantity
          FROM procurement.goods_receipt_line r JOIN platform.document o ON o.id = r.document_id
          WHERE r.order_line_id = l.id AND o.phase IN ('active', 'done')
          UNION ALL
          SELECT a.quantity FROM procurement.accrual a JOIN platform.document o ON o.id = a.document_id
          WHERE a.order_line_id = l.id AND a.unit_price IS NOT NULL AND o.type = 'supplier_invoice') r) k
WHERE k.received > l.quantity * (1 + coalesce(
    (SELECT (s.value ->> 'over_receipt_tolerance')::numeric FROM platform.setting s
     WHERE s.key = 'policies/' || d.company_id), 0) / 100)
ORDER BY d.number, n.position"""

_REQUISITION_LINES: Final = """
SELECT format('Line %s of requisition %s asks for %s and %s were ordered.', n.position, d.number,
              trim_scale(l.quantity), trim_scale(k.ordered))
FROM procurement.requisition_line l
JOIN platform.line n ON n.id = l.id JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.quantity), 0) AS ordered FROM platform.line_link k
    WHERE k.target_line_id = l.id AND k.kind = 'originates') k
WHERE k.ordered > l.quantity ORDER BY d.number, n.position"""

# Open items: what we owe of an invoice lies between nothing and all of it; nobody allocates more than was paid or came.
_OPEN_ITEMS: Final = """
SELECT format('%s %s is for %s and %s of it is open.', d.type, coalesce(d.number, d.id::text),
              platform.amount_text(d.total_minor, d.currency), platform.amount_text(s.open, d.currency))
FROM platform.document d LEFT JOIN billing.payment y ON y.id = d.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE y.direction WHEN 'outgoing' THEN p.amount_minor ELSE -p.amount_minor END), 0) AS open
    FROM ledger.posting p WHERE p.open_item_id = d.id) s
WHERE d.type IN ('supplier_invoice', 'payment')
  AND s.open NOT BETWEEN 0 AND CASE WHEN d.phase IN ('active', 'done') THEN d.total_minor ELSE 0 END
ORDER BY d.type, d.number"""

LIMITS: Final = (_BUDGETS, _ORDER_LINES, _REQUISITION_LINES, _OPEN_ITEMS)
