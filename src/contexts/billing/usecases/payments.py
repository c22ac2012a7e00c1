"""Payments: written down, posted against what is open, allocated later or again, reversed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from bizcore.documents import Document, DocumentType, LinkKind, Phase
from bizcore.documents.type import CANCEL, POST, REVERSE
from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.platform.changes import at, merged
from bizcore.values import Currency, Money
from contexts.billing.domain.open_item import OpenItem
from contexts.billing.domain.payment import Allocation, Payment, each_once
from contexts.billing.errors import CurrencyMismatch
from contexts.billing.ports import BillingWork, open_item_key
from contexts.billing.queries import PaymentView
from contexts.ledger.public import conversion, reversing_facts
from contexts.parties.public import supplier
from contexts.procurement.public import Terms

Amount = Annotated[Decimal, Field("Amount", help="In the payment's currency", example="119.00", above=Decimal(0))]
Invoice = Annotated[UUID, Field("Invoice", ref="supplier_invoice")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationInput:
    """So much for one invoice."""

    invoice: Invoice
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationToUndo:
    """So much of what the payment settles of one invoice."""

    invoice: Invoice
    amount: Annotated[Decimal | None, Field("Amount", help="All of it where left out", above=Decimal(0))] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayment:
    """Write down money that leaves the bank. Posting it settles the invoices; what settles none is an advance."""

    company: Annotated[UUID | None, Field("Company", help="The invoice's", ref="company")] = None
    direction: Annotated[Literal["outgoing", "incoming"], Field("Direction", help="outgoing")]
    party: Annotated[UUID, Field("Party", ref="party")]
    amount: Amount
    currency: Annotated[
        str | None, Field("Currency", help="ISO 4217; the invoice's, else the bank account's", pattern="^[A-Z]{3}$")
    ] = None
    paid_on: Annotated[date | None, Field("Paid on", help="Today")] = None
    bank_account: Annotated[UUID | None, Field("Bank account", help="The company's default", ref="bank_account")] = None
    title: Annotated[str | None, Field("Title", max_length=200)] = None
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None
    allocations: Annotated[tuple[AllocationInput, ...], Field("Allocations")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePayment:
    """Change a payment that is not posted yet. What is left out stays; allocations replace all allocations."""

    id: Annotated[UUID, Field("Payment")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    amount: Amount | Unset = UNSET
    paid_on: Annotated[date | Unset, Field("Paid on")] = UNSET
    title: Annotated[str | Unset | None, Field("Title", max_length=200)] = UNSET
    attributes: Annotated[Mapping[str, object] | Unset | None, Field("Attributes", help="null takes one away")] = UNSET
    allocations: Annotated[tuple[AllocationInput, ...] | Unset, Field("Allocations")] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatePayment:
    """Let what is left of a posted payment settle invoices."""

    id: Annotated[UUID, Field("Payment")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    allocated_on: Annotated[date | None, Field("Date", help="Today, or the day of the payment if that is later")] = None
    allocations: Annotated[tuple[AllocationInput, ...], Field("Allocations", min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnallocatePayment:
    """Take back what a payment settles: the invoice is open again, the money an advance."""

    id: Annotated[UUID, Field("Payment")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    allocated_on: Annotated[date | None, Field("Date", help="Today, or the day of the payment if that is later")] = None
    allocations: Annotated[tuple[AllocationToUndo, ...], Field("Allocations", min_length=1)]


async def create_payment(command: CreatePayment, work: BillingWork) -> UUID:
    if command.direction != "outgoing":
        raise ValidationFailed.at(
            "/direction", "NOT_OFFERED", "Only what is paid is recorded here.", given="incoming", allowed=["outgoing"]
        )
    party = await supplier(command.party, work)
    items = await work.payments.open_items(allocation.invoice for allocation in command.allocations)
    any_item = next(iter(items.values()), None)
    company = work.company(command.company or (any_item.company_id if any_item else None))
    bank = await work.payments.bank_account(company.id, command.bank_account)
    if bank is None:
        raise UnknownReference("/bank_account", str(command.bank_account or "the default"))
    invoiced_in = any_item.balance.amount.currency.code if any_item else None
    currency = command.currency or invoiced_in or bank.currency
    if bank.currency != currency:
        raise CurrencyMismatch(
            "The bank account is kept in another currency.",
            path="/bank_account",
            given=currency,
            expected=bank.currency,
        )
    document = work.new_document(
        PAYMENT,
        company=company,
        currency=currency,
        party_id=party.id,
        document_date=command.paid_on,
        title=command.title,
        attributes=merged({}, command.attributes or {}),
    )
    rate = await conversion(work, currency, company, document.document_date)
    payment = Payment(document, Terms(Currency.of(currency), rate), bank, [])
    payment.rewrite(_amount(command.amount, currency), _allocations(command.allocations, items, document))
    work.payments.add(payment)
    _relate(payment, payment.allocations, work)
    return document.id


async def change_payment(command: ChangePayment, work: BillingWork) -> UUID:
    document = await work.load(command.id, type=PAYMENT, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    payment = work.payments.get(document.id)
    if not isinstance(command.title, Unset):
        document.title = command.title
    if not isinstance(command.attributes, Unset):
        document.attributes = merged(document.attributes, command.attributes) if command.attributes is not None else {}
    if not isinstance(command.paid_on, Unset):
        document.document_date = command.paid_on
        rate = await conversion(work, document.currency, document.company, command.paid_on)
        payment.terms = Terms(payment.terms.currency, rate)
    amount = document.total if isinstance(command.amount, Unset) else _amount(command.amount, document.currency)
    allocations: Sequence[Allocation] = payment.allocations
    if not isinstance(command.allocations, Unset):
        items = await work.payments.open_items(allocation.invoice for allocation in command.allocations)
        allocations = _allocations(command.allocations, items, document)
    payment.rewrite(amount, allocations)
    work.payments.save(payment)
    _relate(payment, allocations, work)
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def allocate_payment(command: AllocatePayment, work: BillingWork) -> UUID:
    """Errors: WRONG_PHASE, PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE of an invoice or of the payment."""
    document = await work.load(command.id, type=PAYMENT, version=command.version)
    document.require(Phase.ACTIVE, doing="allocated")
    payment = work.payments.get(document.id)
    items = await _items(work, {document.id} | {allocation.invoice for allocation in command.allocations})
    allocations = _allocations(command.allocations, items, document)
    each_once(allocations)
    for fact in payment.allocate(allocations, items, _day(command.allocated_on, document, work)):
        work.account(fact)
    _relate(payment, allocations, work)
    document.record_change("allocate", work.principal.id, work.call.at)
    work.tell(document, {"allocated": _told(allocations)})
    return document.id


async def unallocate_payment(command: UnallocatePayment, work: BillingWork) -> UUID:
    """Errors: WRONG_PHASE, ALLOCATION_NOT_FOUND."""
    document = await work.load(command.id, type=PAYMENT, version=command.version)
    document.require(Phase.ACTIVE, doing="unallocated")
    payment = work.payments.get(document.id)
    await _items(work, {document.id} | {allocation.invoice for allocation in command.allocations})
    on = _day(command.allocated_on, document, work)
    each_once([Allocation(allocation.invoice, document.total) for allocation in command.allocations])
    for index, allocation in enumerate(command.allocations):
        amount = None
        if allocation.amount is not None:
            with at(f"/allocations/{index}/amount"):
                amount = Money.parse(allocation.amount, document.total.currency)
        for fact in payment.unallocate(allocation.invoice, amount, on):
            work.account(fact)
    document.record_change("unallocate", work.principal.id, work.call.at)
    work.tell(document, {"unallocated": [allocation.invoice for allocation in command.allocations]})
    return document.id


def _amount(given: Decimal, currency: str) -> Money:
    with at("/amount"):
        return Money.parse(given, Currency.of(currency))


def _allocations(
    given: Sequence[AllocationInput], items: Mapping[UUID, OpenItem], document: Document
) -> list[Allocation]:
    """Errors: VALIDATION_FAILED for an invoice of another party or company."""
    found = []
    for index, allocation in enumerate(given):
        item = items[allocation.invoice]
        if item.party_id != document.party_id or item.company_id != document.company.id:
            raise ValidationFailed.at(
                f"/allocations/{index}/invoice",
                "INVOICE_OF_OTHERS",
                "The invoice is of another party or company.",
                given=allocation.invoice,
            )
        with at(f"/allocations/{index}/amount"):
            found.append(Allocation(allocation.invoice, Money.parse(allocation.amount, document.total.currency)))
    return found


def _day(given: date | None, document: Document, work: BillingWork) -> date:
    """Nothing is allocated before it was paid. Errors: VALIDATION_FAILED."""
    if given is not None and given < document.document_date:
        raise ValidationFailed.at(
            "/allocated_on", "BEFORE_PAYMENT", "It was paid later.", given=given, allowed=document.document_date
        )
    return given or max(work.today(document.company), document.document_date)


async def _items(work: BillingWork, ids: set[UUID]) -> dict[UUID, OpenItem]:
    limits = await work.limits(open_item_key(id) for id in ids)
    return {key.id: work.payments.open_item(limit) for key, limit in limits.items()}


def _relate(payment: Payment, allocations: Sequence[Allocation], work: BillingWork) -> None:
    for invoice_id in {allocation.invoice_id for allocation in allocations} - payment.related:
        work.relate(LinkKind.SETTLES, source=payment.document.id, target=invoice_id)


def _told(allocations: Sequence[Allocation]) -> list[dict[str, object]]:
    return [{"invoice": allocation.invoice_id, "amount": allocation.amount.text()} for allocation in allocations]


async def when_active(document: Document, work: BillingWork) -> None:
    """Posted, it settles what it was made for. Errors: PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE, CURRENCY_MISMATCH."""
    payment = work.payments.get(document.id)
    items = await _items(work, {allocation.invoice_id for allocation in payment.allocations})
    for fact in payment.post(items):
        work.account(fact)
    work.tell(document, {"direction": "outgoing", "allocations": _told(payment.allocations)})


async def when_void(document: Document, work: BillingWork) -> None:
    """Taken back: its invoices are open again, and what was left of it is gone."""
    assert document.new_step is not None
    if document.new_step.from_phase is not Phase.ACTIVE:
        return
    payment = work.payments.get(document.id)
    await _items(work, {document.id, *payment.settled})
    for fact in await reversing_facts(work.journal, document):
        work.account(fact)


PAYMENT: Final[DocumentType[BillingWork]] = DocumentType(
    code="payment",
    context="billing",
    collection="payments",
    label="Payment",
    actions=(POST, CANCEL, REVERSE),
    view=PaymentView,
    on_enter={Phase.ACTIVE: when_active, Phase.VOID: when_void},
)
