"""Reports of the ledger in PostgreSQL: sums and rows over append-only postings, closed periods by their seals."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.postgres.ledger.budgets import COUNTS, MEMBER, STANDING
from adapters.postgres.reading import PostgresReading
from adapters.postgres.views import EVER_KNOWN
from bizcore.documents import Company
from bizcore.errors import NotFound
from contexts.ledger.domain.journal_entry import Book
from contexts.ledger.ports import (
    BookedDocument,
    BookedEntry,
    BookedPosting,
    BudgetPosting,
    BudgetSpan,
    BudgetStanding,
    PostedLine,
    Span,
    Turnover,
)

# $1 company, $2 book, $3 and $4 days, $5 account or null. The sums of closed periods are their seals; what lies between
# is read from the index by account, in as few ranges of days as there are open stretches.
_BY_SEALS: Final = """
WITH sealed AS MATERIALIZED (
    SELECT p.id, p.starts_on, p.ends_on FROM ledger.period p
    WHERE p.company_id = $1 AND p.state = 'closed' AND p.starts_on >= $3 AND p.ends_on <= $4),
days AS MATERIALIZED (
    SELECT unnest(datemultirange(daterange($3, $4, '[]'))
                  - coalesce((SELECT range_agg(daterange(starts_on, ends_on, '[]')) FROM sealed), '{}')) AS days),
sums AS (
    SELECT s.account_id, s.debit_minor::numeric AS debit, s.credit_minor::numeric AS credit
    FROM ledger.seal s JOIN sealed ON sealed.id = s.period_id WHERE $5::uuid IS NULL OR s.account_id = $5
    UNION ALL
    SELECT a.id, o.debit, o.credit
    FROM ledger.account a CROSS JOIN days CROSS JOIN LATERAL (
        SELECT sum(greatest(p.company_amount_minor, 0)) AS debit, sum(greatest(-p.company_amount_minor, 0)) AS credit
        FROM ledger.posting p
        WHERE p.company_id = $1 AND p.book = $2 AND p.account_id = a.id
          AND p.effective_on >= lower(days.days) AND p.effective_on < upper(days.days)) o
    WHERE ($5::uuid IS NULL OR a.id = $5) AND o.debit IS NOT NULL)
SELECT a.code, a.name, a.type, sum(s.debit)::bigint AS debit, sum(s.credit)::bigint AS credit
FROM sums s JOIN ledger.account a ON a.id = s.account_id GROUP BY a.id ORDER BY a.code
"""

# As it was known at an instant ($6): seals are of today, so every posting is asked.
_BY_POSTINGS: Final = """
SELECT a.code, a.name, a.type, sum(greatest(p.company_amount_minor, 0))::bigint AS debit,
       sum(greatest(-p.company_amount_minor, 0))::bigint AS credit
FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id JOIN ledger.account a ON a.id = p.account_id
WHERE p.company_id = $1 AND p.book = $2 AND p.effective_on BETWEEN $3 AND $4
  AND ($5::uuid IS NULL OR p.account_id = $5) AND ($6::timestamptz IS NULL OR e.recorded_at <= $6)
GROUP BY a.id ORDER BY a.code
"""

_LINE: Final = """p.entry_id, p.line_no, a.code AS account_code, p.effective_on,
       platform.instant_text(e.recorded_at) AS recorded_at, e.number AS entry_number, e.document_id,
       d.type AS document_type, d.number AS document_number,
       f.line_id AS fact_line_id, coalesce(e.description, d.title) AS description, p.party_id, p.amount_minor,
       e.currency, p.company_amount_minor"""
_BESIDE: Final = """JOIN ledger.entry e ON e.id = p.entry_id
JOIN ledger.account a ON a.id = p.account_id
JOIN platform.document d ON d.id = e.document_id
LEFT JOIN ledger.fact f ON f.id = p.fact_id"""

# Behind the position ($7 to $9). The day alone bounds the scan of the index, the whole position decides.
_POSTINGS: Final = f"""
SELECT {_LINE}
FROM ledger.posting p {_BESIDE}
WHERE p.company_id = $1 AND p.book = $2 AND p.effective_on BETWEEN greatest($3, $7::date) AND $4
  AND ($5::uuid IS NULL OR p.account_id = $5) AND ($6::timestamptz IS NULL OR e.recorded_at <= $6)
  AND ($7::date IS NULL OR (p.effective_on, p.entry_id, p.line_no) > ($7, $8, $9))
ORDER BY p.effective_on, p.entry_id, p.line_no LIMIT $10
"""

_ENTRIES: Final = """
SELECT e.id, e.number, e.book, e.effective_on, platform.instant_text(e.recorded_at) AS recorded_at,
       r.name AS recorded_by_name, e.description, e.currency, e.reverses_entry_id, p.line_no, a.code AS account_code,
       a.name AS account_name, p.role, p.party_id, p.amount_minor, p.company_amount_minor
FROM ledger.entry e
JOIN platform.principal r ON r.id = e.recorded_by
JOIN ledger.posting p ON p.entry_id = e.id
JOIN ledger.account a ON a.id = p.account_id
WHERE e.document_id = $1 ORDER BY e.recorded_at, e.id, p.line_no
"""

# Of one day, up to and with a position of it.
_ON_THE_DAY: Final = """
SELECT coalesce(sum(p.company_amount_minor), 0)::bigint
FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id
WHERE p.company_id = $1 AND p.book = $2 AND p.account_id = $3 AND p.effective_on = $4
  AND ($5::timestamptz IS NULL OR e.recorded_at <= $5) AND (p.entry_id, p.line_no) <= ($6, $7)
"""

# Budgets as far as they were approved by then. $1 company, $2 as of, $3 known at, $4 fiscal year, $5 budget.
_BUDGETS: Final = """ledger.budget b
JOIN platform.document bd ON bd.id = b.document_id
JOIN ledger.fiscal_year y ON y.id = b.fiscal_year_id
JOIN ledger.budget_line l ON l.document_id = b.document_id
JOIN platform.line pl ON pl.id = l.id"""
_APPROVED: Final = """bd.company_id = $1 AND ($5::uuid IS NULL OR b.document_id = $5)
  AND ($4::uuid IS NULL OR y.name = (SELECT name FROM ledger.fiscal_year WHERE id = $4))  -- the company's own of it
  AND EXISTS (SELECT FROM platform.document_step s
              WHERE s.document_id = bd.id AND s.to_phase = 'active' AND s.at <= $3)"""

_STANDINGS: Final = f"""
SELECT bd.id AS budget_id, bd.number AS budget_number, b.name AS budget_name, l.id AS budget_line_id, l.code, l.name,
       b.control, y.name AS fiscal_year, s.budgeted AS budgeted_minor, s.pre_encumbered AS pre_encumbered_minor,
       s.encumbered AS encumbered_minor, s.actual AS actual_minor
FROM {_BUDGETS} CROSS JOIN LATERAL ({STANDING}) s
WHERE {_APPROVED} ORDER BY y.starts_on, bd.number, pl.position
""".replace("{as_of}", "$2").replace("{known_at}", "$3")

_BUDGET_POSTINGS: Final = f"""
SELECT l.id AS budget_line_id, {MEMBER} AS member, {_LINE}
FROM {_BUDGETS} JOIN ledger.posting p ON p.budget_line_id = l.id {_BESIDE}
WHERE {_APPROVED} AND {COUNTS} ORDER BY e.recorded_at, p.entry_id, p.line_no LIMIT $6
""".replace("{as_of}", "$2").replace("{known_at}", "$3")


class PostgresReports:
    """Implements `contexts.ledger.ports.LedgerReports`."""

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    def company(self, id: UUID | None) -> Company:
        return self._reading.company(id)

    def today(self, company: Company) -> date:
        return self._reading.call.at.astimezone(ZoneInfo(company.timezone)).date()

    async def turnovers(self, span: Span) -> list[Turnover]:
        # Only the actual book has seals.
        if span.known_at is None and span.book is Book.ACTUAL:
            rows = await self._reading.connection.fetch(_BY_SEALS, *_days(span), span.account_id)
        else:
            rows = await self._reading.connection.fetch(_BY_POSTINGS, *_days(span), span.account_id, span.known_at)
        return [Turnover(row["code"], row["name"], row["type"], row["debit"], row["credit"]) for row in rows]

    async def postings(
        self, span: Span, *, after: tuple[date, UUID, int] | None = None, limit: int
    ) -> list[PostedLine]:
        rows = await self._reading.connection.fetch(
            _POSTINGS, *_days(span), span.account_id, span.known_at, *_position(after), limit
        )
        return [PostedLine(**row) for row in rows]

    async def booked_document(self, id: UUID) -> BookedDocument:
        row = await self._reading.connection.fetchrow(
            "SELECT id, type, number, company_id FROM platform.document WHERE id = $1", id
        )
        if row is None or not self._reading.scope.covers(row["company_id"]):
            raise NotFound("No such document.", document=str(id))
        return BookedDocument(**row)

    async def entries_of(self, document_id: UUID) -> list[BookedEntry]:
        rows = await self._reading.connection.fetch(_ENTRIES, document_id)
        return [_entry([dict(line) for line in lines]) for _, lines in groupby(rows, key=itemgetter("id"))]

    async def balance_before(self, span: Span, after: tuple[date, UUID, int] | None) -> int:
        day = after[0] if after is not None else span.from_on
        earlier = await self.turnovers(replace(span, from_on=date.min, to_on=day - timedelta(days=1)))
        before = earlier[0].balance_minor if earlier else 0
        if after is not None:
            arguments = (span.company_id, span.book.value, span.account_id, day, span.known_at, *after[1:])
            before += await self._reading.connection.fetchval(_ON_THE_DAY, *arguments)
        return before

    async def standings(self, span: BudgetSpan) -> list[BudgetStanding]:
        rows = await self._reading.connection.fetch(_STANDINGS, *_budgets(span))
        return [BudgetStanding(**row) for row in rows]

    async def budget_postings(self, span: BudgetSpan, *, limit: int) -> list[BudgetPosting]:
        rows = await self._reading.connection.fetch(_BUDGET_POSTINGS, *_budgets(span), limit)
        return [_budget_posting(dict(row)) for row in rows]

    async def fiscal_year_start(self, company_id: UUID, on: date) -> date | None:
        start: date | None = await self._reading.connection.fetchval(
            "SELECT starts_on FROM ledger.fiscal_year WHERE company_id = $1 AND $2 BETWEEN starts_on AND ends_on",
            company_id,
            on,
        )
        return start

    async def account(self, code_or_id: str) -> tuple[UUID, str, str]:
        row = await self._reading.connection.fetchrow(
            "SELECT id, code, name FROM ledger.account WHERE code = $1 OR id = platform.uuid_or_null($1)", code_or_id
        )
        if row is None:
            raise NotFound("No such account.", account=code_or_id[:100])
        return row["id"], row["code"], row["name"]


def _entry(lines: Sequence[Mapping[str, Any]]) -> BookedEntry:
    first = lines[0]
    head = {field.name: first[field.name] for field in fields(BookedEntry) if field.name != "postings"}
    postings = ({field.name: line[field.name] for field in fields(BookedPosting)} for line in lines)
    return BookedEntry(**head, postings=tuple(BookedPosting(**posting) for posting in postings))


def _budget_posting(row: dict[str, Any]) -> BudgetPosting:
    return BudgetPosting(row.pop("budget_line_id"), row.pop("member"), PostedLine(**row))


def _days(span: Span) -> tuple[Any, ...]:
    return span.company_id, span.book.value, span.from_on, span.to_on


def _budgets(span: BudgetSpan) -> tuple[Any, ...]:
    return span.company_id, span.as_of, span.known_at or EVER_KNOWN, span.fiscal_year_id, span.budget_id


def _position(after: tuple[date, UUID, int] | None) -> tuple[Any, ...]:
    return after if after is not None else (None, None, None)
