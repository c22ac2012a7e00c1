"""Idempotency keys have their time: after it the same key is a new request."""

from datetime import datetime, timedelta
from typing import Final

from adapters.postgres.connection import Connection

KEPT: Final = timedelta(days=7)
BATCH: Final = 1_000

# By ctid, for the primary key is in another order than age, and the batch shall cost what it removes.
_REMOVE: Final = f"""
    DELETE FROM platform.idempotency_key WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM platform.idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT {BATCH}))"""


async def remove_expired(connection: Connection, at: datetime) -> int:
    """How many were removed: all that are older than KEPT, each batch in a transaction of its own."""
    removed = 0
    while True:
        batch = int((await connection.execute(_REMOVE, at - KEPT)).removeprefix("DELETE "))
        removed += batch
        if batch < BATCH:
            return removed
