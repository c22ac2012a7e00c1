"""Accounts: users, the families of their refresh tokens, and the keys of machines."""

from __future__ import annotations

import hashlib
import secrets as random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import Pool
from adapters.postgres.control.organizations import NewUser, add_user
from bizcore.ids import new_id
from bizcore.tenancy import InvalidToken

FAMILY_LIFE: Final = timedelta(days=30)
# Two tabs of one browser may use the same token at once; whoever comes later than this has stolen it.
JUST_ROTATED: Final = timedelta(seconds=10)
KEY_MARK: Final = "bzk"
LAST_USED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    email: str
    name: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """What a refresh token stands for, with the token that follows it."""

    user_id: UUID
    organization_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    organization_id: UUID
    principal_id: UUID


@dataclass(frozen=True, slots=True)
class Accounts:
    pool: Pool
    secrets: Secrets

    async def by_email(self, email: str) -> User | None:
        row = await self.pool.fetchrow(
            "SELECT id, email, name, password_hash FROM control.users WHERE lower(email) = lower($1)", email
        )
        return None if row is None else User(*row)

    async def by_id(self, user_id: UUID) -> User | None:
        row = await self.pool.fetchrow(
            "SELECT id, email, name, password_hash FROM control.users WHERE id = $1", user_id
        )
        return None if row is None else User(*row)

    async def add(self, user: NewUser) -> UUID:
        """Errors: ACCOUNT_EXISTS."""
        async with self.pool.acquire() as connection:
            return await add_user(connection, user)

    async def set_password(self, email: str, password_hash: str) -> bool:
        """Give an account a password and end its sessions; False when nobody has the address."""
        async with self.pool.acquire() as connection, connection.transaction():
            user_id = await connection.fetchval(
                "UPDATE control.users SET password_hash = $2 WHERE lower(email) = lower($1) RETURNING id",
                email,
                password_hash,
            )
            await connection.execute("UPDATE control.membership SET stamp = stamp + 1 WHERE user_id = $1", user_id)
            await connection.execute(
                """UPDATE control.refresh_family SET revoked_at = clock_timestamp()
                   WHERE user_id = $1 AND revoked_at IS NULL""",
                user_id,
            )
        return user_id is not None

    async def open_session(self, user_id: UUID, organization_id: UUID) -> str:
        """A first refresh token, head of a new family."""
        token = random.token_urlsafe(32)
        async with self.pool.acquire() as connection, connection.transaction():
            family = new_id()
            await connection.execute(
                """INSERT INTO control.refresh_family (id, user_id, organization_id, expires_at)
                   VALUES ($1, $2, $3, clock_timestamp() + $4)""",
                family,
                user_id,
                organization_id,
                FAMILY_LIFE,
            )
            await connection.execute(
                "INSERT INTO control.refresh_token (hash, family_id) VALUES ($1, $2)", _hash(token), family
            )
        return token

    async def rotate(self, token: str) -> Session:
        """The session under a new token. One used long ago was stolen: its family ends. Errors: InvalidToken."""
        async with self.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                """SELECT f.id, f.user_id, f.organization_id,
                              f.revoked_at IS NOT NULL OR f.expires_at < clock_timestamp() AS ended,
                              t.used_at < clock_timestamp() - $2::interval AS reused
                       FROM control.refresh_token t JOIN control.refresh_family f ON f.id = t.family_id
                       WHERE t.hash = $1 FOR UPDATE OF f, t""",
                _hash(token),
                JUST_ROTATED,
            )
            if row is not None and row["reused"]:
                await connection.execute(
                    "UPDATE control.refresh_family SET revoked_at = clock_timestamp() WHERE id = $1", row["id"]
                )
            elif row is not None and not row["ended"]:
                following = random.token_urlsafe(32)
                await connection.execute(
                    "UPDATE control.refresh_token SET used_at = coalesce(used_at, clock_timestamp()) WHERE hash = $1",
                    _hash(token),
                )
                await connection.execute(
                    "INSERT INTO control.refresh_token (hash, family_id) VALUES ($1, $2)",
                    _hash(following),
                    row["id"],
                )
                await connection.execute(
                    "UPDATE control.refresh_family SET expires_at = clock_timestamp() + $2 WHERE id = $1",
                    row["id"],
                    FAMILY_LIFE,
                )
                return Session(row["user_id"], row["organization_id"], following)
        raise InvalidToken

    async def end_session(self, token: str) -> None:
        """Revokes the token's family; a token that is not ours changes nothing."""
        await self.pool.execute(
            """UPDATE control.refresh_family SET revoked_at = coalesce(revoked_at, clock_timestamp())
               WHERE id = (SELECT family_id FROM control.refresh_token WHERE hash = $1)""",
            _hash(token),
        )

    async def add_key(self, key_id: UUID, organization_id: UUID, principal_id: UUID, name: str) -> str:
        """A new key of a machine, to be shown once: only its keyed hash is kept."""
        prefix, secret = random.token_hex(6), random.token_urlsafe(32)
        await self.pool.execute(
            """INSERT INTO control.api_key (id, prefix, hash, organization_id, principal_id, name)
               VALUES ($1, $2, $3, $4, $5, $6)""",
            key_id,
            prefix,
            self.secrets.keyed_hash(secret.encode(), _bound(prefix)),
            organization_id,
            principal_id,
            name,
        )
        return f"{KEY_MARK}_{prefix}_{secret}"

    async def key(self, given: str) -> ApiKey:
        """Errors: InvalidToken for a key that is unknown, wrong or revoked."""
        mark, _, rest = given.partition("_")
        prefix, _, secret = rest.partition("_")
        row = await self.pool.fetchrow(
            """SELECT id, hash, organization_id, principal_id FROM control.api_key
               WHERE prefix = $1 AND revoked_at IS NULL""",
            prefix[:64],
        )
        # An unknown prefix costs the same comparison as a wrong secret.
        kept = row["hash"] if row is not None else self.secrets.keyed_hash(b"", _bound("nobody"))
        if not self.secrets.matches(secret.encode(), _bound(prefix), kept) or row is None or mark != KEY_MARK:
            raise InvalidToken
        if not self.secrets.is_current(kept):  # only now is the secret here that a newer master key's hash needs
            await self.pool.execute(
                "UPDATE control.api_key SET hash = $3 WHERE id = $1 AND hash = $2",
                row["id"],
                kept,
                self.secrets.keyed_hash(secret.encode(), _bound(prefix)),
            )
        await self.pool.execute(
            """UPDATE control.api_key SET last_used_at = clock_timestamp()
               WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - $2::interval)""",
            row["id"],
            LAST_USED_EVERY,
        )
        return ApiKey(row["organization_id"], row["principal_id"])

    async def keys(self, organization_id: UUID) -> list[dict[str, object]]:
        """The organization's keys without their secrets."""
        rows = await self.pool.fetch(
            """SELECT id, prefix, name, principal_id, created_at, last_used_at, revoked_at FROM control.api_key
               WHERE organization_id = $1 ORDER BY created_at""",
            organization_id,
        )
        return [dict(row) for row in rows]

    async def machine_of(self, organization_id: UUID, key_id: UUID) -> UUID | None:
        """The principal that the organization's key stands for."""
        found: UUID | None = await self.pool.fetchval(
            "SELECT principal_id FROM control.api_key WHERE id = $1 AND organization_id = $2", key_id, organization_id
        )
        return found

    async def revoke_key(self, organization_id: UUID, key_id: UUID) -> None:
        await self.pool.execute(
            """UPDATE control.api_key SET revoked_at = coalesce(revoked_at, clock_timestamp())
               WHERE id = $1 AND organization_id = $2""",
            key_id,
            organization_id,
        )


def _hash(token: str) -> bytes:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode()).digest()


def _bound(prefix: str) -> str:
    return f"control.api_key/{prefix}"
