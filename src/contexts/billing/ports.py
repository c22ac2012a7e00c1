"""What billing needs from outside: its stores, order lines, parties, catalog and ledger."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from bizcore.documents import Document
from bizcore.limits import Limit, LimitKey
from bizcore.platform.policies import CompanyPolicies
from contexts.billing.domain.match import MatchException
from contexts.billing.domain.open_item import OpenItem
from contexts.billing.domain.payment import BankAccount, Payment
from contexts.billing.domain.supplier_invoice import OrderCharge, SupplierInvoice
from contexts.billing.queries import AgingAnswer, OpenItemsAnswer
from contexts.catalog.public import HasItemDirectory
from contexts.ledger.public import BooksWork
from contexts.parties.public import HasPartyDirectory
from contexts.procurement.public import BuyingWork


class SupplierInvoices(Protocol):
    def get(self, id: UUID) -> SupplierInvoice:
        """The invoice with its lines; `work.load` brought and locked it."""

    def add(self, invoice: SupplierInvoice) -> None:
        """Collected now, written at the flush. Errors, there: DUPLICATE_SUPPLIER_REFERENCE."""

    def save(self, invoice: SupplierInvoice) -> None:
        """Collect what differs from what `get` gives."""

    def free_reference(self, invoice: SupplierInvoice) -> None:
        """The invoice is void: its number may come again."""

    async def with_reference(self, supplier_id: UUID, key: str) -> tuple[UUID, str | None] | None:
        """Id and number of the invoice, not void, that the supplier's reference belongs to."""

    def charge(
        self,
        charge: OrderCharge,
        exceptions: Sequence[MatchException],
        *,
        by: Document,
        on: date,
        reverses: UUID | None = None,
    ) -> None:
        """One append-only row of what an order line was charged; `reverses` is the charge it takes back."""

    async def expected_so_far(self, order_line_ids: Iterable[UUID]) -> Mapping[UUID, int]:
        """What the quantities charged until now cost as ordered, in minor units of the order's currency."""

    async def block(self, id: UUID) -> Sequence[Mapping[str, object]]:
        """The exceptions of the match that block the payment now, those released left out."""

    def release(self, document: Document, exceptions: Sequence[Mapping[str, object]], reason: str) -> None:
        """One append-only row: who let the invoice be paid in spite of these exceptions, and why."""


class Payments(Protocol):
    def get(self, id: UUID) -> Payment:
        """The payment with what it settles; `work.load` brought and locked it."""

    def add(self, payment: Payment) -> None: ...

    def save(self, payment: Payment) -> None: ...

    def open_item(self, limit: Limit) -> OpenItem:
        """The invoice or payment whose limit it is."""

    async def open_items(self, ids: Iterable[UUID]) -> Mapping[UUID, OpenItem]:
        """Open items as they are now, not locked: to judge the input early."""

    async def bank_account(self, company_id: UUID, id: UUID | None) -> BankAccount | None:
        """The one asked for, else the company's default."""


class BillingWork(BuyingWork, BooksWork, HasPartyDirectory, HasItemDirectory, Protocol):
    """A command's work as billing sees it."""

    @property
    def supplier_invoices(self) -> SupplierInvoices: ...

    @property
    def payments(self) -> Payments: ...

    @property
    def policies(self) -> CompanyPolicies: ...


class BillingReports(Protocol):
    """Reads of one snapshot."""

    async def open_items(
        self,
        *,
        side: str,
        company_id: UUID | None,
        party_id: UUID | None,
        as_of: date | None,
        known_at: datetime | None,
    ) -> OpenItemsAnswer:
        """By party and due date."""

    async def aging(
        self, *, side: str, company_id: UUID | None, as_of: date | None, known_at: datetime | None
    ) -> AgingAnswer:
        """By party."""


class BillingReading(Protocol):
    @property
    def billing(self) -> BillingReports: ...


def open_item_key(document_id: UUID) -> LimitKey:
    """The limit to lock before something settles a document; `DocumentSql.limit_keys` names it alike."""
    return LimitKey("open_item", document_id)
