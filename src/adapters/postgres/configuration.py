"""What changes seldom and every command needs: read once per configuration version, kept with the tenant."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson

from adapters.postgres.connection import Connection, TenantDatabase
from bizcore.documents import Company, Workflow

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
