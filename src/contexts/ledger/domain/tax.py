"""Tax codes: which rate a line bears."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bizcore.values import Percentage


class TaxKind(StrEnum):
    INPUT = "input"  # paid to suppliers
    OUTPUT = "output"  # charged to customers
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TaxCode:
    id: UUID
    code: str
    name: str
    rate: Percentage
    country: str | None
    kind: TaxKind
    active: bool = True
