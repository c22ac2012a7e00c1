"""What other contexts may ask of inventory. Moves are no question: they go as `work.move(StockFact)`."""

from typing import Protocol
from uuid import UUID

__all__ = ["Places", "PlacesWork", "default_location"]


class Places(Protocol):
    async def default_location(self, company_id: UUID) -> UUID:
        """Where things lie when nobody says where."""


class PlacesWork(Protocol):
    """What a context's work must offer for these functions."""

    @property
    def stock(self) -> Places: ...


async def default_location(work: PlacesWork, company_id: UUID) -> UUID:
    """Where a company's goods go that are not told where."""
    return await work.stock.default_location(company_id)
