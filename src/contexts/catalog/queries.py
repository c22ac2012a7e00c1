"""What items and units answer as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field
from bizcore.records import RecordType
from contexts.catalog.domain.item import ItemKind, Valuation


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """A good or a service."""

    id: Annotated[UUID, Field("Id")]
    sku: Annotated[str, Field("SKU")]
    name: Annotated[str, Field("Name")]
    kind: Annotated[ItemKind, Field("Kind")]
    unit: Annotated[UUID, Field("Stock unit", ref="unit")]
    unit_code: Annotated[str, Field("Stock unit", help="UN/ECE Recommendation 20", example="EA")]
    category: Annotated[str | None, Field("Category")]
    valuation: Annotated[Valuation | None, Field("Valuation", help="null for a service")]
    standard_cost: Annotated[Decimal | None, Field("Standard cost", help="per stock unit, in the company's currency")]
    sales_price: Annotated[Decimal | None, Field("Sales price", help="per stock unit, in the company's currency")]
    tax_code: Annotated[UUID | None, Field("Tax code", ref="tax_code")]
    active: Annotated[bool, Field("Active")]
    attributes: Annotated[Mapping[str, object], Field("Attributes")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """A unit of measure: numerator / denominator base units of its category, exactly."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code", help="UN/ECE Recommendation 20, or the organization's own")]
    name: Annotated[str, Field("Name")]
    category: Annotated[str, Field("Category", help="only units of one category convert")]
    numerator: Annotated[Decimal, Field("Numerator")]
    denominator: Annotated[Decimal, Field("Denominator")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


ITEM = RecordType("item", "catalog", "items", "Item", ItemView, sort="sku")
UNIT = RecordType("unit", "catalog", "units", "Unit", UnitView, sort="code")
