"""What documents and master records of the ledger answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from bizcore.documents.view import DocumentView, Id
from bizcore.fields import Field

Version = Annotated[int, Field("Version", help="for If-Match")]
Active = Annotated[bool, Field("In use")]
Stamp = Annotated[datetime, Field("Changed at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account of the chart."""

    id: Id
    code: Annotated[str, Field("Code", example="1400")]
    name: Annotated[str, Field("Name")]
    type: Annotated[str, Field("Type", help="asset, liability, equity, income or expense")]
    control: Annotated[str | None, Field("Control", help="The subledger that explains its balance")]
    currency: Annotated[str | None, Field("Currency", help="The only one it is kept in")]
    parent: Annotated[UUID | None, Field("Parent", ref="account")]
    parent_code: Annotated[str | None, Field("Parent code")]
    active: Active
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoleView:
    """Which account plays a role in posting rules, and for whom."""

    id: Id
    role: Annotated[str, Field("Role")]
    account: Annotated[UUID, Field("Account", ref="account")]
    account_code: Annotated[str, Field("Account code")]
    company: Annotated[UUID | None, Field("Company", ref="company")]
    party: Annotated[UUID | None, Field("Party", ref="party")]
    item: Annotated[UUID | None, Field("Item", ref="item")]
    item_category: Annotated[str | None, Field("Item category")]
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCodeView:
    """A tax code."""

    id: Id
    code: Annotated[str, Field("Code", example="VAT19")]
    name: Annotated[str, Field("Name")]
    rate: Annotated[Decimal, Field("Rate", help="In percent")]
    country: Annotated[str | None, Field("Country")]
    kind: Annotated[str, Field("Kind", help="input, output or both")]
    input_account: Annotated[UUID | None, Field("Input account", ref="account")]
    output_account: Annotated[UUID | None, Field("Output account", ref="account")]
    active: Active
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRateView:
    """What one unit of `base` costs in `quote` from a day on."""

    id: Id
    base: Annotated[str, Field("Base")]
    quote: Annotated[str, Field("Quote")]
    rate: Annotated[Decimal, Field("Rate")]
    valid_on: Annotated[date, Field("Valid on")]
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountView:
    """A bank account of a company."""

    id: Id
    code: Annotated[str, Field("Code")]
    name: Annotated[str, Field("Name")]
    company: Annotated[UUID, Field("Company", ref="company")]
    company_code: Annotated[str, Field("Company code")]
    account: Annotated[UUID, Field("Account", ref="account")]
    account_code: Annotated[str, Field("Account code")]
    currency: Annotated[str, Field("Currency")]
    iban: Annotated[str | None, Field("IBAN")]
    is_default: Annotated[bool, Field("Default", help="Where payments of the company name none")]
    active: Active
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLineView:
    """One posting of a rule."""

    side: Annotated[str, Field("Side")]
    role: Annotated[str, Field("Role")]
    own_account: Annotated[bool, Field("Own account")]
    budget_line: Annotated[bool, Field("Counts for the budget")]
    open_item: Annotated[bool, Field("Opens or settles the open item")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRuleView:
    """One revision of what a kind of fact means to the books; the highest is in force."""

    id: Id
    fact_kind: Annotated[str, Field("Fact")]
    revision: Annotated[int, Field("Revision")]
    book: Annotated[str, Field("Book")]
    lines: Annotated[tuple[RuleLineView, ...], Field("Lines")]
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodView:
    """An accounting period."""

    id: Id
    company: Annotated[UUID, Field("Company", ref="company")]
    company_code: Annotated[str, Field("Company code")]
    fiscal_year: Annotated[UUID, Field("Fiscal year", ref="fiscal_year")]
    name: Annotated[str, Field("Name", example="2026-01")]
    starts_on: Annotated[date, Field("First day")]
    ends_on: Annotated[date, Field("Last day")]
    state: Annotated[str, Field("State", help="open or closed")]
    reason: Annotated[str | None, Field("Reason", help="Of the last closing or reopening")]
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYearView:
    """A fiscal year with its periods."""

    id: Id
    company: Annotated[UUID, Field("Company", ref="company")]
    company_code: Annotated[str, Field("Company code")]
    year: Annotated[int, Field("Year")]
    starts_on: Annotated[date, Field("First day")]
    ends_on: Annotated[date, Field("Last day")]
    periods: Annotated[tuple[PeriodView, ...], Field("Periods")]
    version: Version
    updated_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLineView:
    """A debit or a credit."""

    position: Annotated[int, Field("Line")]
    account: Annotated[UUID, Field("Account", ref="account")]
    account_code: Annotated[str, Field("Account code")]
    account_name: Annotated[str, Field("Account name")]
    debit: Annotated[str | None, Field("Debit")]
    credit: Annotated[str | None, Field("Credit")]
    company_amount: Annotated[str, Field("In company currency", help="Debit positive")]
    party: Annotated[UUID | None, Field("Party", ref="party")]
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntryView(DocumentView):
    """A manual journal entry."""

    book: Annotated[str, Field("Book")]
    entry_date: Annotated[date, Field("Date")]
    description: Annotated[str | None, Field("Description")]
    entry_number: Annotated[str | None, Field("Number in the book")]
    reversed_on: Annotated[date | None, Field("Reversed on", help="When its reversal counts")]
    lines: Annotated[tuple[JournalLineView, ...], Field("Lines")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLineView:
    """What may be spent for one purpose, what of it is asked for, bound and spent, and what remains."""

    id: Annotated[UUID, Field("Line")]
    position: Annotated[int, Field("Position")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str | None, Field("Name")]
    account: Annotated[UUID | None, Field("Account", ref="account")]
    account_code: Annotated[str | None, Field("Account code")]
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")]
    amount: Annotated[str, Field("Amount", help="As drafted")]
    amounts: Annotated[Mapping[str, str], Field("Amounts", help="By month")]
    budgeted: Annotated[str, Field("Budgeted", help="Approved; derived")]
    pre_encumbered: Annotated[str, Field("Pre-encumbered", help="Asked for by requisitions; derived")]
    encumbered: Annotated[str, Field("Encumbered", help="Bound by orders; derived")]
    actual: Annotated[str, Field("Actual", help="Received or charged; derived")]
    remaining: Annotated[str, Field("Remaining", help="Derived")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView(DocumentView):
    """A budget of one fiscal year, in the company's currency."""

    name: Annotated[str, Field("Name")]
    fiscal_year: Annotated[UUID, Field("Fiscal year", ref="fiscal_year")]
    fiscal_year_name: Annotated[str, Field("Year")]
    control: Annotated[str, Field("Control", help="stop, warn or none")]
    lines: Annotated[tuple[BudgetLineView, ...], Field("Lines")]
