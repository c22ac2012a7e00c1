"""Facts and charts as objects, for tests that need no database."""

from datetime import date
from typing import Any
from uuid import UUID

from bizcore.documents import Company
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Currency, Money
from contexts.ledger.domain.account import Account, Chart, RoleKey
from contexts.ledger.domain.journal_entry import JournalEntry
from contexts.ledger.domain.posting_rule import PostingRule
from contexts.ledger.standard.chart import CHART, ROLES
from contexts.ledger.standard.rules import RULES

COMPANY = Company(id=UUID(int=1), code="MAIN", name="Acme", country="DE", currency="EUR", timezone="Europe/Berlin")
EUR, USD = Currency.of("EUR"), Currency.of("USD")
ACCOUNTS = {
    account.code: Account(new_id(), account.code, account.name, account.type, account.control) for account in CHART
}
CODES = {account.id: code for code, account in ACCOUNTS.items()}
STANDARD_CHART = Chart(
    accounts={account.id: account for account in ACCOUNTS.values()},
    roles={RoleKey(role): ACCOUNTS[code].id for role, code in ROLES.items()},
)
STANDARD_RULES = {kind: PostingRule(new_id(), kind, 1, book, lines) for kind, (book, lines) in RULES.items()}
DOCUMENT = UUID(int=7)


def fact(kind: str, minor: int, *, own: int | None = None, currency: Currency = EUR, **options: Any) -> AccountingFact:
    """Of so many minor units; `own` in the company's currency where that is another."""
    values = {
        "id": new_id(),
        "kind": kind,
        "company_id": COMPANY.id,
        "document_id": DOCUMENT,
        "line_id": None,
        "effective_on": date(2026, 3, 15),
        "amount": Money(minor, currency),
        "company_amount": Money(minor if own is None else own, EUR),
    }
    return AccountingFact(**{**values, **options})


def shown(entry: JournalEntry) -> list[tuple[str, str]]:
    """(account code, amount in company currency), debit positive."""
    return [(CODES[posting.account_id], posting.company_amount.text()) for posting in entry.postings]
