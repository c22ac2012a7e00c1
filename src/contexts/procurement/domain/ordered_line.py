"""An order line as it stands: what was ordered, and what of it came, was charged, and is still accrued or held."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Self
from uuid import UUID

from bizcore.documents import Phase
from bizcore.errors import WrongPhase
from bizcore.values import Money, Unit
from bizcore.values.exact import decimal_text
from contexts.ledger.public import facts
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.errors import BelowInvoiced, BelowReceived, OverReceipt


@dataclass(frozen=True, slots=True)
class Settled:
    """How much more of the accrual an invoice line clears since its order agreed to another price, and since when."""

    value: Value
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """Facts of one line, read under its lock where somebody decides by them. Quantities are in the line's `unit`."""

    id: UUID
    position: int
    order_id: UUID
    order_number: str | None
    order_phase: Phase
    ordered_on: date
    company_id: UUID
    supplier_id: UUID
    terms: Terms
    item_id: UUID | None
    stock_unit: Unit | None  # of a stocked item; None for services and descriptions
    description: str | None
    unit: Unit
    quantity: Decimal
    unit_price: Decimal
    tax_code_id: UUID | None
    budget_line_id: UUID | None
    location_id: UUID | None
    dimensions: Mapping[str, str]

    quantity_allowed: Decimal  # with the tolerance for over-receipt
    quantity_received: Decimal  # less what went back
    received: Value  # what the accruals of that add up to
    quantity_at_price: Decimal  # the part of it that came while the price was the present one
    received_at_price: Value
    quantity_invoiced: Decimal
    amount_invoiced: Money  # net, in the order's currency
    cleared: Value  # of the accruals, by invoices
    quantity_taken_up: Decimal  # of the requisition line, in that line's unit
    settled: Mapping[UUID, Settled] = field(default_factory=dict)  # by invoice line
    accrual_account_id: UUID | None = None  # where its first accrual stands

    @property
    def net(self) -> Value:
        return self.terms.price(self.unit_price, self.quantity)

    @property
    def accounts(self) -> Mapping[str, UUID]:
        """By role, where its accruals stand: they end on the account on which they began, whoever plays it by then."""
        return {} if self.accrual_account_id is None else {facts.ACCRUED: self.accrual_account_id}

    @property
    def is_service(self) -> bool:
        """What is only described may be goods: somebody has to see them come."""
        return self.item_id is not None and self.stock_unit is None

    @property
    def touched(self) -> bool:
        return bool(self.quantity_received or self.quantity_invoiced)

    @property
    def encumbrance(self) -> Value:
        """What the line, in force, holds of its budget: the value of all that may still come as ordered."""
        if self.quantity_received >= self.quantity:
            return self.terms.zero
        came_at_other_prices = self.quantity_received - self.quantity_at_price
        still_due = self.terms.price(self.unit_price, self.quantity - came_at_other_prices) - self.received_at_price
        return still_due.at_least_nothing()

    def value_of(self, quantity: Decimal) -> Value:
        """What the next `quantity` is worth at the order's price.

        The difference of two totals, not a rounded product: so all receipts of a line add up to its net exactly. What
        reversals left over of roundings never makes goods worth less than nothing.
        """
        total = self.terms.price(self.unit_price, self.quantity_at_price + quantity)
        return (total - self.received_at_price).at_least_nothing()

    def receive(self, quantity: Decimal, value: Value) -> Self:
        """The line after `quantity` of `value` came."""
        return replace(
            self,
            quantity_received=self.quantity_received + quantity,
            received=self.received + value,
            quantity_at_price=self.quantity_at_price + quantity,
            received_at_price=self.received_at_price + value,
        )

    def give_back(self, quantity: Decimal, value: Value, *, unit_price: Decimal) -> Self:
        """The line after a receipt of `quantity`, then accrued as `value`, was reversed. Errors: BELOW_INVOICED."""
        left = self.quantity_received - quantity
        if left < self.quantity_invoiced:
            raise BelowInvoiced(
                "More than that was invoiced already: reverse the invoice first.",
                line=self.id,
                invoiced=decimal_text(self.quantity_invoiced),
                requested=decimal_text(left),
            )
        return self.withdraw(quantity, value, unit_price=unit_price)

    def withdraw(self, quantity: Decimal, value: Value, *, unit_price: Decimal) -> Self:
        """The line without `quantity` that came at `unit_price` and was accrued as `value`."""
        at_price = unit_price == self.unit_price
        return replace(
            self,
            quantity_received=self.quantity_received - quantity,
            received=self.received - value,
            quantity_at_price=self.quantity_at_price - (quantity if at_price else 0),
            received_at_price=self.received_at_price - value if at_price else self.received_at_price,
        )

    def accepted_by_invoice(self, quantity: Decimal) -> Decimal:
        """How much of an invoice over `quantity` more says itself that it was rendered.

        Of a service in force what nobody has confirmed yet, as far as it was ordered: it is matched with its order.
        """
        if not self.is_service or self.order_phase is not Phase.ACTIVE:
            return Decimal(0)
        charged = min(self.quantity_invoiced + quantity, self.quantity)
        return max(min(charged - self.quantity_received, quantity), Decimal(0))

    def clear(self, quantity: Decimal) -> Value:
        """What of the accrual an invoice over `quantity` more clears; what is ahead of its goods at the order's price.

        Invoiced as far as received, nothing remains of the accrual.
        """
        billed = self.quantity_invoiced + quantity
        if billed > self.quantity_received:
            due = self.received + self.value_of(billed - self.quantity_received)
        elif billed == self.quantity_received:
            due = self.received
        else:
            due = _share(self.received, Fraction(billed) / Fraction(self.quantity_received))
        return due - self.cleared

    def charge(self, quantity: Decimal, amount: Money, cleared: Value) -> Self:
        """The line after an invoice line of `quantity` and `amount` that cleared so much; negative to take it back."""
        return replace(
            self,
            quantity_invoiced=self.quantity_invoiced + quantity,
            amount_invoiced=self.amount_invoiced + amount,
            cleared=self.cleared + cleared,
        )

    def refuse_unless_in_force(self) -> None:
        """Errors: WRONG_PHASE of the order."""
        if self.order_phase is not Phase.ACTIVE:
            raise WrongPhase(
                f"Its order is {self.order_phase}: goods are received on active orders.",
                phase=self.order_phase,
                allowed=(Phase.ACTIVE,),
                order=self.order_number,
            )

    def refuse_receipt(self, quantity: Decimal) -> None:
        """Whether `quantity` may come now. Errors: WRONG_PHASE, OVER_RECEIPT."""
        self.refuse_unless_in_force()
        if self.quantity_received + quantity > self.quantity_allowed:
            raise OverReceipt(
                "More than was ordered.",
                line=self.id,
                position=self.position,
                ordered=decimal_text(self.quantity),
                received=decimal_text(self.quantity_received),
                requested=decimal_text(quantity),
                allowed=decimal_text(max(self.quantity_allowed - self.quantity_received, Decimal(0))),
            )

    def refuse_less_than_done(self, quantity: Decimal) -> None:
        """Whether the line may shrink to `quantity`. Errors: BELOW_RECEIVED, BELOW_INVOICED."""
        if quantity < self.quantity_received:
            raise BelowReceived(
                "More than that was received already.",
                line=self.id,
                position=self.position,
                received=decimal_text(self.quantity_received),
                requested=decimal_text(quantity),
            )
        if quantity < self.quantity_invoiced:
            raise BelowInvoiced(
                "More than that was invoiced already.",
                line=self.id,
                position=self.position,
                invoiced=decimal_text(self.quantity_invoiced),
                requested=decimal_text(quantity),
            )


def _share(value: Value, part: Fraction) -> Value:
    return Value(
        Money.rounded(Fraction(value.amount.amount) * part, value.amount.currency),
        Money.rounded(Fraction(value.company.amount) * part, value.company.currency),
    )
