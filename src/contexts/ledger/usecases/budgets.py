"""Budgets: drafted line by line, approved by somebody else, then kept by whoever commits or spends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from bizcore.documents import Company, Document, Phase
from bizcore.documents.type import APPROVE, CANCEL, DocumentType
from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import at
from bizcore.values import Currency, Money
from contexts.ledger.domain.budget import Budget, BudgetControl, BudgetLine, by_month, spread
from contexts.ledger.domain.period import Period
from contexts.ledger.ports import LedgerWork
from contexts.ledger.usecases.fields import CompanyRef, CurrencyCode, Id, Name, Version
from contexts.ledger.views import BudgetView

Control = Annotated[
    Literal["stop", "warn", "none"],
    Field("Control", help="Whether what goes beyond a line is refused, passes with a warning, or just passes"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLineInput:
    """What may be spent for one purpose: an amount for the year, spread evenly, or one for each month."""

    id: Annotated[UUID, Field("Line", help="Of a line that stays")] | None = None
    code: Annotated[str, Field("Code", example="IT", min_length=1, max_length=50)]
    name: Name | None = None
    account: Annotated[UUID, Field("Account", ref="account")] | None = None
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")] = field(default_factory=dict)
    amount: Annotated[Decimal, Field("Amount", example="12000.00", minimum=Decimal(0))] | None = None
    amounts: Annotated[Mapping[str, Decimal], Field("Amounts", help="By month: 2026-01 and so on")] | None = None


Lines = Annotated[tuple[BudgetLineInput, ...], Field("Lines", min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBudget:
    """Draft a budget for a fiscal year."""

    company: CompanyRef | None = None
    name: Name
    fiscal_year: Annotated[UUID | int, Field("Fiscal year", ref="fiscal_year", example="2026")]
    currency: CurrencyCode | None = None
    control: Control = "stop"
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBudget:
    """Change a budget in draft. Lines that are given replace all."""

    id: Id
    version: Version = None
    name: Name | Unset = UNSET
    control: Control | Unset = UNSET
    lines: Lines | Unset = UNSET


async def create_budget(command: CreateBudget, work: LedgerWork) -> UUID:
    company = work.company(command.company)
    if command.currency not in (None, company.currency):
        raise ValidationFailed.at(
            "/currency", "WRONG_CURRENCY", "A budget is kept in its company's currency.",
            given=command.currency, allowed=company.currency,
        )  # fmt: skip
    year_id = await _fiscal_year(command.fiscal_year, company, work)
    periods = await work.calendar.periods_of(year_id)
    document = work.new_document(BUDGET, company=company, title=command.name)
    currency = document.total.currency
    lines = _lines(command.lines, (), periods, currency)
    budget = Budget(document, command.name, year_id, BudgetControl(command.control), lines)
    document.total = document.total_company = budget.total()
    work.budgets.add(budget)
    return document.id


async def change_budget(command: ChangeBudget, work: LedgerWork) -> UUID:
    document = await work.load(command.id, type=BUDGET, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    budget = await work.budgets.get(document.id)
    if not isinstance(command.name, Unset):
        budget.name = document.title = command.name
    if not isinstance(command.control, Unset):
        budget.control = BudgetControl(command.control)
    if not isinstance(command.lines, Unset):
        periods = await work.calendar.periods_of(budget.fiscal_year_id)
        budget.lines = _lines(command.lines, budget.lines, periods, document.total.currency)
        document.total = document.total_company = budget.total()
    document.record_change("change", work.principal.id, work.call.at)
    work.budgets.save(budget)
    return document.id


async def when_active(document: Document, work: LedgerWork) -> None:
    """An approved budget goes into the budget book; from now on its lines allow what they hold."""
    budget = await work.budgets.get(document.id)
    for fact in budget.facts(await work.calendar.periods_of(budget.fiscal_year_id)):
        work.account(fact)


async def _fiscal_year(given: UUID | int, company: Company, work: LedgerWork) -> UUID:
    """The company's own year, also where another company's year of the same name was found."""
    by = {"year": given} if isinstance(given, int) else {"id": given}
    found = await work.calendar.find_year(company.id, **by)
    if found is None:
        raise UnknownReference("/fiscal_year", given)
    return found


def _lines(
    inputs: Sequence[BudgetLineInput], existing: Sequence[BudgetLine], periods: Sequence[Period], currency: Currency
) -> list[BudgetLine]:
    """Errors: VALIDATION_FAILED for a code given twice, an unknown line or month, or no amount."""
    known = {line.id for line in existing}
    lines: list[BudgetLine] = []
    for index, line in enumerate(inputs):
        path = f"/lines/{index}"
        if line.id is not None and line.id not in known:
            raise UnknownReference(f"{path}/id", line.id)
        if any(line.code == other.code for other in lines):
            raise ValidationFailed.at(f"{path}/code", "NOT_UNIQUE", "Another line has this code.", given=line.code)
        known -= {line.id}
        amounts = _amounts(line, periods, currency, path)
        lines.append(
            BudgetLine(
                id=line.id or new_id(),
                code=line.code,
                name=line.name,
                account_id=line.account,
                dimensions=dict(line.dimensions),
                amounts=amounts,
                amount=Money.total(amounts.values(), currency),
            )
        )
    return lines


def _amounts(line: BudgetLineInput, periods: Sequence[Period], currency: Currency, path: str) -> dict[UUID, Money]:
    if (line.amount is None) == (line.amounts is None):
        raise ValidationFailed.at(path, "AMOUNT_OR_AMOUNTS", "Give an amount for the year or one for each month.")
    if line.amounts is not None:
        return by_month(line.amounts, periods, currency, f"{path}/amounts")
    assert line.amount is not None
    with at(f"{path}/amount"):
        return spread(Money.parse(line.amount, currency), periods)


BUDGET: DocumentType[LedgerWork] = DocumentType(
    code="budget",
    context="ledger",
    collection="budgets",
    label="Budget",
    actions=(APPROVE, CANCEL),
    view=BudgetView,
    on_enter={Phase.ACTIVE: when_active},
)
