"""The purchase order: a promise to buy, and what it still holds of its budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from bizcore.documents import Document
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.errors import BelowReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderLine:
    """One thing that is bought, at a price without tax per `unit`."""

    id: UUID
    quantity: Decimal
    unit: str
    unit_price: Decimal
    item_id: UUID | None = None
    description: str | None = None
    tax_code_id: UUID | None = None
    requisition_line_id: UUID | None = None
    budget_line_id: UUID | None = None
    location_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def net(self, terms: Terms) -> Value:
        return terms.price(self.unit_price, self.quantity)


@dataclass(slots=True, eq=False)
class PurchaseOrder:
    """A promise to buy. Phase, number, supplier and version live in its `document`."""

    document: Document
    terms: Terms
    lines: list[PurchaseOrderLine]
    requisition_ids: set[UUID] = field(default_factory=set)  # it is tied to already

    @property
    def requisition_line_ids(self) -> set[UUID]:
        return {line.requisition_line_id for line in self.lines if line.requisition_line_id is not None}

    def total_up(self) -> None:
        """Write the sum of the lines into the header."""
        total = self.terms.total(line.net(self.terms) for line in self.lines)
        self.document.total, self.document.total_company = total.amount, total.company

    def rewrite(
        self, lines: Sequence[PurchaseOrderLine], *, standing: Mapping[UUID, OrderedLine], binding: bool
    ) -> None:
        """Put `lines` in the place of the present ones, given how each present one stands.

        Once the order was `binding`, links and commitments may name its lines: what is left out stays, at 0.
        Errors: BELOW_RECEIVED, BELOW_INVOICED.
        """
        kept = {line.id: line for line in lines}
        for line in self.lines:
            left_out = replace(line, quantity=Decimal(0))
            standing[line.id].refuse_less_than_done(kept.get(line.id, left_out).quantity)
            if line.id in kept and standing[line.id].touched and _identity(kept[line.id]) != _identity(line):
                raise BelowReceived(
                    "Item, unit and requisition line stay as they are once something was received or invoiced.",
                    line=line.id,
                )
        left_out_lines = [replace(line, quantity=Decimal(0)) for line in self.lines if line.id not in kept]
        self.lines = [*lines, *(left_out_lines if binding else ())]
        self.total_up()

    def refuse_when_used(self, standing: Mapping[UUID, OrderedLine]) -> None:
        """Nothing of a cancelled order may have come or been charged. Errors: BELOW_RECEIVED, BELOW_INVOICED."""
        for line in self.lines:
            standing[line.id].refuse_less_than_done(Decimal(0))


def _identity(line: PurchaseOrderLine) -> tuple[object, ...]:
    return line.item_id, line.unit, line.requisition_line_id
