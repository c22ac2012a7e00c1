"""How one order line stands: receipts, accruals and encumbrance, to the cent."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bizcore.documents import Phase
from bizcore.errors import WrongPhase
from bizcore.ids import new_id
from bizcore.values import Money, Unit
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.errors import BelowInvoiced, BelowReceived, OverReceipt
from tests.contexts.procurement.support import EUR, IN_EUR, IN_USD, USD, euros, ordered_line


def receive(line: OrderedLine, quantity: str) -> OrderedLine:
    value = line.value_of(Decimal(quantity))
    return line.receive(Decimal(quantity), value)


def test_all_receipts_of_a_line_add_up_to_its_net() -> None:
    line = ordered_line("3", "3.333333333333")
    values = []
    for _ in range(3):
        values.append(line.value_of(Decimal(1)))
        line = receive(line, "1")
    assert values == [euros(333), euros(334), euros(333)]
    assert line.received == line.net == euros(1000)
    assert line.encumbrance == euros(0)


def test_a_foreign_line_adds_up_in_both_currencies() -> None:
    line = ordered_line("3", "0.11", terms=IN_USD)
    values = []
    for _ in range(3):
        values.append(line.value_of(Decimal(1)))
        line = receive(line, "1")
    assert [value.company for value in values] == [Money(9, EUR), Money(9, EUR), Money(8, EUR)]
    assert line.net == Value(Money(33, USD), Money(26, EUR)) == line.received


def test_what_came_at_the_old_price_keeps_its_value_when_the_price_is_amended() -> None:
    line = receive(ordered_line("10", "10.00"), "4")
    amended = replace(
        line, unit_price=Decimal("12.00"), quantity_at_price=Decimal(0), received_at_price=line.terms.zero
    )
    assert (amended.received, amended.encumbrance) == (euros(4000), euros(7200))
    assert amended.value_of(Decimal(6)) == euros(7200)
    back = amended.give_back(Decimal(4), euros(4000), unit_price=Decimal("10.00"))
    assert (back.received, back.encumbrance) == (euros(0), euros(12000))


def test_more_than_is_allowed_is_refused_with_what_would_pass() -> None:
    line = receive(ordered_line("5", "1.00"), "2")
    with pytest.raises(OverReceipt) as refusal:
        line.refuse_receipt(Decimal("3.000001"))
    assert refusal.value.details["allowed"] == "3"
    line.refuse_receipt(Decimal(3))


@pytest.mark.parametrize("phase", [Phase.DRAFT, Phase.REVIEW, Phase.DONE, Phase.VOID])
def test_nothing_comes_on_an_order_that_is_not_active(phase: Phase) -> None:
    with pytest.raises(WrongPhase):
        ordered_line("5", "1.00", order_phase=phase).refuse_receipt(Decimal(1))


def test_a_line_does_not_shrink_below_what_came_or_was_charged() -> None:
    line = receive(ordered_line("5", "1.00"), "2").charge(Decimal(3), Money(300, EUR), euros(300))
    with pytest.raises(BelowReceived):
        line.refuse_less_than_done(Decimal(1))
    with pytest.raises(BelowInvoiced):
        line.refuse_less_than_done(Decimal(2))
    line.refuse_less_than_done(Decimal(3))


def test_goods_that_were_charged_do_not_go_back() -> None:
    line = receive(ordered_line("5", "1.00"), "5").charge(Decimal(4), Money(400, EUR), euros(400))
    with pytest.raises(BelowInvoiced):
        line.give_back(Decimal(2), euros(200), unit_price=Decimal("1.00"))
    assert line.give_back(Decimal(1), euros(100), unit_price=Decimal("1.00")).quantity_received == 4


def test_an_invoice_clears_its_share_and_the_last_one_the_rest() -> None:
    line = receive(ordered_line("3", "3.333333333333"), "3")
    cleared = []
    for _ in range(3):
        value = line.clear(Decimal(1))
        cleared.append(value)
        line = line.charge(Decimal(1), value.amount, value)
    assert cleared == [euros(333), euros(334), euros(333)]
    assert line.cleared == line.received


def test_an_invoice_ahead_of_its_goods_clears_what_they_will_be_worth() -> None:
    line = ordered_line("3", "3.333333333333")
    value = line.clear(Decimal(3))
    assert value == euros(1000)
    line = line.charge(Decimal(3), value.amount, value)
    for _ in range(3):
        line = receive(line, "1")
    assert line.received == line.cleared


def service(quantity: str, **fields: Any) -> OrderedLine:
    return ordered_line(quantity, "80.00", item_id=new_id(), description=None, **fields)


def test_an_invoice_accepts_of_a_service_what_was_ordered_and_nobody_confirmed_yet() -> None:
    line = service("10")
    assert line.accepted_by_invoice(Decimal(4)) == 4
    assert line.accepted_by_invoice(Decimal(12)) == 10
    confirmed = receive(line, "6")
    assert confirmed.accepted_by_invoice(Decimal(4)) == 0
    assert confirmed.accepted_by_invoice(Decimal(7)) == 1
    charged = replace(line, quantity_invoiced=Decimal(8))
    assert charged.accepted_by_invoice(Decimal(1)) == 1
    assert charged.accepted_by_invoice(Decimal(5)) == 5


def test_goods_and_what_is_only_described_wait_for_their_receipt() -> None:
    assert ordered_line("5", "80.00").accepted_by_invoice(Decimal(5)) == 0
    goods = ordered_line("5", "80.00", item_id=new_id(), stock_unit=Unit.known["EA"])
    assert goods.accepted_by_invoice(Decimal(5)) == 0


def test_nothing_is_accepted_on_an_order_that_is_closed() -> None:
    assert service("5", order_phase=Phase.DONE).accepted_by_invoice(Decimal(5)) == 0


class OneOrderLine(RuleBasedStateMachine):
    """Receipts, reversals, invoices and amended quantities in any order: no cent is lost or held twice."""

    @initialize(
        quantity=st.integers(1, 50),
        price=st.decimals(Decimal("0.5"), 1000, places=4),
        terms=st.sampled_from([IN_EUR, IN_USD]),
        item_id=st.sampled_from([None, new_id()]),
    )
    def order(self, quantity: int, price: Decimal, terms: Terms, item_id: UUID | None) -> None:
        self.line = ordered_line(str(quantity), str(price), terms=terms, item_id=item_id)  # an item without stock unit
        self.receipts: list[tuple[Decimal, Value]] = []
        self.invoices: list[tuple[Decimal, Value, Decimal, Value]] = []  # quantity, cleared, accepted, value
        self.taken_back = False
        self.held = self.line.net  # what the commitment rows add up to: every step books the difference

    def settle(self, line: OrderedLine) -> None:
        self.held = self.held + (line.encumbrance - self.held)
        self.line = line

    @rule(quantity=st.integers(1, 60))
    def receive(self, quantity: int) -> None:
        amount = Decimal(quantity)
        if self.line.quantity_received + amount > self.line.quantity:
            with pytest.raises(OverReceipt):
                self.line.refuse_receipt(amount)
            return
        self.line.refuse_receipt(amount)
        value = self.line.value_of(amount)
        before = self.held
        self.receipts.append((amount, value))
        self.settle(self.line.receive(amount, value))
        assert before - self.held == value  # the budget passes from promise to actual, unchanged

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.receipts) - 1))
        quantity, value = self.receipts[index]
        if self.line.quantity_received - quantity < self.line.quantity_invoiced:
            with pytest.raises(BelowInvoiced):
                self.line.give_back(quantity, value, unit_price=self.line.unit_price)
            return
        del self.receipts[index]
        self.taken_back = True
        self.settle(self.line.give_back(quantity, value, unit_price=self.line.unit_price))

    @rule(quantity=st.integers(1, 60))
    def amend(self, quantity: int) -> None:
        amount = Decimal(quantity)
        if amount < max(self.line.quantity_received, self.line.quantity_invoiced):
            with pytest.raises((BelowReceived, BelowInvoiced)):
                self.line.refuse_less_than_done(amount)
            return
        self.line.refuse_less_than_done(amount)
        self.settle(replace(self.line, quantity=amount, quantity_allowed=amount))

    @rule(quantity=st.integers(1, 60))
    def invoice(self, quantity: int) -> None:
        amount = Decimal(quantity)
        if self.line.quantity_invoiced + amount > self.line.quantity:
            return
        accepted = self.line.accepted_by_invoice(amount)
        value = self.line.value_of(accepted) if accepted else self.line.terms.zero
        self.settle(self.line.receive(accepted, value))
        cleared = self.line.clear(amount)
        self.line = self.line.charge(amount, cleared.amount, cleared)
        self.invoices.append((amount, cleared, accepted, value))

    @precondition(lambda self: self.invoices)
    @rule(data=st.data())
    def take_an_invoice_back(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.invoices) - 1))
        amount, cleared, accepted, value = self.invoices.pop(index)
        self.taken_back = True
        line = self.line.charge(-amount, -cleared.amount, -cleared)
        self.settle(line.withdraw(accepted, value, unit_price=line.unit_price))

    @invariant()
    def what_came_is_the_sum_of_its_receipts_and_of_what_invoices_accepted(self) -> None:
        came = [*self.receipts, *((accepted, value) for _, _, accepted, value in self.invoices)]
        assert self.line.quantity_received == sum((quantity for quantity, _ in came), Decimal(0))
        assert self.line.received == self.line.terms.total(value for _, value in came)

    @invariant()
    def invoiced_just_as_it_came_nothing_is_accrued(self) -> None:
        # What is taken back out of its turn may leave a cent of rounding, which the next of the line takes up.
        if self.line.quantity_received == self.line.quantity_invoiced and not self.taken_back:
            assert self.line.received == self.line.cleared

    @invariant()
    def promise_and_actual_together_are_the_net(self) -> None:
        if self.line.quantity_received < self.line.quantity:
            assert self.held + self.line.received == self.line.net
        else:
            assert self.held == self.line.terms.zero

    @invariant()
    def invoiced_as_far_as_received_nothing_stays_accrued(self) -> None:
        outstanding = self.line.quantity_received - self.line.quantity_invoiced
        if outstanding > 0:
            assert self.line.clear(outstanding) == self.line.received - self.line.cleared


TestOneOrderLine = OneOrderLine.TestCase
