"""Passwords as argon2id hashes (RFC 9106), hashed outside the event loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 200
CONCURRENT: Final = 4  # each takes 19 MiB


@dataclass(slots=True)
class Passwords:
    """19 MiB, two passes: OWASP's password storage recommendation for argon2id."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    )
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONCURRENT))
    _nobody: str = ""

    def __post_init__(self) -> None:
        self._nobody = self.hasher.hash("of a user that does not exist")

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether it is the password. Takes as long when nothing is `kept`: nobody learns who has an account."""
        async with self._slots:
            right = await asyncio.to_thread(self._verify, password, kept or self._nobody)
        return right and kept is not None

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self.hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
