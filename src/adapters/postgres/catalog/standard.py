"""Package `standard`: the units every organization begins with, their factors those of `bizcore.values.Unit`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from adapters.postgres.connection import Connection
from bizcore.ids import new_id
from bizcore.values import Unit

# UN/ECE Recommendation 20, revision 11e.
SHIPPED_UNITS: Final[Mapping[str, str]] = {
    "C62": "one",
    "EA": "each",
    "H87": "piece",
    "PR": "pair",
    "DZN": "dozen",
    "SCO": "score",
    "CEN": "hundred",
    "GRO": "gross",
    "MIL": "thousand",
    "MGM": "milligram",
    "GRM": "gram",
    "KGM": "kilogram",
    "DTN": "decitonne",
    "TNE": "tonne",
    "ONZ": "ounce (avoirdupois)",
    "LBR": "pound",
    "MMT": "millimetre",
    "CMT": "centimetre",
    "MTR": "metre",
    "KMT": "kilometre",
    "INH": "inch",
    "FOT": "foot",
    "YRD": "yard",
    "SMI": "mile (statute mile)",
    "CMK": "square centimetre",
    "MTK": "square metre",
    "H18": "square hectometre (hectare)",
    "KMK": "square kilometre",
    "FTK": "square foot",
    "ACR": "acre",
    "MLT": "millilitre",
    "CLT": "centilitre",
    "LTR": "litre",
    "HLT": "hectolitre",
    "MTQ": "cubic metre",
    "GLL": "gallon (US)",
    "SEC": "second",
    "MIN": "minute",
    "HUR": "hour",
    "DAY": "day",
    "WEE": "week",
    "MON": "month",
    "ANN": "year",
    "KWH": "kilowatt hour",
    "MWH": "megawatt hour",
    "AD": "byte",
    "4L": "megabyte",
    "E34": "gigabyte",
}


async def load_standard(connection: Connection) -> None:
    await connection.executemany(
        """INSERT INTO catalog.unit (id, code, name, category, numerator, denominator, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())""",
        [
            (
                new_id(),
                code,
                name,
                Unit.known[code].category,
                Decimal(Unit.known[code].factor.numerator),
                Decimal(Unit.known[code].factor.denominator),
            )
            for code, name in SHIPPED_UNITS.items()
        ],
    )
