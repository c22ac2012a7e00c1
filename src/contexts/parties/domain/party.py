"""A party: a person or organization one does business with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, Self
from uuid import UUID

from bizcore.errors import ValidationFailed
from bizcore.fields import Field
from bizcore.platform.changes import at
from bizcore.platform.countries import require_country
from bizcore.values import Currency, electronic_iban

PartyRole = Literal["supplier", "customer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (EN 16931, BG-5 and BG-8)."""

    label: Annotated[str | None, Field("Label", help="What it is for", example="Delivery", max_length=100)] = None
    street: Annotated[str | None, Field("Street", personal=True, max_length=200)] = None
    postal_code: Annotated[str | None, Field("Postal code", personal=True, max_length=20)] = None
    city: Annotated[str | None, Field("City", personal=True, max_length=100)] = None
    region: Annotated[str | None, Field("Region", personal=True, max_length=100)] = None
    country: Annotated[str, Field("Country", help="ISO 3166-1 alpha-2", example="DE", pattern="^[A-Z]{2}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Errors: VALIDATION_FAILED for an unknown country or currency, a doubled role, or an IBAN that does not check."""

    id: UUID
    code: str | None  # None until the series gives it one
    name: str
    roles: tuple[PartyRole, ...]
    country: str
    currency: str | None = None  # of its documents; None: the company's
    tax_id: str | None = None
    tax_code: UUID | None = None
    payment_terms: UUID | None = None
    email: str | None = None
    iban: str | None = None  # in its electronic form
    addresses: tuple[Address, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)
    active: bool = True

    def __post_init__(self) -> None:
        if not self.roles or len(set(self.roles)) != len(self.roles):
            raise ValidationFailed.at(
                "/roles", "INVALID_ROLES", "A party has each of its roles once.", given=self.roles
            )
        require_country(self.country, "/country")
        for index, address in enumerate(self.addresses):
            require_country(address.country, f"/addresses/{index}/country")
        if self.currency is not None:
            with at("/currency"):
                Currency.of(self.currency)
        if self.iban is not None:
            with at("/iban"):
                object.__setattr__(self, "iban", electronic_iban(self.iban))

    def erased(self) -> Self:
        """Without anything personal, and out of use. Code, country and roles stay, for the documents that name it."""
        return replace(self, name=f"Erased {self.code}", tax_id=None, email=None, iban=None, addresses=(), active=False)
