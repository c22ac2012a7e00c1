"""Refusals of the ledger."""

from bizcore.errors import BusinessError, ErrorKind


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
    """A posting rule names a role to which no account is assigned."""

    code = "ROLE_WITHOUT_ACCOUNT"


class UnbalancedEntry(BusinessError):
    code = "UNBALANCED_ENTRY"
    kind = ErrorKind.INVALID


class ControlAccount(BusinessError):
    """The account is kept by a subledger: a manual posting there needs its party, or is not possible at all."""

    code = "CONTROL_ACCOUNT"


class AccountInactive(BusinessError):
    code = "ACCOUNT_INACTIVE"


class ExchangeRateMissing(BusinessError):
    code = "EXCHANGE_RATE_MISSING"


class CodeTaken(BusinessError):
    """Another record of the kind carries this code already."""

    code = "CODE_TAKEN"
