"""Procurement in PostgreSQL."""

from typing import Final

from adapters.postgres.procurement import goods_receipts, order_lines, purchase_orders, requisitions
from adapters.postgres.types import Part, named_document


def _line(table: str) -> str:
    return f"""SELECT l.id, d.company_id FROM procurement.{table} l JOIN platform.document d ON d.id = l.document_id
        WHERE l.id = platform.uuid_or_null($given)"""


PART: Final = Part(
    documents={
        "requisition": requisitions.SQL,
        "purchase_order": purchase_orders.SQL,
        "goods_receipt": goods_receipts.SQL,
    },
    limits={"order_line": order_lines.LIMIT},
    references={
        **{type: named_document(type) for type in ("requisition", "purchase_order", "goods_receipt")},
        "requisition_line": _line("requisition_line"),
        "order_line": _line("purchase_order_line"),
    },
)
