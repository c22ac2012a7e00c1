"""What billing needs from outside: its stores, order lines, parties, catalog and ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from bizcore.documents import Document
from bizcore.limits import Limit, LimitKey
from bizcore.platform.policies import CompanyPolicies
from contexts.billing.domain.match import MatchException
from contexts.billing.domain.open_item import OpenItem
from contexts.billing.domain.payment import BankAccount, Payment
from contexts.billing.domain.supplier_invoice import OrderCharge, SupplierInvoice
from contexts.catalog.public import HasItemDirectory
from contexts.ledger.public import BooksWork
from contexts.parties.public import HasPartyDirectory
from contexts.procurement.public import BuyingWork


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """Who has a supplier's reference already."""

    invoice_id: UUID
    number: str | None
    company_id: UUID


@dataclass(frozen=True, slots=True)
class ChargedSoFar:
    """What an order line was charged until now, less what was taken back."""

    charges: int  # those taken back included
    expected_minor: int  # what the quantities cost as ordered, in the order's currency


class SupplierInvoices(Protocol):
    def get(self, id: UUID) -> SupplierInvoice:
        """The invoice with its lines; `work.load` brought and locked it."""

    def add(self, invoice: SupplierInvoice) -> None:
        """Collected now, written at the flush. Errors, there: DUPLICATE_SUPPLIER_REFERENCE."""

    def save(self, invoice: SupplierInvoice) -> None:
        """Collect what differs from what `get` gives."""

    def free_reference(self, invoice: SupplierInvoice) -> None:
        """The invoice is void: its number may come again."""

    async def with_reference(self, supplier_id: UUID, key: str) -> ReferenceTaken | None:
        """The invoice, not void and of whichever company, that the supplier's reference belongs to."""

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

    async def charged_so_far(self, order_line_ids: Iterable[UUID]) -> Mapping[UUID, ChargedSoFar]:
        """Of the order lines that were ever charged, under their locks."""

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


def open_item_key(document_id: UUID) -> LimitKey:
    """The limit to lock before something settles a document; `DocumentSql.limit_keys` names it alike."""
    return LimitKey("open_item", document_id)
