"""Units of measure of UN/ECE Recommendation 20, with the exact factors by which they convert."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import ClassVar

from bizcore.errors import BusinessError, ErrorKind
from bizcore.values.exact import Exact


class UnitMismatch(BusinessError):
    """Two units that measure different things, or that no factor relates."""

    code = "UNIT_MISMATCH"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit is `factor` base units of its `category`: a pound is 0.45359237 kg of mass, exactly.

    Only units of one category convert. A package whose content depends on the item (a box of 12) is a category of its
    own: its factor is the item's, not the unit's.
    """

    code: str
    category: str
    factor: Fraction

    known: ClassVar[Mapping[str, "Unit"]]

    def __post_init__(self) -> None:
        if self.factor <= 0:
            raise ValueError(f"a unit's factor is positive, not {self.factor}")

    def convert(self, amount: Exact, to: "Unit") -> Fraction:
        """So many of this unit in the other, exactly. Errors: UNIT_MISMATCH."""
        if to.category != self.category:
            raise UnitMismatch(
                f"{self.code} measures {self.category}, {to.code} measures {to.category}.",
                given=self.code,
                expected=to.code,
            )
        return Fraction(amount) * self.factor / to.factor

    def __str__(self) -> str:
        return self.code


_FOOT = Decimal("0.3048")
_POUND = Decimal("0.45359237")
_GALLON_US = Decimal("3.785411784")
_GALLON_UK = Decimal("4.54609")
_BTU = Decimal("1055.05585262")

_INCH = Fraction(_FOOT) / 12
_YARD = Fraction(_FOOT) * 3
_MILE = Fraction(_FOOT) * 5280

_FACTORS: Mapping[str, Mapping[str, Exact]] = {
    # Base: one.
    "count": {
        "C62": 1,
        "EA": 1,
        "H87": 1,
        "NAR": 1,
        "PR": 2,
        "DZN": 12,
        "DPC": 12,
        "SCO": 20,
        "CEN": 100,
        "GRO": 144,
        "MIL": 1000,
        "T3": 1000,
    },
    # Base: kilogram.
    "mass": {
        "MC": Decimal("1E-9"),
        "MGM": Decimal("1E-6"),
        "CGM": Decimal("1E-5"),
        "DG": Decimal("1E-4"),
        "GRM": Decimal("0.001"),
        "HGM": Decimal("0.1"),
        "KGM": 1,
        "DTN": 100,
        "TNE": 1000,
        "GRN": Fraction(_POUND) / 7000,
        "ONZ": Fraction(_POUND) / 16,
        "APZ": Fraction(_POUND) / 7000 * 480,
        "LBR": _POUND,
        "CWA": Fraction(_POUND) * 100,
        "CWI": Fraction(_POUND) * 112,
        "STN": Fraction(_POUND) * 2000,
        "LTN": Fraction(_POUND) * 2240,
    },
    # Base: metre.
    "length": {
        "4H": Decimal("1E-6"),
        "MMT": Decimal("0.001"),
        "CMT": Decimal("0.01"),
        "DMT": Decimal("0.1"),
        "MTR": 1,
        "HMT": 100,
        "KMT": 1000,
        "INH": _INCH,
        "FOT": _FOOT,
        "YRD": _YARD,
        "SMI": _MILE,
        "NMI": 1852,
    },
    # Base: square metre.
    "area": {
        "MMK": Decimal("1E-6"),
        "CMK": Decimal("0.0001"),
        "MTK": 1,
        "H18": 10_000,
        "KMK": 1_000_000,
        "INK": _INCH**2,
        "FTK": Fraction(_FOOT) ** 2,
        "YDK": _YARD**2,
        "ACR": _YARD**2 * 4840,
    },
    # Base: litre.
    "volume": {
        "MMQ": Decimal("1E-6"),
        "CMQ": Decimal("0.001"),
        "MLT": Decimal("0.001"),
        "CLT": Decimal("0.01"),
        "DMQ": 1,
        "LTR": 1,
        "HLT": 100,
        "MTQ": 1000,
        "INQ": _INCH**3 * 1000,
        "FTQ": Fraction(_FOOT) ** 3 * 1000,
        "YDQ": _YARD**3 * 1000,
        "OZA": Fraction(_GALLON_US) / 128,
        "PTL": Fraction(_GALLON_US) / 8,
        "QTL": Fraction(_GALLON_US) / 4,
        "GLL": _GALLON_US,
        "OZI": Fraction(_GALLON_UK) / 160,
        "PTI": Fraction(_GALLON_UK) / 8,
        "QTI": Fraction(_GALLON_UK) / 4,
        "GLI": _GALLON_UK,
    },
    # Base: second. A month is a twelfth of a year of 365.25 days, as the recommendation defines both.
    "time": {
        "SEC": 1,
        "MIN": 60,
        "HUR": 3600,
        "DAY": 86_400,
        "WEE": 604_800,
        "MON": 2_629_800,
        "ANN": 31_557_600,
    },
    # Base: joule.
    "energy": {
        "JOU": 1,
        "KJO": 1000,
        "3B": 1_000_000,
        "GV": 1_000_000_000,
        "BTU": _BTU,
        "WHR": 3600,
        "KWH": 3_600_000,
        "MWH": 3_600_000_000,
    },
    # Base: bit.
    "information": {"A99": 1, "AD": 8, "4L": 8_000_000, "E34": 8_000_000_000},
}

Unit.known = MappingProxyType(
    {
        code: Unit(code, category, Fraction(factor))
        for category, factors in _FACTORS.items()
        for code, factor in factors.items()
    }
)
