"""An item: a good that is kept in stock, or a service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID

from bizcore.errors import ValidationFailed

ItemKind = Literal["stock", "service"]
Valuation = Literal["fifo", "average", "standard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Unit, kind and valuation are what its stock and its value were counted in: they never change.

    `standard_cost` and `sales_price` are per stock unit, in the company's currency. Errors: VALIDATION_FAILED for a
    valuation of what has no stock, and for a standard valuation without a cost.
    """

    id: UUID
    sku: str
    name: str
    kind: ItemKind
    unit: UUID
    category: str | None = None
    valuation: Valuation | None = None
    standard_cost: Decimal | None = None
    sales_price: Decimal | None = None
    tax_code: UUID | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    active: bool = True

    def __post_init__(self) -> None:
        if (self.kind == "stock") is not (self.valuation is not None):
            raise ValidationFailed.at(
                "/valuation",
                "STOCK_IS_VALUED",
                "What is kept in stock is valued, a service is not.",
                given=self.valuation,
            )
        if self.valuation == "standard" and self.standard_cost is None:
            raise ValidationFailed.at("/standard_cost", "REQUIRED", "A standard valuation needs its cost.")
