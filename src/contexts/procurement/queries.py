"""How procurement's papers and reports answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from bizcore.documents.view import DocumentView
from bizcore.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLineView:
    """One need, and how much of it orders have taken up."""

    id: Annotated[UUID, Field("Id")]
    position: Annotated[int, Field("Position")]
    item: Annotated[UUID | None, Field("Item")]
    item_sku: Annotated[str | None, Field("Item")]
    item_name: Annotated[str | None, Field("Item")]
    description: Annotated[str | None, Field("Description")]
    quantity: Annotated[str, Field("Quantity")]
    unit: Annotated[str, Field("Unit")]
    unit_price: Annotated[str | None, Field("Unit price")]
    net_amount: Annotated[str, Field("Net")]
    budget_line: Annotated[UUID | None, Field("Budget line")]
    budget_line_code: Annotated[str | None, Field("Budget line")]
    supplier: Annotated[UUID | None, Field("Supplier")]
    supplier_name: Annotated[str | None, Field("Supplier")]
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")]
    quantity_ordered: Annotated[str, Field("Ordered", help="Derived: by orders in force")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionView(DocumentView):
    """A request to buy."""

    needed_on: Annotated[date | None, Field("Needed on")]
    lines: Annotated[tuple[RequisitionLineView, ...], Field("Lines")]
