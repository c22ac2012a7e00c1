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


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderLineView:
    """One thing that is bought, and what of it came and was charged."""

    id: Annotated[UUID, Field("Id")]
    position: Annotated[int, Field("Position")]
    item: Annotated[UUID | None, Field("Item")]
    item_sku: Annotated[str | None, Field("Item")]
    item_name: Annotated[str | None, Field("Item")]
    description: Annotated[str | None, Field("Description")]
    quantity: Annotated[str, Field("Quantity")]
    unit: Annotated[str, Field("Unit")]
    unit_price: Annotated[str, Field("Unit price")]
    net_amount: Annotated[str, Field("Net")]
    tax_code: Annotated[UUID | None, Field("Tax code")]
    tax_code_code: Annotated[str | None, Field("Tax code")]
    requisition_line: Annotated[UUID | None, Field("Requisition line")]
    requisition_number: Annotated[str | None, Field("Requisition")]
    budget_line: Annotated[UUID | None, Field("Budget line")]
    budget_line_code: Annotated[str | None, Field("Budget line")]
    location: Annotated[UUID | None, Field("Location")]
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")]
    quantity_received: Annotated[str, Field("Received", help="Derived: less what went back")]
    amount_received: Annotated[str, Field("Received", help="Derived: at the order's price")]
    quantity_invoiced: Annotated[str, Field("Invoiced", help="Derived")]
    amount_invoiced: Annotated[str, Field("Invoiced", help="Derived: net, as charged")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderView(DocumentView):
    """A promise to buy."""

    supplier: Annotated[UUID, Field("Supplier")]
    supplier_code: Annotated[str, Field("Supplier")]
    supplier_name: Annotated[str, Field("Supplier")]
    order_date: Annotated[date, Field("Order date")]
    exchange_rate: Annotated[
        str | None, Field("Exchange rate", help="Of the order's date; null in the company's currency")
    ]
    net_total: Annotated[str, Field("Net")]
    receipt_status: Annotated[str, Field("Receipt", help="Derived: none, partial or complete")]
    invoice_status: Annotated[str, Field("Invoice", help="Derived: none, partial or complete")]
    lines: Annotated[tuple[PurchaseOrderLineView, ...], Field("Lines")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceiptLineView:
    """So much of one order line."""

    id: Annotated[UUID, Field("Id")]
    position: Annotated[int, Field("Position")]
    order_line: Annotated[UUID, Field("Order line")]
    item: Annotated[UUID | None, Field("Item")]
    item_sku: Annotated[str | None, Field("Item")]
    item_name: Annotated[str | None, Field("Item")]
    description: Annotated[str | None, Field("Description")]
    quantity: Annotated[str, Field("Quantity")]
    unit: Annotated[str, Field("Unit")]
    quantity_ordered_unit: Annotated[str, Field("Quantity", help="In the order line's unit")]
    unit_price: Annotated[str, Field("Unit price", help="The order's")]
    net_amount: Annotated[str, Field("Net", help="At the order's price")]
    location: Annotated[UUID | None, Field("Location")]
    lot: Annotated[str | None, Field("Lot")]
    serials: Annotated[tuple[str, ...], Field("Serial numbers")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceiptView(DocumentView):
    """What came of an order."""

    purchase_order: Annotated[UUID, Field("Purchase order")]
    purchase_order_number: Annotated[str | None, Field("Purchase order")]
    supplier: Annotated[UUID, Field("Supplier")]
    supplier_name: Annotated[str, Field("Supplier")]
    received_on: Annotated[date, Field("Received on")]
    lines: Annotated[tuple[GoodsReceiptLineView, ...], Field("Lines")]
