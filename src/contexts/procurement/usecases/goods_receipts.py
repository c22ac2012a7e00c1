"""Goods receipts: written down, posted into stock, accruals and budgets, or taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from bizcore.documents import Company, Document, DocumentType, LinkKind, Phase
from bizcore.documents.lines import line_ids
from bizcore.documents.type import CANCEL, POST, REVERSE
from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.facts import AccountingFact, StockFact
from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.limits import LimitKey
from bizcore.platform.changes import merged
from bizcore.values import Quantity
from contexts.catalog.public import units_by_id
from contexts.inventory.public import default_location
from contexts.ledger.public import facts, reversed_on
from contexts.procurement.domain.goods_receipt import GoodsReceipt, GoodsReceiptLine
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Value
from contexts.procurement.ports import ProcurementWork
from contexts.procurement.queries import GoodsReceiptView
from contexts.procurement.usecases.commitments import relieve
from contexts.procurement.usecases.fulfilment import fulfil


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceiptLineInput:
    """So much of one order line."""

    id: Annotated[UUID | None, Field("Id", help="Of the line that this one changes")] = None
    order_line: Annotated[UUID, Field("Order line", ref="order_line")]
    quantity: Annotated[Decimal, Field("Quantity", example="4", above=Decimal(0))]
    unit: Annotated[UUID | None, Field("Unit", help="The order's", ref="unit")] = None
    location: Annotated[UUID | None, Field("Location", help="The order line's, else the default", ref="location")] = (
        None
    )
    lot: Annotated[str | None, Field("Lot", min_length=1, max_length=100)] = None
    serials: Annotated[tuple[str, ...] | None, Field("Serial numbers")] = None


ReceiptLines = Annotated[tuple[GoodsReceiptLineInput, ...], Field("Lines", min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateGoodsReceipt:
    """Write down what came of an order. Posting it makes it count."""

    purchase_order: Annotated[UUID, Field("Purchase order", ref="purchase_order")]
    received_on: Annotated[date | None, Field("Received on", help="Today")] = None
    title: Annotated[str | None, Field("Title", max_length=200)] = None
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None
    lines: ReceiptLines


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGoodsReceipt:
    """Change a receipt that is not posted yet."""

    id: Annotated[UUID, Field("Goods receipt")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    received_on: Annotated[date | Unset, Field("Received on")] = UNSET
    title: Annotated[str | Unset | None, Field("Title", max_length=200)] = UNSET
    attributes: Annotated[Mapping[str, object] | Unset | None, Field("Attributes", help="null takes one away")] = UNSET
    lines: ReceiptLines | Unset = UNSET


async def create_goods_receipt(command: CreateGoodsReceipt, work: ProcurementWork) -> UUID:
    ordered = await work.purchase_orders.lines(order_id=command.purchase_order)
    any_line = next(iter(ordered.values()), None)
    if any_line is None:
        raise UnknownReference("/purchase_order", str(command.purchase_order))
    company = _company(any_line, work)
    any_line.refuse_unless_in_force()
    document = work.new_document(
        GOODS_RECEIPT,
        company=company,
        currency=any_line.terms.currency.code,
        party_id=any_line.supplier_id,
        document_date=command.received_on,
        title=command.title,
        attributes=merged({}, command.attributes),
    )
    lines = await _lines(command.lines, line_ids(command.lines), ordered, document.company, work)
    receipt = GoodsReceipt(document, command.purchase_order, any_line.terms, lines)
    receipt.total_up()
    work.goods_receipts.add(receipt)
    work.relate(LinkKind.FULFILS, source=document.id, target=command.purchase_order)
    return document.id


def _company(line: OrderedLine, work: ProcurementWork) -> Company:
    """The order's. Errors: UNKNOWN_REFERENCE where the caller may not see it."""
    try:
        return work.company(line.company_id)
    except UnknownReference:
        raise UnknownReference("/purchase_order", str(line.order_id)) from None


async def change_goods_receipt(command: ChangeGoodsReceipt, work: ProcurementWork) -> UUID:
    document = await work.load(command.id, type=GOODS_RECEIPT, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    receipt = work.goods_receipts.get(document.id)
    if not isinstance(command.received_on, Unset):
        document.document_date = command.received_on
    if not isinstance(command.title, Unset):
        document.title = command.title
    document.attributes = merged(document.attributes, command.attributes)
    if not isinstance(command.lines, Unset):
        ordered = await work.purchase_orders.lines(order_id=receipt.order_id)
        ids = line_ids(command.lines, [line.id for line in receipt.lines])
        receipt.lines = await _lines(command.lines, ids, ordered, document.company, work)
        receipt.total_up()
    work.goods_receipts.save(receipt)
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def _lines(
    given: Sequence[GoodsReceiptLineInput],
    ids: Sequence[UUID],
    ordered: Mapping[UUID, OrderedLine],
    company: Company,
    work: ProcurementWork,
) -> list[GoodsReceiptLine]:
    """Errors: UNKNOWN_REFERENCE, UNIT_MISMATCH, INEXACT_CONVERSION, VALIDATION_FAILED for a wrong count of serials."""
    named = {line.unit for line in given if line.unit is not None}
    units = await units_by_id(named, work) if named else {}
    usual_place = await default_location(work, company.id)
    lines = []
    for index, (line, id) in enumerate(zip(given, ids, strict=True)):
        order_line = ordered.get(line.order_line)
        if order_line is None or not order_line.quantity:
            raise UnknownReference(f"/lines/{index}/order_line", str(line.order_line))
        if line.serials is not None and len(set(line.serials)) != line.quantity:
            raise ValidationFailed.at(
                f"/lines/{index}/serials",
                "WRONG_COUNT",
                "Each piece has one serial number of its own.",
                given=len(set(line.serials)),
                allowed=line.quantity,
            )
        if line.location is not None:
            work.require_own(company, line.location, f"/lines/{index}/location")
        unit = units[line.unit] if line.unit is not None else order_line.unit
        quantity = Quantity(line.quantity, unit.code)
        counted = quantity if unit == order_line.unit else quantity.convert(unit, order_line.unit)
        lines.append(
            GoodsReceiptLine(
                id=id,
                order_line_id=order_line.id,
                quantity=line.quantity,
                unit=unit.code,
                quantity_ordered_unit=counted.amount,
                unit_price=order_line.unit_price,
                value=order_line.terms.price(order_line.unit_price, counted.amount),
                budget_line_id=order_line.budget_line_id,
                dimensions=order_line.dimensions,
                location_id=line.location
                or order_line.location_id
                or (usual_place if order_line.stock_unit is not None else None),
                lot=line.lot,
                serials=line.serials or (),
            )
        )
    return lines


async def when_active(document: Document, work: ProcurementWork) -> None:
    """Goods came: they fulfil the order, enter stock or expense at its price, and free its budget of just that.

    Errors: WRONG_PHASE of the order, OVER_RECEIPT.
    """
    receipt = work.goods_receipts.get(document.id)
    ordered = await _ordered(receipt, work)
    for index, draft in enumerate(receipt.lines):
        order_line = ordered[draft.order_line_id]
        order_line.refuse_receipt(draft.quantity_ordered_unit)
        value = order_line.value_of(draft.quantity_ordered_unit)
        receipt.lines[index] = line = replace(
            draft,
            value=value,
            unit_price=order_line.unit_price,
            budget_line_id=order_line.budget_line_id,
            dimensions=order_line.dimensions,
        )
        ordered[order_line.id] = order_line.receive(line.quantity_ordered_unit, value)
        _book(line, order_line, line.quantity_ordered_unit, value, document, work, on=document.document_date)
    receipt.total_up()
    work.goods_receipts.save(receipt)
    await relieve(work, ordered.values(), by=document, on=document.document_date)
    _tell(receipt, work)


async def when_void(document: Document, work: ProcurementWork) -> None:
    """Taken back: everything it did is done once more with its sign turned. Errors: BELOW_INVOICED."""
    assert document.new_step is not None
    if document.new_step.from_phase is not Phase.ACTIVE:
        return
    receipt = work.goods_receipts.get(document.id)
    ordered = await _ordered(receipt, work)
    on = await reversed_on(work.journal, document)
    for line in receipt.lines:
        order_line = ordered[line.order_line_id]
        ordered[order_line.id] = order_line.give_back(
            line.quantity_ordered_unit, line.value, unit_price=line.unit_price
        )
        _book(line, order_line, -line.quantity_ordered_unit, -line.value, document, work, on=on, reverses=True)
    await relieve(work, ordered.values(), by=document, on=on, reverses=True)
    _tell(receipt, work)


def _tell(receipt: GoodsReceipt, work: ProcurementWork) -> None:
    lines = [
        {"id": line.id, "order_line": line.order_line_id, "quantity": line.quantity, "unit": line.unit}
        for line in receipt.lines
    ]
    work.tell(receipt.document, {"purchase_order": receipt.order_id, "lines": lines})


async def _ordered(receipt: GoodsReceipt, work: ProcurementWork) -> dict[UUID, OrderedLine]:
    limits = await work.limits({LimitKey("order_line", line.order_line_id) for line in receipt.lines})
    return {key.id: work.purchase_orders.line(limit) for key, limit in limits.items()}


def _book(
    line: GoodsReceiptLine,
    order_line: OrderedLine,
    quantity: Decimal,
    value: Value,
    document: Document,
    work: ProcurementWork,
    *,
    on: date,
    reverses: bool = False,
) -> None:
    """Link, accrual, fact and move of one line; `quantity` and `value` negative when it is taken back."""
    id = fulfil(
        work, order_line, quantity, value, unit_price=line.unit_price, source_line_id=line.id, by=document, on=on
    )
    work.account(
        AccountingFact(
            id=id,
            kind=facts.GOODS_RECEIVED if order_line.stock_unit is not None else facts.SERVICE_RECEIVED,
            company_id=document.company.id,
            document_id=document.id,
            line_id=line.id,
            effective_on=document.document_date,  # the ledger itself moves a reversal, and keeps the day that was meant
            amount=value.amount,
            company_amount=value.company,
            party_id=document.party_id,
            item_id=order_line.item_id,
            accounts=order_line.accounts,
            budget_line_id=line.budget_line_id,
            dimensions=line.dimensions,
            reverses_document=reverses,
        )
    )
    if order_line.stock_unit is None or order_line.item_id is None:
        return
    counted = Quantity(abs(quantity), order_line.unit.code)
    if order_line.stock_unit != order_line.unit:
        counted = counted.convert(order_line.unit, order_line.stock_unit)
    work.move(
        StockFact(
            id=new_id(),
            kind="procurement.goods_receipt.reversed" if reverses else facts.GOODS_RECEIVED,
            company_id=document.company.id,
            document_id=document.id,
            line_id=line.id,
            effective_on=on,
            item_id=order_line.item_id,
            quantity=counted.amount,
            from_location_id=line.location_id if reverses else None,
            to_location_id=None if reverses else line.location_id,
            value=None if reverses else value.company,
            reverses_line_id=line.id if reverses else None,
        )
    )


GOODS_RECEIPT: Final[DocumentType[ProcurementWork]] = DocumentType(
    code="goods_receipt",
    context="procurement",
    collection="goods-receipts",
    label="Goods receipt",
    actions=(POST, CANCEL, REVERSE),
    view=GoodsReceiptView,
    on_enter={Phase.ACTIVE: when_active, Phase.VOID: when_void},
)
