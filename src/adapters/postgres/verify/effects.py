"""Documents and their effects: the phase is what the steps led to, and what a phase means was done, once."""

from typing import Final

_PHASES: Final = """
SELECT format('%s %s is %s (%s) and its last step led to %s (%s).', d.type, coalesce(d.number, d.id::text), d.state,
              d.phase, coalesce(s.to_state, 'nowhere'), s.to_phase)
FROM platform.document d
LEFT JOIN LATERAL (SELECT to_state, to_phase FROM platform.document_step
                   WHERE document_id = d.id ORDER BY entry_no DESC LIMIT 1) s ON true
WHERE (d.state, d.phase) IS DISTINCT FROM (s.to_state, s.to_phase) ORDER BY d.id"""

_STEPS: Final = """
SELECT format('Step %s (%s) of document %s begins in %s, where no step had led.', entry_no, action, document_id,
              coalesce(from_state, 'nothing'))
FROM (SELECT s.*, lag(to_state) OVER steps AS state, lag(to_phase) OVER steps AS phase
      FROM platform.document_step s WINDOW steps AS (PARTITION BY document_id ORDER BY entry_no)) s
WHERE (from_state, from_phase) IS DISTINCT FROM (state, phase) ORDER BY document_id, entry_no"""

# A draft has no effect yet; of a void receipt, link, accrual and move were each done once more with the sign turned.
_RECEIPTS: Final = """
SELECT format('Line %s of receipt %s, %s, has %s, and its %s say %s.', n.position, coalesce(d.number, d.id::text),
              d.phase, trim_scale(w.quantity), e.what, trim_scale(e.quantity))
FROM procurement.goods_receipt_line l
JOIN platform.line n ON n.id = l.id JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.phase IN ('active', 'done') THEN l.quantity_ordered_unit ELSE 0 END AS quantity) w
CROSS JOIN LATERAL (
    SELECT 'links' AS what, coalesce(sum(k.quantity), 0) AS quantity FROM platform.line_link k
    WHERE k.source_line_id = l.id AND k.kind = 'fulfils'
    UNION ALL
    SELECT 'accruals', coalesce(sum(a.quantity), 0) FROM procurement.accrual a
    WHERE a.source_line_id = l.id) e
WHERE e.quantity <> w.quantity ORDER BY d.number, n.position, e.what"""

# An invoice accepts of a service what it charges at most; void, it accepts nothing.
_ACCEPTANCES: Final = """
SELECT format('Line %s of invoice %s, %s, charges %s; of a service it accepted %s by its links, %s by its accruals.',
              n.position, coalesce(d.number, d.id::text), d.phase, trim_scale(l.quantity), trim_scale(k.quantity),
              trim_scale(a.quantity))
FROM billing.supplier_invoice_line l
JOIN platform.line n ON n.id = l.id JOIN platform.document d ON d.id = l.document_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(k.quantity), 0) AS quantity FROM platform.line_link k
    WHERE k.source_line_id = l.id AND k.kind = 'fulfils') k
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.quantity), 0) AS quantity FROM procurement.accrual a
    WHERE a.order_line_id = l.order_line_id AND a.source_line_id = l.id AND a.unit_price IS NOT NULL) a
WHERE k.quantity <> a.quantity
   OR k.quantity NOT BETWEEN 0 AND CASE WHEN d.phase IN ('active', 'done') THEN l.quantity ELSE 0 END
ORDER BY d.number, n.position"""

_MOVES: Final = """
SELECT format('Line %s of receipt %s, %s, moved %s of item %s.', n.position, coalesce(d.number, d.id::text), d.phase,
              trim_scale(m.quantity), i.sku)
FROM procurement.goods_receipt_line l
JOIN platform.line n ON n.id = l.id JOIN platform.document d ON d.id = l.document_id
JOIN procurement.purchase_order_line o ON o.id = l.order_line_id
JOIN catalog.item i ON i.id = o.item_id AND i.kind = 'stock'
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN m.from_location_id IS NULL THEN m.quantity ELSE -m.quantity END), 0) AS quantity
    FROM inventory.move m WHERE m.line_id = l.id) m
WHERE sign(m.quantity) <> (d.phase IN ('active', 'done'))::int ORDER BY d.number, n.position"""

# Goods received, not invoiced: the account, the rows that accrued it and the receipts less the invoices agree.
_ACCRUALS: Final = """
SELECT format('Company %s: its accruals come to %s, its account of goods received not invoiced to %s.', c.code,
              platform.amount_text(a.amount, c.currency), platform.amount_text(p.amount, c.currency))
FROM platform.company c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.amount_company_minor), 0) AS amount FROM procurement.accrual a
    JOIN platform.document d ON d.id = a.document_id WHERE d.company_id = c.id) a
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(p.company_amount_minor), 0) AS amount FROM ledger.posting p
    WHERE p.company_id = c.id AND p.role = 'goods_received_not_invoiced') p
WHERE a.amount <> p.amount ORDER BY c.code"""

_NOT_IN_THE_BOOKS: Final = """
SELECT format('%s %s is %s over %s and the books say %s.', d.type, coalesce(d.number, d.id::text), d.phase,
              platform.amount_text(w.amount, d.currency), platform.amount_text(b.amount, d.currency))
FROM platform.document d LEFT JOIN billing.payment y ON y.id = d.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN d.phase IN ('active', 'done') THEN d.total_minor ELSE 0 END AS amount) w
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN d.type = 'budget' OR y.direction = 'incoming' THEN p.amount_minor
                             ELSE -p.amount_minor END), 0) AS amount
    FROM ledger.entry e JOIN ledger.posting p ON p.entry_id = e.id
    WHERE e.document_id = d.id
      AND p.role = CASE d.type WHEN 'budget' THEN 'budget' WHEN 'payment' THEN 'bank' ELSE 'payable' END
      AND (d.type <> 'supplier_invoice' OR p.open_item_id = d.id)) b
WHERE d.type IN ('budget', 'supplier_invoice', 'payment') AND w.amount <> b.amount ORDER BY d.type, d.number"""

_JOURNAL: Final = """
SELECT format('Journal entry %s is %s and has %s entries of which %s are reversed.', coalesce(d.number, d.id::text),
              d.phase, e.entries, e.reversed)
FROM platform.document d
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE e.reverses_entry_id IS NULL) AS entries,
           count(e.reverses_entry_id) AS reversed FROM ledger.entry e WHERE e.document_id = d.id) e
WHERE d.type = 'journal_entry' AND (e.entries, e.reversed) <> (1, (d.phase = 'void')::int) ORDER BY d.number"""

# A receipt taken back may take other goods than it brought: its difference stays with the price differences.
_VOID: Final = """
SELECT format('%s %s is void and leaves %s on account %s.', d.type, coalesce(d.number, d.id::text),
              platform.amount_text(sum(p.company_amount_minor), c.currency), a.code)
FROM platform.document d
JOIN platform.company c ON c.id = d.company_id
JOIN ledger.entry e ON e.document_id = d.id AND e.book = 'actual'
JOIN ledger.posting p ON p.entry_id = e.id JOIN ledger.account a ON a.id = p.account_id
WHERE d.phase = 'void' AND d.type IN ('supplier_invoice', 'payment', 'journal_entry')
GROUP BY d.id, c.id, a.id HAVING sum(p.company_amount_minor) <> 0 ORDER BY d.type, d.number, a.code"""

_COMMITMENTS: Final = """
SELECT format('%s %s is %s and line %s holds %s of a budget.', d.type, coalesce(d.number, d.id::text), d.phase,
              n.position, platform.amount_text(sum(k.amount_company_minor), c.currency))
FROM procurement.commitment k
JOIN platform.line n ON n.id = k.line_id JOIN platform.document d ON d.id = n.document_id
JOIN platform.company c ON c.id = d.company_id
GROUP BY d.id, c.id, n.id
HAVING sum(k.amount_company_minor) < 0
    OR (sum(k.amount_company_minor) <> 0 AND d.phase IN ('draft', 'done', 'void'))
ORDER BY d.type, d.number, n.position"""

_FACTS: Final = """
SELECT format('Fact %s of %s %s is in no book.', f.kind, d.type, coalesce(d.number, d.id::text))
FROM ledger.fact f JOIN platform.document d ON d.id = f.document_id
WHERE (f.amount_minor <> 0 OR f.company_amount_minor <> 0)
  AND NOT EXISTS (SELECT FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id
                  WHERE e.document_id = f.document_id AND p.fact_id = f.id) ORDER BY f.id"""

EFFECTS: Final = (
    _PHASES,
    _STEPS,
    _RECEIPTS,
    _ACCEPTANCES,
    _MOVES,
    _ACCRUALS,
    _NOT_IN_THE_BOOKS,
    _JOURNAL,
    _VOID,
    _COMMITMENTS,
    _FACTS,
)
