"""When a failed delivery is tried again, and when it is dead."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

# Before each of the ten tries: three days and a half in all, long enough for a weekend's outage at the receiver.
DELAYS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MAX_TRIES: Final = len(DELAYS)
JITTER: Final = 0.1  # of the delay, added, so that what failed together does not come back together
LONGEST_RETRY_AFTER: Final = timedelta(hours=24)


def delay_after(tries: int, retry_after: timedelta | None, chance: Callable[[], float]) -> timedelta | None:
    """How long to wait after `tries` failed tries; None when that was the last. A receiver that names a time is not
    called earlier. `chance` gives a number from 0 to 1."""
    if tries >= MAX_TRIES:
        return None
    scheduled = DELAYS[tries] * (1 + JITTER * chance())
    return max(scheduled, retry_after or timedelta(0))


def parse_retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Retry-After (RFC 9110, section 10.2.3) as seconds or a date; None when absent or unreadable, a day at most."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        # Its length first: a thousand digits are more seconds than a timedelta holds.
        wait = timedelta(seconds=int(header)) if len(header) < 8 else LONGEST_RETRY_AFTER
    else:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)
