"""Document numbers: gapless ones one by one, fast ones from blocks; both reserved in the command's own transaction."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from adapters.postgres.configuration import NumberSeries
from adapters.postgres.connection import Connection, TenantDatabase
from bizcore.ids import new_id

BLOCK = 20

# The counter's row is the lock that makes a series gapless, so it is taken last, right before the flush.
_ALLOCATE = """
INSERT INTO platform.number_counter AS c (document_type, company_id, period, next_value)
SELECT w.type, w.company, w.period, 1 + w.wanted
FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[]) AS w(type, company, period, wanted)
ORDER BY 1, 2, 3
ON CONFLICT (document_type, company_id, period) DO UPDATE SET next_value = c.next_value + excluded.next_value - 1
RETURNING document_type, company_id, period, next_value
"""

_BLOCK = """
INSERT INTO platform.number_block (id, document_type, company_id, period, pattern, first_value, last_value)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """One running count: of a document type, a company and a year (or "" where it never starts again).

    The order of keys is the order in which a command draws: who holds one series waits only for later ones.
    """

    document_type: str
    company_id: UUID
    period: str


def series_key(series: NumberSeries, company_id: UUID, on: date) -> SeriesKey:
    return SeriesKey(series.document_type, company_id, str(on.year) if series.yearly else "")


def number_text(series: NumberSeries, key: SeriesKey, value: int) -> str:
    """The number as printed: pattern "PO-{year}-{number:05}" gives PO-2026-00042."""
    return series.pattern.format(year=key.period, number=value)


async def allocate(connection: Connection, wanted: Sequence[SeriesKey]) -> dict[SeriesKey, list[int]]:
    """The next values of each series, one for each time it is wanted, in the caller's transaction: no gap survives."""
    counts: dict[SeriesKey, int] = defaultdict(int)
    for key in wanted:
        counts[key] += 1
    keys = list(counts)
    rows = await connection.fetch(
        _ALLOCATE,
        [key.document_type for key in keys],
        [key.company_id for key in keys],
        [key.period for key in keys],
        [counts[key] for key in keys],
    )
    found = {}
    for row in rows:
        key = SeriesKey(row["document_type"], row["company_id"], row["period"])
        found[key] = list(range(row["next_value"] - counts[key], row["next_value"]))
    return found


@dataclass(slots=True)
class FastNumbers:
    """The blocks one process holds for one tenant. What a refusal or a crash loses stays visible as a gap."""

    free: dict[SeriesKey, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    doors: dict[SeriesKey, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))


@dataclass(slots=True)
class Draw:
    """The fast numbers that one command draws.

    A new block is reserved in the command's own transaction, so that nobody who holds a connection waits for a second
    one, and shared once it is committed. Meanwhile who needs a number of the same series waits at its door.
    """

    reserved: dict[SeriesKey, deque[int]] = field(default_factory=dict)

    async def next(self, tenant: TenantDatabase, connection: Connection, series: NumberSeries, key: SeriesKey) -> int:
        held = fast_numbers(tenant)
        if key not in self.reserved:
            if not held.free[key]:
                await held.doors[key].acquire()
                self.reserved[key] = deque()
            if held.free[key]:
                self._leave(held, key)
                return held.free[key].popleft()
        own = self.reserved[key]
        if not own:
            own.extend((await allocate(connection, [key] * BLOCK))[key])
            await connection.execute(
                _BLOCK, new_id(), key.document_type, key.company_id, key.period, series.pattern, own[0], own[-1]
            )
        return own.popleft()

    def settle(self, tenant: TenantDatabase, *, committed: bool) -> None:
        """The command is over: what is left of its blocks is for everybody if they were kept."""
        held = fast_numbers(tenant)
        for key in list(self.reserved):
            if committed:
                held.free[key].extend(self.reserved[key])
            self._leave(held, key)

    def _leave(self, held: FastNumbers, key: SeriesKey) -> None:
        if self.reserved.pop(key, None) is not None:
            held.doors[key].release()


def fast_numbers(tenant: TenantDatabase) -> FastNumbers:
    held: FastNumbers = tenant.cache.setdefault("fast_numbers", FastNumbers())
    return held
