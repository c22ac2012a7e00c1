"""The commands of parties, in the order of their life."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from bizcore.fields import UNSET, Field, Reason, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import given, merged
from contexts.parties.domain.party import Address, Party, PartyRole
from contexts.parties.ports import PartiesWork

Code = Annotated[
    str,
    Field(
        "Code",
        help="Unique; the next of the series when left out",
        example="PA-00001",
        max_length=32,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$",
    ),
]
Name = Annotated[str, Field("Name", personal=True, min_length=1, max_length=200)]
Roles = Annotated[tuple[PartyRole, ...], Field("Roles", help="What it is to us", min_length=1)]
Country = Annotated[str, Field("Country", help="ISO 3166-1 alpha-2", example="DE", pattern="^[A-Z]{2}$")]
DocumentCurrency = Annotated[
    str,
    Field(
        "Currency", help="ISO 4217, of its documents; the company's when left out", example="EUR", pattern="^[A-Z]{3}$"
    ),
]
TaxId = Annotated[str, Field("Tax id", help="Such as its VAT number", personal=True, min_length=1, max_length=40)]
TaxCode = Annotated[UUID, Field("Tax code", help="Of its lines where the item has none", ref="tax_code")]
Terms = Annotated[UUID, Field("Payment terms", example="NET30", ref="payment_terms")]
Email = Annotated[
    str, Field("E-mail", personal=True, example="billing@example.com", max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
]
Iban = Annotated[str, Field("IBAN", help="Its bank account, ISO 13616", personal=True, max_length=42)]
Addresses = Annotated[tuple[Address, ...], Field("Addresses", personal=True, max_length=20)]
Attributes = Annotated[
    Mapping[str, object], Field("Attributes", help="the organization's own fields; null takes one away")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateParty:
    """Add a supplier or customer."""

    code: Code | None = None
    name: Name
    roles: Roles
    country: Country
    currency: DocumentCurrency | None = None
    tax_id: TaxId | None = None
    tax_code: TaxCode | None = None
    payment_terms: Terms | None = None
    email: Email | None = None
    iban: Iban | None = None
    addresses: Addresses | None = None
    attributes: Attributes | None = None


async def create_party(command: CreateParty, work: PartiesWork) -> UUID:
    party = Party(
        id=new_id(),
        code=command.code,
        name=command.name,
        roles=command.roles,
        country=command.country,
        currency=command.currency,
        tax_id=command.tax_id,
        tax_code=command.tax_code,
        payment_terms=command.payment_terms,
        email=command.email,
        iban=command.iban,
        addresses=command.addresses or (),
        attributes=merged({}, command.attributes or {}),
    )
    await work.parties.add(party)
    return party.id


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateParty:
    """Change a party; what is left out stays, null clears."""

    id: Annotated[UUID, Field("Party")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None
    name: Name | Unset = UNSET
    roles: Roles | Unset = UNSET
    country: Country | Unset = UNSET
    currency: DocumentCurrency | Unset | None = UNSET
    tax_id: TaxId | Unset | None = UNSET
    tax_code: TaxCode | Unset | None = UNSET
    payment_terms: Terms | Unset | None = UNSET
    email: Email | Unset | None = UNSET
    iban: Iban | Unset | None = UNSET
    addresses: Addresses | Unset = UNSET
    attributes: Attributes | Unset = UNSET


async def update_party(command: UpdateParty, work: PartiesWork) -> UUID:
    party = await work.parties.get(command.id, version=command.version)
    changes = given(command)
    if "attributes" in changes:
        changes["attributes"] = merged(party.attributes, changes["attributes"])
    work.parties.save(replace(party, **changes))
    return party.id


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateParty:
    """Take a party out of use: nothing new may name it, what does so already stays."""

    id: Annotated[UUID, Field("Party")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None


async def deactivate_party(command: DeactivateParty, work: PartiesWork) -> UUID:
    party = await work.parties.get(command.id, version=command.version)
    work.parties.save(replace(party, active=False), happened="deactivated")
    return party.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateParty:
    """Take a party into use again."""

    id: Annotated[UUID, Field("Party")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None


async def activate_party(command: ActivateParty, work: PartiesWork) -> UUID:
    party = await work.parties.get(command.id, version=command.version)
    work.parties.save(replace(party, active=True), happened="activated")
    return party.id


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseParty:
    """Erase a party's personal data for good, from its record and from the audit trail; its documents stay."""

    id: Annotated[UUID, Field("Party")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None
    reason: Reason


async def erase_party(command: EraseParty, work: PartiesWork) -> UUID:
    party = await work.parties.get(command.id, version=command.version)
    work.parties.erase(party.erased(), command.reason)
    return party.id
