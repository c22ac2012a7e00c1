"""What parties and payment terms answer as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field
from bizcore.records import RecordType
from contexts.parties.domain.party import Address, PartyRole
from contexts.parties.domain.payment_terms import PaymentPart


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """A supplier, a customer, or both."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str | None, Field("Code", help="null in a dry run that would draw one")]
    name: Annotated[str, Field("Name", personal=True)]
    roles: Annotated[tuple[PartyRole, ...], Field("Roles")]
    country: Annotated[str, Field("Country", help="ISO 3166-1 alpha-2")]
    currency: Annotated[str | None, Field("Currency", help="of its documents; null: the company's")]
    tax_id: Annotated[str | None, Field("Tax id", personal=True)]
    tax_code: Annotated[UUID | None, Field("Tax code", ref="tax_code")]
    payment_terms: Annotated[UUID | None, Field("Payment terms", ref="payment_terms")]
    payment_terms_code: Annotated[str | None, Field("Payment terms")]
    email: Annotated[str | None, Field("E-mail", personal=True)]
    iban: Annotated[str | None, Field("IBAN", personal=True)]
    addresses: Annotated[tuple[Address, ...], Field("Addresses", personal=True)]
    active: Annotated[bool, Field("Active")]
    attributes: Annotated[Mapping[str, object], Field("Attributes")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTermsView:
    """In which parts and by when an invoice is paid."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str, Field("Name")]
    parts: Annotated[tuple[PaymentPart, ...], Field("Parts")]
    active: Annotated[bool, Field("Active")]
    attributes: Annotated[Mapping[str, object], Field("Attributes")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


PARTY = RecordType("party", "parties", "parties", "Party", PartyView, sort="name")
PAYMENT_TERMS = RecordType("payment_terms", "parties", "payment-terms", "Payment terms", PaymentTermsView, sort="code")
