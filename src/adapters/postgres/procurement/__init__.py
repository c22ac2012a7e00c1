"""Procurement in PostgreSQL."""

from typing import Final

from adapters.postgres.procurement import goods_receipts, order_lines, purchase_orders, requisitions
from adapters.postgres.types import Part


def _document(type: str) -> str:
    return f"""SELECT id FROM platform.document
        WHERE type = '{type}' AND number = $given
        UNION ALL
        SELECT id FROM platform.document WHERE type = '{type}' AND id = platform.uuid_or_null($given)"""


def _line(table: str) -> str:
    return f"SELECT id FROM procurement.{table} WHERE id = platform.uuid_or_null($given)"


PART: Final = Part(
    documents={
        "requisition": requisitions.SQL,
        "purchase_order": purchase_orders.SQL,
        "goods_receipt": goods_receipts.SQL,
    },
    limits={"order_line": order_lines.LIMIT},
    references={
        **{type: _document(type) for type in ("requisition", "purchase_order", "goods_receipt")},
        "requisition_line": _line("requisition_line"),
        "order_line": _line("purchase_order_line"),
    },
)
