"""Document numbers: none twice, a gapless series without a hole, a fast one within its blocks."""

from typing import Final

_NUMBERED: Final = """
WITH numbered AS (
    SELECT type AS series, company_id, number FROM platform.document WHERE number IS NOT NULL
    UNION ALL
    SELECT 'entry:' || book, company_id, number FROM ledger.entry WHERE number IS NOT NULL)"""

_DRAWN: Final = """
    SELECT n.document_type AS series, n.company_id, platform.number_text(s.pattern, n.period, v) AS number
    FROM platform.number_counter n JOIN platform.number_series s USING (document_type)
    CROSS JOIN generate_series(1, n.next_value - 1) AS v
    WHERE s.class = 'gapless'"""

_TWICE: Final = f"""{_NUMBERED}
SELECT format('Number %s of series %s is given %s times.', number, series, count(*))
FROM numbered GROUP BY series, company_id, number HAVING count(*) > 1 ORDER BY series, number"""

# Sets and not joins: nobody can tell PostgreSQL how many numbers the functions make, and a join that expects one of
# them compares every number with every other.
_HOLES: Final = f"""{_NUMBERED}
SELECT format('Number %s of the gapless series %s is missing.', number, series)
FROM ({_DRAWN} EXCEPT SELECT series, company_id, number FROM numbered) missing ORDER BY series, number"""

_NEVER_DRAWN: Final = f"""{_NUMBERED}
SELECT format('Number %s of series %s was never drawn.', number, series)
FROM (SELECT series, company_id, number FROM numbered
      EXCEPT (({_DRAWN})
              UNION ALL
              SELECT b.document_type, b.company_id, platform.number_text(b.pattern, b.period, v)
              FROM platform.number_block b CROSS JOIN generate_series(b.first_value, b.last_value) AS v)) strange
ORDER BY series, number"""

_UNNUMBERED: Final = """
SELECT format('%s %s is %s and has no number.', d.type, d.id, d.phase)
FROM platform.document d WHERE d.phase IN ('active', 'done') AND d.number IS NULL
UNION ALL
SELECT format('Entry %s of the %s book has no number.', e.id, e.book) FROM ledger.entry e WHERE e.number IS NULL"""

NUMBERS: Final = (_TWICE, _HOLES, _NEVER_DRAWN, _UNNUMBERED)
