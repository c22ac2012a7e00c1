"""The commands of payment terms. A document keeps the due dates it was posted with."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import given
from contexts.parties.domain.payment_terms import PaymentPart, PaymentTerms
from contexts.parties.ports import PartiesWork

Name = Annotated[str, Field("Name", example="30 days net", min_length=1, max_length=200)]
Parts = Annotated[
    tuple[PaymentPart, ...], Field("Parts", help="The last one is the remainder", min_length=1, max_length=24)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePaymentTerms:
    """Say in which parts and by when an invoice is paid."""

    code: Annotated[str, Field("Code", example="NET30", max_length=32, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    name: Name
    parts: Parts


async def create_payment_terms(command: CreatePaymentTerms, work: PartiesWork) -> UUID:
    id = new_id()
    work.payment_terms.add(id, PaymentTerms(command.code, command.name, command.parts))
    return id


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePaymentTerms:
    """Change payment terms for the invoices to come."""

    id: Annotated[UUID, Field("Payment terms")]
    version: Annotated[int | None, Field("Version", help="The version they were read at")] = None
    name: Name | Unset = UNSET
    parts: Parts | Unset = UNSET
    active: Annotated[bool, Field("Active", help="False takes them out of use")] | Unset = UNSET


async def update_payment_terms(command: UpdatePaymentTerms, work: PartiesWork) -> UUID:
    terms = await work.payment_terms.get(command.id, version=command.version)
    changes = given(command)
    active: bool | None = changes.pop("active", None)
    work.payment_terms.save(command.id, replace(terms, **changes), active=active)
    return command.id
