"""The advisory locks that keep one process at a time at a tenant's background work.

They live in PostgreSQL's two-number key space, apart from the one-number locks of keys and limits, and end with their
transaction: no session has to stand for them.
"""

from dataclasses import dataclass
from typing import Final

_SPACE: Final = 0x62697A  # "biz"


@dataclass(frozen=True, slots=True)
class Lock:
    number: int

    @property
    def attempt(self) -> str:
        """A statement that takes the lock and answers true, or answers false because another has it."""
        return f"SELECT pg_try_advisory_xact_lock({_SPACE}, {self.number})"

    @property
    def wait(self) -> str:
        """A statement that takes the lock, waiting for another to end."""
        return f"SELECT pg_advisory_xact_lock({_SPACE}, {self.number})"


RELAY: Final = Lock(1)
DELIVERIES: Final = Lock(2)
SEAL: Final = Lock(3)
