"""The books: entries balance, books sum to zero, control accounts are their documents, periods keep what is posted."""

from typing import Final

_UNBALANCED: Final = """
SELECT format('Entry %s (%s) is off by %s %s, by %s in the company''s currency, and has %s of %s lines.',
              coalesce(e.number, e.id::text), e.book, platform.amount_text(s.amount, e.currency), e.currency,
              platform.amount_text(s.own, c.currency), s.lines, e.line_count)
FROM ledger.entry e JOIN platform.company c ON c.id = e.company_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lines, coalesce(sum(p.amount_minor), 0) AS amount,
           coalesce(sum(p.company_amount_minor), 0) AS own
    FROM ledger.posting p WHERE p.entry_id = e.id) s
WHERE (s.amount, s.own, s.lines) <> (0, 0, e.line_count) ORDER BY e.id"""

_BOOK_NOT_ZERO: Final = """
SELECT format('The %s book of company %s sums to %s %s instead of zero.', s.book, c.code,
              platform.amount_text(s.own, c.currency), c.currency)
FROM (SELECT company_id, book, sum(company_amount_minor) AS own FROM ledger.posting GROUP BY 1, 2) s
JOIN platform.company c ON c.id = s.company_id
WHERE s.own <> 0 ORDER BY c.code, s.book"""

# The columns that a posting repeats for its indexes.
_UNLIKE_ITS_ENTRY: Final = """
SELECT format('Line %s of entry %s is of another company, book or day than its entry.', p.line_no,
              coalesce(e.number, p.entry_id::text))
FROM ledger.posting p LEFT JOIN ledger.entry e ON e.id = p.entry_id
WHERE (p.company_id, p.book, p.effective_on) IS DISTINCT FROM (e.company_id, e.book, e.effective_on)
ORDER BY p.entry_id, p.line_no"""

# Open items explain payables and receivables, documents of their own inventory and goods received not invoiced.
_CONTROLLED: Final = """
SELECT format('Account %s of company %s stands at %s, and the documents that it controls at %s.', s.code, c.code,
              platform.amount_text(s.stands, c.currency), platform.amount_text(s.told, c.currency))
FROM (SELECT p.company_id, a.code, sum(p.company_amount_minor) AS stands,
             coalesce(sum(p.company_amount_minor) FILTER (WHERE d.type <> 'journal_entry'
                 AND (a.control NOT IN ('payable', 'receivable') OR i.id IS NOT NULL)), 0) AS told
      FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id AND a.control IS NOT NULL
      JOIN ledger.entry e ON e.id = p.entry_id JOIN platform.document d ON d.id = e.document_id
      LEFT JOIN platform.document i ON i.id = p.open_item_id
      GROUP BY 1, 2) s
JOIN platform.company c ON c.id = s.company_id
WHERE s.stands <> s.told ORDER BY c.code, s.code"""

BALANCED: Final = (_UNBALANCED, _BOOK_NOT_ZERO, _UNLIKE_ITS_ENTRY, _CONTROLLED)

_OUTSIDE_ITS_PERIOD: Final = """
SELECT format('Entry %s counts on %s, outside its period %s.', coalesce(e.number, e.id::text), e.effective_on,
              coalesce(p.name, 'that does not exist'))
FROM ledger.entry e LEFT JOIN ledger.period p ON p.id = e.period_id AND p.company_id = e.company_id
WHERE p.id IS NULL OR e.effective_on NOT BETWEEN p.starts_on AND p.ends_on ORDER BY e.id"""

# Sealed when the period was closed, in the closing transaction: what came later makes the difference.
_POSTED_AFTER_CLOSING: Final = """
SELECT format('Period %s is closed with %s debit and %s credit on account %s, and its postings say %s and %s.', t.name,
              platform.amount_text(coalesce(s.debit_minor, 0), c.currency),
              platform.amount_text(coalesce(s.credit_minor, 0), c.currency), a.code,
              platform.amount_text(coalesce(n.debit, 0), c.currency),
              platform.amount_text(coalesce(n.credit, 0), c.currency))
FROM (
    SELECT t.id AS period_id, p.account_id, sum(greatest(p.company_amount_minor, 0)) AS debit,
           sum(greatest(-p.company_amount_minor, 0)) AS credit
    FROM ledger.period t JOIN ledger.posting p
      ON p.company_id = t.company_id AND p.book = 'actual' AND p.effective_on BETWEEN t.starts_on AND t.ends_on
    WHERE t.state = 'closed' GROUP BY 1, 2) n
FULL JOIN ledger.seal s USING (period_id, account_id)
JOIN ledger.period t ON t.id = period_id
JOIN platform.company c ON c.id = t.company_id
JOIN ledger.account a ON a.id = account_id
WHERE (coalesce(s.debit_minor, 0), coalesce(s.credit_minor, 0)) <> (coalesce(n.debit, 0), coalesce(n.credit, 0))
ORDER BY t.starts_on, a.code"""

_SEALED_THOUGH_OPEN: Final = """
SELECT format('Period %s is open and has subtotals of a closed one.', t.name)
FROM ledger.period t WHERE t.state = 'open' AND EXISTS (SELECT FROM ledger.seal s WHERE s.period_id = t.id)
ORDER BY t.starts_on"""

PERIODS: Final = (_OUTSIDE_ITS_PERIOD, _POSTED_AFTER_CLOSING, _SEALED_THOUGH_OPEN)
