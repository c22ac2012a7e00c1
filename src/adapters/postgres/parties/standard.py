"""Package `standard`: the payment terms every organization begins with."""

import json
from typing import Final

from adapters.postgres.connection import Connection
from bizcore.ids import new_id

SHIPPED_TERMS: Final = {"NET0": ("Due at once", 0), "NET14": ("14 days net", 14), "NET30": ("30 days net", 30)}


async def load_standard(connection: Connection) -> None:
    await connection.executemany(
        """INSERT INTO parties.payment_terms (id, code, name, parts, created_at, updated_at)
           VALUES ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())""",
        [
            (new_id(), code, name, json.dumps([{"remainder": True, "days": days}]))
            for code, (name, days) in SHIPPED_TERMS.items()
        ],
    )
