"""What must always hold in an organization's database, each as statements that find what does not.

A statement reads one snapshot and gives one column: a sentence for each finding. They are written from the facts up and
share no SQL with the application, so that a mistake there does not hide itself here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from adapters.postgres.connection import Connection
from adapters.postgres.types import Catalogue
from adapters.postgres.verify import books, derived, effects, events, limits, numbers, stock

INVARIANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "books": books.BALANCED,
    "periods": books.PERIODS,
    "numbers": numbers.NUMBERS,
    "stock": stock.STOCK,
    "limits": limits.LIMITS,
    "effects": effects.EFFECTS,
    "events": events.EVENTS,
    "deliveries": events.DELIVERIES,
}
# These hold in every snapshot whatever is going on, and are cheap enough to be asked while it does.
DURING: Final = ("books", "numbers", "stock", "limits")


async def findings(connection: Connection, statements: Iterable[str]) -> list[str]:
    """The sentences of all `statements`, in the caller's transaction, which should be one snapshot."""
    return [row[0] for statement in statements for row in await connection.fetch(statement)]


def derived_statements(catalogue: Catalogue) -> tuple[str, ...]:
    """Every derived member that an answer shows equals an independent second count, and its explanation adds up."""
    return derived.statements(catalogue)
