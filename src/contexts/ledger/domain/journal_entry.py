"""Journal entries: what the books say, never edited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from bizcore.documents import Company
from bizcore.values import Currency, Money
from contexts.ledger.errors import UnbalancedEntry


class Book(StrEnum):
    ACTUAL = "actual"
    BUDGET = "budget"
    COMMITMENT = "commitment"

    @property
    def closes(self) -> bool:
        """A closed period takes no more entries. A budget may still be decided about months that are over."""
        return self is not Book.BUDGET


@dataclass(frozen=True, slots=True)
class RuleLineage:
    """Which version of which posting rule made a posting, of which fact."""

    fact_id: UUID
    rule_id: UUID
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One debit (positive) or credit (negative), in the entry's currency and in its company's."""

    account_id: UUID
    amount: Money
    company_amount: Money
    role: str | None = None  # by which a rule found the account; None where a person named it
    party_id: UUID | None = None
    item_id: UUID | None = None
    budget_line_id: UUID | None = None
    open_item_id: UUID | None = None
    tax_code_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    lineage: RuleLineage | None = None

    def negated(self) -> "Posting":
        return replace(self, amount=-self.amount, company_amount=-self.company_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """Postings of one book, company and currency that sum to zero in both currencies. Corrected by its reversal.

    `original_on` is the date meant, where its period was closed and the entry counts from a later day.
    """

    id: UUID
    company: Company
    book: Book
    effective_on: date
    currency: Currency
    document_id: UUID
    description: str | None
    postings: tuple[Posting, ...]
    reverses_id: UUID | None = None
    original_on: date | None = None

    def __post_init__(self) -> None:
        if not self.postings:
            raise UnbalancedEntry("An entry has postings.")
        difference = Money.total((posting.amount for posting in self.postings), self.currency)
        if difference:
            raise UnbalancedEntry(
                "Debits and credits differ.", difference=difference.text(), currency=self.currency.code
            )
        own = Currency.of(self.company.currency)
        difference = Money.total((posting.company_amount for posting in self.postings), own)
        if difference:
            raise UnbalancedEntry(
                "Debits and credits differ in the company's currency.", difference=difference.text(), currency=own.code
            )

    def reversal(self, id: UUID, on: date) -> "JournalEntry":
        """The entry that takes this one back."""
        return replace(
            self,
            id=id,
            effective_on=on,
            original_on=None,
            reverses_id=self.id,
            postings=tuple(posting.negated() for posting in self.postings),
        )

    def moved_to(self, day: date) -> "JournalEntry":
        """The same entry counting from a later day; it remembers the date that was meant."""
        return self if day == self.effective_on else replace(self, effective_on=day, original_on=self.effective_on)


def residue(postings: Iterable[Posting], own: Currency) -> Money:
    """What the company-currency side is short of zero."""
    return -Money.total((posting.company_amount for posting in postings), own)
