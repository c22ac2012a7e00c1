"""What procurement needs from outside: its stores, the rows that keep what its papers bind, catalog and ledger."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Protocol
from uuid import UUID

from bizcore.documents import Document
from bizcore.limits import Limit
from bizcore.work import Work
from contexts.ledger.public import BooksWork
from contexts.procurement.domain.goods import Goods
from contexts.procurement.domain.requisition import Requisition
from contexts.procurement.domain.value import Value


class Requisitions(Protocol):
    def get(self, id: UUID) -> Requisition:
        """The requisition with its lines; `work.load` brought and locked it."""

    def add(self, requisition: Requisition) -> None:
        """Collected now, written at the flush."""

    def save(self, requisition: Requisition) -> None:
        """Collect what differs from what `get` gives: changed, added and removed lines."""


class Commitments(Protocol):
    def held(self, limit: Limit, *, like: Value) -> Mapping[UUID | None, Value]:
        """What the line of `limit` holds by budget line: the sum of its rows, in the currencies of `like`."""

    def add(
        self, id: UUID, *, line_id: UUID, budget_line_id: UUID | None, by: Document, on: date, change: Value
    ) -> None:
        """One append-only row: how much more (or less, negative) of the budget the line holds from now on."""


class ProcurementWork(Work, BooksWork, Protocol):
    """A command's work as procurement sees it."""

    effects: dict[str, list[dict[str, object]]]

    @property
    def requisitions(self) -> Requisitions: ...

    @property
    def commitments(self) -> Commitments: ...

    async def goods(self, *, items: Collection[UUID], units: Collection[UUID]) -> Goods:
        """What catalog knows of them."""
