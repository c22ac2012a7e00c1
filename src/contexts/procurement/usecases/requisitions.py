"""Requisitions: asked for, changed, approved into a pre-encumbrance, taken up by orders, closed or cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

from bizcore.documents import Company, Document, DocumentType, Phase
from bizcore.documents.lines import line_ids
from bizcore.documents.type import APPROVE, CANCEL, CLOSE, REJECT, REOPEN, SUBMIT
from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Field, Reason, Unset
from bizcore.limits import LimitKey
from bizcore.platform.changes import merged
from contexts.procurement.domain.requisition import Requisition, RequisitionLine
from contexts.procurement.ports import ProcurementWork
from contexts.procurement.queries import RequisitionView
from contexts.procurement.usecases.commitments import REQUESTED, Due, commit
from contexts.procurement.usecases.lifetime import effective_on, was_active
from contexts.procurement.usecases.lines import goods_of, known_currency, refuse_anothers
from contexts.procurement.usecases.terms import terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLineInput:
    """One thing that is needed: an item, or a description where there is none."""

    id: Annotated[UUID | None, Field("Id", help="Of the line that this one changes")] = None
    item: Annotated[UUID | None, Field("Item", ref="item")] = None
    description: Annotated[str | None, Field("Description", example="Workbench", min_length=1, max_length=500)] = None
    quantity: Annotated[Decimal, Field("Quantity", example="10", above=Decimal(0))]
    unit: Annotated[UUID | None, Field("Unit", help="The item's, else EA", example="EA", ref="unit")] = None
    unit_price: Annotated[
        Decimal | None, Field("Unit price", help="As far as known, without tax", example="12.50", minimum=Decimal(0))
    ] = None
    budget_line: Annotated[UUID | None, Field("Budget line", ref="budget_line")] = None
    dimensions: Annotated[Mapping[str, str] | None, Field("Dimensions", example={"cost_centre": "1000"})] = None
    supplier: Annotated[UUID | None, Field("Supplier", help="Who might deliver it", ref="party")] = None


Lines = Annotated[tuple[RequisitionLineInput, ...], Field("Lines", min_length=1)]
NeededOn = Annotated[date | Unset | None, Field("Needed on")]
Title = Annotated[str | Unset | None, Field("Title", max_length=200)]
Attributes = Annotated[Mapping[str, object] | Unset | None, Field("Attributes", help="null takes one away")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequisition:
    """Ask for something to be bought."""

    company: Annotated[UUID | None, Field("Company", ref="company")] = None
    requested_on: Annotated[date | None, Field("Requested on", help="Today", document_date=True)] = None
    needed_on: Annotated[date | None, Field("Needed on")] = None
    currency: Annotated[str | None, Field("Currency", help="ISO 4217; the company's", pattern="^[A-Z]{3}$")] = None
    title: Annotated[str | None, Field("Title", max_length=200)] = None
    attributes: Annotated[Mapping[str, object] | None, Field("Attributes")] = None
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionChanges:
    """What shall be different. What is left out stays; lines replace all lines."""

    needed_on: NeededOn = UNSET
    title: Title = UNSET
    attributes: Attributes = UNSET
    lines: Lines | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequisition(RequisitionChanges):
    """Change a requisition that is still a draft."""

    id: Annotated[UUID, Field("Requisition")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendRequisition:
    """Change an approved requisition. It returns to review, and holds what it held until it is approved again."""

    id: Annotated[UUID, Field("Requisition")]
    version: Annotated[int | None, Field("Version", help="The one it was read at")] = None
    changes: Annotated[RequisitionChanges, Field("Changes")]
    reason: Reason


async def create_requisition(command: CreateRequisition, work: ProcurementWork) -> UUID:
    company = work.company(command.company)
    document = work.new_document(
        REQUISITION,
        company=company,
        currency=known_currency(command.currency),
        document_date=command.requested_on,
        title=command.title,
        attributes=merged({}, command.attributes),
    )
    lines = await _lines(command.lines, line_ids(command.lines), company, work)
    requisition = Requisition(document, await terms_of(document, work), command.needed_on, lines)
    requisition.total_up()
    work.requisitions.add(requisition)
    return document.id


async def change_requisition(command: ChangeRequisition, work: ProcurementWork) -> UUID:
    document = await work.load(command.id, type=REQUISITION, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    await _rewrite(document, command, work)
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def amend_requisition(command: AmendRequisition, work: ProcurementWork) -> UUID:
    document = await work.load(command.id, type=REQUISITION, version=command.version)
    document.require(Phase.ACTIVE, doing="amended")
    try:
        await _rewrite(document, command.changes, work)
    except ValidationFailed as refusal:
        raise refusal.within("/changes") from None
    review = document.review_state().code
    document.record_change("amend", work.principal.id, work.call.at, command.reason, state=review)
    return document.id


async def _rewrite(document: Document, changes: RequisitionChanges, work: ProcurementWork) -> None:
    requisition = work.requisitions.get(document.id)
    if not isinstance(changes.needed_on, Unset):
        requisition.needed_on = changes.needed_on
    if not isinstance(changes.title, Unset):
        document.title = changes.title
    document.attributes = merged(document.attributes, changes.attributes)
    if not isinstance(changes.lines, Unset):
        present = {line.id: line for line in requisition.lines if line.quantity}
        limits = await work.limits(_keys(requisition))
        requisition.rewrite(
            await _lines(changes.lines, line_ids(changes.lines, present), document.company, work, present),
            ordered={key.id: limit.taken for key, limit in limits.items()},
            binding=was_active(document),
        )
    work.requisitions.save(requisition)


async def _lines(
    given: Sequence[RequisitionLineInput],
    ids: Sequence[UUID],
    company: Company,
    work: ProcurementWork,
    present: Mapping[UUID, RequisitionLine] = MappingProxyType({}),
) -> list[RequisitionLine]:
    given = [_kept(line, present) for line in given]
    refuse_anothers(given, company, work)
    goods = await goods_of(given, work)
    lines = []
    for line, id in zip(given, ids, strict=True):
        earlier = present.get(id)
        if line.unit is None and earlier is not None and earlier.item_id == line.item:
            unit = earlier.unit
        else:
            unit = goods.unit(line.unit, line.item).code
        lines.append(
            RequisitionLine(
                id=id,
                item_id=line.item,
                description=line.description,
                quantity=line.quantity,
                unit=unit,
                unit_price=line.unit_price,
                budget_line_id=line.budget_line,
                supplier_id=line.supplier,
                dimensions=dict(line.dimensions or {}),
            )
        )
    return lines


def _kept(line: RequisitionLineInput, present: Mapping[UUID, RequisitionLine]) -> RequisitionLineInput:
    """A line that names a present one and does not say what it is: it stays what it was."""
    earlier = present.get(line.id) if line.id is not None else None
    if earlier is None or line.item is not None or line.description is not None:
        return line
    return replace(line, item=earlier.item_id, description=earlier.description)


async def when_active(document: Document, work: ProcurementWork) -> None:
    """An approved need holds its budget ahead of any order; approved again, it holds the difference."""
    await _hold(document, work, open=True)
    lines = work.requisitions.get(document.id).lines
    work.tell(document, {"lines": [_told(line) for line in lines if line.quantity]})


def _told(line: RequisitionLine) -> dict[str, object]:
    return {
        "id": line.id,
        "item": line.item_id,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "supplier": line.supplier_id,
    }


async def when_over(document: Document, work: ProcurementWork) -> None:
    """Closed or cancelled, it gives back what no order has taken up."""
    await _hold(document, work, open=False)


async def _hold(document: Document, work: ProcurementWork, *, open: bool) -> None:
    requisition = work.requisitions.get(document.id)
    limits = await work.limits(_keys(requisition))
    dues = []
    for line in requisition.lines:
        limit = limits[LimitKey("order_line", line.id)]
        terms = requisition.terms
        value = line.pre_encumbrance(terms, ordered=limit.taken) if open else terms.zero
        dues.append(Due(line, value, limit))
    await commit(work, REQUESTED, dues, by=document, on=effective_on(document, work))


def _keys(requisition: Requisition) -> list[LimitKey]:
    return [LimitKey("order_line", line.id) for line in requisition.lines]


REQUISITION: Final[DocumentType[ProcurementWork]] = DocumentType(
    code="requisition",
    context="procurement",
    collection="requisitions",
    label="Requisition",
    actions=(SUBMIT, APPROVE, REJECT, CANCEL, CLOSE, REOPEN),
    view=RequisitionView,
    on_enter={Phase.ACTIVE: when_active, Phase.DONE: when_over, Phase.VOID: when_over},
)
