"""Policies: what each company may decide for itself. A document keeps the policy it was posted under."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Protocol
from uuid import UUID

from bizcore.fields import UNSET, Field, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """As shipped every tolerance is 0: what differs is refused or blocked, and somebody decides."""

    over_receipt_tolerance: Annotated[
        Decimal,
        Field(
            "Over-receipt tolerance",
            help="Percent of the ordered quantity that may be received beyond it",
            example="5",
        ),
    ] = Decimal(0)
    price_tolerance: Annotated[
        Decimal,
        Field("Price tolerance", help="Percent by which an invoiced price may exceed the ordered one", example="2"),
    ] = Decimal(0)
    price_tolerance_amount: Annotated[
        Decimal,
        Field(
            "Price tolerance amount",
            help="Company currency by which the net amount of an invoice line may exceed the ordered one",
            example="10.00",
        ),
    ] = Decimal(0)
    quantity_tolerance: Annotated[
        Decimal,
        Field("Quantity tolerance", help="Percent by which an invoiced quantity may exceed the received one"),
    ] = Decimal(0)
    lines_without_budget: Annotated[
        bool, Field("Lines without a budget", help="Whether a line may be ordered that names no budget")
    ] = True


Percent = Annotated[Decimal, Field("Tolerance", help="Percent", minimum=Decimal(0), maximum=Decimal(100))]
Amount = Annotated[Decimal, Field("Price tolerance amount", help="In company currency", minimum=Decimal(0))]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanges:
    """The policies to change; what is left out stays."""

    over_receipt_tolerance: Percent | Unset = UNSET
    price_tolerance: Percent | Unset = UNSET
    price_tolerance_amount: Amount | Unset = UNSET
    quantity_tolerance: Percent | Unset = UNSET
    lines_without_budget: Annotated[bool, Field("Lines without a budget")] | Unset = UNSET


class CompanyPolicies(Protocol):
    async def of(self, company_id: UUID) -> Policies:
        """What the company has decided, as of the configuration the command reads."""
