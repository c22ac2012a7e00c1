"""The payment: money that left the bank or came into it, and what it settles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from bizcore.documents import Document
from bizcore.errors import ValidationFailed
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Money
from contexts.billing.domain.open_item import Direction, OpenItem, Side, part_of
from contexts.billing.errors import AllocationNotFound, PaymentGivenBack
from contexts.ledger.public import facts
from contexts.procurement.public import Terms, Value


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a payment for one open item: an invoice or, of money that comes back, the payment it gives back."""

    open_item_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class BankAccount:
    id: UUID
    account_id: UUID  # of the ledger
    company_id: UUID
    currency: str


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The facts of one direction on one side: what the bank moves, what is settled, what settles nothing yet."""

    moved: str
    settled: str
    left: str


# The rule which control accounts a payment stands on; `side_of` tells the side.
_KINDS: Final = {
    (Direction.OUTGOING, Side.PAYABLE): _Kinds(facts.PAYMENT_PAID, facts.PAYMENT_SETTLED, facts.PAYMENT_ADVANCE),
    (Direction.INCOMING, Side.PAYABLE): _Kinds(facts.PAYMENT_RECEIVED, facts.PAYMENT_REFUNDED, facts.PAYMENT_REFUNDED),
    (Direction.INCOMING, Side.RECEIVABLE): _Kinds(facts.PAYMENT_RECEIVED, facts.PAYMENT_PREPAID, facts.PAYMENT_PREPAID),
}


def side_of(direction: Direction, *, gives_back: bool, customer: bool) -> Side:
    """What we pay, and what gives it back to us, is the suppliers' side; other money of a customer the customers'."""
    ours = direction is Direction.OUTGOING or gives_back or not customer
    return Side.PAYABLE if ours else Side.RECEIVABLE


def named_by(direction: Direction) -> str:
    """The field by which an allocation of a payment in `direction` names what it settles."""
    return "invoice" if direction is Direction.OUTGOING else "payment"


def each_once(allocations: Sequence[Allocation], direction: Direction) -> None:
    """Errors: VALIDATION_FAILED where an open item stands twice."""
    seen: set[UUID] = set()
    for index, allocation in enumerate(allocations):
        if allocation.open_item_id in seen:
            path = f"/allocations/{index}/{named_by(direction)}"
            raise ValidationFailed.at(path, "GIVEN_TWICE", f"One {named_by(direction)} stands there twice.")
        seen.add(allocation.open_item_id)


@dataclass(slots=True, eq=False)
class Payment:
    """What of its amount settles nothing is on account: an advance. Phase, number, party and date are its `document`'s.

    `allocations` is what the draft asks for; `settled` what the books say it settles of each open item.
    """

    document: Document
    direction: Direction
    side: Side
    terms: Terms
    bank: BankAccount
    allocations: list[Allocation]
    settled: dict[UUID, Value] = field(default_factory=dict)
    related: set[UUID] = field(default_factory=set)  # documents it is tied to already

    def rewrite(self, amount: Money, allocations: Sequence[Allocation]) -> None:
        """Errors: VALIDATION_FAILED where an open item stands twice or the allocations are more than the amount."""
        each_once(allocations, self.direction)
        total = Money.total((allocation.amount for allocation in allocations), amount.currency)
        if total > amount:
            raise ValidationFailed.at(
                "/allocations",
                "MORE_THAN_AMOUNT",
                "The allocations are more than the payment.",
                given=total.text(),
                allowed=amount.text(),
            )
        self.allocations = list(allocations)
        self.document.total = amount
        self.document.total_company = self.terms.conversion.convert(amount)

    def post(self, items: Mapping[UUID, OpenItem]) -> list[AccountingFact]:
        """The bank moves, open items are settled, the rest is on account.

        Errors: PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE, CURRENCY_MISMATCH.
        """
        on = self.document.document_date
        paid = Value(self.document.total, self.document.total_company)
        found = [self._fact(self._kinds.moved, paid, on, account_id=self.bank.account_id)]
        rest = paid.amount
        for allocation in self.allocations:
            found.append(self._settle(allocation, items, on))
            rest -= allocation.amount
        if rest:
            found.append(self._left(Value(rest, self.terms.conversion.convert(rest)), items, on))
        return found

    def allocate(
        self, allocations: Sequence[Allocation], items: Mapping[UUID, OpenItem], on: date
    ) -> list[AccountingFact]:
        """What is left of the payment settles more. Errors: those of `post`, PAYMENT_EXCEEDS_BALANCE of the payment."""
        own, found = items[self.document.id], []
        for allocation in allocations:
            used, own = own.use(allocation.amount, self.direction)
            found.append(self._settle(allocation, items, on))
            found.append(self._left(-used, items, on))
        return found

    def unallocate(
        self, open_item_id: UUID, amount: Money | None, items: Mapping[UUID, OpenItem], on: date
    ) -> list[AccountingFact]:
        """So much of what it settles of the open item, or all of it, is on account again.

        Errors: ALLOCATION_NOT_FOUND.
        """
        zero = Money.zero(self.document.total.currency)
        settled = self.settled.get(open_item_id)
        wanted = amount if amount is not None else settled.amount if settled is not None else zero
        if settled is None or not wanted or wanted > settled.amount:
            raise AllocationNotFound(
                f"The payment has settled less of this {named_by(self.direction)}.",
                requested=wanted.text(),
                available=(settled.amount if settled is not None else zero).text(),
                **{named_by(self.direction): open_item_id},
            )
        part = part_of(settled, wanted)
        return [
            self._settled(-part, items[open_item_id], on),
            self._left(part, items, on),
        ]

    def refuse_when_given_back(self, own: OpenItem) -> None:
        """Nobody takes back a payment that other money settles a part of. Errors: PAYMENT_GIVEN_BACK."""
        left = -own.balance.amount if self.direction is Direction.OUTGOING else own.balance.amount
        settled = Money.total((value.amount for value in self.settled.values()), left.currency)
        if left + settled != self.document.total:
            raise PaymentGivenBack(
                "A part of it came back: unallocate or reverse the payments that gave it back first.",
                payment=self.document.number,
                amount=(self.document.total - left - settled).text(),
                currency=left.currency.code,
            )

    @property
    def _kinds(self) -> _Kinds:
        return _KINDS[self.direction, self.side]

    def _settle(self, allocation: Allocation, items: Mapping[UUID, OpenItem], on: date) -> AccountingFact:
        item = items[allocation.open_item_id]
        if self.direction is Direction.OUTGOING:
            part, _ = item.settle(allocation.amount)
        else:
            part, _ = item.use(allocation.amount, Direction.OUTGOING)
        return self._settled(part, item, on)

    def _settled(self, value: Value, item: OpenItem, on: date) -> AccountingFact:
        return self._fact(self._kinds.settled, value, on, open_item_id=item.id, account_id=item.account_id)

    def _left(self, value: Value, items: Mapping[UUID, OpenItem], on: date) -> AccountingFact:
        own = items.get(self.document.id)  # none while it is being posted: then it is opened
        account_id = own.account_id if own is not None else None
        return self._fact(self._kinds.left, value, on, open_item_id=self.document.id, account_id=account_id)

    def _fact(
        self,
        kind: str,
        value: Value,
        on: date,
        *,
        open_item_id: UUID | None = None,
        account_id: UUID | None = None,
    ) -> AccountingFact:
        return AccountingFact(
            id=new_id(),
            kind=kind,
            company_id=self.document.company.id,
            document_id=self.document.id,
            line_id=None,
            effective_on=on,
            amount=value.amount,
            company_amount=value.company,
            party_id=self.document.party_id,
            account_id=account_id,
            open_item_id=open_item_id,
        )
