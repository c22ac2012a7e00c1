"""Limits: what several documents share and none may overdraw. Locked in one statement, summed in a later one."""

from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

# The global order in which limits are locked, the same for every command, so that no two wait for each other.
KINDS = ("order_line", "agreement", "budget", "credit", "open_item", "stock")


@dataclass(frozen=True, slots=True)
class LimitKey:
    """One limited thing: a kind and its id."""

    kind: str
    id: UUID

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} has no place in the lock order")

    @property
    def lock(self) -> str:
        """The text that is locked; sorted as text, locks follow the global order."""
        return f"{KINDS.index(self.kind)}:{self.kind}:{self.id}"


@dataclass(slots=True)
class Limit:
    """What is allowed and what is taken, read after the lock; reduced in memory so that two lines see each other.

    Both are in the unit of the kind: minor units of the company currency for budgets, of the document's currency for
    open items, the line's own unit for order lines. `facts` holds what else the refusal or the effect must know.
    """

    key: LimitKey
    allowed: Decimal
    taken: Decimal
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def available(self) -> Decimal:
        return self.allowed - self.taken

    def take(self, amount: Decimal) -> None:
        """Count `amount` as taken; the caller has compared it with `available` and decided."""
        self.taken += amount
