"""How billing's papers and reports answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from bizcore.documents.view import DocumentView
from bizcore.explained import Explained
from bizcore.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineView:
    """One thing that is charged."""

    id: Annotated[UUID, Field("Id")]
    position: Annotated[int, Field("Position")]
    order_line: Annotated[UUID | None, Field("Order line")]
    order: Annotated[UUID | None, Field("Order")]
    order_number: Annotated[str | None, Field("Order")]
    item: Annotated[UUID | None, Field("Item")]
    item_sku: Annotated[str | None, Field("Item")]
    item_name: Annotated[str | None, Field("Item")]
    description: Annotated[str | None, Field("Description")]
    quantity: Annotated[str, Field("Quantity")]
    unit: Annotated[str, Field("Unit")]
    unit_price: Annotated[str, Field("Unit price", help="Without tax")]
    tax_code: Annotated[UUID | None, Field("Tax code")]
    tax_code_code: Annotated[str | None, Field("Tax code")]
    tax_rate: Annotated[str | None, Field("Tax rate", help="Percent")]
    account: Annotated[UUID | None, Field("Account")]
    account_code: Annotated[str | None, Field("Account")]
    budget_line: Annotated[UUID | None, Field("Budget line", help="Of a line without an order")]
    budget_line_code: Annotated[str | None, Field("Budget line")]
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")]
    net_amount: Annotated[str, Field("Net")]
    tax_amount: Annotated[str, Field("Tax", help="Its share of the tax of its code, which is rounded once")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchExceptionView:
    """One way in which the invoice and its orders and receipts differ."""

    line: Annotated[UUID, Field("Line")]
    code: Annotated[str, Field("Code", help="UNIT_PRICE_ABOVE_ORDER, TOTAL_ABOVE_ORDER or QUANTITY_NOT_RECEIVED")]
    expected: Annotated[str, Field("Expected")]
    actual: Annotated[str, Field("Actual")]
    tolerance: Annotated[str, Field("Tolerance")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """The three-way match, as it stands now."""

    status: Annotated[
        str, Field("Status", help="matched, blocked, or not_required where nothing of an order is charged yet")
    ]
    exceptions: Annotated[tuple[MatchExceptionView, ...], Field("Exceptions")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseView:
    """Who let the invoice be paid in spite of its exceptions."""

    released_at: Annotated[datetime, Field("At")]
    released_by: Annotated[UUID, Field("By")]
    released_by_name: Annotated[str, Field("By")]
    reason: Annotated[str, Field("Reason")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierInvoiceView(DocumentView):
    """What a supplier charges."""

    supplier: Annotated[UUID, Field("Supplier")]
    supplier_code: Annotated[str, Field("Supplier")]
    supplier_name: Annotated[str, Field("Supplier")]
    supplier_reference: Annotated[str, Field("Supplier's number")]
    invoice_date: Annotated[date, Field("Invoice date")]
    payment_terms: Annotated[UUID | None, Field("Payment terms")]
    payment_terms_code: Annotated[str | None, Field("Payment terms")]
    due_on: Annotated[date, Field("Due")]
    net_total: Annotated[str, Field("Net")]
    tax_total: Annotated[str, Field("Tax")]
    balance: Annotated[str, Field("Balance", help="Derived: what is open of it")]
    match: Annotated[MatchView, Field("Match", help="Derived: with order and receipts as they are now")]
    payment_block: Annotated[
        bool, Field("Payment block", help="Derived: it does not match, and nobody has released what differs")
    ]
    release: Annotated[ReleaseView | None, Field("Release", help="The latest")]
    lines: Annotated[tuple[InvoiceLineView, ...], Field("Lines")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationView:
    """So much of a payment for one invoice or, of money that came back, for one payment."""

    invoice: Annotated[UUID | None, Field("Invoice")]
    invoice_number: Annotated[str | None, Field("Invoice")]
    supplier_reference: Annotated[str | None, Field("Supplier's number")]
    payment: Annotated[UUID | None, Field("Payment")]
    payment_number: Annotated[str | None, Field("Payment")]
    amount: Annotated[str, Field("Amount")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView(DocumentView):
    """Money that left the bank or came into it."""

    direction: Annotated[str, Field("Direction", help="outgoing or incoming")]
    side: Annotated[
        str, Field("Side", help="payable: on the supplier's account; receivable: on that of a customer who pays us")
    ]
    party: Annotated[UUID, Field("Party")]
    party_code: Annotated[str, Field("Party")]
    party_name: Annotated[str, Field("Party")]
    amount: Annotated[str, Field("Amount")]
    paid_on: Annotated[date, Field("Paid on")]
    bank_account: Annotated[UUID, Field("Bank account")]
    bank_account_code: Annotated[str, Field("Bank account")]
    allocations: Annotated[
        tuple[AllocationView, ...], Field("Allocations", help="Asked for in a draft; derived once it is posted")
    ]
    unallocated: Annotated[str, Field("Unallocated", help="Derived: what settles nothing yet and is on account")]


Side = Annotated[Literal["payable", "receivable"], Field("Side", help="payable or receivable")]
CompanyField = Annotated[UUID, Field("Company", ref="company")]
AsOf = Annotated[date, Field("As of", help="What counts until the end of this day")]
ExplainField = Annotated[bool, Field("Explain", help="Adds the rows that each number is the sum of")]
ByMember = Annotated[Mapping[str, Explained] | None, Field("Explain", help="By member")]
KnownAt = Annotated[datetime, Field("Known at", help="What was recorded by this instant; all that is where left out")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItems:
    """Every document with a balance: invoices that are not paid, payments that no invoice has used."""

    side: Side = "payable"
    company: CompanyField | None = None
    party: Annotated[UUID, Field("Party", ref="party")] | None = None
    explain: ExplainField = False
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItemRow:
    """One of them."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Type", help="supplier_invoice or payment")]
    document_number: Annotated[str | None, Field("Number")]
    party: Annotated[UUID, Field("Party")]
    party_code: Annotated[str, Field("Party")]
    party_name: Annotated[str, Field("Party")]
    supplier_reference: Annotated[str | None, Field("Supplier's number")]
    document_date: Annotated[date, Field("Date")]
    due_on: Annotated[date, Field("Due")]
    days_overdue: Annotated[int, Field("Days overdue", help="0 until the due date has passed")]
    currency: Annotated[str, Field("Currency")]
    total: Annotated[str, Field("Total")]
    balance: Annotated[str, Field("Balance", help="Negative where more was paid than is invoiced")]
    balance_company: Annotated[str, Field("Balance in company currency", help="As the books hold it")]
    payment_block: Annotated[bool, Field("Payment block")]
    explain: ByMember


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItemsAnswer:
    """Equal to the control accounts of the side as of the same day."""

    company: CompanyField
    currency: Annotated[str, Field("Company currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    data: Annotated[tuple[OpenItemRow, ...], Field("Open items")]
    total: Annotated[str, Field("Total", help="In company currency")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """What is open, by how long it has been due."""

    side: Side = "payable"
    company: CompanyField | None = None
    explain: ExplainField = False
    as_of: Annotated[date, Field("As of", help="The day that counts as today; today where left out")] | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Amounts in company currency, by days past due. They add up to the total."""

    not_due: Annotated[str, Field("Not due", help="What was paid ahead stands here, negative")]
    days_1_30: Annotated[str, Field("1 to 30 days")]
    days_31_60: Annotated[str, Field("31 to 60 days")]
    days_61_90: Annotated[str, Field("61 to 90 days")]
    over_90: Annotated[str, Field("Over 90 days")]
    total: Annotated[str, Field("Total")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingRow(Buckets):
    """One party."""

    party: Annotated[UUID, Field("Party")]
    party_code: Annotated[str, Field("Party")]
    party_name: Annotated[str, Field("Party")]
    explain: ByMember


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingAnswer:
    """One company's."""

    company: CompanyField
    currency: Annotated[str, Field("Company currency")]
    as_of: AsOf
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[AgingRow, ...], Field("Parties")]
    totals: Annotated[Buckets, Field("Totals")]


class BillingReports(Protocol):
    """Reads of one snapshot."""

    async def open_items(self, query: OpenItems) -> OpenItemsAnswer:
        """By party and due date."""

    async def aging(self, query: Aging) -> AgingAnswer:
        """By party."""


class BillingReading(Protocol):
    @property
    def billing(self) -> BillingReports: ...


async def read_open_items(query: OpenItems, reading: BillingReading) -> OpenItemsAnswer:
    return await reading.billing.open_items(query)


async def read_aging(query: Aging, reading: BillingReading) -> AgingAnswer:
    return await reading.billing.aging(query)
