"""Everything one can ask of the ledger."""

from bizcore.records import RecordType
from bizcore.registry import Registered, RegisteredQuery, Registry
from contexts.ledger import budget_report, document_entries, queries, statements, views
from contexts.ledger.usecases import accounts, budgets, calendar, journal_entries, masters, posting_rules
from contexts.ledger.usecases.budgets import BUDGET
from contexts.ledger.usecases.journal_entries import JOURNAL_ENTRY

ACCOUNT = RecordType("account", "ledger", "ledger/accounts", "Account", views.AccountView, sort="code")
ACCOUNT_ROLE = RecordType("account_role", "ledger", "ledger/account-roles", "Account role", views.AccountRoleView)
FISCAL_YEAR = RecordType("fiscal_year", "ledger", "ledger/fiscal-years", "Fiscal year", views.FiscalYearView)
PERIOD = RecordType("period", "ledger", "ledger/periods", "Period", views.PeriodView, sort="starts_on")
TAX_CODE = RecordType("tax_code", "ledger", "tax-codes", "Tax code", views.TaxCodeView, sort="code")
EXCHANGE_RATE = RecordType("exchange_rate", "ledger", "exchange-rates", "Exchange rate", views.ExchangeRateView)
BANK_ACCOUNT = RecordType(
    "bank_account", "ledger", "ledger/bank-accounts", "Bank account", views.BankAccountView, sort="code"
)
POSTING_RULE = RecordType("posting_rule", "ledger", "ledger/posting-rules", "Posting rule", views.PostingRuleView)

COMMANDS = (
    Registered(
        accounts.CreateAccount,
        "ledger.account.create",
        "POST ledger/accounts",
        accounts.create_account,
        ACCOUNT,
    ),
    Registered(
        accounts.ChangeAccount,
        "ledger.account.update",
        "PATCH ledger/accounts/{id}",
        accounts.change_account,
        ACCOUNT,
    ),
    Registered(
        accounts.AssignRole,
        "ledger.account_role.create",
        "POST ledger/account-roles",
        accounts.assign_role,
        ACCOUNT_ROLE,
    ),
    Registered(
        accounts.ReassignRole,
        "ledger.account_role.update",
        "PATCH ledger/account-roles/{id}",
        accounts.reassign_role,
        ACCOUNT_ROLE,
    ),
    Registered(
        calendar.OpenFiscalYear,
        "ledger.fiscal_year.create",
        "POST ledger/fiscal-years",
        calendar.open_fiscal_year,
        FISCAL_YEAR,
    ),
    Registered(
        calendar.ClosePeriod,
        "ledger.period.close",
        "POST ledger/periods/{id}/close",
        calendar.close_period,
        PERIOD,
    ),
    Registered(
        calendar.ReopenPeriod,
        "ledger.period.reopen",
        "POST ledger/periods/{id}/reopen",
        calendar.reopen_period,
        PERIOD,
    ),
    Registered(
        masters.CreateTaxCode,
        "ledger.tax_code.create",
        "POST tax-codes",
        masters.create_tax_code,
        TAX_CODE,
    ),
    Registered(
        masters.ChangeTaxCode,
        "ledger.tax_code.update",
        "PATCH tax-codes/{id}",
        masters.change_tax_code,
        TAX_CODE,
    ),
    Registered(
        masters.PublishExchangeRate,
        "ledger.exchange_rate.create",
        "POST exchange-rates",
        masters.publish_exchange_rate,
        EXCHANGE_RATE,
    ),
    Registered(
        masters.CreateBankAccount,
        "ledger.bank_account.create",
        "POST ledger/bank-accounts",
        masters.create_bank_account,
        BANK_ACCOUNT,
    ),
    Registered(
        masters.ChangeBankAccount,
        "ledger.bank_account.update",
        "PATCH ledger/bank-accounts/{id}",
        masters.change_bank_account,
        BANK_ACCOUNT,
    ),
    Registered(
        posting_rules.RevisePostingRule,
        "ledger.posting_rule.create",
        "POST ledger/posting-rules",
        posting_rules.revise_posting_rule,
        POSTING_RULE,
    ),
    Registered(
        journal_entries.CreateJournalEntry,
        "ledger.journal_entry.create",
        "POST ledger/journal-entries",
        journal_entries.create_journal_entry,
        JOURNAL_ENTRY,
    ),
    Registered(
        budgets.CreateBudget,
        "ledger.budget.create",
        "POST ledger/budgets",
        budgets.create_budget,
        BUDGET,
    ),
    Registered(
        budgets.ChangeBudget,
        "ledger.budget.update",
        "PATCH ledger/budgets/{id}",
        budgets.change_budget,
        BUDGET,
    ),
)

QUERIES = (
    RegisteredQuery(
        queries.GetAccountBalance,
        "ledger.account_balance.read",
        "GET ledger/accounts/{code}/balance",
        queries.account_balance,
        queries.AccountBalance,
    ),
    RegisteredQuery(
        queries.GetTrialBalance,
        "ledger.trial_balance.read",
        "GET ledger/trial-balance",
        queries.trial_balance,
        queries.TrialBalance,
    ),
    RegisteredQuery(
        queries.GetGeneralLedger,
        "ledger.general_ledger.read",
        "GET ledger/general-ledger",
        queries.general_ledger,
        queries.GeneralLedger,
    ),
    RegisteredQuery(
        document_entries.GetDocumentEntries,
        "ledger.journal_entry.read",
        "GET ledger/documents/{id}/entries",
        document_entries.document_entries,
        document_entries.DocumentEntries,
    ),
    RegisteredQuery(
        statements.GetBalanceSheet,
        "ledger.balance_sheet.read",
        "GET ledger/balance-sheet",
        statements.balance_sheet,
        statements.BalanceSheet,
    ),
    RegisteredQuery(
        statements.GetProfitAndLoss,
        "ledger.profit_and_loss.read",
        "GET ledger/profit-and-loss",
        statements.profit_and_loss,
        statements.ProfitAndLoss,
    ),
    RegisteredQuery(
        budget_report.GetBudgetVersusActual,
        "ledger.budget_vs_actual.read",
        "GET ledger/budget-vs-actual",
        budget_report.budget_versus_actual,
        budget_report.BudgetVersusActual,
    ),
    RegisteredQuery(
        queries.GetCurrencies,
        "ledger.currency.read",
        "GET currencies",
        queries.currencies,
        queries.Currencies,
    ),
)

REGISTRY = Registry(
    context="ledger",
    document_types=(JOURNAL_ENTRY, BUDGET),
    record_types=(
        ACCOUNT,
        ACCOUNT_ROLE,
        FISCAL_YEAR,
        PERIOD,
        TAX_CODE,
        EXCHANGE_RATE,
        BANK_ACCOUNT,
        POSTING_RULE,
    ),
    commands=COMMANDS,
    queries=QUERIES,
)
