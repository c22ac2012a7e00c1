"""Balance sheet and profit and loss: the accounts of the actual book by type, in the sign that their side shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Final

from bizcore.fields import Field
from contexts.ledger.domain.account import AccountType
from contexts.ledger.domain.journal_entry import Book
from contexts.ledger.ports import LedgerReading, PostedLine, Span, Turnover
from contexts.ledger.reporting import (
    BEGINNING,
    EVER,
    AsOf,
    CompanyParameter,
    Explain,
    Explanation,
    KnownAt,
    Shown,
    postings_by_account,
)

_RESULT: Final = (AccountType.INCOME, AccountType.EXPENSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetProfitAndLoss:
    """Income and expenses of some days: from the first of the fiscal year, and until today, where none are named."""

    company: CompanyParameter | None = None
    date_from: Annotated[date, Field("From", help="The first day of the fiscal year where left out")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBalanceSheet:
    """What the company owns and owes. Years need no closing entries: what they earned is part of the equity."""

    company: CompanyParameter | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One account, in the sign that its side of the statement shows as positive."""

    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    amount: Annotated[str, Field("Amount")]
    explain: Annotated[Explanation | None, Field("Explanation", help="Of the amount")] = None


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
    result: Annotated[str, Field("Result", help="Income less expenses since the beginning: of the two that follow")]
    result_brought_forward: Annotated[str, Field("Result brought forward", help="Of earlier fiscal years")]
    result_of_year: Annotated[
        str,
        Field("Result of the year", help="Of the fiscal year of the day; of today's, and since, where none is named"),
    ]
    total_assets: Annotated[str, Field("Total assets")]
    total_liabilities: Annotated[str, Field("Total liabilities")]
    total_equity: Annotated[str, Field("Total equity", help="With the result")]
    explain: Annotated[Mapping[str, Explanation] | None, Field("Explanation", help="Of the results, by name")] = None


@dataclass(frozen=True, slots=True)
class _Statement:
    """The accounts of some days with what explains them, if that was asked for."""

    turnovers: Sequence[Turnover]
    postings: Mapping[str, Sequence[PostedLine]] | None
    shown: Shown

    def total(self, *types: AccountType, sign: int) -> int:
        return sum(sign * turnover.balance_minor for turnover in self.turnovers if turnover.type in types)

    def rows(self, type: AccountType, *, sign: int) -> tuple[StatementRow, ...]:
        return tuple(self._row(turnover, sign) for turnover in self.turnovers if turnover.type == type)

    def _row(self, turnover: Turnover, sign: int) -> StatementRow:
        postings = self.postings.get(turnover.code, ()) if self.postings is not None else None
        return StatementRow(
            account=turnover.code,
            name=turnover.name,
            amount=self.shown.text(sign * turnover.balance_minor),
            explain=self.shown.explanation(postings, sign) if postings is not None else None,
        )

    def lines(self, *types: AccountType) -> list[PostedLine]:
        """What explains the accounts of these types."""
        codes = [turnover.code for turnover in self.turnovers if turnover.type in types]
        return [line for code in codes for line in (self.postings or {}).get(code, ())]


async def profit_and_loss(query: GetProfitAndLoss, reading: LedgerReading) -> ProfitAndLoss:
    company = reading.ledger.company(query.company)
    until = query.as_of or reading.ledger.today(company)
    start = query.date_from or await reading.ledger.fiscal_year_start(company.id, until) or BEGINNING
    span = Span(company_id=company.id, book=Book.ACTUAL, from_on=start, to_on=until, known_at=query.known_at)
    statement = await _statement(span, Shown(company), reading, explain=query.explain)
    total_income = statement.total(AccountType.INCOME, sign=-1)
    total_expenses = statement.total(AccountType.EXPENSE, sign=1)
    return ProfitAndLoss(
        company=company.code,
        currency=company.currency,
        date_from=start,
        as_of=until,
        known_at=query.known_at,
        income=statement.rows(AccountType.INCOME, sign=-1),
        expenses=statement.rows(AccountType.EXPENSE, sign=1),
        total_income=statement.shown.text(total_income),
        total_expenses=statement.shown.text(total_expenses),
        net_result=statement.shown.text(total_income - total_expenses),
    )


async def balance_sheet(query: GetBalanceSheet, reading: LedgerReading) -> BalanceSheet:
    company = reading.ledger.company(query.company)
    until = query.as_of or EVER
    span = Span(company_id=company.id, book=Book.ACTUAL, from_on=BEGINNING, to_on=until, known_at=query.known_at)
    statement = await _statement(span, Shown(company), reading, explain=query.explain)
    text = statement.shown.text
    start = (
        await reading.ledger.fiscal_year_start(company.id, query.as_of or reading.ledger.today(company)) or BEGINNING
    )
    year = await _statement(replace(span, from_on=start), statement.shown, reading)
    result, of_year = (each.total(*_RESULT, sign=-1) for each in (statement, year))
    return BalanceSheet(
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        assets=statement.rows(AccountType.ASSET, sign=1),
        liabilities=statement.rows(AccountType.LIABILITY, sign=-1),
        equity=statement.rows(AccountType.EQUITY, sign=-1),
        result=text(result),
        result_brought_forward=text(result - of_year),
        result_of_year=text(of_year),
        total_assets=text(statement.total(AccountType.ASSET, sign=1)),
        total_liabilities=text(statement.total(AccountType.LIABILITY, sign=-1)),
        total_equity=text(statement.total(AccountType.EQUITY, sign=-1) + result),
        explain=_results(statement, start) if query.explain else None,
    )


def _results(statement: _Statement, start: date) -> dict[str, Explanation]:
    """The result since the beginning, and its parts before and from the first day of the year."""
    lines = statement.lines(*_RESULT)
    parts = {
        "result": lines,
        "result_brought_forward": [line for line in lines if line.effective_on < start],
        "result_of_year": [line for line in lines if line.effective_on >= start],
    }
    return {name: statement.shown.explanation(part, -1) for name, part in parts.items()}


async def _statement(span: Span, shown: Shown, reading: LedgerReading, *, explain: bool = False) -> _Statement:
    turnovers = await reading.ledger.turnovers(span)
    return _Statement(turnovers, await postings_by_account(span, reading) if explain else None, shown)
