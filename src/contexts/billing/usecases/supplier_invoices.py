"""Supplier invoices: written down, changed, released; `posting.py` says what posting and reversing them does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from bizcore.documents import Company, DocumentType, LinkKind, Phase
from bizcore.documents.lines import line_ids
from bizcore.documents.type import CANCEL, POST, REVERSE
from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.fields import UNSET, Field, Reason, Unset
from bizcore.platform.changes import at, merged
from bizcore.values import Currency
from contexts.billing.domain.supplier_invoice import InvoiceLine, SupplierInvoice, reference_key
from contexts.billing.errors import DuplicateSupplierReference, NothingBlocked
from contexts.billing.ports import BillingWork
from contexts.billing.queries import SupplierInvoiceView
from contexts.billing.usecases.posting import when_active, when_void
from contexts.catalog.public import ItemFacts, items_in_use
from contexts.ledger.public import TaxCode, account, conversion, tax_codes
from contexts.parties.public import PartyFacts, payment_terms, supplier
from contexts.procurement.public import OrderedLine, Terms, ordered_lines

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
    budget_line: Annotated[UUID | None, Field("Budget line", help="Of a line without an order", ref="budget_line")] = (
        None
    )
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
    invoice_date: Annotated[date, Field("Invoice date", example="2026-03-02", document_date=True)]
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
    invoice_date: Annotated[date | Unset, Field("Invoice date", document_date=True)] = UNSET
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
        attributes=merged({}, command.attributes),
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
    invoice.rewrite(await _lines(command.lines, line_ids(command.lines), invoice, ordered, party, work))
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
    document.attributes = merged(document.attributes, command.attributes)
    if not isinstance(command.invoice_date, Unset):
        document.document_date = command.invoice_date
        invoice.terms = await _terms(document.currency, document.company, command.invoice_date, work)
    invoice.due_on = await _due_on(invoice.payment_terms_id, document.document_date, work)
    assert document.party_id is not None
    party = await supplier(document.party_id, work)
    given = tuple(map(_input, invoice.lines)) if isinstance(command.lines, Unset) else command.lines
    ids = line_ids(given, [line.id for line in invoice.lines])
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
        budget_line=line.budget_line_id,
        dimensions=line.dimensions,
    )


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
            invoice.refuse_foreign(order_line, f"/lines/{index}/order_line")
        if line.account is not None:
            (await account(work, line.account)).admit_direct_posting(f"/lines/{index}/account")
        if line.budget_line is not None:
            work.require_own(invoice.document.company, line.budget_line, f"/lines/{index}/budget_line")
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
    if order_line is not None and line.budget_line is not None:
        message = "The order's own budget pays for what it ordered."
        raise ValidationFailed.at("/budget_line", "BUDGET_OF_ORDER", message, given=line.budget_line)
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
        budget_line_id=line.budget_line,
        dimensions=dict(dimensions),
    )


async def _refuse_duplicate(invoice: SupplierInvoice, work: BillingWork) -> None:
    """Early, and with its number for whoever may read it; the unique key decides.

    Errors: DUPLICATE_SUPPLIER_REFERENCE.
    """
    document = invoice.document
    assert document.party_id is not None
    taken = await work.supplier_invoices.with_reference(document.party_id, reference_key(invoice.reference))
    if taken is not None and taken.invoice_id != document.id:
        told = {"invoice": taken.invoice_id, "number": taken.number} if _may_read(taken.company_id, work) else {}
        raise DuplicateSupplierReference(
            f"The supplier's invoice {invoice.reference} is here already.",
            supplier_reference=invoice.reference,
            **told,
        )


def _may_read(company_id: UUID, work: BillingWork) -> bool:
    """Whether somebody may hear which invoice of the company it is."""
    try:
        work.company(company_id)
    except UnknownReference:
        return False
    return work.allows(SUPPLIER_INVOICE.permission("read"))


def _relate(invoice: SupplierInvoice, work: BillingWork) -> None:
    for order_id in {line.order_id for line in invoice.lines if line.order_id is not None} - invoice.related:
        work.relate(LinkKind.BILLS, source=invoice.document.id, target=order_id)


SUPPLIER_INVOICE: Final[DocumentType[BillingWork]] = DocumentType(
    code="supplier_invoice",
    context="billing",
    collection="supplier-invoices",
    label="Supplier invoice",
    actions=(POST, CANCEL, REVERSE),
    view=SupplierInvoiceView,
    on_enter={Phase.ACTIVE: when_active, Phase.VOID: when_void},
)
