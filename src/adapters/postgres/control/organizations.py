"""Organizations, their placements and memberships, and how far a sign-up has come."""

from __future__ import annotations

import os
import secrets as random
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import Connection, Pool
from bizcore.errors import BusinessError
from bizcore.ids import new_id
from bizcore.tenancy import Organization, Placement, Status, Step, slug_of

CLUSTER: Final = "default"
SLUG_TRIES: Final = 20


class SlugTaken(BusinessError):
    code = "SLUG_TAKEN"


class AccountExists(BusinessError):
    code = "ACCOUNT_EXISTS"


@dataclass(frozen=True, slots=True)
class NewUser:
    email: str
    name: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class RolePasswords:
    app: str
    read: str


@dataclass(frozen=True, slots=True)
class Member:
    """One organization of a user. Not `accepted` is an invitation."""

    organization: Organization
    stamp: int
    active: bool
    default: bool
    accepted: bool


_ORGANIZATION: Final = "o.id, o.slug, o.name, o.status"


@dataclass(frozen=True, slots=True)
class Organizations:
    pool: Pool
    secrets: Secrets

    async def reserve(
        self, founder: NewUser | UUID, *, name: str, slug: str | None, schema_version: str, restores: bool = False
    ) -> tuple[UUID, Organization]:
        """The founder's id and a pending organization with everything that provisioning needs to know.

        One that `restores` a backup is resumed by no sign-up. Without a slug one is made of the name.
        Errors: SLUG_TAKEN, ACCOUNT_EXISTS.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            user_id = founder if isinstance(founder, UUID) else await add_user(connection, founder)
            organization_id = new_id()
            taken_slug = await self._take_slug(connection, organization_id, user_id, name=name, slug=slug)
            opaque = os.urandom(12).hex()
            await connection.execute(
                """INSERT INTO control.placement
                   (organization_id, cluster, database, bucket, app_secret, read_secret, schema_version)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)""",
                organization_id,
                CLUSTER,
                f"t_{opaque}",
                f"b-{opaque}",
                self._new_secret(organization_id, "app_secret"),
                self._new_secret(organization_id, "read_secret"),
                schema_version,
            )
            await connection.execute(
                """INSERT INTO control.membership (user_id, organization_id, is_default, accepted_at)
                   VALUES ($1, $2, NOT EXISTS (SELECT FROM control.membership WHERE user_id = $1 AND is_default),
                           clock_timestamp())""",
                user_id,
                organization_id,
            )
            await connection.execute(
                "INSERT INTO control.saga (organization_id, restores, step) VALUES ($1, $2, $3)",
                organization_id,
                restores,
                Step.RESERVED,
            )
        return user_id, Organization(organization_id, taken_slug, name, Status.PENDING)

    async def unfinished(self, user_id: UUID, *, restores: bool) -> list[Organization]:
        """The pending organizations of this founder, oldest first: of broken off sign-ups or restores."""
        rows = await self.pool.fetch(
            f"""SELECT {_ORGANIZATION} FROM control.organization o JOIN control.saga s ON s.organization_id = o.id
                WHERE o.founder_id = $1 AND s.restores = $2 ORDER BY o.id""",
            user_id,
            restores,
        )
        return [_organization(row) for row in rows]

    async def placement(self, organization_id: UUID) -> tuple[Organization, Placement] | None:
        row = await self.pool.fetchrow(
            f"""SELECT {_ORGANIZATION}, p.cluster, p.database, p.bucket, p.schema_version
                FROM control.organization o JOIN control.placement p ON p.organization_id = o.id WHERE o.id = $1""",
            organization_id,
        )
        if row is None:
            return None
        return _organization(row), Placement(
            organization_id, row["cluster"], row["database"], row["bucket"], row["schema_version"]
        )

    async def passwords(self, organization_id: UUID) -> RolePasswords:
        row = await self.pool.fetchrow(
            "SELECT app_secret, read_secret FROM control.placement WHERE organization_id = $1", organization_id
        )
        assert row is not None, "a placement has its passwords"
        return RolePasswords(
            *(
                self.secrets.decrypt(row[column], secret_binding(organization_id, column)).decode()
                for column in ("app_secret", "read_secret")
            )
        )

    async def step(self, organization_id: UUID) -> Step | None:
        """How far provisioning has come; None when it is complete."""
        step = await self.pool.fetchval("SELECT step FROM control.saga WHERE organization_id = $1", organization_id)
        return None if step is None else Step(step)

    async def advance(self, organization_id: UUID, step: Step) -> None:
        await self.pool.execute(
            "UPDATE control.saga SET step = $2, updated_at = clock_timestamp() WHERE organization_id = $1",
            organization_id,
            step,
        )

    async def activate(self, organization_id: UUID) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("DELETE FROM control.saga WHERE organization_id = $1", organization_id)
            await connection.execute(
                "UPDATE control.organization SET status = $2 WHERE id = $1", organization_id, Status.ACTIVE
            )

    async def withdraw(self, organization_id: UUID) -> None:
        """Forget a pending organization; its slug is free again."""
        async with self.pool.acquire() as connection, connection.transaction():
            for table in ("saga", "membership", "placement"):
                await connection.execute(f"DELETE FROM control.{table} WHERE organization_id = $1", organization_id)
            await connection.execute(
                "DELETE FROM control.organization WHERE id = $1 AND status = $2", organization_id, Status.PENDING
            )

    async def active_ids(self) -> list[UUID]:
        rows = await self.pool.fetch("SELECT id FROM control.organization WHERE status = $1 ORDER BY id", Status.ACTIVE)
        return [row["id"] for row in rows]

    async def behind(self, schema_version: str) -> list[Placement]:
        """The active organizations whose database has an older schema."""
        rows = await self.pool.fetch(
            """SELECT p.organization_id, p.cluster, p.database, p.bucket, p.schema_version
               FROM control.placement p JOIN control.organization o ON o.id = p.organization_id
               WHERE p.schema_version < $1 AND o.status <> $2 ORDER BY p.organization_id""",
            schema_version,
            Status.PENDING,
        )
        return [Placement(*row) for row in rows]

    async def migrated(self, organization_id: UUID, schema_version: str) -> None:
        await self.pool.execute(
            "UPDATE control.placement SET schema_version = $2 WHERE organization_id = $1",
            organization_id,
            schema_version,
        )

    async def of_user(self, user_id: UUID) -> list[Member]:
        rows = await self.pool.fetch(
            f"""SELECT {_ORGANIZATION}, m.stamp, m.active, m.is_default, m.accepted_at
                FROM control.membership m JOIN control.organization o ON o.id = m.organization_id
                WHERE m.user_id = $1 AND m.active AND o.status = $2 ORDER BY m.is_default DESC, o.id""",
            user_id,
            Status.ACTIVE,
        )
        return [_member(row) for row in rows]

    async def member(self, user_id: UUID, organization_id: UUID) -> Member | None:
        row = await self.pool.fetchrow(
            f"""SELECT {_ORGANIZATION}, m.stamp, m.active, m.is_default, m.accepted_at
                FROM control.membership m JOIN control.organization o ON o.id = m.organization_id
                WHERE m.user_id = $1 AND m.organization_id = $2""",
            user_id,
            organization_id,
        )
        return None if row is None else _member(row)

    async def accept(self, user_id: UUID, organization_id: UUID) -> None:
        """Take up an invitation; nothing happens if that was done."""
        await self.pool.execute(
            """UPDATE control.membership m
               SET accepted_at = clock_timestamp(),
                   is_default = NOT EXISTS (SELECT FROM control.membership WHERE user_id = $1 AND is_default)
               WHERE user_id = $1 AND organization_id = $2 AND accepted_at IS NULL""",
            user_id,
            organization_id,
        )

    async def add_member(self, user_id: UUID, organization_id: UUID, *, accepted: bool) -> None:
        """A membership, an invitation unless `accepted`. One that was ended begins anew as an invitation."""
        await self.pool.execute(
            """INSERT INTO control.membership AS m (user_id, organization_id, accepted_at)
               VALUES ($1, $2, CASE WHEN $3 THEN clock_timestamp() END)
               ON CONFLICT (user_id, organization_id) DO UPDATE SET active = true""",
            user_id,
            organization_id,
            accepted,
        )

    async def set_member_active(self, user_id: UUID, organization_id: UUID, active: bool) -> None:
        """Ending a membership ends its tokens: access tokens by the stamp, refresh tokens with their families."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """UPDATE control.membership SET active = $3, stamp = stamp + 1
                   WHERE user_id = $1 AND organization_id = $2 AND active <> $3""",
                user_id,
                organization_id,
                active,
            )
            if not active:
                await connection.execute(
                    """UPDATE control.refresh_family SET revoked_at = clock_timestamp()
                       WHERE user_id = $1 AND organization_id = $2 AND revoked_at IS NULL""",
                    user_id,
                    organization_id,
                )

    async def _take_slug(
        self, connection: Connection, organization_id: UUID, founder_id: UUID, *, name: str, slug: str | None
    ) -> str:
        wanted = slug or slug_of(name)
        tries = [wanted] if slug else [wanted, *(f"{wanted[:34]}-{n}" for n in range(2, SLUG_TRIES))]
        if slug is None:
            tries.append(f"{wanted[:30]}-{random.token_hex(4)}")
        for candidate in tries:
            taken = await connection.fetchval(
                """INSERT INTO control.organization (id, slug, name, status, founder_id) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (slug) DO NOTHING RETURNING slug""",
                organization_id,
                candidate,
                name,
                Status.PENDING,
                founder_id,
            )
            if taken is not None:
                return candidate
        raise SlugTaken("Another organization has this slug.", slug=wanted)

    def _new_secret(self, organization_id: UUID, column: str) -> bytes:
        return self.secrets.encrypt(random.token_hex(24).encode(), secret_binding(organization_id, column))


async def add_user(connection: Connection, user: NewUser) -> UUID:
    """Errors: ACCOUNT_EXISTS, also when the address differs in case only."""
    user_id = new_id()
    try:
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO control.users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)",
                user_id,
                user.email,
                user.name,
                user.password_hash,
            )
    except asyncpg.UniqueViolationError:
        raise AccountExists("There is an account with this address: sign in to it.", email=user.email) from None
    return user_id


def secret_binding(organization_id: UUID, column: str) -> str:
    """What an encrypted password of a place is bound to: in another row or column it cannot be read."""
    return f"control.placement/{organization_id}/{column}"


def _organization(row: asyncpg.Record) -> Organization:
    return Organization(row["id"], row["slug"], row["name"], Status(row["status"]))


def _member(row: asyncpg.Record) -> Member:
    return Member(_organization(row), row["stamp"], row["active"], row["is_default"], row["accepted_at"] is not None)
