"""Counted attempts: how often an account or an address may try in a time. One count for all processes."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from adapters.postgres.control.connection import Pool
from bizcore.errors import RateLimited

_COUNT = """
INSERT INTO control.attempt AS a (scope, key, since, count) VALUES ($1, $2, clock_timestamp(), 1)
ON CONFLICT (scope, key) DO UPDATE SET
    since = CASE WHEN a.since < clock_timestamp() - $3::interval THEN clock_timestamp() ELSE a.since END,
    count = CASE WHEN a.since < clock_timestamp() - $3::interval THEN 1 ELSE a.count + 1 END
RETURNING count, extract(epoch FROM since + $3::interval - clock_timestamp())::float8 AS wait
"""

_LOOK = """
SELECT count, extract(epoch FROM since + $3::interval - clock_timestamp())::float8 AS wait
FROM control.attempt WHERE scope = $1 AND key = $2 AND since >= clock_timestamp() - $3::interval
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many of one sort within a time."""

    scope: str
    limit: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Attempts:
    pool: Pool

    async def count(self, allowance: Allowance, key: str) -> None:
        """One more; the one beyond the limit is refused. Errors: RATE_LIMITED."""
        row = await self.pool.fetchrow(_COUNT, allowance.scope, _hash(key), allowance.within)
        assert row is not None
        if row["count"] > allowance.limit:
            raise _limited(allowance, row["wait"])

    async def check(self, allowance: Allowance, key: str) -> None:
        """Refuses when the limit is reached; counts nothing. Errors: RATE_LIMITED."""
        row = await self.pool.fetchrow(_LOOK, allowance.scope, _hash(key), allowance.within)
        if row is not None and row["count"] >= allowance.limit:
            raise _limited(allowance, row["wait"])

    async def clear(self, allowance: Allowance, key: str) -> None:
        await self.pool.execute(
            "DELETE FROM control.attempt WHERE scope = $1 AND key = $2", allowance.scope, _hash(key)
        )


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _limited(allowance: Allowance, wait: float) -> RateLimited:
    return RateLimited("Too many attempts; wait a while.", retry_after=max(1, math.ceil(wait)), limit=allowance.limit)
