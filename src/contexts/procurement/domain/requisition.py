"""The requisition: somebody's need, before there is a supplier or a binding price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from bizcore.documents import Document, Phase
from bizcore.errors import WrongPhase
from bizcore.values.exact import decimal_text
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.errors import BelowOrdered, RequisitionOverOrdered


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLine:
    """One thing that is needed: an item or, where there is none, a description."""

    id: UUID
    quantity: Decimal
    unit: str
    item_id: UUID | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    budget_line_id: UUID | None = None
    supplier_id: UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def net(self, terms: Terms) -> Value:
        return terms.price(self.unit_price, self.quantity)

    def pre_encumbrance(self, terms: Terms, *, ordered: Decimal) -> Value:
        """What the line still holds of its budget when orders have taken up `ordered` of it: nothing once all is."""
        return self.net(terms) - terms.price(self.unit_price, min(ordered, self.quantity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A requisition line as orders see it."""

    line: RequisitionLine
    requisition_id: UUID
    requisition_number: str | None
    company_id: UUID
    phase: Phase
    requested_on: date
    terms: Terms
    quantity_ordered: Decimal

    def refuse_taking(self, quantity: Decimal) -> None:
        """Whether orders may take up `quantity` more. Errors: WRONG_PHASE, REQUISITION_OVER_ORDERED."""
        if self.phase is not Phase.ACTIVE:
            raise WrongPhase(
                f"Requisition {self.requisition_number} is {self.phase}: approved ones are ordered from.",
                phase=self.phase,
                allowed=(Phase.ACTIVE,),
                requisition=self.requisition_number,
            )
        if self.quantity_ordered + quantity > self.line.quantity:
            raise RequisitionOverOrdered(
                "Orders would take up more than was asked for.",
                requisition=self.requisition_number,
                requisition_line=self.line.id,
                asked=decimal_text(self.line.quantity),
                ordered=decimal_text(self.quantity_ordered),
                requested=decimal_text(quantity),
                available=decimal_text(max(self.line.quantity - self.quantity_ordered, Decimal(0))),
            )

    @property
    def pre_encumbrance(self) -> Value:
        return self.line.pre_encumbrance(self.terms, ordered=self.quantity_ordered)

    def take(self, quantity: Decimal) -> Self:
        return replace(self, quantity_ordered=self.quantity_ordered + quantity)


@dataclass(slots=True, eq=False)
class Requisition:
    """A request to buy. Phase, number and version live in its `document`."""

    document: Document
    terms: Terms
    needed_on: date | None
    lines: list[RequisitionLine]

    def total_up(self) -> None:
        """Write the sum of the lines into the header."""
        total = self.terms.total(line.net(self.terms) for line in self.lines)
        self.document.total, self.document.total_company = total.amount, total.company

    def rewrite(self, lines: Sequence[RequisitionLine], *, ordered: Mapping[UUID, Decimal], binding: bool) -> None:
        """Put `lines` in the place of the present ones. Errors: BELOW_ORDERED against what orders have taken up.

        Once the requisition was `binding`, links and commitments may name its lines: what is left out stays, at 0.
        """
        quantities = {line.id: line.quantity for line in lines}
        units = {line.id: line.unit for line in lines}
        for line in self.lines:
            taken = ordered.get(line.id, Decimal(0))
            if quantities.get(line.id, Decimal(0)) < taken or (taken and units[line.id] != line.unit):
                raise BelowOrdered(
                    "Orders have taken up more of this line than would be left.",
                    line=line.id,
                    ordered=decimal_text(taken),
                    unit=line.unit,
                    requested=decimal_text(quantities.get(line.id, Decimal(0))),
                )
        left_out = [replace(line, quantity=Decimal(0)) for line in self.lines if line.id not in quantities]
        self.lines = [*lines, *(left_out if binding else ())]
        self.total_up()
