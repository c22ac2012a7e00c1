"""The rate of one organization's requests: a token bucket in each API process."""

import math
import time
from dataclasses import dataclass, field
from uuid import UUID

from bizcore.errors import RateLimited

FORGET_AFTER = 10_000


@dataclass(slots=True)
class RequestRate:
    """`per_second` requests sustained and `burst` at once, for each organization. Errors: RATE_LIMITED."""

    per_second: int
    burst: int
    _buckets: dict[UUID, tuple[float, float]] = field(default_factory=dict)

    def __call__(self, organization_id: UUID) -> None:
        now = time.monotonic()
        left, since = self._buckets.get(organization_id, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.per_second)
        if left < 1:
            wait = math.ceil((1 - left) / self.per_second)
            raise RateLimited(
                "Too many requests of this organization.", retry_after=max(wait, 1), limit=self.per_second
            )
        if len(self._buckets) > FORGET_AFTER:
            self._buckets.clear()
        self._buckets[organization_id] = (left - 1, now)
