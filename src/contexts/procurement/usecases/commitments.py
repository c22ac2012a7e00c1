"""Booking what lines bind: the difference between what each should hold of its budget and what it holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol
from uuid import UUID

from bizcore.documents import Document, Phase
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.limits import Limit, LimitKey
from contexts.ledger.public import budget_key, facts, hold_budget_for
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Value
from contexts.procurement.ports import BuyingWork


@dataclass(frozen=True, slots=True)
class Kinds:
    """The facts by which a commitment grows and shrinks."""

    grows: str
    shrinks: str


REQUESTED: Final = Kinds(facts.REQUISITION_REQUESTED, facts.REQUISITION_RELIEVED)
ORDERED: Final = Kinds(facts.ORDER_ORDERED, facts.ORDER_RELIEVED)


class BudgetedLine(Protocol):
    """A line as far as its budget is concerned."""

    @property
    def id(self) -> UUID: ...
    @property
    def item_id(self) -> UUID | None: ...
    @property
    def budget_line_id(self) -> UUID | None: ...
    @property
    def dimensions(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Due:
    """What a line should hold from now on, `limit` tells what it holds; but nothing changes before its paper's `since`.

    What came before its order was dated relieves it on that day: on no day is less than nothing encumbered.
    """

    line: BudgetedLine
    value: Value
    limit: Limit
    since: date = date.min


@dataclass(frozen=True, slots=True)
class _Change:
    line: BudgetedLine
    budget_line_id: UUID | None
    value: Value
    since: date


async def commit(
    work: BuyingWork,
    kinds: Kinds,
    dues: Sequence[Due],
    *,
    by: Document,
    on: date,
    party_id: UUID | None = None,
    hold: bool = True,
    reverses: bool = False,
) -> None:
    """Books rows and facts until every line holds what is due, of its own budget line alone.

    A line without a budget line leaves rows, but nothing for the books. With `hold` the budget must have what grows,
    and what shrinks is given back first. Where `by` is taken back (`reverses`), the fact that shrank the commitment
    returns with its sign turned. Errors: BUDGET_EXCEEDED.
    """
    changes = [change for due in dues for change in _changes(work, due)]
    keys = {budget_key(change.budget_line_id) for change in changes if change.budget_line_id is not None}
    budgets = await work.limits(keys) if hold else {}
    for change in sorted(changes, key=lambda change: change.value.company.minor > 0):
        id, line, value, day = new_id(), change.line, change.value, max(on, change.since)
        work.commitments.add(id, line_id=line.id, budget_line_id=change.budget_line_id, by=by, on=day, change=value)
        if change.budget_line_id is None:
            continue
        if hold:
            hold_budget_for(work, budgets, change.budget_line_id, value.company, by=by)
        grows = value.company.minor > 0 and not reverses
        stated = value if grows else -value
        work.account(
            AccountingFact(
                id=id,
                kind=kinds.grows if grows else kinds.shrinks,
                company_id=by.company.id,
                document_id=by.id,
                line_id=line.id,
                effective_on=day,
                amount=stated.amount,
                company_amount=stated.company,
                party_id=party_id,
                item_id=line.item_id,
                budget_line_id=change.budget_line_id,
                dimensions=line.dimensions,
                reverses_document=reverses,
            )
        )


async def relieve(
    work: BuyingWork, lines: Iterable[OrderedLine], *, by: Document, on: date, reverses: bool = False
) -> None:
    """The budget of order lines passes from the encumbrance to the actual posting of `by`, or back.

    `lines` are as `by` leaves them. Of a closed order nothing comes back.
    """
    active = {LimitKey("order_line", line.id): line for line in lines if line.order_phase is Phase.ACTIVE}
    limits = await work.limits(active)
    dues = [Due(line, line.encumbrance, limits[key], line.ordered_on) for key, line in active.items()]
    await commit(work, ORDERED, dues, by=by, on=on, party_id=by.party_id, hold=False, reverses=reverses)


def _changes(work: BuyingWork, due: Due) -> list[_Change]:
    held = work.commitments.held(due.limit, like=due.value)
    nothing = due.value - due.value
    own = due.line.budget_line_id
    wanted = {**dict.fromkeys(held, nothing), own: due.value}
    changes = [_Change(due.line, id, value - held.get(id, nothing), due.since) for id, value in wanted.items()]
    return [change for change in changes if change.value]
