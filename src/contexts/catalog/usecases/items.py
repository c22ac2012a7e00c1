"""The commands of items, in the order of their life."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import given, merged
from contexts.catalog.domain.item import Item, ItemKind, Valuation
from contexts.catalog.ports import CatalogWork

Name = Annotated[str, Field("Name", min_length=1, max_length=200)]
Category = Annotated[
    str, Field("Category", help="Posting rules may find accounts by it", example="Office supplies", max_length=100)
]
Cost = Annotated[
    Decimal,
    Field("Standard cost", help="Per stock unit, in the company's currency", example="4.125", minimum=Decimal(0)),
]
Price = Annotated[
    Decimal, Field("Sales price", help="Per stock unit, in the company's currency", example="9.90", minimum=Decimal(0))
]
TaxCode = Annotated[UUID, Field("Tax code", help="Of its lines where none is given", ref="tax_code")]
Attributes = Annotated[
    Mapping[str, object], Field("Attributes", help="the organization's own fields; null takes one away")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateItem:
    """Add a good or a service."""

    sku: Annotated[
        str, Field("SKU", help="Unique", example="PAPER-A4", max_length=35, pattern=r"^[^\s](.*[^\s])?$", min_length=1)
    ]
    name: Name
    kind: Annotated[ItemKind, Field("Kind", help="stock: quantities and value are kept; service: they are not")]
    unit: Annotated[UUID, Field("Stock unit", help="What its stock is counted in", example="EA", ref="unit")]
    category: Category | None = None
    valuation: (
        Annotated[Valuation, Field("Valuation", help="How issues are valued; first in, first out when left out")] | None
    ) = None
    standard_cost: Cost | None = None
    sales_price: Price | None = None
    tax_code: TaxCode | None = None
    attributes: Attributes | None = None


async def create_item(command: CreateItem, work: CatalogWork) -> UUID:
    valuation = command.valuation
    if valuation is None and command.kind == "stock":
        valuation = "fifo"
    item = Item(
        id=new_id(),
        sku=command.sku,
        name=command.name,
        kind=command.kind,
        unit=command.unit,
        category=command.category,
        valuation=valuation,
        standard_cost=command.standard_cost,
        sales_price=command.sales_price,
        tax_code=command.tax_code,
        attributes=merged({}, command.attributes or {}),
    )
    work.items.add(item)
    return item.id


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateItem:
    """Change an item; what is left out stays, null clears. Unit, kind and valuation are for ever: make another item."""

    id: Annotated[UUID, Field("Item")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None
    name: Name | Unset = UNSET
    category: Category | Unset | None = UNSET
    standard_cost: Cost | Unset | None = UNSET
    sales_price: Price | Unset | None = UNSET
    tax_code: TaxCode | Unset | None = UNSET
    attributes: Attributes | Unset = UNSET


async def update_item(command: UpdateItem, work: CatalogWork) -> UUID:
    item = await work.items.get(command.id, version=command.version)
    changes = given(command)
    if "attributes" in changes:
        changes["attributes"] = merged(item.attributes, changes["attributes"])
    work.items.save(replace(item, **changes))
    return item.id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateItem:
    """Take an item out of use: nothing new may name it, what does so already stays."""

    id: Annotated[UUID, Field("Item")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None


async def deactivate_item(command: DeactivateItem, work: CatalogWork) -> UUID:
    item = await work.items.get(command.id, version=command.version)
    work.items.save(replace(item, active=False), happened="deactivated")
    return item.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateItem:
    """Take an item into use again."""

    id: Annotated[UUID, Field("Item")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None


async def activate_item(command: ActivateItem, work: CatalogWork) -> UUID:
    item = await work.items.get(command.id, version=command.version)
    work.items.save(replace(item, active=True), happened="activated")
    return item.id
