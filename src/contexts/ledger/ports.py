"""What the ledger needs from outside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from bizcore.documents import Company
from bizcore.errors import Malformed
from bizcore.facts import AccountingFact
from bizcore.values import Currency, ExchangeRate
from bizcore.work import Work
from contexts.ledger.domain.account import Chart
from contexts.ledger.domain.budget import Budget
from contexts.ledger.domain.journal_entry import Book, JournalEntry
from contexts.ledger.domain.period import FiscalYear, Period
from contexts.ledger.domain.posting_rule import PostingRule
from contexts.ledger.domain.tax import TaxCode


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """What changes seldom: accounts by role, posting rules, tax codes, as of one version of the configuration."""

    chart: Chart
    rules: Mapping[str, PostingRule]  # the current revision by kind of fact
    tax_codes: Mapping[UUID, TaxCode]


class Journal(Protocol):
    """The books of one tenant."""

    async def bookkeeping(self) -> Bookkeeping: ...

    async def categories(self, item_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Of those items that have one, as the catalog says now."""

    async def periods(self, days: Iterable[tuple[UUID, date]]) -> Mapping[tuple[UUID, date], Period]:
        """The period of each (company, day), its lock shared until the command ends, read after the lock.

        Days that no fiscal year covers are left out.
        """

    async def first_open(self, company_id: UUID, after: date) -> Period | None:
        """The first open period that ends after a day, locked likewise."""

    async def next_open_day(self, company_id: UUID, after: date) -> date | None:
        """The first open day after a day, unlocked: to tell somebody, not to rely on."""

    async def add(self, entries: Sequence[tuple[JournalEntry, Period]]) -> None:
        """Numbers the entries without gaps and collects them for the flush."""

    def add_facts(self, facts: Iterable[AccountingFact]) -> None: ...

    async def facts_of(self, document_id: UUID) -> Sequence[AccountingFact]:
        """All that a locked document told the books before this command, in the order told."""

    async def standing(self, document_ids: Collection[UUID]) -> list[JournalEntry]:
        """The entries of documents that stand, neither reversals nor reversed, oldest first."""


class Calendar(Protocol):
    """Fiscal years and periods."""

    async def add_year(self, company: Company, year: FiscalYear) -> UUID:
        """With its monthly periods. Errors: FISCAL_YEAR_OVERLAPS."""

    async def find_year(self, company_id: UUID, *, year: int | None = None, id: UUID | None = None) -> UUID | None:
        """The company's fiscal year of that name; by id, the company's of the same name as that one."""

    async def periods_of(self, fiscal_year_id: UUID) -> list[Period]:
        """In order."""

    async def close(self, id: UUID, version: int | None, reason: str) -> None:
        """Waits for postings under way, then seals the period's subtotals.

        Errors: NOT_FOUND, VERSION_CONFLICT, PERIOD_CLOSED when it is already.
        """

    async def reopen(self, id: UUID, version: int | None, reason: str) -> None:
        """Takes the seals away. Errors: NOT_FOUND, VERSION_CONFLICT, PERIOD_OPEN."""


class Masters(Protocol):
    """Accounts, account roles, tax codes, exchange rates, bank accounts, posting rules: records as named values.

    What changes how facts are posted also moves the configuration's version.
    """

    async def add(self, kind: str, values: Mapping[str, Any]) -> UUID: ...

    async def change(self, kind: str, id: UUID, version: int | None, changes: Mapping[str, Any]) -> UUID:
        """Errors: NOT_FOUND, VERSION_CONFLICT."""

    async def next_revision(self, fact_kind: str) -> int:
        """Of the posting rule for a kind of fact; others who would add one wait."""

    async def rate(self, currency: Currency, own: Currency, on: date) -> ExchangeRate | None:
        """The latest published on or before the day, in either direction."""


class Budgets(Protocol):
    async def get(self, document_id: UUID) -> Budget:
        """The budget with its lines; its document was locked by `work.load`."""

    def add(self, budget: Budget) -> None: ...

    def save(self, budget: Budget) -> None:
        """Collects what differs from what `get` read."""


class LedgerWork(Work, Protocol):
    """A command's work as the ledger sees it."""

    accounting_facts: list[AccountingFact]
    effects: dict[str, list[dict[str, object]]]

    @property
    def journal(self) -> Journal: ...

    @property
    def calendar(self) -> Calendar: ...

    @property
    def ledger_masters(self) -> Masters: ...

    @property
    def budgets(self) -> Budgets: ...


@dataclass(frozen=True, slots=True)
class Turnover:
    """Debits and credits of one account over some days, in the company's currency."""

    code: str
    name: str
    type: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debit positive."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One posting as reports show it."""

    entry_id: UUID
    line_no: int
    account_code: str
    effective_on: date
    recorded_at: str
    entry_number: str
    document_id: UUID
    document_type: str
    document_number: str | None
    fact_line_id: UUID | None
    description: str | None
    party_id: UUID | None
    amount_minor: int
    currency: str
    company_amount_minor: int


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """Whose entries are asked for."""

    id: UUID
    type: str
    number: str | None
    company_id: UUID


@dataclass(frozen=True, slots=True)
class BookedPosting:
    """One posting of an entry as it stands in the books."""

    line_no: int
    account_code: str
    account_name: str
    role: str | None
    party_id: UUID | None
    amount_minor: int
    company_amount_minor: int


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """One entry as it stands in the books."""

    id: UUID
    number: str
    book: str
    effective_on: date
    recorded_at: str
    recorded_by_name: str
    description: str | None
    currency: str
    reverses_entry_id: UUID | None
    postings: tuple[BookedPosting, ...]


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """What a budget line has and what has been taken of it, in minor units of the company's currency."""

    budget_id: UUID
    budget_number: str | None
    budget_name: str
    budget_line_id: UUID
    code: str
    name: str | None
    control: str
    fiscal_year: str
    budgeted_minor: int
    pre_encumbered_minor: int
    encumbered_minor: int
    actual_minor: int

    @property
    def remaining_minor(self) -> int:
        return self.budgeted_minor - self.pre_encumbered_minor - self.encumbered_minor - self.actual_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpan:
    """Which approved budgets are asked for, and which days and knowledge of what was taken of them."""

    company_id: UUID
    fiscal_year_id: UUID | None  # of every company the one of its name; None is every year
    budget_id: UUID | None
    as_of: date
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class BudgetPosting:
    """One posting that counts for a budget line, as `budgeted`, `pre_encumbered`, `encumbered` or `actual`."""

    budget_line_id: UUID
    member: str
    line: PostedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which entries count: their company and book, effective within days, recorded by an instant. Errors: MALFORMED."""

    company_id: UUID
    book: Book
    from_on: date
    to_on: date
    known_at: datetime | None = None  # None is now, which lets closed periods answer by their seals
    account_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise Malformed("The days end before they begin.", date_from=self.from_on, as_of=self.to_on)


class LedgerReports(Protocol):
    """Reads of one snapshot."""

    def company(self, id: UUID | None) -> Company:
        """The one asked for, else the only one in scope. Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED."""

    def today(self, company: Company) -> date: ...

    async def turnovers(self, span: Span) -> list[Turnover]:
        """Of every account that has postings, by code."""

    async def postings(
        self, span: Span, *, after: tuple[date, UUID, int] | None = None, limit: int
    ) -> list[PostedLine]:
        """In the order of (effective_on, entry, line), behind `after`."""

    async def booked_document(self, id: UUID) -> BookedDocument:
        """Errors: NOT_FOUND, also for one outside the reader's companies."""

    async def entries_of(self, document_id: UUID) -> list[BookedEntry]:
        """In the order in which they were recorded."""

    async def balance_before(self, span: Span, after: tuple[date, UUID, int] | None) -> int:
        """Of the span's account: what is effective before its days, and in them up to and with `after`."""

    async def standings(self, span: BudgetSpan) -> list[BudgetStanding]:
        """Line by line, in the order of years and budgets."""

    async def budget_postings(self, span: BudgetSpan, *, limit: int) -> list[BudgetPosting]:
        """What the standings are sums of, in the order in which it was recorded."""

    async def fiscal_year_start(self, company_id: UUID, on: date) -> date | None: ...

    async def account(self, code_or_id: str) -> tuple[UUID, str, str]:
        """(id, code, name). Errors: NOT_FOUND."""


class LedgerReading(Protocol):
    @property
    def ledger(self) -> LedgerReports: ...
