"""The books in PostgreSQL: periods under lock, numbers without gaps, entries and facts for the flush."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from adapters.postgres import numbering
from adapters.postgres.catalog.directory import PostgresItemDirectory
from adapters.postgres.ledger import tables
from adapters.postgres.ledger.bookkeeping import bookkeeping
from adapters.postgres.work import PostgresWork
from bizcore.facts import AccountingFact
from bizcore.values import Currency, Money
from contexts.ledger.domain.journal_entry import Book, JournalEntry, Posting, RuleLineage
from contexts.ledger.domain.period import Period
from contexts.ledger.ports import Bookkeeping

# Posters share the lock, closing takes it alone. A row that was waited for comes as it is after the wait.
_PERIODS: Final = """
SELECT p.id, p.company_id, p.starts_on, p.ends_on, p.state, v.on
FROM unnest($1::uuid[], $2::date[]) AS v(company_id, "on")
JOIN ledger.period p ON p.company_id = v.company_id AND v.on BETWEEN p.starts_on AND p.ends_on
ORDER BY p.id FOR SHARE OF p
"""

_FIRST_OPEN: Final = """
SELECT p.id, p.company_id, p.starts_on, p.ends_on, p.state FROM ledger.period p
WHERE p.company_id = $1 AND p.ends_on > $2 AND p.state = 'open' ORDER BY p.starts_on LIMIT 1
"""

# Ids are made in order; amounts are whole numbers, so no float comes in by way of JSON.
_FACTS: Final = """
SELECT to_jsonb(f)::text FROM ledger.fact f WHERE f.document_id = $1 ORDER BY f.id
"""

_STANDING: Final = """
SELECT (to_jsonb(e) || jsonb_build_object('postings', (
           SELECT jsonb_agg(to_jsonb(p) ORDER BY p.line_no) FROM ledger.posting p WHERE p.entry_id = e.id)))::text
FROM ledger.entry e
WHERE e.document_id = ANY($1) AND e.reverses_entry_id IS NULL
  AND NOT EXISTS (SELECT FROM ledger.entry r WHERE r.reverses_entry_id = e.id)
ORDER BY e.id
"""


class PostgresJournal:
    """Implements `contexts.ledger.ports.Journal`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work
        self._told: dict[UUID, list[AccountingFact]] = {}  # a document's, read once while its lock is held

    async def bookkeeping(self) -> Bookkeeping:
        return await bookkeeping(self._work)

    async def categories(self, item_ids: Collection[UUID]) -> Mapping[UUID, str]:
        items = await PostgresItemDirectory(self._work.connection).items(item_ids)
        return {id: item.category for id, item in items.items() if item.category is not None}

    async def periods(self, days: Iterable[tuple[UUID, date]]) -> Mapping[tuple[UUID, date], Period]:
        wanted = set(days)
        held = self._work.open_periods  # locked with the document's facts
        found = {day: _held_period(day[0], held[day]) for day in wanted if day in held}
        missing = sorted(wanted - found.keys())
        if missing:
            rows = await self._work.connection.fetch(
                _PERIODS, [company for company, _ in missing], [day for _, day in missing]
            )
            found.update({(row["company_id"], row["on"]): _period(row) for row in rows})
        return found

    async def first_open(self, company_id: UUID, after: date) -> Period | None:
        # By READ COMMITTED a row closed while its lock was waited for no longer matches and gives no row: look again.
        while await self.next_open_day(company_id, after) is not None:
            row = await self._work.connection.fetchrow(f"{_FIRST_OPEN} FOR SHARE", company_id, after)
            if row is not None:
                return _period(row)
        return None

    async def next_open_day(self, company_id: UUID, after: date) -> date | None:
        row = await self._work.connection.fetchrow(_FIRST_OPEN, company_id, after)
        return row["starts_on"] if row is not None else None

    async def add(self, entries: Sequence[tuple[JournalEntry, Period]]) -> None:
        for entry, period in entries:
            series = self._work.configuration.series[f"entry:{entry.book}"]
            key = numbering.series_key(series, entry.company.id, entry.effective_on)
            self._work.insert_numbered(tables.entry, _entry_row(entry, period, self._work), key)
            for line_no, posting in enumerate(entry.postings, start=1):
                self._work.writes.insert(tables.posting, _posting_row(entry, line_no, posting))

    def add_facts(self, facts: Iterable[AccountingFact]) -> None:
        for fact in facts:
            self._work.writes.insert(tables.fact, _fact_row(fact, self._work))

    async def facts_of(self, document_id: UUID) -> Sequence[AccountingFact]:
        if document_id not in self._told:
            rows = await self._work.connection.fetch(_FACTS, document_id)
            self._told[document_id] = [self._fact(orjson.loads(row[0])) for row in rows]
        return self._told[document_id]

    async def standing(self, document_ids: Collection[UUID]) -> list[JournalEntry]:
        rows = await self._work.connection.fetch(_STANDING, list(document_ids))
        return [self._entry(orjson.loads(row[0])) for row in rows]

    def _fact(self, row: dict[str, Any]) -> AccountingFact:
        company = self._work.company(UUID(row["company_id"]))
        return AccountingFact(
            id=UUID(row["id"]),
            kind=row["kind"],
            company_id=company.id,
            document_id=UUID(row["document_id"]),
            effective_on=date.fromisoformat(row["effective_on"]),
            amount=Money(row["amount_minor"], Currency.of(row["currency"])),
            company_amount=Money(row["company_amount_minor"], Currency.of(company.currency)),
            accounts={},  # what takes it back finds them in its postings
            dimensions=row["dimensions"],
            reverses_document=row["reverses_document"],
            **{name: _id_of(row, name) for name in _IDS},
        )

    def _entry(self, row: dict[str, Any]) -> JournalEntry:
        company = self._work.company(UUID(row["company_id"]))
        currency, own = Currency.of(row["currency"]), Currency.of(company.currency)
        return JournalEntry(
            id=UUID(row["id"]),
            company=company,
            book=Book(row["book"]),
            effective_on=date.fromisoformat(row["effective_on"]),
            currency=currency,
            document_id=UUID(row["document_id"]),
            description=row["description"],
            postings=tuple(_posting(posting, currency, own) for posting in row["postings"]),
        )


_IDS: Final = ("line_id", "party_id", "item_id", "account_id", "budget_line_id", "open_item_id", "tax_code_id")


def _id_of(row: Mapping[str, Any], name: str) -> UUID | None:
    return UUID(row[name]) if row[name] is not None else None


def _period(row: Any) -> Period:
    return Period(row["id"], row["company_id"], row["starts_on"], row["ends_on"], row["state"] == "open")


def _held_period(company_id: UUID, row: dict[str, Any]) -> Period:
    return Period(
        UUID(row["id"]),
        company_id,
        date.fromisoformat(row["starts_on"]),
        date.fromisoformat(row["ends_on"]),
        row["state"] == "open",
    )


def _entry_row(entry: JournalEntry, period: Period, work: PostgresWork) -> dict[str, Any]:
    return {
        "id": entry.id,
        "company_id": entry.company.id,
        "book": entry.book.value,
        "effective_on": entry.effective_on,
        "original_on": entry.original_on,
        "period_id": period.id,
        "currency": entry.currency.code,
        "document_id": entry.document_id,
        "reverses_entry_id": entry.reverses_id,
        "line_count": len(entry.postings),
        "description": entry.description,
        "recorded_at": work.call.at,
        "recorded_by": work.principal.id,
    }


def _posting_row(entry: JournalEntry, line_no: int, posting: Posting) -> dict[str, Any]:
    lineage = posting.lineage
    return {
        "entry_id": entry.id,
        "line_no": line_no,
        "company_id": entry.company.id,
        "book": entry.book.value,
        "account_id": posting.account_id,
        "effective_on": entry.effective_on,
        "amount_minor": posting.amount.minor,
        "company_amount_minor": posting.company_amount.minor,
        "role": posting.role,
        "party_id": posting.party_id,
        "item_id": posting.item_id,
        "budget_line_id": posting.budget_line_id,
        "open_item_id": posting.open_item_id,
        "tax_code_id": posting.tax_code_id,
        "dimensions": dict(posting.dimensions),
        "fact_id": lineage.fact_id if lineage else None,
        "rule_id": lineage.rule_id if lineage else None,
        "rule_revision": lineage.revision if lineage else None,
    }


def _fact_row(fact: AccountingFact, work: PostgresWork) -> dict[str, Any]:
    return {
        "id": fact.id,
        "kind": fact.kind,
        "company_id": fact.company_id,
        "document_id": fact.document_id,
        "line_id": fact.line_id,
        "effective_on": fact.effective_on,
        "currency": fact.amount.currency.code,
        "amount_minor": fact.amount.minor,
        "company_amount_minor": fact.company_amount.minor,
        "party_id": fact.party_id,
        "item_id": fact.item_id,
        "account_id": fact.account_id,
        "budget_line_id": fact.budget_line_id,
        "open_item_id": fact.open_item_id,
        "tax_code_id": fact.tax_code_id,
        "dimensions": dict(fact.dimensions),
        "reverses_document": fact.reverses_document,
        "recorded_at": work.call.at,
    }


def _posting(row: dict[str, Any], currency: Currency, own: Currency) -> Posting:
    fact_id, rule_id = _id_of(row, "fact_id"), _id_of(row, "rule_id")
    return Posting(
        account_id=UUID(row["account_id"]),
        amount=Money(row["amount_minor"], currency),
        company_amount=Money(row["company_amount_minor"], own),
        role=row["role"],
        party_id=_id_of(row, "party_id"),
        item_id=_id_of(row, "item_id"),
        budget_line_id=_id_of(row, "budget_line_id"),
        open_item_id=_id_of(row, "open_item_id"),
        tax_code_id=_id_of(row, "tax_code_id"),
        dimensions=row["dimensions"],
        lineage=RuleLineage(fact_id, rule_id, row["rule_revision"]) if fact_id and rule_id else None,
    )
