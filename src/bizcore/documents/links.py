"""Links: how lines and documents of a chain are tied, with the quantity and amount that one gives to the other."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class LinkKind(StrEnum):
    ORIGINATES = "originates"  # an order line takes up a requisition line
    FULFILS = "fulfils"  # a receipt line delivers an order line
    BILLS = "bills"  # an invoice line charges an order line
    SETTLES = "settles"  # a payment pays an invoice
    REVERSES = "reverses"  # a document takes another back


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLink:
    """What `source_line_id` gives to `target_line_id`. Received, invoiced, settled and open are sums over these.

    `quantity` in the target line's unit and `amount_minor` in its document's currency; both negative when a reversal
    gives them back. `document_id` is the document whose action wrote the link.
    """

    kind: LinkKind
    source_line_id: UUID
    target_line_id: UUID
    document_id: UUID
    effective_on: date
    quantity: Decimal = Decimal(0)
    amount_minor: int = 0
