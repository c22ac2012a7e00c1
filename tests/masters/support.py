"""Master data through the pipeline, as every surface runs it, without HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from adapters.identity.secrets import Secrets
from adapters.postgres import catalog, parties
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.list_request import parse_list_request
from adapters.postgres.lists import list_fields, list_page
from adapters.postgres.platform import records
from adapters.postgres.reading import reading
from adapters.postgres.session import Caller, Composition, PostgresUnit
from adapters.postgres.tenant_reading import TenantReading
from adapters.postgres.tenant_work import TenantWork
from adapters.postgres.types import Catalogue
from bizcore.call import Call
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.platform.registry import platform_registry
from bizcore.registry import Registered
from contexts.catalog.registry import REGISTRY as CATALOG
from contexts.parties.registry import REGISTRY as PARTIES
from services.api.parsing import parse_body

PARTS = (records.PART, parties.PART, catalog.PART)
PLATFORM = platform_registry((PARTIES, CATALOG))
COMMANDS: Mapping[str, Registered[Any, Any]] = {
    command.name: command for registry in (PLATFORM, PARTIES, CATALOG) for command in registry.commands
}


def merged(name: str) -> dict[str, Any]:
    return {key: value for part in PARTS for key, value in getattr(part, name).items()}


@dataclass(slots=True)
class Masters:
    """One organization, and one of its people asking."""

    tenant: TenantDatabase
    caller: Caller
    secrets: Secrets

    @property
    def composition(self) -> Composition:
        return Composition(
            catalogue=Catalogue(records=merged("records"), references=merged("references")),
            types={},
            work=TenantWork,
            secrets=self.secrets,
            refusals=merged("refusals"),
        )

    def unit(self, *, dry_run: bool = False) -> PostgresUnit:
        async def wake(*_: object) -> None:
            return None

        call = Call(request_id=str(new_id()), at=datetime.now(UTC), dry_run=dry_run)
        return PostgresUnit(self.tenant, self.caller, call, self.composition, wake)

    async def run(
        self, name: str, body: Mapping[str, object] | None = None, *, dry_run: bool = False, **route: object
    ) -> dict[str, Any]:
        """The answer of one command, given its JSON body and what its route and headers give."""
        registered = COMMANDS[name]
        answer = await run(
            registered,
            lambda: parse_body(registered.command, orjson.dumps(body or {}), route),
            lambda: self.unit(dry_run=dry_run),
            (),
            dry_run=dry_run,
        )
        found: dict[str, Any] = orjson.loads(answer.body)
        return found

    async def listed(self, kind: str, *parameters: tuple[str, str]) -> list[dict[str, Any]]:
        catalogue = self.composition.catalogue
        listing = catalogue.records[kind].listing
        assert listing is not None
        request = parse_list_request(parameters, list_fields(listing))
        async with reading(TenantReading, self.tenant, self.caller, self.unit().call, catalogue) as read:
            scope = read.scope
        async with self.tenant.engine.connect() as connection:
            page = await list_page(connection, listing, request, scope=scope, references=catalogue.references)
        return page.data

    async def search(self, **query: object) -> list[dict[str, Any]]:
        registered = PLATFORM.queries[0]
        async with reading(
            TenantReading, self.tenant, self.caller, self.unit().call, self.composition.catalogue
        ) as read:
            answer = await registered.read(registered.query(**query), read)
        found: list[dict[str, Any]] = orjson.loads(orjson.dumps(answer))["data"]
        return found

    async def fetch(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.tenant.connection() as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def history(self, id: str) -> list[dict[str, Any]]:
        """The audit entries of a record, in their order."""
        rows = await self.fetch(
            "SELECT entry_no, before::text, after::text FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no",
            UUID(id),
        )
        return [{**row, "before": orjson.loads(row["before"]), "after": orjson.loads(row["after"])} for row in rows]

    async def events(self, id: str) -> list[dict[str, Any]]:
        rows = await self.fetch(
            "SELECT type, sequence, data::text FROM outbox.event WHERE subject_id = $1 ORDER BY sequence", UUID(id)
        )
        return [{**row, "data": orjson.loads(row["data"])} for row in rows]
