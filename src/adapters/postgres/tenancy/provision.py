"""Making the cluster ready, and an organization in it: a saga whose every step may run again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import asyncpg

from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import CONTROL_DATABASE, CONTROL_ROLE, control_password, url_of
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.grants import grant
from adapters.postgres.tenancy.migrate import head, upgrade, version
from adapters.postgres.tenancy.template import TEMPLATE, TEMPLATE_LOCK, TEMPLATE_OWNER, ensure_template
from bizcore.errors import Unavailable
from bizcore.faults import fault
from bizcore.settings import Settings
from bizcore.tenancy import Placement, Signup, Step

SHARED_DATABASES: Final = ("postgres", "template1")
WAIT_SECONDS: Final = 20
CONNECT_SECONDS: Final = 10


class ClusterNotReady(Exception):
    """What the cluster's administrator must do first; the message holds the statements."""


class Buckets(Protocol):
    async def create_bucket(self, name: str) -> None:
        """Make the bucket unless it exists."""


async def prepare_cluster(settings: Settings) -> None:
    """Control database and template, made or brought up to date; nothing happens where they are.

    Errors: ClusterNotReady when everybody may connect to a shared database and the role may not change that.
    """
    provisioner = await asyncpg.connect(settings.database_url, timeout=CONNECT_SECONDS)
    try:
        await provisioner.execute("SELECT pg_advisory_lock(hashtextextended('bizcore.prepare', 0))")
        await _close_shared_databases(provisioner)
        await _prepare_control(provisioner, settings)
        await ensure_template(provisioner, settings.database_url)
    finally:
        await provisioner.close()


async def _close_shared_databases(provisioner: Connection) -> None:
    for database in await _open_to_everybody(provisioner):
        try:
            await provisioner.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        except asyncpg.InsufficientPrivilegeError:
            continue
    still_open = await _open_to_everybody(provisioner)
    if still_open:
        role = await provisioner.fetchval("SELECT quote_ident(current_user)")
        here = await provisioner.fetchval("SELECT quote_ident(current_database())")
        statements = [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;" for database in still_open]
        raise ClusterNotReady(
            "Every role of this cluster may connect to its shared databases and read all names there. "
            "An administrator must run:\n" + "\n".join([f"GRANT CONNECT ON DATABASE {here} TO {role};", *statements])
        )


async def _open_to_everybody(provisioner: Connection) -> list[str]:
    rows = await provisioner.fetch(
        """SELECT quote_ident(datname) AS name FROM pg_database
           WHERE (datname = ANY ($1) OR datname = current_database()) AND EXISTS (
               SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
               WHERE grantee = 0 AND privilege_type = 'CONNECT')
           ORDER BY datname""",
        list(SHARED_DATABASES),
    )
    return [row["name"] for row in rows]


async def _prepare_control(provisioner: Connection, settings: Settings) -> None:
    await _ensure_login(provisioner, CONTROL_ROLE, control_password(settings))
    if not await _database_exists(provisioner, CONTROL_DATABASE):
        await _create_closed_database(provisioner, CONTROL_DATABASE, template="template0")
    await _open_database(provisioner, CONTROL_DATABASE, (CONTROL_ROLE,))
    url = url_of(settings.database_url, database=CONTROL_DATABASE)
    connection = await asyncpg.connect(url)
    try:
        if await version(connection) != head("control"):
            await upgrade(url, "control")
        await connection.execute(
            f"""GRANT USAGE ON SCHEMA control TO {CONTROL_ROLE};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA control TO {CONTROL_ROLE}"""
        )
    finally:
        await connection.close()


async def _database_exists(provisioner: Connection, name: str) -> bool:
    return bool(await provisioner.fetchval("SELECT true FROM pg_database WHERE datname = $1", name))


async def _create_closed_database(provisioner: Connection, name: str, *, template: str) -> None:
    """A new database is open to everybody at first, so it takes no connections until that is revoked."""
    await provisioner.execute(f"CREATE DATABASE {name} TEMPLATE {template} ALLOW_CONNECTIONS false")


async def _open_database(provisioner: Connection, name: str, roles: tuple[str, ...]) -> None:
    await provisioner.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await provisioner.execute(f"GRANT CONNECT ON DATABASE {name} TO {', '.join(roles)}")
    await provisioner.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def _ensure_login(provisioner: Connection, role: str, password: str) -> None:
    """`password` is one that we made: letters and digits, nothing to escape."""
    assert password.isalnum()
    exists = await provisioner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if exists else "CREATE"
    await provisioner.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Carries an organization that was reserved from wherever it stands to being active."""

    url: str = field(repr=False)
    organizations: Organizations
    buckets: Buckets

    async def provision(self, signup: Signup) -> None:
        """Complete the organization; nothing happens if it is. Two at once: the second waits for the first.

        Errors: UNAVAILABLE when that takes longer than 20 s.
        """
        provisioner = await asyncpg.connect(self.url)
        try:
            await self._wait_for_turn(provisioner, signup.organization_id)
            reached = await self.organizations.step(signup.organization_id)
            if reached is None:
                return
            found = await self.organizations.placement(signup.organization_id)
            assert found is not None, "a reserved organization has its placement"
            for step, run in self._steps.items():
                if step not in reached.done:
                    await run(provisioner, found[1], signup)
                    fault(f"provision.unrecorded_{step}")
                    await self.organizations.advance(signup.organization_id, step)
                    fault(f"provision.after_{step}")
            await self.organizations.activate(signup.organization_id)
            fault("provision.after_active")
        finally:
            await provisioner.close()

    @property
    def _steps(self) -> Mapping[Step, Callable[[Connection, Placement, Signup], Awaitable[None]]]:
        return {
            Step.ROLES: self._create_roles,
            Step.DATABASE: self._create_database,
            Step.OWNERSHIP: self._hand_over,
            Step.BUCKET: self._create_bucket,
            Step.FIRST_STEPS: self._take_first_steps,
        }

    async def _wait_for_turn(self, provisioner: Connection, organization_id: UUID) -> None:
        await provisioner.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        try:
            await provisioner.execute(
                "SELECT pg_advisory_lock(hashtextextended($1, 0))", f"bizcore.provision:{organization_id}"
            )
            await provisioner.execute(f"SELECT pg_advisory_lock_shared({TEMPLATE_LOCK})")
        except asyncpg.LockNotAvailableError:
            raise Unavailable("The organization is still being prepared.", retry_after=WAIT_SECONDS) from None

    async def _create_roles(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        passwords = await self.organizations.passwords(placement.organization_id)
        if not await provisioner.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", placement.owner_role):
            await provisioner.execute(f"CREATE ROLE {placement.owner_role} NOLOGIN")
        # Who creates a role may hand it on but not act as it, until it hands it to itself.
        await provisioner.execute(f"GRANT {placement.owner_role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")
        await _ensure_login(provisioner, placement.app_role, passwords.app)
        await _ensure_login(provisioner, placement.read_role, passwords.read)

    async def _create_database(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        if not await _database_exists(provisioner, placement.database):
            await _create_closed_database(provisioner, placement.database, template=TEMPLATE)
        await _open_database(provisioner, placement.database, (placement.app_role, placement.read_role))
        await provisioner.execute(f"GRANT CREATE ON DATABASE {placement.database} TO {placement.owner_role}")

    async def _hand_over(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        """A clone's objects belong to the template's owner, whom no organization may share."""
        connection = await asyncpg.connect(url_of(self.url, database=placement.database))
        try:
            async with connection.transaction():
                # Schemas first: to own a function or table one must be allowed to create in its schema.
                schemas = await connection.fetch(
                    "SELECT nspname FROM pg_namespace WHERE nspowner = $1::text::regrole", TEMPLATE_OWNER
                )
                for row in schemas:
                    await connection.execute(f"ALTER SCHEMA {row['nspname']} OWNER TO {placement.owner_role}")
                await connection.execute(f"REASSIGN OWNED BY {TEMPLATE_OWNER} TO {placement.owner_role}")
                await connection.execute(f"SET LOCAL ROLE {placement.owner_role}")
                await grant(connection, placement)
        finally:
            await connection.close()

    async def _create_bucket(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await self.buckets.create_bucket(placement.bucket)

    async def _take_first_steps(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        from adapters.postgres.tenancy.first_steps import take_first_steps  # half of what a start would import

        passwords = await self.organizations.passwords(placement.organization_id)
        url = url_of(self.url, database=placement.database, role=placement.app_role, password=passwords.app)
        connection = await asyncpg.connect(url)
        try:
            await take_first_steps(connection, signup)
        finally:
            await connection.close()
