"""Open items and their ages: sums over the postings that open and settle them."""

from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from adapters.postgres.reading import PostgresReading
from adapters.postgres.views import EVER, EVER_KNOWN
from bizcore.documents import Company
from bizcore.explained import Explained, ExplainedRow
from contexts.billing.queries import Aging, AgingAnswer, AgingRow, Buckets, OpenItemRow, OpenItems, OpenItemsAnswer

# What we owe suppliers are credits of their control accounts, what customers owe us are debits of theirs.
_SIGN: Final = {"payable": -1, "receivable": 1}


class PostgresBillingReports:
    """Implements `contexts.billing.queries.BillingReports`."""

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    async def open_items(self, query: OpenItems) -> OpenItemsAnswer:
        company, known = self._reading.company(query.company), query.known_at or EVER_KNOWN
        row = await self._reading.connection.fetchrow(
            _OPEN_ITEMS,
            company.id, query.as_of or EVER, known, query.side, _SIGN[query.side], company.currency, query.explain,
            query.party, self._day(query.as_of, company),
        )  # fmt: skip
        assert row is not None
        return OpenItemsAnswer(
            company=company.id,
            currency=company.currency,
            as_of=query.as_of,
            known_at=query.known_at,
            data=tuple(_open_item(item, explain=query.explain) for item in orjson.loads(row["data"])),
            total=row["total"],
        )

    async def aging(self, query: Aging) -> AgingAnswer:
        company, known = self._reading.company(query.company), query.known_at or EVER_KNOWN
        day = self._day(query.as_of, company)
        row = await self._reading.connection.fetchrow(
            _AGING, company.id, day, known, query.side, _SIGN[query.side], company.currency, query.explain
        )
        assert row is not None
        return AgingAnswer(
            company=company.id,
            currency=company.currency,
            as_of=day,
            known_at=query.known_at,
            rows=tuple(_aging_row(party, explain=query.explain) for party in orjson.loads(row["rows"])),
            totals=Buckets(**orjson.loads(row["totals"])),
        )

    def _day(self, as_of: date | None, company: Company) -> date:
        """The day that counts as today. The driver writes the last of all days as infinity, which has no distance."""
        today = self._reading.call.at.astimezone(ZoneInfo(company.timezone)).date()
        return min(as_of or today, date.max - timedelta(1))


def _open_item(item: dict[str, Any], *, explain: bool) -> OpenItemRow:
    posted = item.pop("posted")
    explained = None
    if explain:
        explained = {name: _explained(item[name], posted, name) for name in ("balance", "balance_company")}
    return OpenItemRow(**item, explain=explained)


def _aging_row(party: dict[str, Any], *, explain: bool) -> AgingRow:
    """Each bucket consists of the postings of the open items that are of its age."""
    items = party.pop("items")
    explained = None
    if explain:
        explained = {
            bucket: _explained(
                party[bucket], [row for item in items if item[bucket] for row in item["posted"]], "balance_company"
            )
            for bucket in _BUCKETS
        }
    return AgingRow(**party, explain=explained)


def _explained(value: str, posted: list[dict[str, Any]], member: str) -> Explained:
    shared = ("document", "document_type", "document_number", "line", "date", "recorded_at")
    rows = (ExplainedRow(**{name: row[name] for name in shared}, amount=row[member]) for row in posted)
    return Explained(value=value, rows=tuple(rows))


# The documents with a balance on the control accounts of side $4, counted with its sign $5; as of $2, known at $3.
# With their postings where $7 says so.
_ITEMS: Final = """
    SELECT p.open_item_id AS id, $5::int * sum(p.amount_minor) AS minor,
           $5::int * sum(p.company_amount_minor) AS company_minor,
           CASE WHEN $7 THEN jsonb_agg(jsonb_build_object(
               'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', NULL,
               'date', p.effective_on, 'recorded_at', platform.instant_text(e.recorded_at),
               'balance', platform.amount_text($5::int * p.amount_minor, e.currency),
               'balance_company', platform.amount_text($5::int * p.company_amount_minor, $6))
               ORDER BY p.effective_on, e.recorded_at, p.line_no) END AS posted
    FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id
    JOIN platform.document o ON o.id = e.document_id
    JOIN ledger.account a ON a.id = p.account_id AND a.control = $4
    WHERE p.company_id = $1 AND p.open_item_id IS NOT NULL AND p.effective_on <= $2 AND e.recorded_at <= $3
    GROUP BY p.open_item_id HAVING sum(p.amount_minor) <> 0 OR sum(p.company_amount_minor) <> 0"""

_DATED: Final = f"""
    SELECT d.*, b.minor, b.company_minor, b.posted, s.supplier_reference, coalesce(s.due_on, d.document_date) AS due_on
    FROM ({_ITEMS}) b JOIN platform.document d ON d.id = b.id
    LEFT JOIN billing.supplier_invoice s ON s.id = d.id"""

_OPEN_ITEMS: Final = f"""
SELECT coalesce(jsonb_agg(jsonb_build_object(
           'document', i.id, 'document_type', i.type, 'document_number', i.number,
           'party', i.party_id, 'party_code', p.code, 'party_name', p.name,
           'supplier_reference', i.supplier_reference, 'document_date', i.document_date, 'due_on', i.due_on,
           'days_overdue', CASE WHEN i.minor > 0 THEN greatest($9::date - i.due_on, 0) ELSE 0 END,
           'currency', i.currency, 'total', platform.amount_text(i.total_minor, i.currency),
           'balance', platform.amount_text(i.minor, i.currency),
           'balance_company', platform.amount_text(i.company_minor, $6),
           'payment_block', i.type = 'supplier_invoice' AND jsonb_array_length(billing.payment_block(i.id, $2, $3)) > 0,
           'posted', i.posted)
           ORDER BY p.code, i.due_on, i.number, i.id), '[]')::text AS data,
       platform.amount_text(coalesce(sum(i.company_minor), 0), $6) AS total
FROM ({_DATED}) i JOIN parties.party p ON p.id = i.party_id
WHERE $8::uuid IS NULL OR i.party_id = $8
"""

_BUCKETS: Final = {
    "not_due": "i.company_minor < 0 OR i.due_on >= $2",
    "days_1_30": "i.company_minor >= 0 AND $2 - i.due_on BETWEEN 1 AND 30",
    "days_31_60": "i.company_minor >= 0 AND $2 - i.due_on BETWEEN 31 AND 60",
    "days_61_90": "i.company_minor >= 0 AND $2 - i.due_on BETWEEN 61 AND 90",
    "over_90": "i.company_minor >= 0 AND $2 - i.due_on > 90",
    "total": "true",
}
_SUMS: Final = ", ".join(
    f"'{name}', platform.amount_text(coalesce(sum(i.company_minor) FILTER (WHERE {condition}), 0), $6)"
    for name, condition in _BUCKETS.items()
)

_OF_AGE: Final = ", ".join(f"'{name}', {condition}" for name, condition in _BUCKETS.items())

_AGING: Final = f"""
WITH i AS ({_DATED})
SELECT coalesce((
           SELECT jsonb_agg(r.row ORDER BY r.code)
           FROM (SELECT p.code, jsonb_build_object(
                     'party', p.id, 'party_code', p.code, 'party_name', p.name, {_SUMS},
                     'items', CASE WHEN $7 THEN jsonb_agg(jsonb_build_object({_OF_AGE}, 'posted', i.posted)
                                                          ORDER BY i.due_on, i.number, i.id) END) AS row
                 FROM i JOIN parties.party p ON p.id = i.party_id GROUP BY p.id, p.code, p.name) r),
           '[]')::text AS rows,
       (SELECT jsonb_build_object({_SUMS})::text FROM i) AS totals
"""
