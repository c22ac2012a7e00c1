"""Budgets: what may be spent in a fiscal year, line by line, and how strictly that is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from bizcore.documents import Document
from bizcore.errors import FieldProblem, ValidationFailed
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.limits import Limit, LimitKey
from bizcore.platform.changes import at
from bizcore.values import Currency, Money
from contexts.ledger.domain.period import Period
from contexts.ledger.errors import BudgetExceeded
from contexts.ledger.facts import BUDGET_APPROVED


class BudgetControl(StrEnum):
    STOP = "stop"  # what goes beyond it is refused
    WARN = "warn"  # it passes, and the dry run says so
    NONE = "none"


@dataclass(slots=True, eq=False)
class BudgetLine:
    """An amount for one purpose. `amounts` are by period and add up to `amount`."""

    id: UUID
    code: str
    amount: Money
    amounts: Mapping[UUID, Money]
    name: str | None = None
    account_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Budget:
    """Amounts in the company's currency over the periods of one fiscal year."""

    document: Document
    name: str
    fiscal_year_id: UUID
    control: BudgetControl
    lines: list[BudgetLine]

    def total(self) -> Money:
        return Money.total((line.amount for line in self.lines), self.document.total.currency)

    def facts(self, periods: Sequence[Period]) -> list[AccountingFact]:
        """What becoming active means to the budget book: a fact for each line and period that has an amount."""
        start = {period.id: period.starts_on for period in periods}
        return [
            AccountingFact(
                id=new_id(),
                kind=BUDGET_APPROVED,
                company_id=self.document.company.id,
                document_id=self.document.id,
                line_id=line.id,
                effective_on=start[period_id],
                amount=amount,
                company_amount=amount,
                account_id=None,
                budget_line_id=line.id,
                dimensions=line.dimensions,
            )
            for line in self.lines
            for period_id, amount in line.amounts.items()
            if amount
        ]


def spread(amount: Money, periods: Sequence[Period]) -> dict[UUID, Money]:
    """The same for each period, to the last cent."""
    return dict(zip((period.id for period in periods), amount.allocate([1] * len(periods)), strict=True))


def by_month(
    given: Mapping[str, Decimal], periods: Sequence[Period], currency: Currency, path: str
) -> dict[UUID, Money]:
    """The amounts that months such as "2026-01" were given.

    Errors: VALIDATION_FAILED for months of another year and amounts below zero.
    """
    months = {period.month: period.id for period in periods}
    problems = [
        FieldProblem(f"{path}/{month}", "UNKNOWN_PERIOD", "The fiscal year has no such month.", month, sorted(months))
        for month in given
        if month not in months
    ] + [
        FieldProblem(f"{path}/{month}", "VALUE_OUT_OF_RANGE", "A budget is not below zero.", amount, "0 or more")
        for month, amount in given.items()
        if amount < 0
    ]
    if problems:
        raise ValidationFailed(problems[0].message, fields=problems)
    found = {}
    for month, amount in given.items():
        with at(f"{path}/{month}"):
            found[months[month]] = Money.parse(amount, currency)
    return found


def budget_key(budget_line_id: UUID) -> LimitKey:
    """The limit to lock before a commitment or an actual posting counts against the line."""
    return LimitKey("budget", budget_line_id)


def hold_budget(limits: Mapping[LimitKey, Limit], budget_line_id: UUID, amount: Money) -> bool:
    """Count `amount`, in the company's currency, against the line; whether it is within the budget.

    An amount that is not positive gives budget back and is never refused. Errors: BUDGET_EXCEEDED under control `stop`.
    """
    limit = limits[budget_key(budget_line_id)]
    within = amount.minor <= 0 or amount.minor <= limit.available
    if not within and limit.facts["control"] == BudgetControl.STOP:
        raise BudgetExceeded(
            f"Budget line {limit.facts['code']} has less left than this needs.",
            budget_line=limit.facts["code"],
            budget_line_id=budget_line_id,
            requested=amount.text(),
            available=Money(int(limit.available), amount.currency).text(),
            currency=amount.currency.code,
            control=limit.facts["control"],
        )
    limit.take(Decimal(amount.minor))
    return within
