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
from contexts.billing.domain.open_item import Direction, OpenItem, Side
from contexts.billing.domain.payment import Allocation, Payment, each_once, named_by, side_of
from contexts.billing.errors import CurrencyMismatch
from contexts.billing.ports import BillingWork, open_item_key
from contexts.billing.queries import PaymentView
from contexts.ledger.public import conversion, reversing_facts
from contexts.parties.public import PartyFacts, customer, supplier
from contexts.procurement.public import Terms

Amount = Annotated[Decimal, Field("Amount", help="In the payment's currency", example="119.00", above=Decimal(0))]
Invoice = Annotated[
    UUID, Field("Invoice", help="That money which leaves settles; one of invoice and payment", ref="supplier_invoice")
]
PaidBefore = Annotated[
    UUID, Field("Payment", help="Whose unallocated part money that comes back settles", ref="payment")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationInput:
    """So much for one invoice or, of money that comes back, for one payment."""

    invoice: Invoice | None = None
    payment: PaidBefore | None = None
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationToUndo:
    """So much of what the payment settles of one invoice or payment."""

    invoice: Invoice | None = None
    payment: PaidBefore | None = None
    amount: Annotated[Decimal | None, Field("Amount", help="All of it where left out", above=Decimal(0))] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayment:
    """Write down money that leaves the bank or comes into it. What of it settles nothing is on account: an advance.

    What we pay a supplier settles its invoices; what a supplier gives back settles what of an earlier payment is on
    account. Money of a customer is on account, unless it gives back such a payment.
    """

    company: Annotated[UUID | None, Field("Company", help="The invoice's", ref="company")] = None
    direction: Annotated[Literal["outgoing", "incoming"], Field("Direction", help="outgoing or incoming")]
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
    direction = Direction(command.direction)
    party = await _party(command.party, direction, work)
    given = _named(command.allocations, direction)
    items = await work.payments.open_items(given)
    any_item = next(iter(items.values()), None)
    company = work.company(command.company or (any_item.company_id if any_item else None))
    bank = await work.payments.bank_account(company.id, command.bank_account)
    if bank is None:
        raise UnknownReference("/bank_account", str(command.bank_account or "the default"))
    settled_in = any_item.balance.amount.currency.code if any_item else None
    currency = command.currency or settled_in or bank.currency
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
        attributes=merged({}, command.attributes),
    )
    rate = await conversion(work, currency, company, document.document_date)
    side = _side(direction, given, party)
    payment = Payment(document, direction, side, Terms(Currency.of(currency), rate), bank, [])
    payment.rewrite(_amount(command.amount, currency), _allocations(command.allocations, items, payment))
    work.payments.add(payment)
    _relate(payment, payment.allocations, work)
    return document.id


async def change_payment(command: ChangePayment, work: BillingWork) -> UUID:
    document = await work.load(command.id, type=PAYMENT, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    payment = work.payments.get(document.id)
    if not isinstance(command.title, Unset):
        document.title = command.title
    document.attributes = merged(document.attributes, command.attributes)
    if not isinstance(command.paid_on, Unset):
        document.document_date = command.paid_on
        rate = await conversion(work, document.currency, document.company, command.paid_on)
        payment.terms = Terms(payment.terms.currency, rate)
    amount = document.total if isinstance(command.amount, Unset) else _amount(command.amount, document.currency)
    allocations: Sequence[Allocation] = payment.allocations
    if not isinstance(command.allocations, Unset):
        given = _named(command.allocations, payment.direction)
        assert document.party_id is not None
        payment.side = _side(payment.direction, given, await _party(document.party_id, payment.direction, work))
        allocations = _allocations(command.allocations, await work.payments.open_items(given), payment)
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
    given = _named(command.allocations, payment.direction)
    if payment.side is Side.RECEIVABLE:
        message = "This is on a customer's account: reverse it, and name what it gives back from the start."
        raise ValidationFailed.at("/allocations", "NOT_SETTLED", message)
    items = await _items(work, {document.id, *given})
    allocations = _allocations(command.allocations, items, payment)
    each_once(allocations, payment.direction)
    for fact in payment.allocate(allocations, items, _day(command.allocated_on, document, work)):
        work.account(fact)
    _relate(payment, allocations, work)
    document.record_change("allocate", work.principal.id, work.call.at)
    work.tell(document, {"allocated": _told(payment, allocations)})
    return document.id


async def unallocate_payment(command: UnallocatePayment, work: BillingWork) -> UUID:
    """Errors: WRONG_PHASE, ALLOCATION_NOT_FOUND."""
    document = await work.load(command.id, type=PAYMENT, version=command.version)
    document.require(Phase.ACTIVE, doing="unallocated")
    payment = work.payments.get(document.id)
    given = _named(command.allocations, payment.direction)
    items = await _items(work, {document.id, *given})
    on = _day(command.allocated_on, document, work)
    each_once([Allocation(id, document.total) for id in given], payment.direction)
    for index, (id, allocation) in enumerate(zip(given, command.allocations, strict=True)):
        amount = None
        if allocation.amount is not None:
            with at(f"/allocations/{index}/amount"):
                amount = Money.parse(allocation.amount, document.total.currency)
        for fact in payment.unallocate(id, amount, items, on):
            work.account(fact)
    document.record_change("unallocate", work.principal.id, work.call.at)
    work.tell(document, {"unallocated": given})
    return document.id


async def _party(id: UUID, direction: Direction, work: BillingWork) -> PartyFacts:
    """Whom we pay is a supplier; who pays us is a customer, or a supplier who gives back.

    Errors: WRONG_PARTY_ROLE, PARTY_INACTIVE.
    """
    if direction is Direction.INCOMING and "customer" in (await work.party_directory.party(id)).roles:
        return await customer(id, work)
    return await supplier(id, work)


def _side(direction: Direction, given: Sequence[UUID], party: PartyFacts) -> Side:
    return side_of(direction, gives_back=bool(given), customer="customer" in party.roles)


def _named(allocations: Sequence[AllocationInput | AllocationToUndo], direction: Direction) -> list[UUID]:
    """What each allocation is for. Errors: VALIDATION_FAILED where it does not name what the direction settles."""
    wanted = named_by(direction)
    found = []
    for index, allocation in enumerate(allocations):
        named = {"invoice": allocation.invoice, "payment": allocation.payment}
        id = named.pop(wanted)
        other = next((field for field, value in named.items() if value is not None), None)
        if id is None or other is not None:
            raise ValidationFailed.at(
                f"/allocations/{index}/{other or wanted}",
                "REQUIRED" if other is None else "NOT_SETTLED",
                f"What is {direction} settles a {wanted}.",
                given=other,
                allowed=[wanted],
            )
        found.append(id)
    return found


def _amount(given: Decimal, currency: str) -> Money:
    with at("/amount"):
        return Money.parse(given, Currency.of(currency))


def _allocations(
    given: Sequence[AllocationInput], items: Mapping[UUID, OpenItem], payment: Payment
) -> list[Allocation]:
    """Errors: VALIDATION_FAILED for a document of another party or company."""
    document, found = payment.document, []
    for index, (id, allocation) in enumerate(zip(_named(given, payment.direction), given, strict=True)):
        item, field = items[id], named_by(payment.direction)
        if item.party_id != document.party_id or item.company_id != document.company.id:
            raise ValidationFailed.at(
                f"/allocations/{index}/{field}",
                f"{field.upper()}_OF_OTHERS",
                f"The {field} is of another party or company.",
                given=id,
            )
        with at(f"/allocations/{index}/amount"):
            found.append(Allocation(id, Money.parse(allocation.amount, document.total.currency)))
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
    for target in {allocation.open_item_id for allocation in allocations} - payment.related:
        work.relate(LinkKind.SETTLES, source=payment.document.id, target=target)


def _told(payment: Payment, allocations: Sequence[Allocation]) -> list[dict[str, object]]:
    settles = named_by(payment.direction)
    return [{settles: allocation.open_item_id, "amount": allocation.amount.text()} for allocation in allocations]


async def when_active(document: Document, work: BillingWork) -> None:
    """Posted, it settles what it was made for. Errors: PAYMENT_BLOCKED, PAYMENT_EXCEEDS_BALANCE, CURRENCY_MISMATCH."""
    payment = work.payments.get(document.id)
    items = await _items(work, {allocation.open_item_id for allocation in payment.allocations})
    for fact in payment.post(items):
        work.account(fact)
    work.tell(
        document,
        {"direction": payment.direction, "side": payment.side, "allocations": _told(payment, payment.allocations)},
    )


async def when_void(document: Document, work: BillingWork) -> None:
    """Taken back: what it settled is open again, and what was left of it is gone. Errors: PAYMENT_GIVEN_BACK."""
    assert document.new_step is not None
    if document.new_step.from_phase is not Phase.ACTIVE:
        return
    payment = work.payments.get(document.id)
    items = await _items(work, {document.id, *payment.settled})
    payment.refuse_when_given_back(items[document.id])
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
