"""Organizations: where each lives, how one comes to be, and the tokens that lead into it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from bizcore.errors import Unauthenticated

ACCESS_TOKEN_LIFE: Final = timedelta(minutes=15)
SLUG_LENGTH: Final = 40


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Step(StrEnum):
    """What a sign-up has behind it. Every step may run again: a sign-up that was killed goes on from here."""

    RESERVED = "reserved"
    ROLES = "roles"
    DATABASE = "database"
    OWNERSHIP = "ownership"
    BUCKET = "bucket"
    FIRST_STEPS = "first_steps"

    @property
    def done(self) -> tuple[Step, ...]:
        """This step and those before it."""
        steps = tuple(Step)
        return steps[: steps.index(self) + 1]


@dataclass(frozen=True, slots=True)
class Organization:
    id: UUID
    slug: str
    name: str
    status: Status


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an organization's data is. All names are opaque, for every role of a cluster can read them."""

    organization_id: UUID
    cluster: str
    database: str
    bucket: str
    schema_version: str

    @property
    def owner_role(self) -> str:
        """Owns every object of the database and cannot log in."""
        return f"{self.database}_owner"

    @property
    def app_role(self) -> str:
        return f"{self.database}_app"

    @property
    def read_role(self) -> str:
        return f"{self.database}_read"


@dataclass(frozen=True, slots=True)
class Signup:
    """What the first rows of a new organization are made from. `today` is the date where the company is."""

    organization_id: UUID
    user_id: UUID
    email: str
    name: str
    company_id: UUID
    principal_id: UUID
    company_name: str
    country: str
    currency: str
    timezone: str
    at: datetime
    today: date
    request_id: str


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says. `stamp` is the membership's when the token was made."""

    user_id: UUID
    organization_id: UUID
    stamp: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, in which organization: a user by token, or the principal of an API key."""

    organization_id: UUID
    user_id: UUID | None = None
    principal_id: UUID | None = None


class InvalidToken(Unauthenticated):
    """Not a token that we made for this purpose and that still holds. Which check failed is not told."""

    def __init__(self) -> None:
        super().__init__("The token is not valid.")


class TokenCodec(Protocol):
    """Makes and judges access tokens (JWT access token profile, RFC 9068)."""

    def issue(self, claims: AccessClaims) -> str:
        """A signed token that lives ACCESS_TOKEN_LIFE."""

    def verify(self, token: str) -> AccessClaims:
        """Errors: InvalidToken for anything but a token of our own making, unchanged and in its time."""


def slug_of(name: str) -> str:
    """A slug made of a name: ASCII letters and digits in words joined by `-`, at most 40 characters."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_name.lower())
    return "-".join(words)[:SLUG_LENGTH].strip("-") or "organization"


def is_slug(text: str) -> bool:
    return len(text) <= SLUG_LENGTH and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None
