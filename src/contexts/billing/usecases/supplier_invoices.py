"""Supplier invoices: written down, posted as a claim on us, matched with order and receipts, released, reversed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from bizcore.documents import Company, Document, DocumentType, LineLink, LinkKind, Phase
from bizcore.documents.type import CANCEL, POST, REVERSE
from bizcore.errors import UnknownReference, ValidationFailed, WrongPhase
from bizcore.fields import UNSET, Field, Reason, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import at, merged
from bizcore.platform.policies import Policies
from bizcore.values import Currency, Money, Percentage
from contexts.billing.domain.match import Charge, MatchException, Tolerance
from contexts.billing.domain.supplier_invoice import InvoiceLine, OrderCharge, SupplierInvoice, reference_key
from contexts.billing.errors import CurrencyMismatch, DuplicateSupplierReference, InvoiceSettled, NothingBlocked
from contexts.billing.ports import BillingWork, open_item_key
from contexts.billing.queries import SupplierInvoiceView
from contexts.catalog.public import ItemFacts, items_in_use
from contexts.ledger.public import TaxCode, account, conversion, facts, reversed_on, reversing_facts, tax_codes
from contexts.parties.public import PartyFacts, payment_terms, supplier
from contexts.procurement.public import (
    OrderedLine,
    Terms,
    Value,
    accept_service,
    clear_accrual,
    ordered_lines,
    relieve,
    restore_accrual,
    withdraw_services,
)

_EACH: Final = "EA"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineInput:
    """One thing that is charged: an order line, an item, or a description."""

    id: Annotated[UUID | None, Field("Id", help="Of the line that this one changes")] = None
    order_line: Annotated[UUID | None, Field("Order line", ref="order_line")] = None
    item: Annotated[UUID | None, Field("Item", help="The order line's", ref="item")] = None
    description: Annotated[str | None, Field("Description", example="Rent", min_length=1, max_length=500)] = None
    quantity: Annotated[
        Decimal, Field("Quantity", help="In the order line's unit, else the item's", example="4", above=Decimal(0))
    ]
    unit_price: Annotated[Decimal, Field("Unit price", help="Without tax", example="12.50", minimum=Decimal(0))]
    tax_code: Annotated[
        UUID | None, Field("Tax code", help="The order line's, else the item's, else the supplier's", ref="tax_code")
    ] = None
    account: Annotated[
        UUID | None, Field("Account", help="Takes what no receipt has booked; the expense account", ref="account")
    ] = None
    dimensions: Annotated[
        Mapping[str, str] | None, Field("Dimensions", help="The order line's", example={"cost_centre": "1000"})
    ] = None


InvoiceLines = Annotated[tuple[InvoiceLineInput, ...], Field("Lines", min_length=1)]
SupplierReference = Annotated[
    str,
    Field("Supplier's number", help="As printed on the invoice", example="RE-2026-0042", pattern=r"\S", max_length=100),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSupplierInvoice:
    """Write down what a supplier charges. Posting it makes it a claim on us."""

    company: Annotated[UUID | None, Field("Company", help="The order's", ref="company")] = None
    supplier: Annotated[UUID, Field("Supplier", ref="party")]
    supplier_reference: SupplierReference
    invoice_date: Annotated[date, Field("Invoice date", example="2026-03-02")]
    currency: Annotated[
        str | None, Field("Currency", help="ISO 4217; the order's, else the supplier's", pattern="^[A-Z]{3}$")
    ] = None
    payment_terms: Annotated[UUID | None, Field("Payment terms", help="The supplier's", ref="payment_terms")] = None
    title: Annotated[str | None, Field("Title", max_length=200)] = None
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None
    lines: InvoiceLines


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSupplierInvoice:
    """Change an invoice that is not posted yet. What is left out stays; lines replace all lines."""

    id: Annotated[UUID, Field("Supplier invoice")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    supplier: Annotated[UUID | Unset, Field("Supplier", ref="party")] = UNSET
    supplier_reference: SupplierReference | Unset = UNSET
    invoice_date: Annotated[date | Unset, Field("Invoice date")] = UNSET
    payment_terms: Annotated[UUID | Unset | None, Field("Payment terms", ref="payment_terms")] = UNSET
    title: Annotated[str | Unset | None, Field("Title", max_length=200)] = UNSET
    attributes: Annotated[Mapping[str, object] | Unset | None, Field("Attributes", help="null takes one away")] = UNSET
    lines: InvoiceLines | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBlock:
    """Let an invoice be paid in spite of what differs."""

    id: Annotated[UUID, Field("Supplier invoice")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    reason: Reason


async def create_supplier_invoice(command: CreateSupplierInvoice, work: BillingWork) -> UUID:
    party = await supplier(command.supplier, work)
    ordered = await _ordered(command.lines, work)
    any_line = next(iter(ordered.values()), None)
    company = work.company(command.company or (any_line.company_id if any_line else None))
    ordered_in = any_line.terms.currency.code if any_line else None
    currency = command.currency or ordered_in or party.currency or company.currency
    document = work.new_document(
        SUPPLIER_INVOICE,
        company=company,
        currency=currency,
        party_id=party.id,
        document_date=command.invoice_date,
        title=command.title,
        attributes=merged({}, command.attributes or {}),
    )
    terms_id = command.payment_terms or party.payment_terms_id
    invoice = SupplierInvoice(
        document,
        command.supplier_reference,
        await _terms(currency, company, command.invoice_date, work),
        terms_id,
        await _due_on(terms_id, command.invoice_date, work),
        [],
    )
    invoice.rewrite(await _lines(command.lines, _ids(command.lines), invoice, ordered, party, work))
    await _refuse_duplicate(invoice, work)
    work.supplier_invoices.add(invoice)
    _relate(invoice, work)
    return document.id


async def change_supplier_invoice(command: ChangeSupplierInvoice, work: BillingWork) -> UUID:
    document = await work.load(command.id, type=SUPPLIER_INVOICE, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    invoice = work.supplier_invoices.get(document.id)
    if not isinstance(command.supplier, Unset):
        document.party_id = command.supplier
    if not isinstance(command.supplier_reference, Unset):
        invoice.reference = command.supplier_reference
    if not isinstance(command.payment_terms, Unset):
        invoice.payment_terms_id = command.payment_terms
    if not isinstance(command.title, Unset):
        document.title = command.title
    if not isinstance(command.attributes, Unset):
        document.attributes = merged(document.attributes, command.attributes) if command.attributes is not None else {}
    if not isinstance(command.invoice_date, Unset):
        document.document_date = command.invoice_date
        invoice.terms = await _terms(document.currency, document.company, command.invoice_date, work)
    invoice.due_on = await _due_on(invoice.payment_terms_id, document.document_date, work)
    assert document.party_id is not None
    party = await supplier(document.party_id, work)
    given = tuple(map(_input, invoice.lines)) if isinstance(command.lines, Unset) else command.lines
    ids = _ids(given, [line.id for line in invoice.lines])
    invoice.rewrite(await _lines(given, ids, invoice, await _ordered(given, work), party, work))
    await _refuse_duplicate(invoice, work)
    work.supplier_invoices.save(invoice)
    _relate(invoice, work)
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def release_block(command: ReleaseBlock, work: BillingWork) -> UUID:
    """Errors: WRONG_PHASE, NOTHING_BLOCKED, SEPARATION_OF_DUTIES for whoever wrote the invoice down."""
    document = await work.load(command.id, type=SUPPLIER_INVOICE, version=command.version)
    document.require(Phase.ACTIVE, doing="released")
    document.refuse_approval_by_contributor(work.principal.id)
    exceptions = await work.supplier_invoices.block(document.id)
    if not exceptions:
        raise NothingBlocked("Nothing blocks the payment of this invoice.", invoice=document.number)
    work.supplier_invoices.release(document, exceptions, command.reason)
    document.record_change("release_block", work.principal.id, work.call.at, command.reason)
    work.tell(document, {"released": exceptions})
    return document.id


def _input(line: InvoiceLine) -> InvoiceLineInput:
    """The line as somebody would give it, so that a new date or supplier judges it anew."""
    return InvoiceLineInput(
        id=line.id,
        order_line=line.order_line_id,
        item=line.item_id,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax_code=line.tax_code_id,
        account=line.account_id,
        dimensions=line.dimensions,
    )


def _ids(lines: Sequence[InvoiceLineInput], known: Collection[UUID] = ()) -> list[UUID]:
    """The id of each line: the given one, which keeps its identity, else a new one.

    Errors: UNKNOWN_REFERENCE for an id that is no line of the document, VALIDATION_FAILED for one given twice.
    """
    ids: list[UUID] = []
    for index, line in enumerate(lines):
        if line.id is not None and line.id not in known:
            raise UnknownReference(f"/lines/{index}/id", str(line.id))
        if line.id is not None and line.id in ids:
            path = f"/lines/{index}/id"
            raise ValidationFailed.at(path, "GIVEN_TWICE", "One line stands there twice.", given=line.id)
        ids.append(line.id or new_id())
    return ids


async def _ordered(lines: Iterable[InvoiceLineInput], work: BillingWork) -> Mapping[UUID, OrderedLine]:
    ids = {line.order_line for line in lines if line.order_line is not None}
    return await ordered_lines(work, ids, locked=False) if ids else {}


async def _terms(currency: str, company: Company, on: date, work: BillingWork) -> Terms:
    with at("/currency"):
        given = Currency.of(currency)
    return Terms(given, await conversion(work, currency, company, on))


async def _due_on(terms_id: UUID | None, start: date, work: BillingWork) -> date:
    """At once where nothing was agreed."""
    if terms_id is None:
        return start
    agreed = await payment_terms(terms_id, work)
    with at("/payment_terms"):
        return agreed.last_due_on(start)


async def _lines(
    given: Sequence[InvoiceLineInput],
    ids: Sequence[UUID],
    invoice: SupplierInvoice,
    ordered: Mapping[UUID, OrderedLine],
    party: PartyFacts,
    work: BillingWork,
) -> list[InvoiceLine]:
    codes = await tax_codes(work)
    items = await items_in_use({line.item for line in given if line.item is not None}, work)
    lines = []
    for index, (line, id) in enumerate(zip(given, ids, strict=True)):
        order_line = ordered[line.order_line] if line.order_line is not None else None
        if order_line is not None:
            _refuse_foreign(order_line, invoice, f"/lines/{index}/order_line")
        if line.account is not None:
            (await account(work, line.account)).admit_direct_posting(f"/lines/{index}/account")
        with at(f"/lines/{index}"):
            lines.append(_line(line, id, invoice.terms, order_line, items, party, codes))
    return lines


def _line(
    line: InvoiceLineInput,
    id: UUID,
    terms: Terms,
    order_line: OrderedLine | None,
    items: Mapping[UUID, ItemFacts],
    party: PartyFacts,
    codes: Mapping[UUID, TaxCode],
) -> InvoiceLine:
    item = items[line.item] if line.item is not None else None
    item_id = line.item or (order_line.item_id if order_line else None)
    description = line.description or (order_line.description if order_line else None)
    if item_id is None and description is None:
        raise ValidationFailed.at("", "REQUIRED", "Name an order line or an item, or describe what is charged.")
    if order_line is not None and item_id != order_line.item_id:
        raise ValidationFailed.at("/item", "NOT_THE_ORDERED_ITEM", "The order line is for another item.")
    agreed = order_line.tax_code_id if order_line else item.tax_code_id if item else None
    tax_code_id = line.tax_code or agreed or party.tax_code_id
    dimensions = line.dimensions if line.dimensions is not None else order_line.dimensions if order_line else {}
    return InvoiceLine(
        id=id,
        quantity=line.quantity,
        unit=order_line.unit.code if order_line else item.unit.code if item else _EACH,
        unit_price=line.unit_price,
        net=terms.price(line.unit_price, line.quantity),
        tax=terms.zero,
        order_line_id=line.order_line,
        order_id=order_line.order_id if order_line else None,
        item_id=item_id,
        description=description,
        tax_code_id=tax_code_id,
        tax_rate=codes[tax_code_id].rate if tax_code_id is not None else None,
        account_id=line.account,
        dimensions=dict(dimensions),
    )


def _refuse_foreign(line: OrderedLine, invoice: SupplierInvoice, path: str) -> None:
    """Only what this supplier was ordered to deliver to this company may be charged to it.

    Errors: WRONG_PHASE, VALIDATION_FAILED, CURRENCY_MISMATCH.
    """
    document = invoice.document
    if line.supplier_id != document.party_id or line.company_id != document.company.id:
        message = "The order is of another supplier or company."
        raise ValidationFailed.at(path, "ORDER_OF_OTHERS", message, given=line.id)
    if line.terms.currency.code != document.currency:
        raise CurrencyMismatch(
            "An order is charged in its own currency.",
            path=path,
            given=document.currency,
            expected=line.terms.currency.code,
        )
    if line.order_phase not in (Phase.ACTIVE, Phase.DONE):
        raise WrongPhase(
            f"Its order is {line.order_phase}: what is in force or closed can be charged.",
            phase=line.order_phase,
            allowed=(Phase.ACTIVE, Phase.DONE),
            order=line.order_number,
        )


async def _refuse_duplicate(invoice: SupplierInvoice, work: BillingWork) -> None:
    """Early and with its number; the unique key decides. Errors: DUPLICATE_SUPPLIER_REFERENCE."""
    document = invoice.document
    assert document.party_id is not None
    found = await work.supplier_invoices.with_reference(document.party_id, reference_key(invoice.reference))
    if found is not None and found[0] != document.id:
        raise DuplicateSupplierReference(
            f"The supplier's invoice {invoice.reference} is here already.",
            supplier_reference=invoice.reference,
            invoice=found[0],
            number=found[1],
        )


def _relate(invoice: SupplierInvoice, work: BillingWork) -> None:
    for order_id in {line.order_id for line in invoice.lines if line.order_id is not None} - invoice.related:
        work.relate(LinkKind.BILLS, source=invoice.document.id, target=order_id)


async def when_active(document: Document, work: BillingWork) -> None:
    """Posted, it is a claim on us, whether it matches or not: what differs blocks its payment, not its record.

    Of services it says itself that they were rendered, as far as they were ordered.

    Errors: WRONG_PHASE of an order; what posting refuses.
    """
    invoice = work.supplier_invoices.get(document.id)
    ids = {line.order_line_id for line in invoice.lines if line.order_line_id is not None}
    before = await ordered_lines(work, ids, locked=True)
    ordered = dict(before)
    policies = await work.policies.of(document.company.id)
    earlier = dict.fromkeys(ids, 0) | dict(await work.supplier_invoices.expected_so_far(ids))
    found: list[dict[str, object]] = []
    for index, line in enumerate(invoice.lines):
        if line.order_line_id is None:
            continue
        order_line = ordered[line.order_line_id]
        _refuse_foreign(order_line, invoice, f"/lines/{index}/order_line")
        expected = order_line.terms.price(order_line.unit_price, line.quantity).amount
        so_far = Money(earlier[order_line.id], expected.currency)
        exceptions = _compare(line, order_line, expected, so_far, invoice.terms, policies)
        order_line = accept_service(
            work,
            order_line,
            line.quantity,
            source_line_id=line.id,
            account_id=line.account_id,
            dimensions=line.dimensions,
            by=document,
            on=document.document_date,
        )
        cleared = clear_accrual(
            work, order_line, line.quantity, source_line_id=line.id, by=document, on=document.document_date
        )
        charge = OrderCharge(
            id=new_id(),
            line_id=line.id,
            order_line_id=order_line.id,
            quantity=line.quantity,
            charged=line.net.amount,
            expected=expected,
            cleared=cleared,
            quantity_tolerance=policies.quantity_tolerance,
            budget_line_id=order_line.budget_line_id,
        )
        invoice.charges.append(charge)
        work.supplier_invoices.charge(charge, exceptions, by=document, on=document.document_date)
        work.link(_bills(charge, document, document.document_date))
        ordered[order_line.id] = order_line.charge(line.quantity, line.net.amount, cleared)
        earlier[order_line.id] += expected.minor
        found.extend({"line": line.id, **exception.plain()} for exception in exceptions)
    for fact in invoice.facts():
        work.account(fact)
    await relieve(work, _rendered(ordered, before), by=document, on=document.document_date)
    work.tell(
        document,
        {
            "supplier_reference": invoice.reference,
            "due_on": invoice.due_on,
            "net": invoice.net.amount.text(),
            "tax": invoice.tax.amount.text(),
            "price_exceptions": found,
        },
    )


def _rendered(after: Mapping[UUID, OrderedLine], before: Mapping[UUID, OrderedLine]) -> list[OrderedLine]:
    """The order lines of which the invoice accepted a service."""
    return [line for id, line in after.items() if line.quantity_received != before[id].quantity_received]


def _compare(
    line: InvoiceLine, order_line: OrderedLine, expected: Money, so_far: Money, terms: Terms, policies: Policies
) -> list[MatchException]:
    own = terms.conversion.own
    charged = order_line.amount_invoiced
    tolerance = Tolerance(Percentage(policies.price_tolerance), Money.rounded(policies.price_tolerance_amount, own))
    return Charge(
        ordered_price=order_line.unit_price,
        charged_price=line.unit_price,
        expected=expected,
        charged=line.net.amount,
        excess=terms.conversion.convert(line.net.amount - expected),
        earlier_expected=so_far,
        earlier_charged=charged,
        total_excess=terms.conversion.convert(charged + line.net.amount - so_far - expected),
    ).exceptions(tolerance)


def _bills(charge: OrderCharge, document: Document, on: date) -> LineLink:
    return LineLink(
        kind=LinkKind.BILLS,
        source_line_id=charge.line_id,
        target_line_id=charge.order_line_id,
        document_id=document.id,
        effective_on=on,
        quantity=charge.quantity,
        amount_minor=charge.charged.minor,
    )


async def when_void(document: Document, work: BillingWork) -> None:
    """Its number is free again; posted, everything it did is done once more with its sign turned.

    Errors: INVOICE_SETTLED while payments settle a part of it.
    """
    invoice = work.supplier_invoices.get(document.id)
    work.supplier_invoices.free_reference(invoice)
    assert document.new_step is not None
    if document.new_step.from_phase is not Phase.ACTIVE:
        return
    key = open_item_key(document.id)
    item = work.payments.open_item((await work.limits([key]))[key])
    if item.balance.amount != document.total:
        raise InvoiceSettled(
            "Payments have settled a part of it: unallocate or reverse them first.",
            total=document.total.text(),
            balance=item.balance.amount.text(),
            currency=document.currency,
        )
    ordered = await ordered_lines(work, {charge.order_line_id for charge in invoice.charges}, locked=True)
    on = await reversed_on(work.journal, document)
    for charge in invoice.charges:
        order_line, back = ordered[charge.order_line_id], _taken_back(charge)
        restore_accrual(
            work, order_line, charge.quantity, charge.cleared, source_line_id=charge.line_id, by=document, on=on
        )
        work.link(_bills(back, document, on))
        work.supplier_invoices.charge(back, (), by=document, on=on, reverses=charge.id)
    await withdraw_services(work, ordered, by=document, on=on)
    for fact in await reversing_facts(work.journal, document):
        if fact.kind != facts.ORDER_RELIEVED:
            work.account(fact)


def _taken_back(charge: OrderCharge) -> OrderCharge:
    return replace(
        charge,
        id=new_id(),
        quantity=-charge.quantity,
        charged=-charge.charged,
        expected=-charge.expected,
        cleared=Value(-charge.cleared.amount, -charge.cleared.company),
    )


SUPPLIER_INVOICE: Final[DocumentType[BillingWork]] = DocumentType(
    code="supplier_invoice",
    context="billing",
    collection="supplier-invoices",
    label="Supplier invoice",
    actions=(POST, CANCEL, REVERSE),
    view=SupplierInvoiceView,
    on_enter={Phase.ACTIVE: when_active, Phase.VOID: when_void},
)
