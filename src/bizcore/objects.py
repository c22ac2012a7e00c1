"""Objects: the bytes of attachments, one bucket per organization. What is known of them stands in the database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bizcore.errors import NotFound, Unavailable


class ObjectMissing(NotFound):
    """No object has this key."""

    code = "OBJECT_MISSING"


class ObjectsUnavailable(Unavailable):
    """The store does not answer, or refuses; documents can be used without it."""

    code = "OBJECTS_UNAVAILABLE"

    def __init__(self, message: str = "The object store does not answer.", /, *, retry_after: int = 10) -> None:
        super().__init__(message, retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    modified_at: datetime


class ObjectStore(Protocol):
    """Keys are flat and made by us: a store may be unable to hold both `a` and `a/b`. Content type and metadata are
    not kept here, for not every store keeps them. Errors of every call: OBJECTS_UNAVAILABLE."""

    async def create_bucket(self, bucket: str) -> None:
        """Make it unless it is there."""

    async def remove_bucket(self, bucket: str) -> None:
        """Remove it with all that is in it, unless it is gone."""

    async def put(self, bucket: str, key: str, parts: AsyncIterator[bytes]) -> int:
        """Store the parts as one object and answer its size. When the parts raise, nothing is stored."""

    def get(self, bucket: str, key: str, *, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `offset`, `length` of them or all. Errors: OBJECT_MISSING."""

    async def stat(self, bucket: str, key: str) -> StoredObject:
        """Errors: OBJECT_MISSING."""

    async def remove(self, bucket: str, key: str) -> None:
        """Remove it unless it is gone."""

    def list(self, bucket: str, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Every object whose key begins with `prefix`, by key."""
