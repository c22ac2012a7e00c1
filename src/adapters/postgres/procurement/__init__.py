"""Procurement in PostgreSQL."""

from typing import Final

from adapters.postgres.procurement import commitments, requisitions
from adapters.postgres.types import Part

PART: Final = Part(
    documents={"requisition": requisitions.SQL},
    limits={"order_line": commitments.ORDER_LINE},
    references={
        "requisition": """SELECT id FROM platform.document
            WHERE type = 'requisition' AND (number = $given OR id = platform.uuid_or_null($given))""",
        "requisition_line": "SELECT id FROM procurement.requisition_line WHERE id = platform.uuid_or_null($given)",
    },
)
