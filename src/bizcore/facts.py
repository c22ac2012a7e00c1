"""Facts: what a document means to stock and to the books, in words that procurement and billing share with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from bizcore.values import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingFact:
    """Something with a value happened. Posting rules, which are data, make balanced entries of it.

    `amount` is signed, in the document's currency; `company_amount` the same in the company's, at the document's rate.
    """

    id: UUID
    kind: str  # 'procurement.goods_receipt.received': context, document type, what happened
    company_id: UUID
    document_id: UUID
    line_id: UUID | None
    effective_on: date
    amount: Money
    company_amount: Money
    party_id: UUID | None = None
    item_id: UUID | None = None
    account_id: UUID | None = None  # given by the user; otherwise the rule finds it by role
    accounts: Mapping[str, UUID] = field(default_factory=dict)  # by role: where what it continues stands already
    budget_line_id: UUID | None = None
    open_item_id: UUID | None = None  # the document whose balance it opens or settles
    tax_code_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    reverses_document: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFact:
    """A quantity moved from one place to another; None is outside (a supplier, a customer, loss).

    `quantity` is positive, in the item's stock unit; `value` is the company-currency value of what comes in, None
    where the valuation finds it (issues).
    """

    id: UUID
    kind: str
    company_id: UUID
    document_id: UUID
    line_id: UUID | None
    effective_on: date
    item_id: UUID
    quantity: Decimal
    from_location_id: UUID | None
    to_location_id: UUID | None
    value: Money | None = None
    reverses_line_id: UUID | None = None  # the receipt line whose layer goes back first
