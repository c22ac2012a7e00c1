"""Who asks, when, and how often they may mean it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

# What a dry run tells beside its answer: the rows that would be kept, by their sort.
EFFECTS: Final = ("journal_entries", "stock_moves", "budget", "events", "tasks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The circumstances of one command or query, the same from every surface."""

    request_id: str
    at: datetime
    ip: str | None = None
    key: str | None = None  # Idempotency-Key
    dry_run: bool = False
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the organization a grant covers; None is all of it."""

    companies: frozenset[UUID] | None = None

    def covers(self, company_id: UUID) -> bool:
        return self.companies is None or company_id in self.companies
