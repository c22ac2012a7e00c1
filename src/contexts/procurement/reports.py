"""Reports of procurement: what we are committed to, and what came but was not charged. Amounts as decimal text."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Protocol
from uuid import UUID

from bizcore.documents import Company
from bizcore.fields import Field

CompanyParameter = Annotated[UUID, Field("Company", help="The only one where it is left out", ref="company")]
SupplierParameter = Annotated[UUID, Field("Supplier", help="All where it is left out", ref="party")]
AsOf = Annotated[date, Field("As of", help="What was effective by this day")]
KnownAt = Annotated[datetime, Field("Known at", help="What was recorded by this instant; all that is where left out")]
Explain = Annotated[bool, Field("Explain", help="With the rows that add up to each value")]
CompanyAmount = Annotated[str, Field("Amount", help="In the company's currency")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCommitments:
    """What approved requisitions and orders hold of budgets, line by line."""

    company: CompanyParameter | None = None
    supplier: SupplierParameter | None = None
    budget_line: Annotated[UUID, Field("Budget line", ref="budget_line")] | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMovement:
    """By how much one document's step moved a commitment."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Type")]
    document_number: Annotated[str | None, Field("Number")]
    line: Annotated[UUID, Field("Line")]
    date: Annotated[date, Field("Date")]
    recorded_at: Annotated[datetime, Field("Recorded at")]
    amount: CompanyAmount


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLine:
    """What one line still holds of one budget line, or of none."""

    kind: Annotated[str, Field("Kind", help="pre_encumbered by a requisition, encumbered by an order")]
    document: Annotated[UUID, Field("Document")]
    document_number: Annotated[str | None, Field("Number")]
    line: Annotated[UUID, Field("Line")]
    description: Annotated[str | None, Field("Description")]
    supplier: Annotated[UUID | None, Field("Supplier")]
    supplier_name: Annotated[str | None, Field("Supplier")]
    budget_line: Annotated[UUID | None, Field("Budget line")]
    budget_line_code: Annotated[str | None, Field("Budget line")]
    amount: CompanyAmount
    explain: Annotated[tuple[CommitmentMovement, ...] | None, Field("Explanation")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitments:
    """Totals are the sums of the rows."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[CommitmentLine, ...], Field("Rows")]
    pre_encumbered: CompanyAmount
    encumbered: CompanyAmount
    total: CompanyAmount


@dataclass(frozen=True, slots=True, kw_only=True)
class GetGoodsReceivedNotInvoiced:
    """What came and was not charged yet, by order line. Its total is the balance of the account of that name."""

    company: CompanyParameter | None = None
    supplier: SupplierParameter | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    explain: Explain = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualMovement:
    """A receipt (positive), an invoice (negative), or the reversal of one."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Type")]
    document_number: Annotated[str | None, Field("Number")]
    line: Annotated[UUID, Field("Line")]
    date: Annotated[date, Field("Date")]
    recorded_at: Annotated[datetime, Field("Recorded at")]
    quantity: Annotated[str, Field("Quantity")]
    amount: CompanyAmount


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceivedNotInvoicedLine:
    """Negative where an invoice is ahead of its goods."""

    order: Annotated[UUID, Field("Order")]
    order_number: Annotated[str | None, Field("Order")]
    line: Annotated[UUID, Field("Order line")]
    description: Annotated[str | None, Field("Description")]
    supplier: Annotated[UUID | None, Field("Supplier")]
    supplier_name: Annotated[str | None, Field("Supplier")]
    quantity: Annotated[str, Field("Quantity", help="Received less invoiced")]
    unit: Annotated[str, Field("Unit")]
    order_currency: Annotated[str, Field("Currency of the order")]
    order_amount: Annotated[str, Field("Amount", help="In the order's currency")]
    amount: CompanyAmount
    explain: Annotated[tuple[AccrualMovement, ...] | None, Field("Explanation")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceivedNotInvoiced:
    """The total is the sum of the rows."""

    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[GoodsReceivedNotInvoicedLine, ...], Field("Rows")]
    total: CompanyAmount


class ProcurementReports(Protocol):
    """Reads of one snapshot."""

    def company(self, id: UUID | None) -> Company:
        """The one asked for, else the only one in scope. Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED."""

    async def commitments(self, query: GetCommitments, company: Company) -> Commitments: ...

    async def received_not_invoiced(
        self, query: GetGoodsReceivedNotInvoiced, company: Company
    ) -> GoodsReceivedNotInvoiced: ...


class ProcurementReading(Protocol):
    @property
    def procurement(self) -> ProcurementReports: ...


async def commitments(query: GetCommitments, reading: ProcurementReading) -> Commitments:
    return await reading.procurement.commitments(query, reading.procurement.company(query.company))


async def received_not_invoiced(
    query: GetGoodsReceivedNotInvoiced, reading: ProcurementReading
) -> GoodsReceivedNotInvoiced:
    return await reading.procurement.received_not_invoiced(query, reading.procurement.company(query.company))
