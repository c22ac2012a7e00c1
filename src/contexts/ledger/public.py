"""What other contexts may ask of the ledger."""

from datetime import date
from typing import Protocol
from uuid import UUID

from bizcore.documents import Company
from bizcore.values import Currency
from contexts.ledger import facts
from contexts.ledger.domain.account import Account, AccountType
from contexts.ledger.domain.budget import BudgetControl, budget_key
from contexts.ledger.domain.conversion import Conversion
from contexts.ledger.domain.tax import TaxCode, TaxKind
from contexts.ledger.errors import BudgetExceeded, ExchangeRateMissing, FiscalYearMissing, PeriodClosed
from contexts.ledger.holding import hold_budget_for
from contexts.ledger.ports import Bookkeeping, Journal, Masters
from contexts.ledger.reversal import open_day, reversed_on, reversing_facts

__all__ = [
    "Account",
    "AccountType",
    "Bookkeeping",
    "BooksWork",
    "BudgetControl",
    "BudgetExceeded",
    "Conversion",
    "ExchangeRateMissing",
    "FiscalYearMissing",
    "PeriodClosed",
    "TaxCode",
    "TaxKind",
    "account",
    "budget_key",
    "conversion",
    "facts",
    "hold_budget_for",
    "open_day",
    "reversed_on",
    "reversing_facts",
    "tax_codes",
]


class BooksWork(Protocol):
    """What a context's work must offer for these functions."""

    @property
    def journal(self) -> Journal: ...

    @property
    def ledger_masters(self) -> Masters: ...


async def tax_codes(work: BooksWork) -> dict[UUID, TaxCode]:
    """All tax codes by id, from memory."""
    return dict((await work.journal.bookkeeping()).tax_codes)


async def account(work: BooksWork, account_id: UUID) -> Account:
    """An account that was referred to, from memory."""
    return (await work.journal.bookkeeping()).chart.accounts[account_id]


async def conversion(work: BooksWork, currency: str, company: Company, on: date) -> Conversion:
    """How amounts of a document dated `on` count in its company's currency, by the latest rate published until then.

    Errors: EXCHANGE_RATE_MISSING.
    """
    own, given = Currency.of(company.currency), Currency.of(currency)
    if given == own:
        return Conversion(own)
    rate = await work.ledger_masters.rate(given, own, on)
    if rate is None:
        raise ExchangeRateMissing(
            f"No exchange rate of {given} and {own} is known on or before {on}.",
            base=given.code, quote=own.code, date=on,
        )  # fmt: skip
    return Conversion(own, rate)
