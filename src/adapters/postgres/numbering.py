"""Document numbers: gapless ones inside the command's transaction, fast ones from blocks reserved beside it."""

from collections import defaultdict
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


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One running count: of a document type, a company and a year (or "" where it never starts again)."""

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
    """The blocks one process holds for one tenant. What a refusal or a crash loses stays visible as a gap of its block."""

    free: dict[SeriesKey, list[int]] = field(default_factory=dict)

    async def draw(self, tenant: TenantDatabase, series: NumberSeries, key: SeriesKey) -> int:
        while not self.free.get(key):
            # A short transaction on a connection of its own: the series is not locked while documents are made.
            async with tenant.connection() as connection, connection.transaction():
                values = (await allocate(connection, [key] * BLOCK))[key]
                await connection.execute(
                    _BLOCK, new_id(), key.document_type, key.company_id, key.period, series.pattern, values[0], values[-1]
                )
            self.free.setdefault(key, []).extend(reversed(values))
        return self.free[key].pop()


def fast_numbers(tenant: TenantDatabase) -> FastNumbers:
    held: FastNumbers = tenant.cache.setdefault("fast_numbers", FastNumbers())
    return held
