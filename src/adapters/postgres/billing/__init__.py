"""Billing in PostgreSQL: what the services compose."""

from typing import Final

from adapters.postgres.billing import payments, supplier_invoices
from adapters.postgres.billing.open_items import OPEN_ITEM
from adapters.postgres.types import Part, named_document
from contexts.billing.errors import DuplicateSupplierReference

PART: Final = Part(
    documents={"supplier_invoice": supplier_invoices.SQL, "payment": payments.SQL},
    limits={"open_item": OPEN_ITEM},
    references={
        "supplier_invoice": named_document("supplier_invoice"),
        "payment": named_document("payment"),
    },
    refusals={
        "supplier_reference_key": lambda: DuplicateSupplierReference("The supplier's invoice is here already."),
    },
)
