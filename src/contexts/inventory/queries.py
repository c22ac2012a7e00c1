"""What may be asked of stock, and how it answers. Amounts are in the company's currency, quantities in stock units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Protocol
from uuid import UUID

from bizcore.bounds import MAX_PAGE
from bizcore.explained import Explained
from bizcore.fields import Field

CompanyField = Annotated[UUID, Field("Company", ref="company")]
ItemField = Annotated[UUID, Field("Item", ref="item")]
LocationField = Annotated[UUID, Field("Location", ref="location")]
AsOf = Annotated[date, Field("As of", help="What counts until the end of this day; all of it where left out")]
KnownAt = Annotated[datetime, Field("Known at", help="What was recorded by this instant; all that is where left out")]
ExplainField = Annotated[bool, Field("Explain", help="Adds the rows that each number is the sum of")]

_Code = Annotated[str, Field("Currency", help="ISO 4217", example="EUR")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationView:
    """A place where goods lie."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code", example="MAIN")]
    name: Annotated[str, Field("Name", example="Main warehouse")]
    company: CompanyField
    company_code: Annotated[str, Field("Company code")]
    is_default: Annotated[bool, Field("Default", help="Where goods go that are not told where")]
    active: Annotated[bool, Field("Active")]
    attributes: Annotated[Mapping[str, object], Field("Attributes")]
    version: Annotated[int, Field("Version")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """How much of each item there is, and what it is worth."""

    company: CompanyField | None = None
    item: ItemField | None = None
    location: LocationField | None = None
    group_by: Annotated[
        Literal["item", "location"], Field("One row for", help="item: each item; location: each item and location")
    ] = "item"
    explain: ExplainField = False
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """The stock of an item, or of an item at a location."""

    item: Annotated[UUID, Field("Item")]
    item_sku: Annotated[str, Field("Item")]
    item_name: Annotated[str, Field("Item")]
    unit: Annotated[str, Field("Unit")]
    location: Annotated[UUID | None, Field("Location")]
    location_code: Annotated[str | None, Field("Location")]
    on_hand: Annotated[str, Field("On hand", help="Moves in less moves out")]
    reserved: Annotated[str, Field("Reserved", help="The sum of reservations, of which no document makes any")]
    available: Annotated[str, Field("Available", help="On hand less reserved")]
    value: Annotated[str | None, Field("Value", help="null for a location: an item is valued over the whole company")]
    explain: Annotated[Mapping[str, Explained] | None, Field("Explain", help="By member")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAnswer:
    """Stock of one company."""

    company: CompanyField
    currency: _Code
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    data: Annotated[tuple[StockRow, ...], Field("Rows")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What the stock is worth, item by item, with the layers that are left."""

    company: CompanyField | None = None
    item: ItemField | None = None
    explain: ExplainField = False
    as_of: AsOf | None = None
    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRow:
    """What is left of one receipt."""

    document: Annotated[UUID, Field("Document")]
    document_number: Annotated[str | None, Field("Number")]
    effective_on: Annotated[date, Field("Date")]
    quantity: Annotated[str, Field("Quantity")]
    value: Annotated[str | None, Field("Value", help="null under average: the value belongs to the whole")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationRow:
    """One item."""

    item: Annotated[UUID, Field("Item")]
    item_sku: Annotated[str, Field("Item")]
    item_name: Annotated[str, Field("Item")]
    unit: Annotated[str, Field("Unit")]
    valuation: Annotated[str, Field("Valuation", help="fifo, average or standard")]
    quantity: Annotated[str, Field("Quantity")]
    value: Annotated[str, Field("Value")]
    layers: Annotated[tuple[LayerRow, ...], Field("Layers", help="Oldest first")]
    explain: Annotated[Mapping[str, Explained] | None, Field("Explain", help="By member")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationAnswer:
    """The value of one company's stock, equal to its stock accounts as of the same day."""

    company: CompanyField
    currency: _Code
    as_of: Annotated[date | None, Field("As of")]
    known_at: Annotated[datetime | None, Field("Known at")]
    rows: Annotated[tuple[ValuationRow, ...], Field("Items")]
    total: Annotated[str, Field("Total")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Every move of stock, newest first."""

    company: CompanyField | None = None
    item: ItemField | None = None
    location: LocationField | None = None
    as_of: AsOf | None = None
    known_at: KnownAt | None = None
    limit: Annotated[int, Field("Rows", minimum=Decimal(1), maximum=Decimal(MAX_PAGE))] = 50
    cursor: Annotated[str | None, Field("Cursor", help="next_cursor of the page before")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One move. A place that is null is outside: the supplier, the customer."""

    id: Annotated[UUID, Field("Id")]
    kind: Annotated[str, Field("Kind", example="procurement.goods_receipt.received")]
    item: Annotated[UUID, Field("Item")]
    item_sku: Annotated[str, Field("Item")]
    item_name: Annotated[str, Field("Item")]
    quantity: Annotated[str, Field("Quantity")]
    unit: Annotated[str, Field("Unit")]
    from_location: Annotated[UUID | None, Field("From")]
    from_location_code: Annotated[str | None, Field("From")]
    to_location: Annotated[UUID | None, Field("To")]
    to_location_code: Annotated[str | None, Field("To")]
    effective_on: Annotated[date, Field("Date")]
    recorded_at: Annotated[str, Field("Recorded at")]
    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Type")]
    document_number: Annotated[str | None, Field("Number")]
    line: Annotated[UUID | None, Field("Line")]
    value: Annotated[str, Field("Value", help="What came in or left; 0 between two places of the company")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesAnswer:
    """One page of moves."""

    company: CompanyField
    currency: _Code
    data: Annotated[tuple[MoveRow, ...], Field("Moves")]
    next_cursor: Annotated[str | None, Field("Next page")]


class StockReports(Protocol):
    """Reads of one snapshot."""

    async def stock(self, query: Stock) -> StockAnswer: ...

    async def valuation(self, query: Valuation) -> ValuationAnswer: ...

    async def moves(self, query: Moves) -> MovesAnswer:
        """Newest first."""


class InventoryReading(Protocol):
    @property
    def inventory(self) -> StockReports: ...


async def read_stock(query: Stock, reading: InventoryReading) -> StockAnswer:
    return await reading.inventory.stock(query)


async def read_valuation(query: Valuation, reading: InventoryReading) -> ValuationAnswer:
    return await reading.inventory.valuation(query)


async def read_moves(query: Moves, reading: InventoryReading) -> MovesAnswer:
    return await reading.inventory.moves(query)
