"""The reading of one query or report: one snapshot, so that value, explanation and total agree."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from adapters.postgres.configuration import Configuration, configuration
from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.session import Caller, first_read
from adapters.postgres.types import Catalogue
from bizcore.access import AccessPolicy, Principal
from bizcore.call import Call, Scope
from bizcore.documents import Company

R = TypeVar("R", bound="PostgresReading")


@dataclass(slots=True, eq=False)
class PostgresReading:
    """What a query may use: a REPEATABLE READ READ ONLY transaction, and who asks. Contexts extend it."""

    tenant: TenantDatabase
    connection: Connection
    call: Call
    principal: Principal
    scope: Scope
    policy: AccessPolicy
    configuration: Configuration
    catalogue: Catalogue

    def company(self, id: UUID | None) -> Company:
        """The one asked for, else the only one in the reader's scope. Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED."""
        return self.configuration.company(id, self.scope)

    def allows(self, permission: str) -> bool:
        return self.policy.allows(self.principal.roles, permission)


@asynccontextmanager
async def reading(
    kind: type[R], tenant: TenantDatabase, caller: Caller, call: Call, catalogue: Catalogue
) -> AsyncIterator[R]:
    """A reading of `kind`; the principal's grants are those of this moment. Errors: UNAUTHENTICATED."""
    async with tenant.connection() as connection:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        first = await first_read(tenant, connection, caller)
        yield kind(
            tenant=tenant,
            connection=connection,
            call=call,
            principal=first.principal,
            scope=first.scope,
            policy=first.policy,
            configuration=await configuration(tenant, connection, first.configuration_version),
            catalogue=catalogue,
        )
        await connection.execute("COMMIT")
