"""Everything that may be asked of inventory."""

from typing import Final

from bizcore.registry import Registered, RegisteredQuery, Registry
from contexts.inventory.queries import (
    Moves,
    MovesAnswer,
    Stock,
    StockAnswer,
    Valuation,
    ValuationAnswer,
    read_moves,
    read_stock,
    read_valuation,
)
from contexts.inventory.usecases.locations import (
    LOCATION,
    ChangeLocation,
    CreateLocation,
    change_location,
    create_location,
)

REGISTRY: Final = Registry(
    context="inventory",
    record_types=(LOCATION,),
    commands=(
        Registered(CreateLocation, "inventory.location.create", "POST inventory/locations", create_location, LOCATION),
        Registered(
            ChangeLocation, "inventory.location.update", "PATCH inventory/locations/{id}", change_location, LOCATION
        ),
    ),
    queries=(
        RegisteredQuery(Stock, "inventory.stock.read", "GET inventory/stock", read_stock, StockAnswer),
        RegisteredQuery(
            Valuation, "inventory.valuation.read", "GET inventory/valuation", read_valuation, ValuationAnswer
        ),
        RegisteredQuery(Moves, "inventory.move.read", "GET inventory/moves", read_moves, MovesAnswer),
    ),
)
