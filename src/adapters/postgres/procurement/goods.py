"""What catalog knows of items and units, as procurement's commands need it."""

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import orjson

from adapters.postgres.work import PostgresWork
from bizcore.values import Unit
from contexts.procurement.domain.goods import EACH, Goods, Item

_UNIT: Final = """jsonb_build_object(
    'code', u.code, 'category', u.category, 'numerator', u.numerator::text, 'denominator', u.denominator::text)"""

_QUERY: Final = f"""
SELECT (SELECT jsonb_object_agg(u.id, {_UNIT}) FROM catalog.unit u WHERE u.id = ANY($2) OR u.code = '{EACH}') AS units,
       (SELECT jsonb_object_agg(i.id, jsonb_build_object(
                   'stocked', i.kind = 'stock', 'tax_code', i.tax_code_id, 'unit', {_UNIT}))
        FROM catalog.item i JOIN catalog.unit u ON u.id = i.unit_id WHERE i.id = ANY($1)) AS items
"""


async def read_goods(work: PostgresWork, items: Collection[UUID], units: Collection[UUID]) -> Goods:
    row = await work.connection.fetchrow(_QUERY, list(items), list(units))
    assert row is not None
    known = {UUID(id): _unit(unit) for id, unit in orjson.loads(row["units"]).items()}
    return Goods(
        items={
            UUID(id): Item(UUID(id), item["stocked"], _unit(item["unit"]), item["tax_code"] and UUID(item["tax_code"]))
            for id, item in orjson.loads(row["items"] or b"{}").items()
        },
        units=known,
        each=next(unit for unit in known.values() if unit.code == EACH),
    )


def _unit(row: dict[str, Any]) -> Unit:
    factor = Fraction(Decimal(row["numerator"])) / Fraction(Decimal(row["denominator"]))
    return Unit(row["code"], row["category"], factor)
