"""What issues cost, and that no cent comes or goes without a reason."""

from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bizcore.values import Currency, Money
from contexts.inventory.domain.stock import Consumption, Stock, Valuation
from contexts.inventory.errors import InsufficientStock

EUR = Currency.of("EUR")
DAY = date(2026, 3, 2)
PLACE, OTHER = uuid4(), uuid4()


def eur(text: str) -> Money:
    return Money.parse(text, EUR)


def empty(valuation: Valuation = Valuation.FIFO, *, standard_cost: str | None = None) -> Stock:
    cost = Decimal(standard_cost) if standard_cost else None
    return Stock(uuid4(), "BOLT", "EA", valuation, cost, [], 0, Money.zero(EUR))


def receive(
    stock: Stock, quantity: str, value: str, *, on: date = DAY, line_id: UUID | None = None, at: UUID = PLACE
) -> UUID:
    id = uuid4()
    stock.receive(id=id, line_id=line_id, on=on, quantity=Decimal(quantity), location_id=at, value=eur(value))
    return id


def issue(stock: Stock, quantity: str, *, on: date = DAY, first: UUID | None = None, at: UUID = PLACE) -> list[str]:
    """The values taken, layer by layer."""
    taken = stock.issue(Decimal(quantity), on=on, location_id=at, first_line_id=first)
    return [part.value.text() for part in taken]


def test_first_in_is_first_out():
    stock = empty()
    receive(stock, "10", "20.00")
    receive(stock, "10", "30.00", on=DAY + timedelta(1))
    assert issue(stock, "15", on=DAY + timedelta(1)) == ["20.00", "15.00"]
    assert (stock.quantity, stock.value) == (Decimal(5), eur("15.00"))


def test_a_layer_recorded_late_is_taken_in_the_order_of_its_date():
    stock = empty()
    receive(stock, "1", "9.00", on=DAY + timedelta(1))
    receive(stock, "1", "5.00", on=DAY)
    assert issue(stock, "1", on=DAY + timedelta(1)) == ["5.00"]


def test_layers_are_counted_in_the_order_of_recording_whatever_is_left_of_them():
    stock = empty()
    receive(stock, "1", "1.00")
    issue(stock, "1")
    receive(stock, "1", "2.00", on=DAY + timedelta(1))
    receive(stock, "1", "3.00")
    assert [(layer.sequence, layer.value.text()) for layer in stock.layers] == [(3, "3.00"), (2, "2.00")]


def test_a_layer_of_a_later_date_is_not_available_yet():
    stock = empty()
    receive(stock, "2", "4.00")
    receive(stock, "5", "10.00", on=DAY + timedelta(1))
    with pytest.raises(InsufficientStock) as refusal:
        issue(stock, "3")
    assert refusal.value.details["available"] == "2"
    assert refusal.value.details["requested"] == "3"
    assert (stock.quantity, stock.value) == (Decimal(7), eur("14.00"))


def test_goods_at_another_place_do_not_count():
    stock = empty()
    receive(stock, "2", "4.00", at=PLACE)
    receive(stock, "3", "6.00", at=OTHER)
    with pytest.raises(InsufficientStock) as refusal:
        issue(stock, "3", at=PLACE)
    assert refusal.value.details["available"] == "2"
    stock.transfer(Decimal(1), from_location_id=OTHER, to_location_id=PLACE)
    assert issue(stock, "3", at=PLACE) == ["4.00", "2.00"]
    assert stock.value == eur("4.00")


def test_the_last_piece_takes_what_is_left():
    stock = empty()
    receive(stock, "3", "10.00")
    assert issue(stock, "1") == ["3.33"]
    assert issue(stock, "1") == ["3.34"]
    assert issue(stock, "1") == ["3.33"]
    assert (stock.quantity, stock.value) == (Decimal(0), eur("0.00"))


def test_a_supplier_return_takes_its_own_receipt_first_and_then_the_oldest():
    stock, own = empty(), uuid4()
    receive(stock, "10", "20.00")
    receive(stock, "4", "12.00", line_id=own)
    assert issue(stock, "3", first=own) == ["9.00"]
    assert issue(stock, "2", first=own) == ["3.00", "2.00"]
    assert stock.value == eur("18.00")


def test_an_average_issue_takes_its_share_of_the_whole_value():
    stock = empty(Valuation.AVERAGE)
    receive(stock, "10", "10.00")
    receive(stock, "10", "30.00")
    assert issue(stock, "15") == ["20.00", "10.00"]
    assert (stock.quantity, stock.value) == (Decimal(5), eur("10.00"))
    receive(stock, "5", "20.00")
    assert sum(map(Decimal, issue(stock, "10"))) == Decimal("30.00")
    assert (stock.quantity, stock.value) == (Decimal(0), eur("0.00"))


def test_an_average_return_takes_its_own_value_until_something_was_issued_at_the_average():
    stock, own, other = empty(Valuation.AVERAGE), uuid4(), uuid4()
    receive(stock, "10", "10.00")
    receive(stock, "10", "30.00", line_id=own)
    receive(stock, "4", "20.00", line_id=other)
    assert issue(stock, "10", first=own) == ["30.00"]
    assert issue(stock, "7") == ["15.00"]
    assert issue(stock, "4", first=other) == ["8.57"]
    assert (stock.quantity, stock.value) == (Decimal(3), eur("6.43"))


def test_under_standard_what_comes_in_is_worth_the_standard_cost():
    stock = empty(Valuation.STANDARD, standard_cost="2.50")
    receive(stock, "4", "11.00")
    assert stock.value == eur("10.00")
    assert issue(stock, "4") == ["10.00"]


class Conservation(RuleBasedStateMachine):
    """Receipts are stock value and cost of issues, to the cent, whatever happens in whatever order."""

    @initialize(valuation=st.sampled_from(Valuation))
    def begin(self, valuation: Valuation) -> None:
        self.stock = empty(valuation, standard_cost="3.33" if valuation is Valuation.STANDARD else None)
        self.received, self.issued = Money.zero(EUR), Money.zero(EUR)
        self.on_hand = Decimal(0)
        self.given: dict[UUID, Decimal] = {}
        self.held: dict[UUID, Decimal] = {}
        self.lines: list[UUID] = []

    @rule(
        quantity=st.decimals("0.001", "50", places=3),
        minor=st.integers(0, 99_999),
        day=st.integers(0, 3),
    )
    def receive(self, quantity: Decimal, minor: int, day: int) -> None:
        line = uuid4()
        layer = self.stock.receive(
            id=uuid4(), line_id=line, on=DAY + timedelta(day), quantity=quantity, location_id=PLACE,
            value=Money(minor, EUR),
        )  # fmt: skip
        self.lines.append(line)
        self.received += layer.value
        self.on_hand += quantity
        self.held[layer.id] = quantity

    @rule(quantity=st.decimals("0.001", "40", places=3), day=st.integers(0, 3), data=st.data())
    def issue(self, quantity: Decimal, day: int, data: st.DataObject) -> None:
        on = DAY + timedelta(day)
        available = sum((layer.quantity for layer in self.stock.layers if layer.effective_on <= on), Decimal(0))
        first = data.draw(st.sampled_from([None, *self.lines]))
        with nullcontext() if quantity <= available else pytest.raises(InsufficientStock):
            self._count(self.stock.issue(quantity, on=on, location_id=PLACE, first_line_id=first))
            self.on_hand -= quantity

    @rule()
    def issue_everything(self) -> None:
        if self.stock.quantity:
            self._count(self.stock.issue(self.stock.quantity, on=DAY + timedelta(9), location_id=PLACE))
            self.on_hand = Decimal(0)

    def _count(self, taken: list[Consumption]) -> None:
        for part in taken:
            self.issued += part.value
            self.given[part.layer_id] = self.given.get(part.layer_id, Decimal(0)) + part.quantity

    @invariant()
    def nothing_comes_or_goes(self) -> None:
        assert self.received == self.stock.value + self.issued
        assert self.stock.quantity == self.on_hand == self.stock.at_location.get(PLACE, Decimal(0))

    @invariant()
    def without_quantity_there_is_no_value(self) -> None:
        assert self.stock.value.minor >= 0
        if not self.stock.quantity:
            assert self.stock.value == Money.zero(EUR)

    @invariant()
    def no_layer_gives_more_than_it_holds(self) -> None:
        assert all(quantity <= self.held[layer] for layer, quantity in self.given.items())


Conservation.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestConservation = Conservation.TestCase
