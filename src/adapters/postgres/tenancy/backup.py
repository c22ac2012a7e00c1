"""One organization in one file: its database, its objects, its members, and the digest that proves the copy.

The file is a tar: `manifest.json`, `database.dump` (pg_dump's custom format) and `objects/<key>`. Secrets in it stay
encrypted under the installation's master key; passwords are not in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from adapters.embedded.postgres import client
from adapters.postgres.audit.entries import COLUMNS, entry
from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import url_of
from adapters.postgres.control.organizations import NewUser
from adapters.postgres.tenancy.grants import grant
from adapters.postgres.tenancy.provision import Provisioner
from adapters.postgres.types import Catalogue
from adapters.postgres.views import ALL, EVER, document_query
from bizcore.audit import merkle_root
from bizcore.errors import BusinessError
from bizcore.objects import ObjectStore
from bizcore.tenancy import Organization, Placement, Signup

FORMAT: Final = 1
MANIFEST, DUMP, OBJECTS = "manifest.json", "database.dump", "objects/"
_ROWS_AT_ONCE: Final = 500


class BackupUnusable(BusinessError):
    """The file is not a whole backup, or the copy made of it is not equal to what was backed up."""

    code = "BACKUP_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Digest:
    """What two copies of one organization have in common: row counts, every document as the API shows it with its
    derived numbers, and the audit trail as one Merkle root."""

    rows: dict[str, int]
    documents: str
    audit_root: str


@dataclass(frozen=True, slots=True)
class Member:
    user_id: UUID
    email: str
    name: str


async def digest(connection: Connection, catalogue: Catalogue, known_at: datetime) -> Digest:
    """Of the snapshot of the caller's transaction, with derived numbers as known at an instant."""
    tables = [
        row["name"]
        for row in await connection.fetch(
            """SELECT schemaname || '.' || tablename AS name FROM pg_tables
               WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""
        )
    ]
    rows = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    shown = hashlib.sha256()
    for code, sql in sorted(catalogue.documents.items()):
        query = document_query(sql.view)
        for row in await connection.fetch("SELECT id FROM platform.document WHERE type = $1 ORDER BY id", code):
            body = await connection.fetchval(query, row["id"], EVER, known_at, *ALL.given)
            shown.update(json.dumps(json.loads(body), sort_keys=True).encode())
    entries = connection.cursor(f"SELECT {COLUMNS} FROM audit.entry e ORDER BY e.id", prefetch=_ROWS_AT_ONCE)
    hashes = [entry(row).hash() async for row in entries]
    return Digest(rows, shown.hexdigest(), merkle_root(hashes).hex() if hashes else "")


async def back_up(
    url: str, organization: Organization, placement: Placement, objects: ObjectStore, catalogue: Catalogue, file: Path
) -> Digest:
    """Writes the file whole or not at all. Database and digest are of one snapshot; objects are never changed."""
    connection = await asyncpg.connect(url_of(url, database=placement.database))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            taken_at = datetime.now(UTC)
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            found = await digest(connection, catalogue, taken_at)
            members = await connection.fetch(
                "SELECT user_id, email, name FROM platform.principal WHERE user_id IS NOT NULL AND active ORDER BY id"
            )
            attached = [stored async for stored in objects.list(placement.bucket)]
            with tempfile.TemporaryDirectory() as folder:
                dump = Path(folder) / DUMP
                await _run(url, placement.database, "pg_dump", "-Fc", f"--snapshot={snapshot}", f"--file={dump}")
                manifest = {
                    "format": FORMAT,
                    "organization": {"slug": organization.slug, "name": organization.name},
                    "schema_version": placement.schema_version,
                    "taken_at": taken_at.isoformat(),
                    "digest": asdict(found),
                    "members": [{**dict(row), "user_id": str(row["user_id"])} for row in members],
                    "objects": {stored.key: stored.size for stored in attached},
                    "dump_sha256": hashlib.sha256(dump.read_bytes()).hexdigest(),
                }
                unfinished = file.with_suffix(".unfinished")
                with tarfile.open(unfinished, "w") as tar:
                    _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
                    tar.add(dump, DUMP)
                    for stored in attached:
                        parts = [part async for part in objects.get(placement.bucket, stored.key)]
                        _add(tar, OBJECTS + stored.key, b"".join(parts))
        unfinished.replace(file)
        return found
    finally:
        await connection.close()


async def restore(
    provisioner: Provisioner, objects: ObjectStore, catalogue: Catalogue, file: Path, *, slug: str | None
) -> tuple[Organization, Digest]:
    """A new organization that equals the one backed up, proven by its digest. Errors: BACKUP_UNUSABLE, SLUG_TAKEN."""
    with _opened(file) as tar, tempfile.TemporaryDirectory() as folder:
        manifest = _manifest(tar)
        _require_whole(tar, manifest)
        dump = Path(folder) / DUMP
        dump.write_bytes(_read(tar, DUMP))
        if hashlib.sha256(dump.read_bytes()).hexdigest() != manifest["dump_sha256"]:
            raise BackupUnusable("The database dump is damaged.", file=str(file))
        organization = await _reserve(provisioner, manifest, slug)
        restorer = _Restorer(provisioner.url, provisioner.organizations, provisioner.buckets, dump)
        await restorer.provision(_nobody(organization.id))
        found = await provisioner.organizations.placement(organization.id)
        assert found is not None
        placement = found[1]
        for name in tar.getnames():
            if name.startswith(OBJECTS):
                await objects.put(placement.bucket, name.removeprefix(OBJECTS), _once(_read(tar, name)))
    connection = await asyncpg.connect(url_of(provisioner.url, database=placement.database))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            copied = await digest(connection, catalogue, datetime.fromisoformat(manifest["taken_at"]))
    finally:
        await connection.close()
    if asdict(copied) != manifest["digest"]:
        raise BackupUnusable(
            "The restored organization differs from the one backed up.", wanted=manifest["digest"], found=asdict(copied)
        )
    return organization, copied


@dataclass(frozen=True, slots=True)
class _Restorer(Provisioner):
    """The saga of an organization whose database is filled from a dump instead of the template."""

    dump: Path

    async def _create_database(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await provisioner.execute(f"DROP DATABASE IF EXISTS {placement.database} WITH (FORCE)")
        await provisioner.execute(f"CREATE DATABASE {placement.database} TEMPLATE template0 ENCODING 'UTF8'")
        await provisioner.execute(f"REVOKE ALL ON DATABASE {placement.database} FROM PUBLIC")
        await provisioner.execute(
            f"GRANT CONNECT ON DATABASE {placement.database} TO {placement.app_role}, {placement.read_role}"
        )
        await provisioner.execute(f"GRANT CREATE ON DATABASE {placement.database} TO {placement.owner_role}")

    async def _hand_over(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await _run(
            self.url, placement.database, "pg_restore", "--no-owner", "--no-acl", "--exit-on-error",
            f"--role={placement.owner_role}", f"--dbname={placement.database}", str(self.dump),
        )  # fmt: skip
        connection = await asyncpg.connect(url_of(self.url, database=placement.database))
        try:
            await connection.execute(f"SET ROLE {placement.owner_role}")
            await grant(connection, placement)
        finally:
            await connection.close()

    async def _take_first_steps(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        """They are in the dump."""


async def _reserve(provisioner: Provisioner, manifest: dict[str, Any], slug: str | None) -> Organization:
    """The organization's place, its members' accounts and memberships; who has no account here is invited."""
    organizations = provisioner.organizations
    founder: UUID | None = None
    organization: Organization | None = None
    for given in manifest["members"]:
        user_id = await _account(provisioner, Member(UUID(given["user_id"]), given["email"], given["name"]))
        if founder is None or organization is None:
            founder, organization = await organizations.reserve(
                user_id,
                name=manifest["organization"]["name"],
                slug=slug or manifest["organization"]["slug"],
                schema_version=manifest["schema_version"],
            )
        else:
            await organizations.add_member(user_id, organization.id, accepted=True)
    if organization is None:
        raise BackupUnusable("The organization backed up has no members.")
    return organization


async def _account(provisioner: Provisioner, member: Member) -> UUID:
    """The account with this very id, for the organization's own rows name it; made if it is gone."""
    pool = provisioner.organizations.pool
    if await pool.fetchval("SELECT true FROM control.users WHERE id = $1", member.user_id):
        return member.user_id
    user = NewUser(member.email, member.name, None)
    await pool.execute(
        "INSERT INTO control.users (id, email, name) VALUES ($1, $2, $3)", member.user_id, user.email, user.name
    )
    return member.user_id


def _nobody(organization_id: UUID) -> Signup:
    """What the saga carries along; of a restored organization only the id means anything."""
    now = datetime.now(UTC)
    return Signup(
        organization_id=organization_id,
        user_id=organization_id,
        email="",
        name="",
        company_id=organization_id,
        principal_id=organization_id,
        company_name="",
        country="",
        currency="",
        timezone="UTC",
        at=now,
        today=now.date(),
        request_id="restore",
    )


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    """Errors: BACKUP_UNUSABLE where it turns out to be cut off or no backup at all."""
    try:
        with tarfile.open(file) as tar:
            yield tar
    except (tarfile.TarError, EOFError, json.JSONDecodeError, UnicodeDecodeError):
        raise BackupUnusable("The file is not a backup, or only the beginning of one.", file=str(file)) from None


def _require_whole(tar: tarfile.TarFile, manifest: dict[str, Any]) -> None:
    """A file may end where one member does: what is missing then is told by the manifest alone."""
    sizes = {member.name.removeprefix(OBJECTS): member.size for member in tar if member.name.startswith(OBJECTS)}
    missing = [key for key, size in manifest["objects"].items() if sizes.get(key) != size]
    if missing:
        raise BackupUnusable("The file is not a whole backup: attachments are missing.", missing=missing[:10])


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(_read(tar, MANIFEST))
    if manifest.get("format") != FORMAT:
        raise BackupUnusable(
            "This version cannot read the backup's format.", format=manifest.get("format"), reads=FORMAT
        )
    return manifest


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise BackupUnusable("The file is not a whole backup.", missing=name)
    return found.read()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _run(url: str, database: str, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs; the password goes by the environment, never by the command line."""
    target = make_url(url)
    environment: dict[str, str] = {
        **os.environ,
        "PGHOST": target.host or "",
        "PGPORT": str(target.port or 5432),
        "PGUSER": target.username or "",
        "PGPASSWORD": str(target.password or ""),
        "PGDATABASE": database,
    }
    process = await asyncio.create_subprocess_exec(
        str(client(program)), *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise BackupUnusable(f"{program} failed.", said=errors.decode(errors="replace")[-2000:])
