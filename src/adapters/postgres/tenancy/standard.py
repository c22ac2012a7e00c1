"""Package `standard`: the rows every organization begins with. The template holds them, so that a clone has them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Final

from adapters.postgres import catalog, ledger, parties
from adapters.postgres.connection import Connection
from adapters.postgres.platform import standard as platform
from bizcore.access import SHIPPED_ROLES
from bizcore.ids import new_id

Loader = Callable[[Connection], Awaitable[None]]


async def load_roles(connection: Connection) -> None:
    await connection.executemany(
        """INSERT INTO platform.role (id, code, name, permissions, shipped, created_at, updated_at)
           VALUES ($1, $2, $3, $4, true, clock_timestamp(), clock_timestamp())""",
        [(new_id(), role.code, role.name, json.dumps(role.permissions)) for role in SHIPPED_ROLES.values()],
    )


# In this order; each context adds its own.
STANDARD: Final[tuple[Loader, ...]] = (
    load_roles,
    platform.load_standard,
    catalog.load_standard,
    parties.load_standard,
    ledger.load_standard,
)
