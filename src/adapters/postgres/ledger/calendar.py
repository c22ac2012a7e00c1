"""Fiscal years and periods in PostgreSQL. Closing seals a period's subtotals; reopening takes them away."""

from typing import Any, Final
from uuid import UUID

from adapters.postgres.ledger import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.work import PostgresWork
from bizcore.documents import Company
from bizcore.ids import new_id
from contexts.ledger.domain.period import FiscalYear, Period
from contexts.ledger.errors import FiscalYearOverlaps, PeriodClosed, PeriodOpen

# Two who open overlapping years see each other: the second waits here for the first to end.
_LOCK_YEARS: Final = "SELECT pg_advisory_xact_lock(hashtextextended('fiscal_year:' || $1::uuid::text, 0))"

_OVERLAPPING: Final = """
SELECT name, starts_on, ends_on FROM ledger.fiscal_year
WHERE company_id = $1 AND ((starts_on <= $3 AND ends_on >= $2) OR name = $4) ORDER BY starts_on LIMIT 1
"""

_FIND_YEAR: Final = """
SELECT id FROM ledger.fiscal_year
WHERE company_id = $1 AND name = coalesce($2, (SELECT name FROM ledger.fiscal_year WHERE id = $3))
"""

# After the lock, in a statement of its own: everything posted before it is seen.
_SEAL: Final = """
INSERT INTO ledger.seal (period_id, account_id, debit_minor, credit_minor)
SELECT $1, p.account_id, coalesce(sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor > 0), 0),
       coalesce(-sum(p.company_amount_minor) FILTER (WHERE p.company_amount_minor < 0), 0)
FROM ledger.posting p
WHERE p.company_id = $2 AND p.book = 'actual' AND p.effective_on BETWEEN $3 AND $4
GROUP BY p.account_id
"""


class PostgresCalendar:
    """Implements `contexts.ledger.ports.Calendar`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    async def add_year(self, company: Company, year: FiscalYear) -> UUID:
        connection = self._work.connection
        await connection.execute(_LOCK_YEARS, company.id)
        other = await connection.fetchrow(_OVERLAPPING, company.id, year.starts_on, year.ends_on, str(year.year))
        if other is not None:
            raise FiscalYearOverlaps(
                f"The fiscal year {other['name']} goes from {other['starts_on']} to {other['ends_on']}.",
                fiscal_year=other["name"],
                starts_on=other["starts_on"],
                ends_on=other["ends_on"],
            )
        id = add_record(self._work, "fiscal_year", tables.fiscal_year, year_row(company.id, year))
        for row in period_rows(company.id, id, year):
            stamps = {"version": 1, "created_at": self._work.call.at, "updated_at": self._work.call.at}
            self._work.writes.insert(tables.period, {**row, **stamps})
        return id

    async def find_year(self, company_id: UUID, *, year: int | None = None, id: UUID | None = None) -> UUID | None:
        name = str(year) if year is not None else None
        found: UUID | None = await self._work.connection.fetchval(_FIND_YEAR, company_id, name, id)
        return found

    async def periods_of(self, fiscal_year_id: UUID) -> list[Period]:
        rows = await self._work.connection.fetch(
            """SELECT id, company_id, starts_on, ends_on, state FROM ledger.period
               WHERE fiscal_year_id = $1 ORDER BY starts_on""",
            fiscal_year_id,
        )
        return [
            Period(row["id"], row["company_id"], row["starts_on"], row["ends_on"], row["state"] == "open")
            for row in rows
        ]

    async def close(self, id: UUID, version: int | None, reason: str) -> None:
        period = await self._locked(id, version)
        if period["state"] == "closed":
            raise PeriodClosed("The period is closed already.", period=period["name"], date=period["starts_on"])
        await self._work.connection.execute(_SEAL, id, period["company_id"], period["starts_on"], period["ends_on"])
        self._save(period, "closed", reason)

    async def reopen(self, id: UUID, version: int | None, reason: str) -> None:
        period = await self._locked(id, version)
        if period["state"] == "open":
            raise PeriodOpen("The period is open already.", period=period["name"])
        await self._work.connection.execute("DELETE FROM ledger.seal WHERE period_id = $1", id)
        self._save(period, "open", reason)

    async def _locked(self, id: UUID, version: int | None) -> dict[str, Any]:
        """The row, exclusively: it waits for postings under way, and those that come later wait for the end."""
        return await load_record(self._work, "period", tables.period, id, version)

    def _save(self, period: dict[str, Any], state: str, reason: str) -> None:
        changes = {"state": state, "state_reason": reason}
        happened = "closed" if state == "closed" else "reopened"
        save_record(self._work, "period", tables.period, period, changes, happened=happened)


def year_row(company_id: UUID, year: FiscalYear) -> dict[str, Any]:
    return {"company_id": company_id, "name": str(year.year), "starts_on": year.starts_on, "ends_on": year.ends_on}


def period_rows(company_id: UUID, fiscal_year_id: UUID, year: FiscalYear) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "company_id": company_id,
            "fiscal_year_id": fiscal_year_id,
            "name": f"{starts_on:%Y-%m}",
            "starts_on": starts_on,
            "ends_on": ends_on,
        }
        for starts_on, ends_on in year.months()
    ]
