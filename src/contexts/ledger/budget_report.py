"""Budget versus actual: what budget lines allow, and what has been taken of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from bizcore.fields import Field
from contexts.ledger.ports import BudgetPosting, BudgetSpan, BudgetStanding, LedgerReading
from contexts.ledger.reporting import (
    EVER,
    EXPLAINED_LINES,
    AsOf,
    CompanyParameter,
    Explain,
    Explanation,
    KnownAt,
    Shown,
    refuse_too_many,
)

_TAKEN: Final = ("pre_encumbered", "encumbered", "actual")


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBudgetVersusActual:
    """What budget lines allow, and what has been taken of them."""

    company: CompanyParameter | None = None
    fiscal_year: Annotated[UUID, Field("Fiscal year", ref="fiscal_year")] | None = None
    budget: Annotated[UUID, Field("Budget", ref="budget")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


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
    explain: Annotated[Mapping[str, Explanation] | None, Field("Explanation", help="Of each amount, by name")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetVersusActual:
    """The lines of approved budgets."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[BudgetVersusActualRow, ...], Field("Lines")]


async def budget_versus_actual(query: GetBudgetVersusActual, reading: LedgerReading) -> BudgetVersusActual:
    company = reading.ledger.company(query.company)
    shown = Shown(company)
    span = BudgetSpan(
        company_id=company.id,
        fiscal_year_id=query.fiscal_year,
        budget_id=query.budget,
        as_of=query.as_of or EVER,
        known_at=query.known_at,
    )
    standings = await reading.ledger.standings(span)
    postings: dict[UUID, list[BudgetPosting]] | None = None
    if query.explain:
        postings = {standing.budget_line_id: [] for standing in standings}
        for posting in refuse_too_many(await reading.ledger.budget_postings(span, limit=EXPLAINED_LINES + 1)):
            postings[posting.budget_line_id].append(posting)
    return BudgetVersusActual(
        company=company.code,
        currency=company.currency,
        as_of=query.as_of,
        known_at=query.known_at,
        rows=tuple(
            _row(standing, shown, postings[standing.budget_line_id] if postings is not None else None)
            for standing in standings
        ),
    )


def _row(standing: BudgetStanding, shown: Shown, postings: Sequence[BudgetPosting] | None) -> BudgetVersusActualRow:
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
        explain=_explanations(postings, shown) if postings is not None else None,
    )


def _explanations(postings: Sequence[BudgetPosting], shown: Shown) -> dict[str, Explanation]:
    """What remains is what is budgeted less the others, so their rows are its own with the sign turned."""
    explained = {
        member: shown.explanation(posting.line for posting in postings if posting.member == member)
        for member in ("budgeted", *_TAKEN)
    }
    remaining = ((posting.line, -1 if posting.member in _TAKEN else 1) for posting in postings)
    return {**explained, "remaining": shown.total(remaining)}
