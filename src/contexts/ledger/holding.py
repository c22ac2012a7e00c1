"""Holding budgets: whoever commits or spends takes from their lines, or is told that too little is left."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from bizcore.documents import Document
from bizcore.limits import Limit, LimitKey
from bizcore.values import Money
from bizcore.work import Work
from contexts.ledger.domain.budget import BudgetControl, budget_key, hold_budget


class HoldingWork(Work, Protocol):
    """What a context's work must offer to hold a budget."""

    effects: dict[str, list[dict[str, object]]]


def hold_budget_for(
    work: HoldingWork, budgets: Mapping[LimitKey, Limit], budget_line_id: UUID, amount: Money, *, by: Document
) -> None:
    """Count `amount`, in the company's currency, against a line that is locked among `budgets`.

    Under control `warn` what goes beyond passes: the dry run shows it, the document's event tells it. Errors:
    BUDGET_EXCEEDED under `stop`.
    """
    limit = budgets[budget_key(budget_line_id)]
    available = limit.available
    within = hold_budget(budgets, budget_line_id, amount)
    if within or limit.facts["control"] == BudgetControl.NONE:
        return
    work.effects.setdefault("budget", []).append(
        {
            "budget_line": budget_line_id,
            "code": limit.facts["code"],
            "warning": "BUDGET_EXCEEDED",
            "requested": amount.text(),
            "available": Money(int(available), amount.currency).text(),
        }
    )
    work.tell(by, {"over_budget": True})
