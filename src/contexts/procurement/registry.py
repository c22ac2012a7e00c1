"""Everything that may be asked of procurement."""

from typing import Final

from bizcore.registry import Registered, RegisteredQuery, Registry
from contexts.procurement.reports import (
    Commitments,
    GetCommitments,
    GetGoodsReceivedNotInvoiced,
    GoodsReceivedNotInvoiced,
    commitments,
    received_not_invoiced,
)
from contexts.procurement.usecases.goods_receipts import (
    GOODS_RECEIPT,
    ChangeGoodsReceipt,
    CreateGoodsReceipt,
    change_goods_receipt,
    create_goods_receipt,
)
from contexts.procurement.usecases.purchase_orders import (
    PURCHASE_ORDER,
    AmendPurchaseOrder,
    ChangePurchaseOrder,
    CreatePurchaseOrder,
    amend_purchase_order,
    change_purchase_order,
    create_purchase_order,
)
from contexts.procurement.usecases.requisitions import (
    REQUISITION,
    AmendRequisition,
    ChangeRequisition,
    CreateRequisition,
    amend_requisition,
    change_requisition,
    create_requisition,
)

REGISTRY: Final = Registry(
    context="procurement",
    document_types=(REQUISITION, PURCHASE_ORDER, GOODS_RECEIPT),
    commands=(
        Registered(
            CreateRequisition,
            "procurement.requisition.create",
            "POST procurement/requisitions",
            create_requisition,
            REQUISITION,
        ),
        Registered(
            ChangeRequisition,
            "procurement.requisition.update",
            "PATCH procurement/requisitions/{id}",
            change_requisition,
            REQUISITION,
        ),
        Registered(
            AmendRequisition,
            "procurement.requisition.amend",
            "POST procurement/requisitions/{id}/amend",
            amend_requisition,
            REQUISITION,
        ),
        Registered(
            CreatePurchaseOrder,
            "procurement.purchase_order.create",
            "POST procurement/purchase-orders",
            create_purchase_order,
            PURCHASE_ORDER,
        ),
        Registered(
            ChangePurchaseOrder,
            "procurement.purchase_order.update",
            "PATCH procurement/purchase-orders/{id}",
            change_purchase_order,
            PURCHASE_ORDER,
        ),
        Registered(
            AmendPurchaseOrder,
            "procurement.purchase_order.amend",
            "POST procurement/purchase-orders/{id}/amend",
            amend_purchase_order,
            PURCHASE_ORDER,
        ),
        Registered(
            CreateGoodsReceipt,
            "procurement.goods_receipt.create",
            "POST procurement/goods-receipts",
            create_goods_receipt,
            GOODS_RECEIPT,
        ),
        Registered(
            ChangeGoodsReceipt,
            "procurement.goods_receipt.update",
            "PATCH procurement/goods-receipts/{id}",
            change_goods_receipt,
            GOODS_RECEIPT,
        ),
    ),
    queries=(
        RegisteredQuery(
            GetCommitments,
            "procurement.purchase_order.read",
            "GET procurement/commitments",
            commitments,
            Commitments,
        ),
        RegisteredQuery(
            GetGoodsReceivedNotInvoiced,
            "procurement.goods_receipt.read",
            "GET procurement/grni",
            received_not_invoiced,
            GoodsReceivedNotInvoiced,
        ),
    ),
)
