"""Balances of accounts and the postings behind them. Debits and credits are turnovers; a balance is debit positive.
Amounts in company currency.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from bizcore.errors import Malformed
from bizcore.fields import Field
from bizcore.values import Currency, Money
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
    all_postings,
    postings_by_account,
)

BookParameter = Annotated[Literal["actual", "budget", "commitment"], Field("Book")]


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
    shown = Shown(company)
    explain = shown.explanation(await all_postings(span, reading)) if query.explain else None
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
        explain=explain,
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
    shown = Shown(company)
    explained = await postings_by_account(span, reading) if query.explain else None
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
                explain=shown.explanation(explained.get(turnover.code, ())) if explained is not None else None,
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
    shown, balance, data = Shown(company), opening, []
    for line in page:
        balance += line.company_amount_minor
        data.append(_ledger_line(line, balance, shown))
    explain = None
    if query.explain:
        earlier = await _before(span, after, reading)
        explain = {
            "opening_balance": shown.explanation(earlier),
            "closing_balance": shown.explanation([*earlier, *page]),
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


async def currencies(query: GetCurrencies, reading: LedgerReading) -> Currencies:
    known = sorted(Currency.known.values(), key=lambda currency: currency.code)
    return Currencies(data=tuple(CurrencyView(code=currency.code, digits=currency.digits) for currency in known))


async def _before(span: Span, after: tuple[date, UUID, int] | None, reading: LedgerReading) -> list[PostedLine]:
    """The postings ahead of a page: effective before the span's days, or in them up to and with `after`."""
    until = after[0] if after is not None else span.from_on
    lines = await all_postings(replace(span, from_on=BEGINNING, to_on=until), reading)
    return [
        line
        for line in lines
        if line.effective_on < span.from_on
        or (after is not None and (line.effective_on, line.entry_id, line.line_no) <= after)
    ]


def _ledger_line(line: PostedLine, balance_minor: int, shown: Shown) -> LedgerLine:
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


def _encode(line: PostedLine) -> str:
    position = [line.effective_on.isoformat(), str(line.entry_id), line.line_no]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def _decode(cursor: str) -> tuple[date, UUID, int]:
    """Errors: MALFORMED."""
    try:
        on, entry_id, line_no = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        day = date.fromisoformat(on)
        if type(line_no) is not int or not 0 < line_no < 2**31 or not BEGINNING <= day <= EVER:
            raise ValueError
        return day, UUID(entry_id), line_no
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Malformed("The cursor is not one of this report's.", cursor=cursor[:100]) from None
