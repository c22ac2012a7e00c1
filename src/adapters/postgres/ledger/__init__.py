"""The ledger in PostgreSQL."""

from collections.abc import Callable, Mapping
from typing import Final

from adapters.postgres.ledger import budgets, journal_entries
from adapters.postgres.ledger.records import RECORDS
from adapters.postgres.ledger.standard import first_steps, load_standard
from adapters.postgres.types import Part, named, named_document
from bizcore.errors import BusinessError, ValidationFailed
from bizcore.platform.errors import DuplicateCode
from contexts.ledger.errors import (
    AccountCurrency,
    AccountHasPostings,
    ControlAccount,
    FiscalYearOverlaps,
    PeriodClosed,
)

__all__ = ["PART", "first_steps", "load_standard"]


def _taken(what: str, field: str) -> Callable[[], BusinessError]:
    return lambda: DuplicateCode(f"There is {what} already.", field=field)


_REFUSALS: Final[Mapping[str, Callable[[], BusinessError]]] = {
    "account_code_key": _taken("an account with this code", "/code"),
    "tax_code_code_key": _taken("a tax code of this name", "/code"),
    "bank_account_code_key": _taken("a bank account with this code", "/code"),
    "exchange_rate_key": _taken("a rate of these currencies for this day", "/valid_on"),
    "account_role_key": _taken("an account for this role and party", "/role"),
    "role_of_control": lambda: ControlAccount("/account", "The account and the role are not of the same control."),
    "account_tree": lambda: ValidationFailed.at("/parent", "OWN_PARENT", "An account is not grouped under itself."),
    "account_posted": lambda: AccountHasPostings(
        "Something is posted there: its control stays as it is, and it takes no currency but that of its postings."
    ),
    "account_currency": lambda: AccountCurrency(
        "An account of the entry is kept in another currency than the entry's."
    ),
    "fiscal_year_key": lambda: FiscalYearOverlaps("This fiscal year is open already."),
    "periods_apart": lambda: FiscalYearOverlaps("The fiscal year shares days with another."),
    "entry_in_open_period": lambda: PeriodClosed("The books of that day are closed."),
}

PART: Final = Part(
    documents={"budget": budgets.SQL, "journal_entry": journal_entries.SQL},
    records=RECORDS,
    limits={"budget": budgets.LIMIT},
    references={
        "account": named("ledger.account"),
        "tax_code": named("ledger.tax_code"),
        "bank_account": named("ledger.bank_account", company="company_id"),
        "fiscal_year": named("ledger.fiscal_year", code="name", company="company_id"),
        "budget": named_document("budget"),
        "budget_line": budgets.REFERENCE,
    },
    refusals=_REFUSALS,
)
