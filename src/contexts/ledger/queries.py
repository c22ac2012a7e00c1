"""Reports of the ledger. Debits and credits are turnovers; a balance is debit positive. Amounts in company currency."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from bizcore.documents import Company
from bizcore.errors import LimitExceeded, Malformed
from bizcore.fields import Field
from bizcore.values import Currency, Money
from contexts.ledger.domain.account import AccountType
from contexts.ledger.domain.journal_entry import Book
from contexts.ledger.ports import BudgetStanding, LedgerReading, PostedLine, Span, Turnover

EVER: Final = date(9999, 12, 31)
BEGINNING: Final = date(1, 1, 1)
EXPLAINED_LINES: Final = 10_000  # beyond that an explanation helps nobody: page through the general ledger

CompanyParameter = Annotated[UUID, Field("Company", help="The only one where it is left out", ref="company")]
AsOf = Annotated[date, Field("As of", help="Entries effective until this day")]
KnownAt = Annotated[datetime, Field("Known at", help="What was recorded by this instant; all that is where left out")]
Explain = Annotated[bool, Field("Explain", help="With the rows that add up to each value")]
BookParameter = Annotated[Literal["actual", "budget", "commitment"], Field("Book")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPosting:
    """One posting behind a value."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Document type")]
    document_number: Annotated[str | None, Field("Document number")]
    line: Annotated[UUID | None, Field("Document line")]
    entry: Annotated[str, Field("Entry")]
    date: Annotated[date, Field("Date")]
    amount: Annotated[str, Field("Amount", help="Debit positive")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A value with the rows it is the sum of."""

    value: Annotated[str, Field("Value")]
    rows: Annotated[tuple[ExplainedPosting, ...], Field("Rows")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAccountBalance:
    """The balance of one account."""

    code: Annotated[str, Field("Account", help="Its code or id")]
    company: CompanyParameter | None = None
    book: BookParameter = "actual"
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """Debit positive."""

    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    debit: Annotated[str, Field("Debit")]
    credit: Annotated[str, Field("Credit")]
    balance: Annotated[str, Field("Balance")]
    explain: Annotated[Explanation | None, Field("Explanation")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTrialBalance:
    """Debits, credits and balance of every account."""

    company: CompanyParameter | None = None
    book: BookParameter = "actual"
    date_from: Annotated[date, Field("From", help="Entries effective from this day; from the beginning")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceRow:
    """One account that has postings."""

    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    type: Annotated[str, Field("Type")]
    debit: Annotated[str, Field("Debit")]
    credit: Annotated[str, Field("Credit")]
    balance: Annotated[str, Field("Balance", help="Debit positive")]
    explain: Annotated[Explanation | None, Field("Explanation", help="Of the balance")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Its totals are equal, or the books are broken."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    book: Annotated[str, Field("Book")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[TrialBalanceRow, ...], Field("Rows")]
    total_debit: Annotated[str, Field("Total debit")]
    total_credit: Annotated[str, Field("Total credit")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetGeneralLedger:
    """The postings of one account with the running balance."""

    account: Annotated[UUID, Field("Account", ref="account")]
    company: CompanyParameter | None = None
    book: BookParameter = "actual"
    date_from: Annotated[date, Field("From", help="Entries effective from this day")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False
    limit: Annotated[int, Field("Rows on a page", minimum=Decimal(1), maximum=Decimal(200))] = 50
    cursor: Annotated[str, Field("Cursor", help="next_cursor of the page before")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One posting."""

    entry: Annotated[str, Field("Entry")]
    entry_id: Annotated[UUID, Field("Entry id")]
    line: Annotated[int, Field("Line of the entry")]
    date: Annotated[date, Field("Date")]
    recorded_at: Annotated[str, Field("Recorded at")]
    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Document type")]
    document_number: Annotated[str | None, Field("Document number")]
    description: Annotated[str | None, Field("Description")]
    party: Annotated[UUID | None, Field("Party", ref="party")]
    currency: Annotated[str, Field("Entry currency")]
    amount: Annotated[str, Field("Amount in the entry's currency", help="Debit positive")]
    debit: Annotated[str | None, Field("Debit")]
    credit: Annotated[str | None, Field("Credit")]
    balance: Annotated[str, Field("Running balance")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralLedger:
    """A page of an account."""

    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    opening_balance: Annotated[str, Field("Balance before this page")]
    data: Annotated[tuple[LedgerLine, ...], Field("Postings")]
    closing_balance: Annotated[str, Field("Balance after this page")]
    next_cursor: Annotated[str | None, Field("Next page")]
    explain: Annotated[Mapping[str, Explanation] | None, Field("Explanation", help="Of both balances, by name")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetProfitAndLoss:
    """Income and expenses of some days: from the first of the fiscal year, and until today, where none are named."""

    company: CompanyParameter | None = None
    date_from: Annotated[date, Field("From", help="The first day of the fiscal year where left out")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBalanceSheet:
    """What the company owns and owes; the result not yet carried forward is part of its equity."""

    company: CompanyParameter | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One account, in the sign that its side of the statement shows as positive."""

    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    amount: Annotated[str, Field("Amount")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitAndLoss:
    """Net result is income less expenses."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    date_from: Annotated[date, Field("From")]
    as_of: Annotated[date, Field("Until")]
    known_at: Annotated[datetime | None, Field("Known at")]
    income: Annotated[tuple[StatementRow, ...], Field("Income")]
    expenses: Annotated[tuple[StatementRow, ...], Field("Expenses")]
    total_income: Annotated[str, Field("Total income")]
    total_expenses: Annotated[str, Field("Total expenses")]
    net_result: Annotated[str, Field("Net result")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSheet:
    """Total assets equal total liabilities plus total equity."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    assets: Annotated[tuple[StatementRow, ...], Field("Assets")]
    liabilities: Annotated[tuple[StatementRow, ...], Field("Liabilities")]
    equity: Annotated[tuple[StatementRow, ...], Field("Equity")]
    result: Annotated[str, Field("Result", help="Income less expenses since the beginning")]
    total_assets: Annotated[str, Field("Total assets")]
    total_liabilities: Annotated[str, Field("Total liabilities")]
    total_equity: Annotated[str, Field("Total equity", help="With the result")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBudgetVersusActual:
    """What budget lines allow, and what has been taken of them."""

    company: CompanyParameter | None = None
    fiscal_year: Annotated[UUID, Field("Fiscal year", ref="fiscal_year")] | None = None
    budget: Annotated[UUID, Field("Budget", ref="budget")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetVersusActualRow:
    """One budget line."""

    budget: Annotated[UUID, Field("Budget", ref="budget")]
    budget_number: Annotated[str | None, Field("Budget number")]
    budget_name: Annotated[str, Field("Budget name")]
    budget_line: Annotated[UUID, Field("Budget line", ref="budget_line")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str | None, Field("Name")]
    control: Annotated[str, Field("Control")]
    fiscal_year: Annotated[str, Field("Fiscal year")]
    budgeted: Annotated[str, Field("Budgeted")]
    pre_encumbered: Annotated[str, Field("Pre-encumbered")]
    encumbered: Annotated[str, Field("Encumbered")]
    actual: Annotated[str, Field("Actual")]
    remaining: Annotated[str, Field("Remaining")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetVersusActual:
    """The lines of approved budgets."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[BudgetVersusActualRow, ...], Field("Lines")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCurrencies:
    """The currencies that books can be kept in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyView:
    code: Annotated[str, Field("Code", help="ISO 4217")]
    digits: Annotated[int, Field("Decimals")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Currencies:
    """In the order of their codes."""

    data: Annotated[tuple[CurrencyView, ...], Field("Currencies")]


async def account_balance(query: GetAccountBalance, reading: LedgerReading) -> AccountBalance:
    company = reading.ledger.company(query.company)
    account_id, code, name = await reading.ledger.account(query.code)
    span = Span(
        company_id=company.id,
        book=Book(query.book),
        from_on=BEGINNING,
        to_on=query.as_of or EVER,
        known_at=query.known_at,
        account_id=account_id,
    )
    found = await reading.ledger.turnovers(span)
    turnover = found[0] if found else Turnover(code, name, "", 0, 0)
    shown = _Shown(company)
    explained = await _explanations(span, reading, shown) if query.explain else {}
    nothing = Explanation(value=shown.text(0), rows=())
    return AccountBalance(
        account=code,
        name=name,
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        debit=shown.text(turnover.debit_minor),
        credit=shown.text(turnover.credit_minor),
        balance=shown.text(turnover.balance_minor),
        explain=explained.get(code, nothing) if query.explain else None,
    )


async def trial_balance(query: GetTrialBalance, reading: LedgerReading) -> TrialBalance:
    company = reading.ledger.company(query.company)
    span = Span(
        company_id=company.id,
        book=Book(query.book),
        from_on=query.date_from or BEGINNING,
        to_on=query.as_of or EVER,
        known_at=query.known_at,
    )
    turnovers = await reading.ledger.turnovers(span)
    shown = _Shown(company)
    explained = await _explanations(span, reading, shown) if query.explain else {}
    return TrialBalance(
        company=company.code,
        currency=company.currency,
        book=query.book,
        as_of=query.as_of,
        known_at=query.known_at,
        rows=tuple(
            TrialBalanceRow(
                account=turnover.code,
                name=turnover.name,
                type=turnover.type,
                debit=shown.text(turnover.debit_minor),
                credit=shown.text(turnover.credit_minor),
                balance=shown.text(turnover.balance_minor),
                explain=explained.get(turnover.code),
            )
            for turnover in turnovers
        ),
        total_debit=shown.text(sum(turnover.debit_minor for turnover in turnovers)),
        total_credit=shown.text(sum(turnover.credit_minor for turnover in turnovers)),
    )


async def general_ledger(query: GetGeneralLedger, reading: LedgerReading) -> GeneralLedger:
    """Running balances begin with all that is effective before `date_from` and on earlier pages."""
    company = reading.ledger.company(query.company)
    account_id, code, name = await reading.ledger.account(str(query.account))
    start = query.date_from or BEGINNING
    after = _decode(query.cursor) if query.cursor else None
    span = Span(
        company_id=company.id,
        book=Book(query.book),
        from_on=start,
        to_on=query.as_of or EVER,
        known_at=query.known_at,
        account_id=account_id,
    )
    opening = await reading.ledger.balance_before(span, after)
    lines = await reading.ledger.postings(span, after=after, limit=query.limit + 1)
    page, more = lines[: query.limit], len(lines) > query.limit
    shown, balance, data = _Shown(company), opening, []
    for line in page:
        balance += line.company_amount_minor
        data.append(_ledger_line(line, balance, shown))
    explain = None
    if query.explain:
        earlier = await _before(span, after, reading)
        explain = {
            "opening_balance": _explanation(earlier, shown),
            "closing_balance": _explanation([*earlier, *page], shown),
        }
    return GeneralLedger(
        account=code,
        name=name,
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        opening_balance=shown.text(opening),
        data=tuple(data),
        closing_balance=shown.text(balance),
        next_cursor=_encode(page[-1]) if more else None,
        explain=explain,
    )


async def profit_and_loss(query: GetProfitAndLoss, reading: LedgerReading) -> ProfitAndLoss:
    company = reading.ledger.company(query.company)
    until = query.as_of or reading.ledger.today(company)
    start = query.date_from or await reading.ledger.fiscal_year_start(company.id, until) or BEGINNING
    turnovers = await _turnovers(company, start, until, query.known_at, reading)
    shown = _Shown(company)
    income = [t for t in turnovers if t.type == AccountType.INCOME]
    expenses = [t for t in turnovers if t.type == AccountType.EXPENSE]
    total_income = -sum(t.balance_minor for t in income)
    total_expenses = sum(t.balance_minor for t in expenses)
    return ProfitAndLoss(
        company=company.code,
        currency=company.currency,
        date_from=start,
        as_of=until,
        known_at=query.known_at,
        income=shown.rows(income, -1),
        expenses=shown.rows(expenses, 1),
        total_income=shown.text(total_income),
        total_expenses=shown.text(total_expenses),
        net_result=shown.text(total_income - total_expenses),
    )


async def balance_sheet(query: GetBalanceSheet, reading: LedgerReading) -> BalanceSheet:
    company = reading.ledger.company(query.company)
    turnovers = await _turnovers(company, BEGINNING, query.as_of, query.known_at, reading)
    shown = _Shown(company)
    sides = {type: [t for t in turnovers if t.type == type] for type in AccountType}
    total = {type: sum(t.balance_minor for t in rows) for type, rows in sides.items()}
    result = -(total[AccountType.INCOME] + total[AccountType.EXPENSE])
    return BalanceSheet(
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        assets=shown.rows(sides[AccountType.ASSET], 1),
        liabilities=shown.rows(sides[AccountType.LIABILITY], -1),
        equity=shown.rows(sides[AccountType.EQUITY], -1),
        result=shown.text(result),
        total_assets=shown.text(total[AccountType.ASSET]),
        total_liabilities=shown.text(-total[AccountType.LIABILITY]),
        total_equity=shown.text(result - total[AccountType.EQUITY]),
    )


async def budget_versus_actual(query: GetBudgetVersusActual, reading: LedgerReading) -> BudgetVersusActual:
    company = reading.ledger.company(query.company)
    shown = _Shown(company)
    standings = await reading.ledger.standings(
        company.id,
        fiscal_year_id=query.fiscal_year,
        budget_id=query.budget,
        as_of=query.as_of or EVER,
        known_at=query.known_at,
    )
    return BudgetVersusActual(
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        rows=tuple(_budget_row(standing, shown) for standing in standings),
    )


async def currencies(query: GetCurrencies, reading: LedgerReading) -> Currencies:
    known = sorted(Currency.known.values(), key=lambda currency: currency.code)
    return Currencies(data=tuple(CurrencyView(code=currency.code, digits=currency.digits) for currency in known))


class _Shown:
    """Minor units of a company's currency as text."""

    def __init__(self, company: Company) -> None:
        self._currency = Currency.of(company.currency)

    def text(self, minor: int) -> str:
        return Money(minor, self._currency).text()

    def rows(self, turnovers: Sequence[Turnover], sign: int) -> tuple[StatementRow, ...]:
        return tuple(
            StatementRow(account=t.code, name=t.name, amount=self.text(sign * t.balance_minor)) for t in turnovers
        )


async def _turnovers(
    company: Company, start: date, until: date | None, known_at: datetime | None, reading: LedgerReading
) -> list[Turnover]:
    span = Span(company_id=company.id, book=Book.ACTUAL, from_on=start, to_on=until or EVER, known_at=known_at)
    return await reading.ledger.turnovers(span)


async def _explanations(span: Span, reading: LedgerReading, shown: _Shown) -> dict[str, Explanation]:
    """By account code. Errors: LIMIT_EXCEEDED when there are too many rows for one answer."""
    by_account: dict[str, list[PostedLine]] = {}
    for line in await _all_postings(span, reading):
        by_account.setdefault(line.account_code, []).append(line)
    return {code: _explanation(rows, shown) for code, rows in by_account.items()}


async def _before(span: Span, after: tuple[date, UUID, int] | None, reading: LedgerReading) -> list[PostedLine]:
    """The postings ahead of a page: effective before the span's days, or in them up to and with `after`."""
    until = after[0] if after is not None else span.from_on
    lines = await _all_postings(replace(span, from_on=BEGINNING, to_on=until), reading)
    return [
        line
        for line in lines
        if line.effective_on < span.from_on
        or (after is not None and (line.effective_on, line.entry_id, line.line_no) <= after)
    ]


async def _all_postings(span: Span, reading: LedgerReading) -> list[PostedLine]:
    """Errors: LIMIT_EXCEEDED."""
    lines = await reading.ledger.postings(span, limit=EXPLAINED_LINES + 1)
    if len(lines) > EXPLAINED_LINES:
        raise LimitExceeded(
            "There are too many postings to list at once: narrow the days, or page through the general ledger.",
            limit=EXPLAINED_LINES,
            given=len(lines),
        )
    return lines


def _explanation(lines: Sequence[PostedLine], shown: _Shown) -> Explanation:
    return Explanation(
        value=shown.text(sum(line.company_amount_minor for line in lines)),
        rows=tuple(
            ExplainedPosting(
                document=line.document_id,
                document_type=line.document_type,
                document_number=line.document_number,
                line=line.fact_line_id,
                entry=line.entry_number,
                date=line.effective_on,
                amount=shown.text(line.company_amount_minor),
            )
            for line in lines
        ),
    )


def _ledger_line(line: PostedLine, balance_minor: int, shown: _Shown) -> LedgerLine:
    own = line.company_amount_minor
    return LedgerLine(
        entry=line.entry_number,
        entry_id=line.entry_id,
        line=line.line_no,
        date=line.effective_on,
        recorded_at=line.recorded_at,
        document=line.document_id,
        document_type=line.document_type,
        document_number=line.document_number,
        description=line.description,
        party=line.party_id,
        currency=line.currency,
        amount=Money(line.amount_minor, Currency.of(line.currency)).text(),
        debit=shown.text(own) if own > 0 else None,
        credit=shown.text(-own) if own < 0 else None,
        balance=shown.text(balance_minor),
    )


def _budget_row(standing: BudgetStanding, shown: _Shown) -> BudgetVersusActualRow:
    return BudgetVersusActualRow(
        budget=standing.budget_id,
        budget_number=standing.budget_number,
        budget_name=standing.budget_name,
        budget_line=standing.budget_line_id,
        code=standing.code,
        name=standing.name,
        control=standing.control,
        fiscal_year=standing.fiscal_year,
        budgeted=shown.text(standing.budgeted_minor),
        pre_encumbered=shown.text(standing.pre_encumbered_minor),
        encumbered=shown.text(standing.encumbered_minor),
        actual=shown.text(standing.actual_minor),
        remaining=shown.text(standing.remaining_minor),
    )


def _encode(line: PostedLine) -> str:
    position = [line.effective_on.isoformat(), str(line.entry_id), line.line_no]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _decode(cursor: str) -> tuple[date, UUID, int]:
    """Errors: MALFORMED."""
    try:
        on, entry_id, line_no = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if type(line_no) is not int or not 0 < line_no < 2**31:
            raise ValueError
        return date.fromisoformat(on), UUID(entry_id), line_no
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Malformed("The cursor is not one of this report's.", cursor=cursor[:100]) from None
