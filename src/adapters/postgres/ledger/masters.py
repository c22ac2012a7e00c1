"""Accounts, roles, tax codes, rates, bank accounts and posting rules as records."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from adapters.postgres.ledger import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.work import PostgresWork
from bizcore.values import Currency, ExchangeRate

_TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        tables.account,
        tables.account_role,
        tables.tax_code,
        tables.exchange_rate,
        tables.bank_account,
        tables.posting_rule,
    )
}
_CONFIGURES: Final = frozenset({"account", "account_role", "tax_code", "posting_rule"})

_RATE: Final = """
SELECT base, quote, rate FROM ledger.exchange_rate
WHERE (base, quote) IN (($1, $2), ($2, $1)) AND valid_on <= $3 ORDER BY valid_on DESC, base = $1 DESC LIMIT 1
"""


class PostgresMasters:
    """Implements `contexts.ledger.ports.Masters`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    async def add(self, kind: str, values: Mapping[str, Any]) -> UUID:
        await self._configures(kind)
        return add_record(self._work, kind, _TABLES[kind], values)

    async def change(self, kind: str, id: UUID, version: int | None, changes: Mapping[str, Any]) -> UUID:
        table = _TABLES[kind]
        before = await load_record(self._work, kind, table, id, version)
        await self._configures(kind)
        save_record(self._work, kind, table, before, changes)
        return id

    async def next_revision(self, fact_kind: str) -> int:
        await self._work.connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('posting_rule:' || $1::text, 0))", fact_kind
        )
        latest: int = await self._work.connection.fetchval(
            "SELECT coalesce(max(revision), 0) FROM ledger.posting_rule WHERE fact_kind = $1", fact_kind
        )
        return latest + 1

    async def rate(self, currency: Currency, own: Currency, on: date) -> ExchangeRate | None:
        row = await self._work.connection.fetchrow(_RATE, currency.code, own.code, on)
        return ExchangeRate(Currency.of(row["base"]), Currency.of(row["quote"]), row["rate"]) if row else None

    async def _configures(self, kind: str) -> None:
        """What commands keep in memory is read anew once this one has committed."""
        if kind in _CONFIGURES:
            await self._work.connection.execute("UPDATE platform.configuration SET version = version + 1")
