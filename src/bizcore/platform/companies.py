"""Companies: who keeps books. Country and currency are for ever, name, time zone and policies are not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bizcore.documents.document import Company
from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.platform.changes import at, given, merged
from bizcore.platform.countries import require_country
from bizcore.platform.policies import Policies, PolicyChanges
from bizcore.records import RecordType
from bizcore.values import Currency
from bizcore.work import Work

Code = Annotated[
    str,
    Field("Code", help="Short and unique", example="MAIN", max_length=32, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"),
]
Name = Annotated[str, Field("Name", min_length=1, max_length=200)]
Timezone = Annotated[str, Field("Time zone", help="Of the IANA database", example="Europe/Berlin", max_length=64)]
Attributes = Annotated[
    Mapping[str, object], Field("Attributes", help="the organization's own fields; null takes one away")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyView:
    """A company."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str, Field("Name")]
    country: Annotated[str, Field("Country", help="ISO 3166-1 alpha-2")]
    currency: Annotated[str, Field("Currency", help="ISO 4217; its books are kept in it")]
    timezone: Annotated[str, Field("Time zone")]
    policies: Annotated[Policies, Field("Policies")]
    attributes: Annotated[Mapping[str, object], Field("Attributes")]
    version: Annotated[int, Field("Version", help="for If-Match")]
    created_at: Annotated[datetime, Field("Created at")]
    updated_at: Annotated[datetime, Field("Changed at")]


COMPANY = RecordType("company", "platform", "companies", "Company", CompanyView)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCompany:
    """Add a company to the organization."""

    code: Code
    name: Name
    country: Annotated[str, Field("Country", help="ISO 3166-1 alpha-2", example="DE", pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Field("Currency", help="ISO 4217", example="EUR", pattern="^[A-Z]{3}$")]
    timezone: Timezone = "UTC"
    policies: Annotated[PolicyChanges | None, Field("Policies")] = None
    attributes: Attributes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCompany:
    """Change a company's name, time zone, policies or attributes."""

    id: Annotated[UUID, Field("Company")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None
    name: Name | Unset = UNSET
    timezone: Timezone | Unset = UNSET
    policies: Annotated[PolicyChanges, Field("Policies", help="Those to change")] | Unset = UNSET
    attributes: Attributes | Unset = UNSET


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """A company with what it has decided."""

    company: Company
    policies: Policies = field(default_factory=Policies)
    attributes: Mapping[str, object] = field(default_factory=dict)


class Companies(Protocol):
    async def add(self, record: CompanyRecord) -> None:
        """Written at once, with what every new company begins with. Errors: DUPLICATE_CODE."""

    async def get(self, id: UUID, *, version: int | None) -> CompanyRecord:
        """Locked. Errors: NOT_FOUND, also out of scope; VERSION_CONFLICT."""

    async def save(self, record: CompanyRecord) -> None:
        """Collects what differs from what `get` read."""


class CompanyWork(Work, Protocol):
    @property
    def companies(self) -> Companies: ...


async def create_company(command: CreateCompany, work: CompanyWork) -> UUID:
    require_country(command.country, "/country")
    with at("/currency"):
        currency = Currency.of(command.currency)
    _require_timezone(command.timezone)
    company = Company(new_id(), command.code, command.name, command.country, currency.code, command.timezone)
    policies = replace(Policies(), **given(command.policies)) if command.policies is not None else Policies()
    await work.companies.add(CompanyRecord(company, policies, merged({}, command.attributes or {})))
    return company.id


async def update_company(command: UpdateCompany, work: CompanyWork) -> UUID:
    record = await work.companies.get(command.id, version=command.version)
    changes = given(command)
    policies: PolicyChanges | None = changes.pop("policies", None)
    attributes: Mapping[str, object] = changes.pop("attributes", {})
    if "timezone" in changes:
        _require_timezone(changes["timezone"])
    own: dict[str, Any] = given(policies) if policies is not None else {}
    await work.companies.save(
        CompanyRecord(
            replace(record.company, **changes), replace(record.policies, **own), merged(record.attributes, attributes)
        )
    )
    return command.id


def _require_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationFailed.at(
            "/timezone", "UNKNOWN_TIMEZONE", "No such time zone.", given=name, allowed="such as Europe/Berlin"
        ) from None
