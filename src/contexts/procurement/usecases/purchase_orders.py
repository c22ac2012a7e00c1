"""Purchase orders: written, approved into a promise that holds its budget, amended, closed or cancelled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

from bizcore.documents import Company, Document, DocumentType, LineLink, LinkKind, Phase
from bizcore.documents.lines import line_ids
from bizcore.documents.type import APPROVE, CANCEL, CLOSE, REJECT, REOPEN, SUBMIT
from bizcore.errors import ValidationFailed, WrongPhase
from bizcore.fields import UNSET, Field, Reason, Unset
from bizcore.limits import LimitKey
from bizcore.platform.changes import merged
from bizcore.values import UnitMismatch
from contexts.parties.public import PartyFacts, supplier
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.purchase_order import PurchaseOrder, PurchaseOrderLine
from contexts.procurement.domain.requisition import Need
from contexts.procurement.errors import AnotherCompany, BudgetLineMissing
from contexts.procurement.ports import ProcurementWork
from contexts.procurement.queries import PurchaseOrderView
from contexts.procurement.usecases.agreed_prices import agree_prices
from contexts.procurement.usecases.commitments import ORDERED, REQUESTED, Due, commit
from contexts.procurement.usecases.lifetime import binds_anew, effective_on, was_active
from contexts.procurement.usecases.lines import goods_of, known_currency, refuse_anothers
from contexts.procurement.usecases.terms import terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderLineInput:
    """One thing to buy. What is left out is the requisition line's, where one is named."""

    id: Annotated[UUID | None, Field("Id", help="Of the line that this one changes")] = None
    item: Annotated[UUID | None, Field("Item", ref="item")] = None
    description: Annotated[str | None, Field("Description", example="Workbench", min_length=1, max_length=500)] = None
    quantity: Annotated[Decimal, Field("Quantity", example="10", above=Decimal(0))]
    unit: Annotated[UUID | None, Field("Unit", help="The item's, else EA", example="EA", ref="unit")] = None
    unit_price: Annotated[Decimal, Field("Unit price", help="Without tax", example="12.50", minimum=Decimal(0))]
    tax_code: Annotated[UUID | None, Field("Tax code", help="The item's, else the supplier's", ref="tax_code")] = None
    requisition_line: Annotated[
        UUID | None, Field("Requisition line", help="What it takes up", ref="requisition_line")
    ] = None
    budget_line: Annotated[UUID | None, Field("Budget line", ref="budget_line")] = None
    dimensions: Annotated[Mapping[str, str] | None, Field("Dimensions", example={"cost_centre": "1000"})] = None
    location: Annotated[UUID | None, Field("Location", help="Where it shall arrive", ref="location")] = None


OrderLines = Annotated[tuple[PurchaseOrderLineInput, ...], Field("Lines", min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePurchaseOrder:
    """Promise to buy from a supplier."""

    company: Annotated[UUID | None, Field("Company", help="The requisition's", ref="company")] = None
    supplier: Annotated[UUID, Field("Supplier", ref="party")]
    currency: Annotated[
        str | None, Field("Currency", help="ISO 4217; the supplier's, else the company's", pattern="^[A-Z]{3}$")
    ] = None
    order_date: Annotated[date | None, Field("Order date", help="Today", document_date=True)] = None
    title: Annotated[str | None, Field("Title", max_length=200)] = None
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None
    lines: OrderLines


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderChanges:
    """What shall be different. What is left out stays; lines replace all lines."""

    title: Annotated[str | Unset | None, Field("Title", max_length=200)] = UNSET
    attributes: Annotated[Mapping[str, object] | Unset | None, Field("Attributes", help="null takes one away")] = UNSET
    lines: OrderLines | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePurchaseOrder(PurchaseOrderChanges):
    """Change an order that is still a draft."""

    id: Annotated[UUID, Field("Order")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    supplier: Annotated[UUID | Unset, Field("Supplier", help="Before it is first approved", ref="party")] = UNSET
    order_date: Annotated[date | Unset, Field("Order date", help="Before it is first approved", document_date=True)] = (
        UNSET
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendPurchaseOrder:
    """Change an approved order. It returns to review, holds what it held until approved again, and waits for goods."""

    id: Annotated[UUID, Field("Order")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    changes: Annotated[PurchaseOrderChanges, Field("Changes")]
    reason: Reason


async def create_purchase_order(command: CreatePurchaseOrder, work: ProcurementWork) -> UUID:
    party = await supplier(command.supplier, work)
    needs = await _needs((line.requisition_line for line in command.lines), work)
    company = _company(command.company, needs, work)
    document = work.new_document(
        PURCHASE_ORDER,
        company=company,
        currency=known_currency(command.currency) or party.currency,
        party_id=party.id,
        document_date=command.order_date,
        title=command.title,
        attributes=merged({}, command.attributes),
    )
    lines = await _lines(command.lines, line_ids(command.lines), needs, party, company, work)
    order = PurchaseOrder(document, await terms_of(document, work), lines)
    _refuse_over_ordered(order, needs, {})
    order.total_up()
    work.purchase_orders.add(order)
    _relate(order, needs, work)
    return document.id


async def change_purchase_order(command: ChangePurchaseOrder, work: ProcurementWork) -> UUID:
    document = await work.load(command.id, type=PURCHASE_ORDER, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    order = work.purchase_orders.get(document.id)
    if not isinstance(command.supplier, Unset) or not isinstance(command.order_date, Unset):
        if was_active(document):
            raise WrongPhase(
                "Supplier and date stay as they were approved: cancel the order and write a new one.",
                phase=document.phase,
            )
        if not isinstance(command.supplier, Unset):
            document.party_id = (await supplier(command.supplier, work)).id
        if not isinstance(command.order_date, Unset):
            document.document_date = command.order_date
            order.terms = await terms_of(document, work)
            order.total_up()
    await _rewrite(order, command, work)
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def amend_purchase_order(command: AmendPurchaseOrder, work: ProcurementWork) -> UUID:
    document = await work.load(command.id, type=PURCHASE_ORDER, version=command.version)
    document.require(Phase.ACTIVE, doing="amended")
    try:
        await _rewrite(work.purchase_orders.get(document.id), command.changes, work)
    except ValidationFailed as refusal:
        raise refusal.within("/changes") from None
    review = document.review_state().code
    document.record_change("amend", work.principal.id, work.call.at, command.reason, state=review)
    return document.id


async def _rewrite(order: PurchaseOrder, changes: PurchaseOrderChanges, work: ProcurementWork) -> None:
    document = order.document
    if not isinstance(changes.title, Unset):
        document.title = changes.title
    document.attributes = merged(document.attributes, changes.attributes)
    if not isinstance(changes.lines, Unset):
        assert document.party_id is not None
        present = {line.id: line for line in order.lines if line.quantity}
        given = [_kept(line, present) for line in changes.lines]
        needs = await _needs([*(line.requisition_line for line in given), *order.requisition_line_ids], work)
        _company(document.company.id, needs, work)
        party = await supplier(document.party_id, work)
        ids = line_ids(given, present)
        standing = await _standing(order, work)
        order.rewrite(
            await _lines(given, ids, needs, party, document.company, work, present),
            standing=standing,
            binding=was_active(document),
        )
        _refuse_over_ordered(order, needs, standing)
        _relate(order, needs, work)
    work.purchase_orders.save(order)


async def _needs(line_ids: Iterable[UUID | None], work: ProcurementWork) -> Mapping[UUID, Need]:
    ids = {id for id in line_ids if id is not None}
    return await work.requisitions.needs(ids) if ids else {}


def _company(given: UUID | None, needs: Mapping[UUID, Need], work: ProcurementWork) -> Company:
    """The given company, else the requisitions'. Errors: UNKNOWN_REFERENCE, ANOTHER_COMPANY for a requisition's."""
    asking = {work.company(need.company_id).id for need in needs.values()}
    company = work.company(given or (asking.pop() if len(asking) == 1 else None))
    if any(need.company_id != company.id for need in needs.values()):
        raise AnotherCompany("The requisition is of another company than the order.", company=company.code)
    return company


async def _lines(
    given: Sequence[PurchaseOrderLineInput],
    ids: Sequence[UUID],
    needs: Mapping[UUID, Need],
    party: PartyFacts,
    company: Company,
    work: ProcurementWork,
    present: Mapping[UUID, PurchaseOrderLine] = MappingProxyType({}),
) -> list[PurchaseOrderLine]:
    for index, line in enumerate(given):
        if line.location is not None:
            work.require_own(company, line.location, f"/lines/{index}/location")
    refuse_anothers(given, company, work)
    filled = [_filled_in(line, needs) for line in given]
    goods = await goods_of(filled, work)
    lines = []
    for line, id in zip(filled, ids, strict=True):
        item = goods.items[line.item] if line.item is not None else None
        need = needs[line.requisition_line].line if line.requisition_line is not None else None
        inherited = present.get(id) or need
        if line.unit is None and inherited is not None and inherited.item_id == line.item:
            unit = inherited.unit
        else:
            unit = goods.unit(line.unit, line.item).code
        lines.append(
            PurchaseOrderLine(
                id=id,
                item_id=line.item,
                description=line.description,
                quantity=line.quantity,
                unit=unit,
                unit_price=line.unit_price,
                tax_code_id=line.tax_code or (item.tax_code_id if item else None) or party.tax_code_id,
                requisition_line_id=line.requisition_line,
                budget_line_id=line.budget_line or (need.budget_line_id if need else None),
                location_id=line.location,
                dimensions=dict(line.dimensions if line.dimensions is not None else need.dimensions if need else {}),
            )
        )
    return lines


def _kept(line: PurchaseOrderLineInput, present: Mapping[UUID, PurchaseOrderLine]) -> PurchaseOrderLineInput:
    """A line that names a present one and does not say what it is: it stays what it was."""
    earlier = present.get(line.id) if line.id is not None else None
    if earlier is None:
        return line
    line = replace(line, requisition_line=line.requisition_line or earlier.requisition_line_id)
    if line.item is None and line.description is None:
        line = replace(line, item=earlier.item_id, description=earlier.description)
    return line


def _filled_in(line: PurchaseOrderLineInput, needs: Mapping[UUID, Need]) -> PurchaseOrderLineInput:
    """With the requisition line's item or description where it says neither."""
    if line.requisition_line is None or line.item is not None or line.description is not None:
        return line
    need = needs[line.requisition_line].line
    return replace(line, item=need.item_id, description=need.description)


@dataclass(frozen=True, slots=True)
class _TakingUp:
    """By how much an order line will take up more of a requisition line than it does."""

    line_id: UUID
    need_id: UUID
    change: Decimal


def _taking_up(
    order: PurchaseOrder, needs: Mapping[UUID, Need], standing: Mapping[UUID, OrderedLine], *, open: bool
) -> list[_TakingUp]:
    """What is given back comes first: it is free for the rest. Errors: UNIT_MISMATCH."""
    changes = []
    for line in order.lines:
        if line.requisition_line_id is None:
            continue
        expected = needs[line.requisition_line_id].line.unit
        if line.unit != expected:
            raise UnitMismatch(
                "An order takes up a requisition line in the requisition's unit.", given=line.unit, expected=expected
            )
        taken = standing[line.id].quantity_taken_up if line.id in standing else Decimal(0)
        changes.append(_TakingUp(line.id, line.requisition_line_id, (line.quantity if open else Decimal(0)) - taken))
    return sorted(changes, key=lambda taking: taking.change)


def _refuse_over_ordered(
    order: PurchaseOrder, needs: Mapping[UUID, Need], standing: Mapping[UUID, OrderedLine]
) -> None:
    """Early, and without a lock; the approval decides. Errors: WRONG_PHASE, REQUISITION_OVER_ORDERED."""
    seen = dict(needs)
    for taking in _taking_up(order, needs, standing, open=True):
        if taking.change > 0:
            seen[taking.need_id].refuse_taking(taking.change)
        seen[taking.need_id] = seen[taking.need_id].take(taking.change)


def _relate(order: PurchaseOrder, needs: Mapping[UUID, Need], work: ProcurementWork) -> None:
    for requisition_id in {need.requisition_id for need in needs.values()} - order.requisition_ids:
        work.relate(LinkKind.ORIGINATES, source=order.document.id, target=requisition_id)


async def _standing(order: PurchaseOrder, work: ProcurementWork) -> dict[UUID, OrderedLine]:
    """How each line stands, locked. A line that an amendment added stands at nothing."""
    limits = await work.limits([LimitKey("order_line", line.id) for line in order.lines])
    return {key.id: work.purchase_orders.line(limit) for key, limit in limits.items()}


async def when_active(document: Document, work: ProcurementWork) -> None:
    """An order binds us: it takes up its requisition lines, whose budget passes to it, before the supplier sees it.

    Approved again after an amendment, or reopened, it books the difference and agrees to its prices.
    Errors: REQUISITION_OVER_ORDERED, BUDGET_EXCEEDED, BUDGET_LINE_MISSING.
    """
    order = work.purchase_orders.get(document.id)
    await _refuse_without_budget(order, work)
    standing = await _standing(order, work)
    await _take_up(order, standing, work, open=True)
    await _encumber(order, standing, work, open=True)
    if binds_anew(document):
        await agree_prices(order, standing.values(), work, on=effective_on(document, work))
    work.tell(document, {"lines": [_told(line) for line in order.lines if line.quantity]})


async def _refuse_without_budget(order: PurchaseOrder, work: ProcurementWork) -> None:
    without = [line.id for line in order.lines if line.quantity and line.budget_line_id is None]
    if without and not (await work.policies.of(order.document.company.id)).lines_without_budget:
        raise BudgetLineMissing("Every line names the budget that pays for it: so the company decided.", lines=without)


def _told(line: PurchaseOrderLine) -> dict[str, object]:
    return {
        "id": line.id,
        "item": line.item_id,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "requisition_line": line.requisition_line_id,
    }


async def when_closed(document: Document, work: ProcurementWork) -> None:
    """Nothing more will come: what is left of its budget is free. The requisitions stay answered."""
    order = work.purchase_orders.get(document.id)
    await _encumber(order, await _standing(order, work), work, open=False)


async def when_void(document: Document, work: ProcurementWork) -> None:
    """Cancelled: the budget is free, the needs are open again. Errors: BELOW_RECEIVED, BELOW_INVOICED."""
    order = work.purchase_orders.get(document.id)
    standing = await _standing(order, work)
    order.refuse_when_used(standing)
    await _encumber(order, standing, work, open=False)
    await _take_up(order, standing, work, open=False)


async def _take_up(
    order: PurchaseOrder, standing: Mapping[UUID, OrderedLine], work: ProcurementWork, *, open: bool
) -> None:
    limits = await work.limits(
        LimitKey("order_line", line.requisition_line_id) for line in order.lines if line.requisition_line_id
    )
    needs = {key.id: work.requisitions.need(limit) for key, limit in limits.items()}
    document, on = order.document, effective_on(order.document, work)
    for taking in _taking_up(order, needs, standing, open=open):
        if not taking.change:
            continue
        need = needs[taking.need_id]
        if taking.change > 0:
            need.refuse_taking(taking.change)
        needs[taking.need_id] = taken = need.take(taking.change)
        work.link(
            LineLink(
                kind=LinkKind.ORIGINATES,
                source_line_id=taking.line_id,
                target_line_id=taking.need_id,
                document_id=document.id,
                effective_on=on,
                quantity=taking.change,
                amount_minor=(need.pre_encumbrance - taken.pre_encumbrance).amount.minor,
            )
        )
    # A requisition under amendment books its new content when that is approved; one that is over holds nothing.
    dues = [
        Due(need.line, need.pre_encumbrance, limits[LimitKey("order_line", id)], need.requested_on)
        for id, need in needs.items()
        if need.phase is Phase.ACTIVE
    ]
    await commit(work, REQUESTED, dues, by=document, on=on, hold=open)


async def _encumber(
    order: PurchaseOrder, standing: Mapping[UUID, OrderedLine], work: ProcurementWork, *, open: bool
) -> None:
    document = order.document
    limits = await work.limits([LimitKey("order_line", line.id) for line in order.lines])
    dues = [
        Due(line, standing[line.id].encumbrance if open else order.terms.zero, limits[LimitKey("order_line", line.id)])
        for line in order.lines
    ]
    await commit(
        work, ORDERED, dues, by=document, on=effective_on(document, work), party_id=document.party_id, hold=open
    )


PURCHASE_ORDER: Final[DocumentType[ProcurementWork]] = DocumentType(
    code="purchase_order",
    context="procurement",
    collection="purchase-orders",
    label="Purchase order",
    actions=(SUBMIT, APPROVE, REJECT, CANCEL, CLOSE, REOPEN),
    view=PurchaseOrderView,
    on_enter={Phase.ACTIVE: when_active, Phase.DONE: when_closed, Phase.VOID: when_void},
)
