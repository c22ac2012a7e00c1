"""What changes seldom and every command needs: read once per configuration version, kept with the tenant."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson

from adapters.postgres.connection import Connection, TenantDatabase
from bizcore.call import Scope
from bizcore.documents import Company, Workflow
from bizcore.errors import UnknownReference, ValidationFailed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NumberSeries:
    document_type: str
    gapless: bool
    pattern: str
    yearly: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """Companies, workflows and number series at one configuration version."""

    version: int
    companies: dict[UUID, Company]
    workflows: dict[UUID, Workflow]
    current_workflow: dict[str, Workflow]
    series: dict[str, NumberSeries]

    def company(self, id: UUID | None, scope: Scope) -> Company:
        """The one named, else the only one within `scope`.

        Errors: UNKNOWN_REFERENCE; VALIDATION_FAILED listing the choices where there is more than one.
        """
        seen = {key: company for key, company in self.companies.items() if scope.covers(key)}
        choices = sorted(company.code for company in seen.values())
        if id is not None:
            if id not in seen:
                raise UnknownReference("/company", str(id), allowed=choices)
            return seen[id]
        if len(seen) != 1:
            raise ValidationFailed.at("/company", "REQUIRED", "Name the company.", allowed=choices)
        return next(iter(seen.values()))


async def configuration(tenant: TenantDatabase, connection: Connection, version: int) -> Configuration:
    return await cached(tenant, connection, version, "platform", _read)


async def cached(
    tenant: TenantDatabase,
    connection: Connection,
    version: int,
    name: str,
    read: Callable[[Connection, int], Awaitable[T]],
) -> T:
    """What `read` gives at this version; the version came with the command's first read, so it is never older."""
    held = tenant.cache.get(name)
    if held is None or held[0] != version:
        held = (version, await read(connection, version))
        tenant.cache[name] = held
    value: T = held[1]
    return value


_QUERY = """
SELECT (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM platform.company c) AS companies,
       (SELECT coalesce(jsonb_agg(to_jsonb(w) ORDER BY w.version), '[]') FROM platform.workflow w) AS workflows,
       (SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM platform.number_series s) AS series
"""


async def _read(connection: Connection, version: int) -> Configuration:
    row = await connection.fetchrow(_QUERY)
    assert row is not None
    companies: list[dict[str, Any]] = orjson.loads(row["companies"])
    workflows: list[dict[str, Any]] = orjson.loads(row["workflows"])
    parsed = [Workflow.parse(UUID(w["id"]), w["document_type"], w["version"], w["definition"]) for w in workflows]
    return Configuration(
        version=version,
        companies={
            UUID(c["id"]): Company(
                id=UUID(c["id"]),
                code=c["code"],
                name=c["name"],
                country=c["country"],
                currency=c["currency"],
                timezone=c["timezone"],
            )
            for c in companies
        },
        workflows={workflow.id: workflow for workflow in parsed},
        current_workflow={workflow.document_type: workflow for workflow in parsed},
        series={
            s["document_type"]: NumberSeries(
                s["document_type"], s["class"] == "gapless", s["pattern"], s["reset"] == "year"
            )
            for s in orjson.loads(row["series"])
        },
    )
