"""The goods receipt: what came of an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from bizcore.documents import Document
from contexts.procurement.domain.value import Terms, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceiptLine:
    """So much of one order line: `quantity` as counted, in `unit`, and the same in the unit of the order line."""

    id: UUID
    order_line_id: UUID
    quantity: Decimal
    unit: str
    quantity_ordered_unit: Decimal
    unit_price: Decimal  # this and the next three are the order line's when it was written, and when it was posted
    value: Value
    budget_line_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    location_id: UUID | None = None
    lot: str | None = None
    serials: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class GoodsReceipt:
    """What came of one order on one day. Phase, number and version live in its `document`."""

    document: Document
    order_id: UUID
    terms: Terms
    lines: list[GoodsReceiptLine]

    def total_up(self) -> None:
        """Write the sum of the lines into the header."""
        total = self.terms.total(line.value for line in self.lines)
        self.document.total, self.document.total_company = total.amount, total.company
