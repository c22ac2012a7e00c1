"""Units on PostgreSQL."""

from decimal import Decimal
from uuid import UUID

from adapters.postgres.catalog import tables
from adapters.postgres.records import add_record
from adapters.postgres.work import PostgresWork
from bizcore.values import Unit


class PostgresUnits:
    """Implements `contexts.catalog.ports.Units`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def add(self, id: UUID, unit: Unit, name: str) -> None:
        values = {
            "id": id,
            "code": unit.code,
            "name": name,
            "category": unit.category,
            "numerator": Decimal(unit.factor.numerator),
            "denominator": Decimal(unit.factor.denominator),
        }
        add_record(self._work, "unit", tables.unit, values)
