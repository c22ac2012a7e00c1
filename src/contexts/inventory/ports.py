"""What inventory needs from outside."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from bizcore.documents import Company
from bizcore.facts import AccountingFact, StockFact
from bizcore.limits import Limit
from bizcore.values import Money
from bizcore.work import Work
from contexts.inventory.domain.stock import Booked, Consumption, Layer, Stock


class StockRecords(Protocol):
    """The append-only rows of stock, and the places where it lies."""

    def stock(self, limit: Limit, company: Company) -> Stock:
        """What the lock found of the limit's item in one company."""

    def moved(
        self,
        fact: StockFact,
        value: Money,
        *,
        layer: Layer | None = None,
        booked: Money | None = None,
        taken: Sequence[Consumption] = (),
    ) -> None:
        """Collects the rows of one move: what came in as a layer with what its document booked, what left as what it
        took of layers.
        """

    async def default_location(self, company_id: UUID) -> UUID:
        """Where things lie when nobody says where."""

    async def booked(self, line_ids: Collection[UUID]) -> Mapping[UUID, Booked]:
        """Of lines of receipts, by line, in one statement; none is sent where there are no lines."""

    async def add_location(self, values: Mapping[str, Any]) -> UUID: ...

    async def change_location(self, id: UUID, version: int | None, changes: Mapping[str, Any]) -> UUID:
        """Errors: NOT_FOUND, VERSION_CONFLICT."""


class InventoryWork(Work, Protocol):
    """A command's work as inventory sees it."""

    stock_facts: list[StockFact]
    accounting_facts: list[AccountingFact]
    effects: dict[str, list[dict[str, object]]]

    @property
    def stock(self) -> StockRecords: ...
