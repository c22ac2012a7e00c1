"""The payment: money that left the bank, and the invoices it settles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from bizcore.documents import Document
from bizcore.errors import ValidationFailed
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Money
from contexts.billing.domain.open_item import OpenItem, part_of
from contexts.billing.errors import AllocationNotFound
from contexts.ledger.public import facts
from contexts.procurement.public import Terms, Value


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a payment for one invoice."""

    invoice_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class BankAccount:
    id: UUID
    account_id: UUID  # of the ledger
    company_id: UUID
    currency: str


def each_once(allocations: Sequence[Allocation]) -> None:
    """Errors: VALIDATION_FAILED where an invoice stands twice."""
    seen: set[UUID] = set()
    for index, allocation in enumerate(allocations):
        if allocation.invoice_id in seen:
            path = f"/allocations/{index}/invoice"
            raise ValidationFailed.at(path, "GIVEN_TWICE", "One invoice stands there twice.")
        seen.add(allocation.invoice_id)


@dataclass(slots=True, eq=False)
class Payment:
    """What of its amount settles no invoice is an advance. Phase, number, party and date live in its `document`.

    `allocations` is what the draft asks for; `settled` what the books say it settles of each invoice.
    """

    document: Document
    terms: Terms
    bank: BankAccount
    allocations: list[Allocation]
    settled: dict[UUID, Value] = field(default_factory=dict)
    related: set[UUID] = field(default_factory=set)  # invoices it is tied to already

    def rewrite(self, amount: Money, allocations: Sequence[Allocation]) -> None:
        """Errors: VALIDATION_FAILED where an invoice stands twice or the allocations are more than the amount."""
        each_once(allocations)
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
        """The money leaves the bank, invoices are settled, the rest is an advance.

        Errors: PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE, CURRENCY_MISMATCH.
        """
        on = self.document.document_date
        paid = Value(self.document.total, self.document.total_company)
        found = [self._fact(facts.PAYMENT_PAID, paid, on, account_id=self.bank.account_id)]
        rest = paid.amount
        for allocation in self.allocations:
            part, _ = items[allocation.invoice_id].settle(allocation.amount)
            found.append(self._fact(facts.PAYMENT_SETTLED, part, on, open_item_id=allocation.invoice_id))
            rest -= allocation.amount
        if rest:
            advance = Value(rest, self.terms.conversion.convert(rest))
            found.append(self._fact(facts.PAYMENT_ADVANCE, advance, on, open_item_id=self.document.id))
        return found

    def allocate(
        self, allocations: Sequence[Allocation], items: Mapping[UUID, OpenItem], on: date
    ) -> list[AccountingFact]:
        """What is left of the payment settles more. Errors: those of `post`, PAYMENT_EXCEEDS_BALANCE of the payment."""
        own, found = items[self.document.id], []
        for allocation in allocations:
            used, own = own.use(allocation.amount)
            part, _ = items[allocation.invoice_id].settle(allocation.amount)
            found.append(self._fact(facts.PAYMENT_SETTLED, part, on, open_item_id=allocation.invoice_id))
            found.append(self._fact(facts.PAYMENT_ADVANCE, -used, on, open_item_id=own.id))
        return found

    def unallocate(self, invoice_id: UUID, amount: Money | None, on: date) -> list[AccountingFact]:
        """So much of what it settles of the invoice, or all of it, becomes an advance again.

        Errors: ALLOCATION_NOT_FOUND.
        """
        zero = Money.zero(self.document.total.currency)
        settled = self.settled.get(invoice_id)
        wanted = amount if amount is not None else settled.amount if settled is not None else zero
        if settled is None or not wanted or wanted > settled.amount:
            raise AllocationNotFound(
                "The payment has settled less of this invoice.",
                invoice=invoice_id,
                requested=wanted.text(),
                available=(settled.amount if settled is not None else zero).text(),
                currency=zero.currency.code,
            )
        part = part_of(settled, wanted)
        return [
            self._fact(facts.PAYMENT_SETTLED, -part, on, open_item_id=invoice_id),
            self._fact(facts.PAYMENT_ADVANCE, part, on, open_item_id=self.document.id),
        ]

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
