"""What procurement needs from outside: its stores, and the rows that keep what its papers bind and accrue."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from bizcore.documents import Document
from bizcore.limits import Limit
from bizcore.platform.policies import CompanyPolicies
from bizcore.work import Work
from contexts.catalog.public import HasItemDirectory
from contexts.inventory.public import PlacesWork
from contexts.ledger.public import BooksWork
from contexts.parties.public import HasPartyDirectory
from contexts.procurement.domain.goods_receipt import GoodsReceipt
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.purchase_order import PurchaseOrder
from contexts.procurement.domain.requisition import Need, Requisition
from contexts.procurement.domain.value import Value


class Requisitions(Protocol):
    def get(self, id: UUID) -> Requisition:
        """The requisition with its lines; `work.load` brought and locked it."""

    def add(self, requisition: Requisition) -> None:
        """Collected now, written at the flush."""

    def save(self, requisition: Requisition) -> None:
        """Collect what differs from what `get` gives: changed, added and removed lines."""

    def need(self, limit: Limit) -> Need:
        """The requisition line whose limit it is."""

    async def needs(self, line_ids: Iterable[UUID]) -> Mapping[UUID, Need]:
        """Requisition lines as they are now, not locked: to fill in and to warn early."""


class PurchaseOrders(Protocol):
    def get(self, id: UUID) -> PurchaseOrder:
        """The order with its lines; `work.load` brought and locked it."""

    def add(self, order: PurchaseOrder) -> None:
        """Collected now, written at the flush."""

    def save(self, order: PurchaseOrder) -> None:
        """Collect what differs from what `get` gives: changed, added and removed lines."""

    def agree(self, order: PurchaseOrder, *, on: date) -> None:
        """One append-only row for each line: what it costs from now on, the order having been approved again."""

    def line(self, limit: Limit) -> OrderedLine:
        """The order line whose limit it is."""

    async def lines(self, *, order_id: UUID | None = None, line_ids: Iterable[UUID] = ()) -> Mapping[UUID, OrderedLine]:
        """Order lines as they are now, not locked: to fill in and to warn early."""


class GoodsReceipts(Protocol):
    def get(self, id: UUID) -> GoodsReceipt:
        """The receipt with its lines; `work.load` brought and locked it."""

    def add(self, receipt: GoodsReceipt) -> None: ...

    def save(self, receipt: GoodsReceipt) -> None: ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """So much of a service that a line of an invoice accepted, at the order's price of that day."""

    source_line_id: UUID
    order_line_id: UUID
    quantity: Decimal
    unit_price: Decimal
    value: Value


@dataclass(frozen=True, slots=True)
class Charged:
    """So much of an order line that an invoice line charges, and the budget line that bears a price difference."""

    source_line_id: UUID
    budget_line_id: UUID | None
    quantity: Decimal


class Accruals(Protocol):
    def add(
        self,
        id: UUID,
        *,
        order_line_id: UUID,
        source_line_id: UUID,
        document_id: UUID,
        on: date,
        quantity: Decimal,
        unit_price: Decimal | None,
        value: Value,
        budget_line_id: UUID | None = None,
    ) -> None:
        """One append-only row of goods received not invoiced: positive when goods came, negative when charged.

        `id` is that of the fact which tells the books, so that each finds the other; what takes back has its own.
        `unit_price` is the order's where goods came or a service was accepted; what was charged has none,
        but the `budget_line_id` that bears its price difference.
        """

    async def charged(self, order_line_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Charged]]:
        """What is charged of each order line and was not taken back, the latest first."""

    async def accepted(self, document_id: UUID, lines: Mapping[UUID, OrderedLine]) -> Sequence[Accepted]:
        """What a document, posted or not, accepted of `lines` and has not taken back, by order line and line."""


class Commitments(Protocol):
    def held(self, limit: Limit, *, like: Value) -> Mapping[UUID | None, Value]:
        """What the line of `limit` holds by budget line: the sum of its rows, in the currencies of `like`."""

    def add(
        self, id: UUID, *, line_id: UUID, budget_line_id: UUID | None, by: Document, on: date, change: Value
    ) -> None:
        """One append-only row: how much more (or less, negative) of the budget the line holds from now on."""


class BuyingWork(Work, Protocol):
    """What the work of a command must offer that receives or charges order lines, of whichever context it is."""

    effects: dict[str, list[dict[str, object]]]

    @property
    def purchase_orders(self) -> PurchaseOrders: ...

    @property
    def commitments(self) -> Commitments: ...

    @property
    def accruals(self) -> Accruals: ...


class ProcurementWork(BuyingWork, BooksWork, HasItemDirectory, HasPartyDirectory, PlacesWork, Protocol):
    """A command's work as procurement sees it."""

    @property
    def requisitions(self) -> Requisitions: ...

    @property
    def goods_receipts(self) -> GoodsReceipts: ...

    @property
    def policies(self) -> CompanyPolicies: ...
