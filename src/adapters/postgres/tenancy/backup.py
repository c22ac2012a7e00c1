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
import shutil
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from adapters.embedded.postgres import client
from adapters.postgres.audit.entries import COLUMNS, entry
from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import Pool, url_of
from adapters.postgres.tenancy.grants import grant
from adapters.postgres.tenancy.migrate import head
from adapters.postgres.tenancy.provision import Provisioner
from adapters.postgres.tenancy.template import drop_database
from adapters.postgres.types import Catalogue
from adapters.postgres.views import ALL, EVER, document_query
from bizcore.audit import merkle_root
from bizcore.errors import BusinessError
from bizcore.objects import ObjectStore, ObjectsUnavailable
from bizcore.tenancy import Organization, Placement, Signup, Status

FORMAT: Final = 1
MANIFEST, DUMP, OBJECTS = "manifest.json", "database.dump", "objects/"
_ROWS_AT_ONCE: Final = 500


class BackupUnusable(BusinessError):
    """The file is not a whole backup, or the copy made of it is not equal to what was backed up."""

    code = "BACKUP_UNUSABLE"


class OtherAccounts(BusinessError):
    """Somebody else may have the address of a member here."""

    code = "OTHER_ACCOUNTS"


@dataclass(frozen=True, slots=True)
class Digest:
    """What two copies of one organization have in common: row counts, every document as the API shows it with its
    derived numbers, and the audit trail as one Merkle root."""

    rows: dict[str, int]
    documents: str
    audit_root: str


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
    """Writes the file whole or not at all, for its owner's eyes only. Database and digest are of one snapshot; objects
    are never changed. Errors: BACKUP_UNUSABLE for an organization at another schema than this version's."""
    _require_schema(placement.schema_version)
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
                    "dump_sha256": _sha256(dump),
                }
                with _written_whole(file) as tar:
                    _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
                    tar.add(dump, DUMP, filter=_of_nobody)
                    for stored in attached:
                        parts = [part async for part in objects.get(placement.bucket, stored.key)]
                        _add(tar, OBJECTS + stored.key, b"".join(parts))
        return found
    finally:
        await connection.close()


async def restore(
    provisioner: Provisioner,
    objects: ObjectStore,
    catalogue: Catalogue,
    file: Path,
    *,
    slug: str | None,
    same_people: bool = False,
) -> tuple[Organization, Digest]:
    """A new organization that equals the one backed up, proven by its digest before anybody may enter it.

    Where that fails nothing stays of it; what stays when the process is killed, the next attempt at this slug removes.
    Errors: BACKUP_UNUSABLE, SLUG_TAKEN, and OTHER_ACCOUNTS when accounts here have the address of a member, but are
    not that member's own, unless they are the `same_people`.
    """
    with _opened(file) as tar, tempfile.TemporaryDirectory() as folder:
        manifest = _manifest(tar)
        _require_schema(manifest["schema_version"])
        _require_whole(tar, manifest)
        dump = Path(folder) / DUMP
        with dump.open("wb") as copy:
            shutil.copyfileobj(_member(tar, DUMP), copy)
        if _sha256(dump) != manifest["dump_sha256"]:
            raise BackupUnusable("The database dump is damaged.", file=str(file))
        accounts = await _accounts(provisioner.organizations.pool, manifest, same_people=same_people)
        backup = _Backup(tar, manifest, dump, accounts)
        restorer = _Restorer(provisioner.url, provisioner.organizations, objects, objects, catalogue, backup)
        organization = await _reserve(restorer, slug)
        try:
            await restorer.provision(_nobody(organization.id))
        except BaseException:
            await restorer.withdraw(organization.id)
            raise
        return organization, Digest(**manifest["digest"])


@dataclass(frozen=True, slots=True)
class _Backup:
    """What was read of the file. `accounts` are the members' here, by what they were there."""

    tar: tarfile.TarFile
    manifest: dict[str, Any]
    dump: Path
    accounts: dict[UUID, UUID]


@dataclass(frozen=True, slots=True)
class _Restorer(Provisioner):
    """The saga of an organization whose database is filled from a dump instead of the template."""

    objects: ObjectStore
    catalogue: Catalogue
    backup: _Backup

    async def _create_database(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await drop_database(provisioner, placement.database)
        await provisioner.execute(f"CREATE DATABASE {placement.database} TEMPLATE template0 ENCODING 'UTF8'")
        await provisioner.execute(f"REVOKE ALL ON DATABASE {placement.database} FROM PUBLIC")
        await provisioner.execute(
            f"GRANT CONNECT ON DATABASE {placement.database} TO {placement.app_role}, {placement.read_role}"
        )
        await provisioner.execute(f"GRANT CREATE ON DATABASE {placement.database} TO {placement.owner_role}")

    async def _hand_over(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await _run(
            self.url, placement.database, "pg_restore", "--no-owner", "--no-acl", "--exit-on-error",
            f"--role={placement.owner_role}", f"--dbname={placement.database}", str(self.backup.dump),
        )  # fmt: skip
        connection = await asyncpg.connect(url_of(self.url, database=placement.database))
        try:
            await connection.execute(f"SET ROLE {placement.owner_role}")
            await grant(connection, placement)
            await connection.executemany(
                "UPDATE platform.principal SET user_id = $2 WHERE user_id = $1",
                [(there, here) for there, here in self.backup.accounts.items() if there != here],
            )
        finally:
            await connection.close()

    async def _create_bucket(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        await self.objects.create_bucket(placement.bucket)
        for name in self.backup.tar.getnames():
            if name.startswith(OBJECTS):
                content = _once(_read(self.backup.tar, name))
                await self.objects.put(placement.bucket, name.removeprefix(OBJECTS), content)

    async def _take_first_steps(self, provisioner: Connection, placement: Placement, signup: Signup) -> None:
        """They are in the dump. Instead, the last step before anybody may enter: is the copy equal?"""
        wanted = self.backup.manifest["digest"]
        connection = await asyncpg.connect(url_of(self.url, database=placement.database))
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                taken_at = datetime.fromisoformat(self.backup.manifest["taken_at"])
                found = asdict(await digest(connection, self.catalogue, taken_at))
        finally:
            await connection.close()
        if found != wanted:
            parts = ", ".join(part for part in found if found[part] != wanted.get(part))
            raise BackupUnusable(f"The copy differs from what was backed up in: {parts}.", wanted=wanted, found=found)

    async def withdraw(self, organization_id: UUID) -> None:
        """Remove an organization that never became active, with its database, its roles and its bucket."""
        provisioner = await asyncpg.connect(self.url)
        try:
            await self._wait_for_turn(provisioner, organization_id)
            found = await self.organizations.placement(organization_id)
            if found is None or found[0].status is not Status.PENDING:
                return
            placement = found[1]
            await drop_database(provisioner, placement.database)
            for role in (placement.app_role, placement.read_role, placement.owner_role):
                await provisioner.execute(f"DROP ROLE IF EXISTS {role}")
            with suppress(ObjectsUnavailable):  # a bucket of an opaque name; the rest must not wait for it
                await self.objects.remove_bucket(placement.bucket)
            await self.organizations.withdraw(organization_id)
        finally:
            await provisioner.close()


async def _reserve(restorer: _Restorer, slug: str | None) -> Organization:
    """The organization's place and its members. What a killed restore left under the slug makes room."""
    organizations, manifest = restorer.organizations, restorer.backup.manifest
    founder, *others = restorer.backup.accounts.values()
    wanted = slug or manifest["organization"]["slug"]
    for left in await organizations.unfinished(founder, restores=True):
        if left.slug == wanted:
            await restorer.withdraw(left.id)
    _, organization = await organizations.reserve(
        founder,
        name=manifest["organization"]["name"],
        slug=wanted,
        schema_version=manifest["schema_version"],
        restores=True,
    )
    for user_id in others:
        await organizations.add_member(user_id, organization.id, accepted=True)
    return organization


async def _accounts(pool: Pool, manifest: dict[str, Any], *, same_people: bool) -> dict[UUID, UUID]:
    """The members' accounts here, by what they were there; who has none gets one without a password.

    An address alone proves nobody: whoever signed up here with it need not be the member of there.
    """
    members = {UUID(given["user_id"]): given for given in manifest["members"]}
    if not members:
        raise BackupUnusable("The organization backed up has no members.")
    here = {
        given["email"].lower(): given["id"]
        for given in await pool.fetch(
            "SELECT id, email FROM control.users WHERE id = ANY ($1) OR lower(email) = ANY ($2)",
            list(members),
            [given["email"].lower() for given in members.values()],
        )
    }
    known = set(here.values())
    others = {id: given["email"] for id, given in members.items() if id not in known and given["email"].lower() in here}
    if others and not same_people:
        addresses = ", ".join(sorted(others.values()))
        raise OtherAccounts(
            f"There are accounts here with addresses of its members, perhaps of other people: {addresses}. "
            "Where they are the same people, say --same-people.",
            addresses=addresses,
        )
    for id, given in members.items():
        if id not in known and id not in others:
            await pool.execute(
                "INSERT INTO control.users (id, email, name) VALUES ($1, $2, $3)", id, given["email"], given["name"]
            )
    return {id: here[others[id].lower()] if id in others else id for id in members}


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


def _require_schema(version: str) -> None:
    """Digests compare what documents show, and an older schema cannot show what this version asks for."""
    if version != head("tenant"):
        raise BackupUnusable(
            f"The organization is at schema {version}, this version is at {head('tenant')}: use the version that "
            "matches, and upgrade afterwards.",
            schema=version,
            reads=head("tenant"),
        )


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    return _member(tar, name).read()


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = tar.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise BackupUnusable("The file is not a whole backup.", missing=name)
    return found


@contextmanager
def _written_whole(file: Path) -> Iterator[tarfile.TarFile]:
    """A new tar that takes the place of `file` once it is complete. It holds a business: only its owner reads it."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as tar:
                yield tar
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _of_nobody(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whose file it was on this machine is nobody's business elsewhere."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


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
        # How the connection is secured has the same names in the address: sslmode, sslrootcert, …
        **{f"PG{name.upper()}": str(value) for name, value in target.query.items() if name.startswith("ssl")},
    }
    process = await asyncio.create_subprocess_exec(
        str(client(program)), *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise BackupUnusable(f"{program} failed: {errors.decode(errors='replace')[-2000:].strip()}")
