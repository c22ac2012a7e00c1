"""Everything that may be asked of billing."""

from typing import Final

from bizcore.registry import Registered, RegisteredQuery, Registry
from contexts.billing.queries import (
    Aging,
    AgingAnswer,
    OpenItems,
    OpenItemsAnswer,
    read_aging,
    read_open_items,
)
from contexts.billing.usecases.payments import (
    PAYMENT,
    AllocatePayment,
    ChangePayment,
    CreatePayment,
    UnallocatePayment,
    allocate_payment,
    change_payment,
    create_payment,
    unallocate_payment,
)
from contexts.billing.usecases.supplier_invoices import (
    SUPPLIER_INVOICE,
    ChangeSupplierInvoice,
    CreateSupplierInvoice,
    ReleaseBlock,
    change_supplier_invoice,
    create_supplier_invoice,
    release_block,
)

REGISTRY: Final = Registry(
    context="billing",
    document_types=(SUPPLIER_INVOICE, PAYMENT),
    commands=(
        Registered(
            CreateSupplierInvoice,
            "billing.supplier_invoice.create",
            "POST billing/supplier-invoices",
            create_supplier_invoice,
            SUPPLIER_INVOICE,
        ),
        Registered(
            ChangeSupplierInvoice,
            "billing.supplier_invoice.update",
            "PATCH billing/supplier-invoices/{id}",
            change_supplier_invoice,
            SUPPLIER_INVOICE,
        ),
        Registered(
            ReleaseBlock,
            "billing.supplier_invoice.release_block",
            "POST billing/supplier-invoices/{id}/release-block",
            release_block,
            SUPPLIER_INVOICE,
        ),
        Registered(CreatePayment, "billing.payment.create", "POST billing/payments", create_payment, PAYMENT),
        Registered(ChangePayment, "billing.payment.update", "PATCH billing/payments/{id}", change_payment, PAYMENT),
        Registered(
            AllocatePayment,
            "billing.payment.allocate",
            "POST billing/payments/{id}/allocate",
            allocate_payment,
            PAYMENT,
        ),
        Registered(
            UnallocatePayment,
            "billing.payment.unallocate",
            "POST billing/payments/{id}/unallocate",
            unallocate_payment,
            PAYMENT,
        ),
    ),
    queries=(
        RegisteredQuery(
            OpenItems, "billing.open_item.read", "GET billing/open-items", read_open_items, OpenItemsAnswer
        ),
        RegisteredQuery(Aging, "billing.open_item.read", "GET billing/aging", read_aging, AgingAnswer),
    ),
)
