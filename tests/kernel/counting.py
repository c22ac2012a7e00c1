"""A tenant that notes each statement sent to its database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any, Self, cast

from adapters.postgres.connection import Connection, TenantDatabase


class Counting:
    """A connection that notes each statement sent."""

    def __init__(self, connection: Connection, sent: list[str]) -> None:
        self._connection = connection
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in ("execute", "fetch", "fetchrow", "fetchval", "executemany"):
            return found

        async def counted(query: str, *values: object) -> Any:
            self._sent.append(" ".join(query.split())[:60])
            return await found(query, *values)

        return counted


class CountedTenant(TenantDatabase):
    sent: list[str]

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:
            yield cast(Connection, Counting(connection, self.sent))

    @classmethod
    def of(cls, tenant: TenantDatabase) -> Self:
        counted = cls(**{field.name: getattr(tenant, field.name) for field in fields(tenant)})
        counted.sent = []
        return counted
