"""Invoices and payments in any order: nothing is settled twice, and one item has one exchange difference."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bizcore.documents import Company, Document, Workflow
from bizcore.facts import AccountingFact
from bizcore.values import Currency, ExchangeRate, Money
from contexts.billing.domain.open_item import Direction, OpenItem, Side, part_of
from contexts.billing.domain.payment import Allocation, BankAccount, Payment, side_of
from contexts.billing.domain.supplier_invoice import reference_key
from contexts.billing.errors import CurrencyMismatch, PaymentBlocked, PaymentExceedsBalance, PaymentGivenBack
from contexts.ledger.public import Conversion, facts
from contexts.procurement.public import Terms, Value

EUR, CHF = Currency.of("EUR"), Currency.of("CHF")
COMPANY = Company(id=uuid4(), code="MAIN", name="Acme", country="DE", currency="EUR", timezone="UTC")
DAY = date(2026, 3, 2)
WORKFLOW = Workflow.parse(
    uuid4(),
    "payment",
    1,
    {
        "initial": "draft",
        "states": [
            {"code": "draft", "name": "Draft", "phase": "draft"},
            {"code": "active", "name": "Posted", "phase": "active"},
        ],
        "transitions": [{"action": "post", "from": ["draft"], "to": "active"}],
    },
)


def chf(text: str) -> Money:
    return Money.parse(text, CHF)


def item(
    minor: int, company_minor: int, *, id: UUID | None = None, blocked_by: tuple[dict[str, str], ...] = ()
) -> OpenItem:
    return OpenItem(
        id=id or uuid4(),
        number="SI-1",
        company_id=COMPANY.id,
        party_id=None,
        balance=Value(Money(minor, CHF), Money(company_minor, EUR)),
        blocked_by=blocked_by,
    )


def payment(
    amount: Money,
    *allocations: Allocation,
    rate: str = "1.25",
    direction: Direction = Direction.OUTGOING,
    side: Side = Side.PAYABLE,
) -> Payment:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    document = Document(
        id=uuid4(), type="payment", company=COMPANY, workflow=WORKFLOW, currency="CHF", document_date=DAY,
        state="draft", created_at=now, created_by=uuid4(), updated_at=now, updated_by=uuid4(),
        total=Money.zero(CHF), total_company=Money.zero(EUR),
    )  # fmt: skip
    terms = Terms(CHF, Conversion(EUR, ExchangeRate(EUR, CHF, Decimal(rate))))
    made = Payment(document, direction, side, terms, BankAccount(uuid4(), uuid4(), COMPANY.id, "CHF"), [])
    made.rewrite(amount, allocations)
    return made


def test_a_part_takes_its_share_and_the_last_part_what_is_left():
    whole = Value(chf("100.00"), Money.parse("66.67", EUR))
    parts = []
    for amount in ("33.33", "33.33", "33.34"):
        parts.append(part_of(whole, chf(amount)))
        whole -= parts[-1]
    assert [part.company.text() for part in parts] == ["22.22", "22.22", "22.23"]
    assert not whole


def test_what_is_blocked_is_not_settled_whatever_is_open():
    exception = {"line": "1", "code": "QUANTITY_NOT_RECEIVED"}
    with pytest.raises(PaymentBlocked) as refusal:
        item(100, 100, blocked_by=(exception,)).settle(chf("0.50"))
    assert refusal.value.details["exceptions"] == [exception]


def test_another_currency_settles_nothing():
    with pytest.raises(CurrencyMismatch):
        item(100, 100).settle(Money(1, EUR))


@pytest.mark.parametrize(
    ("one", "other"),
    [("RE-2026/0042", "re 2026 0042"), ("ＲＥ４２", "re42"), ("Straße 1", "STRASSE1"), ("#1", "1")],
)
def test_one_number_written_in_two_ways_is_one(one: str, other: str):
    assert reference_key(one) == reference_key(other)


@pytest.mark.parametrize(("one", "other"), [("RE-1", "RE-01"), ("A1", "B1"), ("--", "//")])
def test_two_numbers_stay_two(one: str, other: str):
    assert reference_key(one) != reference_key(other)


@pytest.mark.parametrize(
    ("direction", "gives_back", "customer", "side"),
    [
        (Direction.OUTGOING, False, False, Side.PAYABLE),
        (Direction.OUTGOING, True, True, Side.PAYABLE),
        (Direction.INCOMING, False, True, Side.RECEIVABLE),
        (Direction.INCOMING, False, False, Side.PAYABLE),
        (Direction.INCOMING, True, True, Side.PAYABLE),
    ],
)
def test_one_rule_says_on_whose_account_a_payment_stands(
    direction: Direction, side: Side, *, gives_back: bool, customer: bool
):
    assert side_of(direction, gives_back=gives_back, customer=customer) is side


def told(posted: list[AccountingFact]) -> list[tuple[str, str, str, UUID | None]]:
    return [(fact.kind, fact.amount.text(), fact.company_amount.text(), fact.open_item_id) for fact in posted]


def test_money_that_comes_back_settles_what_was_paid_ahead_at_its_own_worth():
    advance = item(-1000, -1000)  # 10.00 CHF paid ahead when they were worth 10.00 EUR
    back = payment(chf("12.50"), Allocation(advance.id, chf("7.50")), direction=Direction.INCOMING)
    assert told(back.post({advance.id: advance})) == [
        (facts.PAYMENT_RECEIVED, "12.50", "10.00", None),
        (facts.PAYMENT_REFUNDED, "7.50", "7.50", advance.id),
        (facts.PAYMENT_REFUNDED, "5.00", "4.00", back.document.id),
    ]
    with pytest.raises(PaymentExceedsBalance) as refusal:
        payment(chf("11"), Allocation(advance.id, chf("10.01")), direction=Direction.INCOMING).post(
            {advance.id: advance}
        )
    assert (refusal.value.details["requested"], refusal.value.details["available"]) == ("10.01", "10.00")


def test_money_that_came_back_is_no_payment_to_give_back_again():
    with pytest.raises(PaymentExceedsBalance) as refusal:
        item(1000, 1000).use(chf("1.00"), Direction.OUTGOING)
    assert refusal.value.details["available"] == "0.00"


def test_a_customers_money_is_an_advance_of_the_customer():
    made = payment(chf("5.00"), direction=Direction.INCOMING, side=Side.RECEIVABLE)
    assert told(made.post({})) == [
        (facts.PAYMENT_RECEIVED, "5.00", "4.00", None),
        (facts.PAYMENT_PREPAID, "5.00", "4.00", made.document.id),
    ]


def test_a_payment_that_was_given_back_in_part_is_not_taken_back():
    made = payment(chf("10.00"))
    made.settled = {uuid4(): Value(chf("4.00"), Money.parse("3.20", EUR))}
    made.refuse_when_given_back(item(-600, -480))
    with pytest.raises(PaymentGivenBack) as refusal:
        made.refuse_when_given_back(item(-500, -400))
    assert refusal.value.details["amount"] == "1.00"


class Ledger(RuleBasedStateMachine):
    """Invoices in francs at various rates, payments of any size, allocated now, later, given back, and taken back."""

    @initialize()
    def begin(self) -> None:
        self.items: dict[UUID, OpenItem] = {}
        self.opened = Money.zero(CHF)
        self.paid = Money.zero(CHF)
        self.payments: dict[UUID, Payment] = {}
        self.settled: dict[tuple[UUID, UUID], Value] = {}

    def _book(self, posted: list[AccountingFact], by: Payment) -> None:
        """What the ledger does with facts: sums by open item."""
        for fact in posted:
            if fact.open_item_id is None:
                continue
            value = Value(fact.amount, fact.company_amount)
            before = self.items.get(fact.open_item_id) or item(0, 0, id=fact.open_item_id)
            left = before.balance + value if by.direction is Direction.INCOMING else before.balance - value
            after = item(left.amount.minor, left.company.minor, id=fact.open_item_id)
            self.items[fact.open_item_id] = after
            settles = fact.kind in (facts.PAYMENT_SETTLED, facts.PAYMENT_REFUNDED)
            if settles and fact.open_item_id != by.document.id:
                key = (by.document.id, fact.open_item_id)
                self.settled[key] = self.settled[key] + value if key in self.settled else value

    @rule(minor=st.integers(1, 100_000), rate=st.integers(1, 400))
    def invoice(self, minor: int, rate: int) -> None:
        opened = item(minor, max(minor * rate // 100, 1))
        self.items[opened.id] = opened
        self.opened += opened.balance.amount

    @rule(
        minor=st.integers(1, 150_000),
        part=st.integers(0, 100),
        rate=st.sampled_from(["0.8", "1.25", "3"]),
        data=st.data(),
    )
    def pay(self, minor: int, part: int, rate: str, data: st.DataObject) -> None:
        invoices = [id for id in self.items if id not in self.payments]
        amount = Money(minor, CHF)
        allocations = []
        if invoices and minor * part // 100:
            allocations = [Allocation(data.draw(st.sampled_from(invoices)), Money(minor * part // 100, CHF))]
        made = payment(amount, *allocations, rate=rate)
        enough = all(a.amount <= self.items[a.open_item_id].balance.amount for a in allocations)
        with nullcontext() if enough else pytest.raises(PaymentExceedsBalance):
            posted = made.post(self.items)
            self.payments[made.document.id] = made
            self.paid += amount
            self._book(posted, made)

    @precondition(lambda self: self.payments)
    @rule(minor=st.integers(1, 60_000), part=st.integers(0, 100), rate=st.sampled_from(["0.8", "3"]), data=st.data())
    def give_back(self, minor: int, part: int, rate: str, data: st.DataObject) -> None:
        ahead = self._payments(Direction.OUTGOING)
        allocations = []
        if ahead and minor * part // 100:
            allocations = [Allocation(data.draw(st.sampled_from(ahead)), Money(minor * part // 100, CHF))]
        made = payment(Money(minor, CHF), *allocations, rate=rate, direction=Direction.INCOMING)
        enough = all(a.amount <= -self.items[a.open_item_id].balance.amount for a in allocations)
        with nullcontext() if enough else pytest.raises(PaymentExceedsBalance):
            posted = made.post(self.items)
            self.payments[made.document.id] = made
            self.paid -= made.document.total
            self._book(posted, made)

    def _payments(self, direction: Direction) -> list[UUID]:
        return [id for id, made in self.payments.items() if made.direction is direction and id in self.items]

    @precondition(lambda self: self.payments)
    @rule(minor=st.integers(1, 60_000), data=st.data())
    def allocate(self, minor: int, data: st.DataObject) -> None:
        made = self.payments[data.draw(st.sampled_from(list(self.payments)))]
        incoming = made.direction is Direction.INCOMING
        sign = -1 if incoming else 1
        targets = [id for id in self.items if id not in self.payments]
        if incoming:
            targets = self._payments(Direction.OUTGOING)
        if not targets or made.document.id not in self.items:
            return
        target, amount = data.draw(st.sampled_from(targets)), Money(minor, CHF)
        left = self.items[made.document.id].balance.amount.minor * -sign
        enough = minor <= left and minor <= self.items[target].balance.amount.minor * sign
        with nullcontext() if enough else pytest.raises(PaymentExceedsBalance):
            self._book(made.allocate([Allocation(target, amount)], self.items, DAY), made)

    @precondition(lambda self: any(self.settled.values()))
    @rule(share=st.integers(1, 100), data=st.data())
    def unallocate(self, share: int, data: st.DataObject) -> None:
        by, invoice = data.draw(st.sampled_from([key for key, value in self.settled.items() if value]))
        made = self.payments[by]
        made.settled = {target: value for (payer, target), value in self.settled.items() if payer == by}
        amount = Money(max(made.settled[invoice].amount.minor * share // 100, 1), CHF)
        self._book(made.unallocate(invoice, amount, self.items, DAY), made)

    @invariant()
    def nothing_is_settled_beyond_what_it_was(self) -> None:
        for id, open_item in self.items.items():
            paid = id in self.payments and self.payments[id].direction is Direction.OUTGOING
            sign = -1 if paid else 1
            assert sign * open_item.balance.amount.minor >= 0

    @invariant()
    def balances_are_what_was_opened_less_what_was_paid(self) -> None:
        total = Money.total((open_item.balance.amount for open_item in self.items.values()), CHF)
        assert total == self.opened - self.paid

    @invariant()
    def what_is_settled_has_no_value_left_in_the_books(self) -> None:
        for open_item in self.items.values():
            if not open_item.balance.amount:
                assert open_item.balance.company.minor == 0


Ledger.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLedger = Ledger.TestCase
