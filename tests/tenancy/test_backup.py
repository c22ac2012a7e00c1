"""A backup is worth what its restored copy proves: the same rows, the same derived numbers, the same audit trail."""

import asyncio
import io
import json
import os
import re
import sys
import tarfile
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import asyncpg
import pytest

from adapters.identity.secrets import Secrets
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.control.connection import CONTROL_DATABASE, open_control, url_of
from adapters.postgres.control.organizations import Organizations, SlugTaken
from adapters.postgres.tenancy import backup
from adapters.postgres.tenancy.backup import BackupUnusable, Digest, OtherAccounts, back_up, restore
from adapters.postgres.tenancy.provision import Provisioner
from bizcore.objects import ObjectsUnavailable
from bizcore.settings import Settings
from bizcore.tenancy import Organization
from services.composition import compose
from tests.support.api import Office, Person, running_api, signup
from tests.support.cluster import own_cluster
from tests.support.filled import fill

ROOT = Path(__file__).parents[2]
REPORTS = (
    "ledger/trial-balance",
    "billing/open-items",
    "procurement/grni",
    "procurement/commitments",
    "inventory/stock",
)


async def backed_up(servers: Settings, office: Office, file: Path) -> Digest:
    pool, secrets = await open_control(servers), Secrets.of(servers.master_key)
    try:
        organizations = Organizations(pool, secrets)
        for id in await organizations.active_ids():
            found = await organizations.placement(id)
            if found is not None and found[0].slug == office.slug:
                objects = S3ObjectStore.of(servers)
                return await back_up(servers.database_url, *found, objects, compose(secrets).catalogue, file)
    finally:
        await pool.close()
    raise LookupError(office.slug)


async def restored(
    servers: Settings, file: Path, slug: str, *, store: S3ObjectStore | None = None, same_people: bool = False
) -> tuple[Organization, Digest]:
    pool, secrets = await open_control(servers), Secrets.of(servers.master_key)
    try:
        objects = store or S3ObjectStore.of(servers)
        provisioner = Provisioner(servers.database_url, Organizations(pool, secrets), objects)
        catalogue = compose(secrets).catalogue
        return await restore(provisioner, objects, catalogue, file, slug=slug, same_people=same_people)
    finally:
        await pool.close()


async def places(servers: Settings) -> dict[str, set[str]]:
    """What there is in the cluster, and in the registry of organizations."""
    cluster = await asyncpg.connect(servers.database_url)
    control = await asyncpg.connect(url_of(servers.database_url, database=CONTROL_DATABASE))
    try:
        return {
            "databases": {row[0] for row in await cluster.fetch("SELECT datname FROM pg_database")},
            "roles": {row[0] for row in await cluster.fetch("SELECT rolname FROM pg_roles")},
            "organizations": {row[0] for row in await control.fetch("SELECT slug FROM control.organization")},
            "buckets": {each.name for each in await asyncio.to_thread(S3ObjectStore.of(servers)._client.list_buckets)},
        }
    finally:
        await control.close()
        await cluster.close()


class _Full(S3ObjectStore):
    """A store that takes no objects."""

    async def put(self, bucket: str, key: str, parts: AsyncIterator[bytes]) -> int:
        raise ObjectsUnavailable


def rewritten(file: Path, target: Path, **changes: object) -> Path:
    """The backup with other statements in its manifest."""
    with tarfile.open(file) as whole, tarfile.open(target, "w") as changed:
        for member in whole.getmembers():
            content = whole.extractfile(member)
            assert content is not None
            text = content.read()
            if member.name == "manifest.json":
                text = json.dumps(json.loads(text) | changes).encode()
                member.size = len(text)
            changed.addfile(member, io.BytesIO(text))
    return target


async def test_a_restored_organization_equals_the_one_backed_up(servers: Settings, tmp_path: Path) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Backed up")
        filled = await fill(office)
        written = await backed_up(servers, office, tmp_path / "copy.tar")

        organization, found = await restored(servers, tmp_path / "copy.tar", "copy-of-it")
        assert found == written
        assert organization.slug == "copy-of-it"
        assert written.audit_root

        copy = await api.log_in(office.owner.email, organization="copy-of-it")
        for report in REPORTS:
            assert _timeless(await copy.seen(report)) == _timeless(await office.owner.seen(report))
        invoice = f"documents/{filled['supplier_invoice']}"
        assert await copy.seen(invoice, explain="true") == await office.owner.seen(invoice, explain="true")
        await _attachments_equal(copy, office.owner, filled["purchase_order"])

        before = await office.owner.seen("ledger/trial-balance")
        added = await copy.made("parties", {"name": "Only in the copy", "roles": ["supplier"], "country": "DE"})
        assert (await office.owner.get(f"parties/{added['id']}")).status_code == 404
        assert await office.owner.seen("ledger/trial-balance") == before


async def _attachments_equal(copy: Person, original: Person, document: str) -> None:
    path = f"documents/{document}/attachments"
    listed = await original.seen(path)
    assert listed["data"]
    assert await copy.seen(path) == listed
    for attachment in listed["data"]:
        file = f"{path}/{attachment['id']}"
        assert (await copy.get(file)).content == (await original.get(file)).content


def _timeless(report: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in report.items() if name != "known_at"}


async def test_a_damaged_backup_is_refused_and_leaves_no_organization(servers: Settings, tmp_path: Path) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Damaged")
        await backed_up(servers, office, tmp_path / "whole.tar")
    with tarfile.open(tmp_path / "whole.tar") as whole, tarfile.open(tmp_path / "damaged.tar", "w") as damaged:
        for member in whole.getmembers():
            content = whole.extractfile(member)
            assert content is not None
            if member.name == "database.dump":
                (tmp_path / "part").write_bytes(content.read()[:-100])
                damaged.add(tmp_path / "part", member.name)
            else:
                damaged.addfile(member, content)
    with pytest.raises(BackupUnusable, match="damaged"):
        await restored(servers, tmp_path / "damaged.tar", "damaged-copy")
    async with running_api(servers) as api:
        answer = await api.stranger.post(
            "auth/login",
            {"email": office.owner.email, "password": "correct horse", "organization": "damaged-copy"},
        )
        assert answer.json()["error"]["code"] == "NO_ORGANIZATION"


async def test_a_file_that_ends_early_or_is_none_of_ours_is_one_sentence_and_leaves_no_organization(
    servers: Settings, tmp_path: Path
) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Cut off")
        await fill(office)
        await backed_up(servers, office, tmp_path / "whole.tar")
    whole = (tmp_path / "whole.tar").read_bytes()
    with tarfile.open(tmp_path / "whole.tar") as tar:
        starts = {member.name.partition("/")[0]: member.offset for member in tar}
    cut = tmp_path / "cut.tar"
    for length in (0, 100, starts["database.dump"] + 5_000, starts["objects"] + 520):
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupUnusable, match=r"The file is not a backup, or only the beginning of one\."):
            await restored(servers, cut, "cut-off-copy")
    for length in (starts["objects"], starts["objects"] + 100):
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupUnusable, match=r"The file is not a whole backup: attachments are missing\."):
            await restored(servers, cut, "cut-off-copy")
    cut.write_bytes(os.urandom(10_000))
    with pytest.raises(BackupUnusable, match=r"The file is not a backup"):
        await restored(servers, cut, "cut-off-copy")
    organization, _ = await restored(servers, tmp_path / "whole.tar", "cut-off-copy")
    assert organization.slug == "cut-off-copy", "the name is free still"


async def test_the_command_backs_up_and_restores_on_the_embedded_servers(servers: Settings, tmp_path: Path) -> None:
    async with running_api(servers) as api:
        slug = (await api.sign_up("By command")).slug
    file = tmp_path / "copy.tar"

    async def tenant(*arguments: str) -> tuple[int, str]:
        """With nothing but the home of the running servers."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.cli", "tenant", *arguments, cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "BIZCORE_HOME": str(servers.home)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode().strip()

    code, written = await tenant("backup", slug, str(file))
    assert (code, written.partition(":")[0]) == (0, slug)
    code, read = await tenant("restore", str(file), "--as", "by-command-again")
    assert (code, read) == (0, written.replace(slug, "by-command-again", 1))
    file.write_bytes(file.read_bytes()[:10_000])
    assert await tenant("restore", str(file), "--as", "by-command-cut") == (
        1, "BACKUP_UNUSABLE: The file is not a backup, or only the beginning of one.",
    )  # fmt: skip
    assert await tenant("backup", "nobody-at-all", str(file)) == (1, "There is no active organization nobody-at-all.")


async def test_a_backup_is_not_restored_over_an_organization(servers: Settings, tmp_path: Path) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Still there")
        await backed_up(servers, office, tmp_path / "copy.tar")
        with pytest.raises(SlugTaken):
            await restored(servers, tmp_path / "copy.tar", office.slug)


async def test_a_backup_is_for_its_owners_eyes_and_a_broken_off_one_leaves_nothing(
    servers: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Private")
        await fill(office)
    await backed_up(servers, office, tmp_path / "copy.tar")
    assert (tmp_path / "copy.tar").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "copy.tar").read_bytes()

    async def lost(self: S3ObjectStore, bucket: str, key: str, **_: object) -> AsyncIterator[bytes]:
        raise ObjectsUnavailable
        yield b""

    monkeypatch.setattr(S3ObjectStore, "get", lost)
    with pytest.raises(ObjectsUnavailable):
        await backed_up(servers, office, tmp_path / "copy.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.tar"]
    assert (tmp_path / "copy.tar").read_bytes() == before


async def test_a_copy_that_is_not_whole_or_not_equal_was_never_there(servers: Settings, tmp_path: Path) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Not equal")
        await fill(office)
        written = await backed_up(servers, office, tmp_path / "copy.tar")
        before = await places(servers)
        with pytest.raises(ObjectsUnavailable):
            await restored(servers, tmp_path / "copy.tar", "not-whole", store=_Full(S3ObjectStore.of(servers)._client))
        wrong = {**asdict(written), "documents": "0" * 64}
        other = rewritten(tmp_path / "copy.tar", tmp_path / "other.tar", digest=wrong)
        with pytest.raises(BackupUnusable, match=r"The copy differs from what was backed up in: documents\."):
            await restored(servers, other, "not-equal-copy")
        assert await places(servers) == before


async def test_what_a_killed_restore_left_makes_room_for_the_next(
    servers: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Killed restore")
        await fill(office)
        await backed_up(servers, office, tmp_path / "copy.tar")
        before = await places(servers)
        monkeypatch.setattr(backup._Restorer, "withdraw", _nothing)
        with pytest.raises(ObjectsUnavailable):
            await restored(servers, tmp_path / "copy.tar", "second", store=_Full(S3ObjectStore.of(servers)._client))
        monkeypatch.undo()
        left = await places(servers)
        assert {what: len(left[what] - before[what]) for what in before} == {
            "databases": 1, "roles": 3, "organizations": 1, "buckets": 1,
        }  # fmt: skip
        again = await api.stranger.post("auth/signup", signup("Killed restore") | {"email": office.owner.email})
        assert again.json()["error"]["code"] == "ACCOUNT_EXISTS", "no sign-up resumes a restore"
        await restored(servers, tmp_path / "copy.tar", "second")
        now = await places(servers)
        assert (now["databases"] & left["databases"], now["roles"] & left["roles"]) == (
            before["databases"], before["roles"],
        )  # fmt: skip
        assert (await (await api.log_in(office.owner.email, organization="second")).seen("me"))["roles"] == ["owner"]


async def _nothing(*_: object) -> None:
    return None


async def test_an_address_alone_makes_nobody_a_member(servers: Settings, tmp_path: Path) -> None:
    async with own_cluster(servers) as (elsewhere, _):
        async with running_api(servers) as api:
            office = await api.sign_up("Moving")
            filled = await fill(office)
            await backed_up(servers, office, tmp_path / "copy.tar")
        async with running_api(elsewhere) as api:
            await api.stranger.made("auth/signup", signup("Somebody here") | {"email": office.owner.email})
            with pytest.raises(OtherAccounts, match=re.escape(office.owner.email)):
                await restored(elsewhere, tmp_path / "copy.tar", "moved")
            await restored(elsewhere, tmp_path / "copy.tar", "moved", same_people=True)
            owner = await api.log_in(office.owner.email, organization="moved")
            assert (await owner.seen("me"))["roles"] == ["owner"]
            assert (await owner.seen(f"documents/{filled['purchase_order']}"))["id"] == filled["purchase_order"]


async def test_a_backup_of_another_schema_is_left_to_the_version_that_made_it(
    servers: Settings, tmp_path: Path
) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Older")
        await backed_up(servers, office, tmp_path / "copy.tar")
    before = await places(servers)
    older = rewritten(tmp_path / "copy.tar", tmp_path / "older.tar", schema_version="0000")
    with pytest.raises(BackupUnusable, match=r"The organization is at schema 0000, this version is at "):
        await restored(servers, older, "older-copy")
    assert await places(servers) == before
