"""Refusals of the ledger."""

from collections.abc import Sequence

from bizcore.errors import BusinessError, ErrorKind, FieldProblem, ValidationFailed


class BudgetExceeded(BusinessError):
    """A budget line under control `stop` has less left than was asked for."""

    code = "BUDGET_EXCEEDED"


class PeriodClosed(BusinessError):
    """The books of that date are closed; the details name the next day that is open."""

    code = "PERIOD_CLOSED"


class PeriodOpen(BusinessError):
    """Only a closed period can be opened again."""

    code = "PERIOD_OPEN"


class FiscalYearMissing(BusinessError):
    """No fiscal year covers the date, so there is no period to post to."""

    code = "FISCAL_YEAR_MISSING"


class FiscalYearOverlaps(BusinessError):
    code = "FISCAL_YEAR_OVERLAPS"


class FactNotCovered(BusinessError):
    """No posting rule says what an accounting fact means to the books."""

    code = "FACT_NOT_COVERED"


class RoleWithoutAccount(BusinessError):
    """A posting rule names a role to which no account is assigned, or none that may play it."""

    code = "ROLE_WITHOUT_ACCOUNT"


class UnbalancedEntry(BusinessError):
    code = "UNBALANCED_ENTRY"
    kind = ErrorKind.INVALID


class ControlAccount(ValidationFailed):
    """The account is explained by documents of its own, so nothing else is posted there; `allowed` names them."""

    def __init__(self, path: str, message: str, *, given: object = None, allowed: Sequence[str] = ()) -> None:
        super().__init__(message, fields=[FieldProblem(path, "CONTROL_ACCOUNT", message, given, allowed)])


class AccountHasPostings(BusinessError):
    """What is posted already would no longer be what the account says it holds."""

    code = "ACCOUNT_HAS_POSTINGS"


class AccountCurrency(BusinessError):
    """A document's entry names an account that is kept in another currency."""

    code = "ACCOUNT_CURRENCY"


class AccountInactive(BusinessError):
    code = "ACCOUNT_INACTIVE"


class ExchangeRateMissing(BusinessError):
    code = "EXCHANGE_RATE_MISSING"
