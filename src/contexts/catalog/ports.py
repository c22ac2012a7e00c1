"""What the catalog needs from outside."""

from typing import Protocol
from uuid import UUID

from bizcore.values import Unit
from bizcore.work import Work
from contexts.catalog.domain.item import Item


class Items(Protocol):
    def add(self, item: Item) -> None:
        """Errors, at the flush: DUPLICATE_CODE."""

    async def get(self, id: UUID, *, version: int | None) -> Item:
        """Locked. Errors: NOT_FOUND, VERSION_CONFLICT."""

    def save(self, item: Item, *, happened: str = "changed") -> None:
        """Collects what differs from what `get` read; `happened` is how the event calls it."""


class Units(Protocol):
    def add(self, id: UUID, unit: Unit, name: str) -> None:
        """Errors, at the flush: DUPLICATE_CODE."""


class CatalogWork(Work, Protocol):
    @property
    def items(self) -> Items: ...

    @property
    def units(self) -> Units: ...
