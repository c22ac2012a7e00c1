"""The trial balance of a million postings over HTTP against plain SQL that adds them up: two years, one month open."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from adapters.postgres.control.connection import url_of
from benchmarks.http import Client, request
from benchmarks.place import Office, Place, open_office
from benchmarks.rounds import Job, compare
from bizcore.ids import new_id

Owner = asyncpg.Connection
ENTRIES = 500_000
TRYTON_SECONDS = 13.8  # its trial balance of a million lines, in process
THIS_YEAR = datetime.now(UTC).year

# Into the tables as their owner, a month at a time, every trigger on: the books themselves prove that entries balance.
_STAGING = """
CREATE TEMP TABLE staged (
    entry_id uuid, number text, effective_on date, debited uuid, credited uuid, amount_minor bigint, document_id uuid
) ON COMMIT DELETE ROWS
"""
_BOOK = """
WITH e AS (
    INSERT INTO ledger.entry (id, number, company_id, book, effective_on, period_id, currency, document_id, line_count,
                              recorded_at, recorded_by)
    SELECT s.entry_id, s.number, $1, 'actual', s.effective_on, p.id, 'EUR', s.document_id, 2, now(), $2
    FROM staged s JOIN ledger.period p ON p.company_id = $1 AND s.effective_on BETWEEN p.starts_on AND p.ends_on)
INSERT INTO ledger.posting (entry_id, line_no, company_id, book, account_id, effective_on, amount_minor,
                            company_amount_minor)
SELECT s.entry_id, v.line_no, $1, 'actual', v.account_id, s.effective_on, v.minor, v.minor
FROM staged s CROSS JOIN LATERAL (VALUES (1, s.debited, s.amount_minor), (2, s.credited, -s.amount_minor))
     AS v(line_no, account_id, minor)
"""
_DOCUMENT = """
WITH step AS (
    INSERT INTO platform.document_step
        (document_id, entry_no, action, actor_id, at, from_state, to_state, from_phase, to_phase, round)
    SELECT $1, entry_no, action, actor_id, at, from_state, to_state, from_phase, to_phase, round
    FROM platform.document_step WHERE document_id = $4)
INSERT INTO platform.document (id, type, number, company_id, currency, document_date, title, state, phase, version,
    entry_no, total_minor, total_company_minor, workflow_id, attributes, created_at, created_by, updated_at, updated_by)
SELECT $1, type, $2, company_id, currency, $3, title, state, phase, version, entry_no, total_minor, total_company_minor,
       workflow_id, attributes, created_at, created_by, updated_at, updated_by
FROM platform.document WHERE id = $4
"""

PLAIN = """
SELECT a.code, sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor > 0) AS debit,
       -sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor < 0) AS credit
FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
WHERE p.company_id = $1 AND p.book = 'actual' AND p.effective_on <= $2
GROUP BY a.code ORDER BY a.code
"""


async def main(place: Place) -> None:
    client = Client(place.settings.port)
    async with place.serving():
        office = await open_office(client, "Books")
        async with place.tenant(office, connections=2) as tenant:
            owner: Any = await asyncpg.connect(url_of(place.settings.database_url, database=tenant.id))
            try:
                last = await fill(owner, office)
            finally:
                await owner.close()
            await close_periods(office, before=last.replace(day=1))
            asked = partial(
                request, "GET", f"ledger/trial-balance?as_of={last}", None,
                token=office.owner.token, port=client.port,
            )  # fmt: skip

            async def plain() -> list[asyncpg.Record]:
                async with tenant.connection() as connection:
                    return await connection.fetch(PLAIN, office.company_id, last)

            answer = orjson.loads(await client.exchange(asked()))
            cents = {row["account"]: (_minor(row["debit"]), _minor(row["credit"])) for row in answer["rows"]}
            assert cents == {row["code"]: (int(row["debit"] or 0), int(row["credit"] or 0)) for row in await plain()}
            assert answer["total_debit"] == answer["total_credit"]

            async def sums(count: int) -> list[Job]:
                return [plain] * count

            async def http(count: int) -> list[Job]:
                return [partial(client.exchange, asked()) for _ in range(count)]

            found = await compare({"plain SQL": sums, "HTTP": http}, jobs=4, clients=1)
        client.close()
    print(f"Trial balance of {2 * ENTRIES:,} postings in {len(cents)} accounts, equal to the cent")
    for name, measured in found.items():
        seconds = 1 / measured.rate
        print(
            f"  {name:10} {seconds * 1000:7.1f} ms  time x {1 / measured.times(found['plain SQL']):.3f} of plain SQL"
            f"  {TRYTON_SECONDS / seconds:.0f} x as fast as Tryton"
        )


async def fill(owner: Any, office: Office) -> date:
    """Half a million entries on every day of last year and this; the last day of them."""
    await office.owner.post("ledger/fiscal-years", {"year": THIS_YEAR - 1})
    line = {"account": "6010", "debit": "1.00"}, {"account": "1020", "credit": "1.00"}
    day = f"{THIS_YEAR}-12-01"
    model = await office.owner.post(
        "ledger/journal-entries", {"entry_date": day, "description": "Model", "lines": line}
    )
    accounts = [
        row["id"] for row in await owner.fetch("SELECT id FROM ledger.account WHERE control IS NULL ORDER BY code")
    ]
    person = await owner.fetchval("SELECT id FROM platform.principal WHERE user_id = $1", office.owner.user_id)
    dice = Random(1)
    await owner.execute(_STAGING)
    last = date(THIS_YEAR, 12, 31)
    days = [date(THIS_YEAR - 1, 1, 1) + timedelta(n) for n in range((last - date(THIS_YEAR - 1, 1, 1)).days + 1)]
    made = 0
    for month in sorted({(day.year, day.month) for day in days}):
        own = [day for day in days if (day.year, day.month) == month]
        count = round(ENTRIES * (days.index(own[-1]) + 1) / len(days)) - made
        async with owner.transaction():
            documents = []
            for day in own:
                documents.append(new_id())
                await owner.execute(_DOCUMENT, documents[-1], f"X-{day}", day, UUID(model["id"]))
            rows = _rows(count, made, own, documents, accounts, dice)
            await owner.copy_records_to_table("staged", records=rows)
            await owner.execute(_BOOK, office.company_id, person)
        made += count
    await owner.execute("VACUUM (ANALYZE) ledger.posting, ledger.entry")
    return last


def _rows(
    count: int, made: int, days: list[date], documents: list[UUID], accounts: list[UUID], dice: Random
) -> Iterator[tuple[Any, ...]]:
    for number in range(count):
        at = number * len(days) // count
        debited, credited = dice.sample(accounts, 2)
        yield new_id(), f"X-{made + number}", days[at], debited, credited, dice.randrange(1, 10**7), documents[at]


async def close_periods(office: Office, *, before: date) -> None:
    page = await office.owner.get("ledger/periods?limit=200")
    for period in page["data"]:
        if period["ends_on"] < str(before) and period["starts_on"] >= f"{THIS_YEAR - 1}":
            await office.owner.post(f"ledger/periods/{period['id']}/close", {"reason": "Done"})


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
