"""Fiscal years, and closing and reopening their periods."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from bizcore.fields import Field, Reason
from contexts.ledger.domain.period import FiscalYear
from contexts.ledger.ports import LedgerWork
from contexts.ledger.usecases.fields import CompanyRef, Id, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFiscalYear:
    """Open a fiscal year with its monthly periods."""

    company: CompanyRef | None = None
    year: Annotated[int, Field("Year", example=2027, minimum=Decimal(1900), maximum=Decimal(2999))]
    starts_on: Annotated[date, Field("First day", help="1 January where it is left out")] | None = None
    ends_on: Annotated[date, Field("Last day", help="Twelve months where it is left out")] | None = None
    periods: Annotated[Literal["monthly"], Field("Periods")] = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePeriod:
    """Close the books of a period: nothing is posted into it any more."""

    id: Id
    version: Version = None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPeriod:
    """Open the books of a closed period again."""

    id: Id
    version: Version = None
    reason: Reason


async def open_fiscal_year(command: OpenFiscalYear, work: LedgerWork) -> UUID:
    year = FiscalYear.of(command.year, command.starts_on, command.ends_on)
    return await work.calendar.add_year(work.company(command.company), year)


async def close_period(command: ClosePeriod, work: LedgerWork) -> UUID:
    await work.calendar.close(command.id, command.version, command.reason)
    return command.id


async def reopen_period(command: ReopenPeriod, work: LedgerWork) -> UUID:
    await work.calendar.reopen(command.id, command.version, command.reason)
    return command.id
