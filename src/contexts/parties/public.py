"""What other contexts may ask of parties."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contexts.parties.domain.party import PartyRole
from contexts.parties.domain.payment_terms import Instalment, PaymentPart, PaymentTerms
from contexts.parties.errors import PartyInactive, WrongPartyRole

__all__ = [
    "HasPartyDirectory",
    "Instalment",
    "PartyDirectory",
    "PartyFacts",
    "PartyInactive",
    "PaymentPart",
    "PaymentTerms",
    "WrongPartyRole",
    "customer",
    "payment_terms",
    "supplier",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFacts:
    """What a document needs to know of its party. `currency` None is the company's."""

    id: UUID
    code: str
    name: str
    roles: frozenset[PartyRole]
    country: str
    currency: str | None
    payment_terms_id: UUID | None
    tax_code_id: UUID | None
    active: bool


class PartyDirectory(Protocol):
    async def party(self, id: UUID) -> PartyFacts:
        """Unlocked. Errors: NOT_FOUND."""

    async def terms(self, id: UUID) -> PaymentTerms:
        """Errors: NOT_FOUND."""


class HasPartyDirectory(Protocol):
    @property
    def party_directory(self) -> PartyDirectory: ...


async def supplier(id: UUID, work: HasPartyDirectory) -> PartyFacts:
    """The party, to buy from. Errors: NOT_FOUND, PARTY_INACTIVE, WRONG_PARTY_ROLE."""
    return await _in_role(id, "supplier", work)


async def customer(id: UUID, work: HasPartyDirectory) -> PartyFacts:
    """The party, to sell to. Errors: NOT_FOUND, PARTY_INACTIVE, WRONG_PARTY_ROLE."""
    return await _in_role(id, "customer", work)


async def payment_terms(id: UUID, work: HasPartyDirectory) -> PaymentTerms:
    """Errors: NOT_FOUND."""
    return await work.party_directory.terms(id)


async def _in_role(id: UUID, role: PartyRole, work: HasPartyDirectory) -> PartyFacts:
    party = await work.party_directory.party(id)
    if role not in party.roles:
        raise WrongPartyRole(f"{party.code} is no {role}.", party=party.code, expected=role, given=party.roles)
    if not party.active:
        raise PartyInactive(f"{party.code} is out of use.", party=party.code)
    return party
