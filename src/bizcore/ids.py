"""Time-ordered identifiers."""

import os
import time
from threading import Lock
from uuid import UUID

_RANDOM_BITS = 74  # rand_a (12) and rand_b (62) of RFC 9562, section 5.7, used as one number


class _Uuid7:
    """Monotonic random, RFC 9562 section 6.2 method 2: within one millisecond the random number only grows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._millisecond = 0
        self._random = 0

    def next(self) -> UUID:
        fresh = int.from_bytes(os.urandom(9))
        now = time.time_ns() // 1_000_000
        with self._lock:
            if now > self._millisecond:
                # One bit less than fits, so that a burst within the millisecond has room to grow.
                self._millisecond, self._random = now, fresh
            else:
                # The same millisecond, or a clock set back: keep the order and stay hard to guess.
                self._random += 1 + (fresh & 0xFFFFFFFF)
                if self._random >> _RANDOM_BITS:
                    self._millisecond, self._random = self._millisecond + 1, fresh
            millisecond, random = self._millisecond, self._random
        return UUID(int=millisecond << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1)


_uuid7 = _Uuid7()


def new_id() -> UUID:
    """A uuidv7, greater than every one this process made before."""
    return _uuid7.next()
