"""`bizcore tenant backup SLUG FILE` and `bizcore tenant restore FILE [--as SLUG]`: one organization, proven equal."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from adapters.identity.secrets import Secrets
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.control.connection import open_control
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.backup import Digest, back_up, restore
from adapters.postgres.tenancy.provision import Provisioner
from bizcore.settings import Settings
from bizcore.tenancy import SLUG_LENGTH, is_slug
from services.cli.operator import NotDone, operate
from services.composition import compose


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bizcore tenant", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    backing = verbs.add_parser("backup", help="write one organization to a file")
    backing.add_argument("slug")
    backing.add_argument("file", type=Path)
    restoring = verbs.add_parser("restore", help="make a new organization of a file")
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--as", dest="slug", default=None, metavar="SLUG")
    restoring.add_argument(
        "--same-people", action="store_true", help="accounts here with the addresses of its members are these members'"
    )
    given = parser.parse_args(arguments)

    if given.verb == "restore" and given.slug is not None and not is_slug(given.slug):
        parser.error(f"{given.slug} is no slug: small letters, digits and hyphens, at most {SLUG_LENGTH}")

    async def work(settings: Settings) -> int:
        if given.verb == "backup":
            print(await _back_up(settings, given.slug, given.file))
        else:
            print(await _restore(settings, given.file, given.slug, same_people=given.same_people))
        return 0

    return operate(work)


async def _back_up(settings: Settings, slug: str, file: Path) -> str:
    pool, secrets = await open_control(settings), Secrets.of(settings.master_key)
    try:
        organizations = Organizations(pool, secrets)
        for id in await organizations.active_ids():
            found = await organizations.placement(id)
            if found is not None and found[0].slug == slug:
                objects, catalogue = S3ObjectStore.of(settings), compose(secrets).catalogue
                return _said(slug, await back_up(settings.database_url, *found, objects, catalogue, file))
    finally:
        await pool.close()
    raise NotDone(f"There is no active organization {slug}.")


async def _restore(settings: Settings, file: Path, slug: str | None, *, same_people: bool) -> str:
    pool, secrets = await open_control(settings), Secrets.of(settings.master_key)
    try:
        objects = S3ObjectStore.of(settings)
        provisioner = Provisioner(settings.database_url, Organizations(pool, secrets), objects)
        organization, found = await restore(
            provisioner, objects, compose(secrets).catalogue, file, slug=slug, same_people=same_people
        )
        return _said(organization.slug, found)
    finally:
        await pool.close()


def _said(slug: str, found: Digest) -> str:
    rows = sum(found.rows.values())
    return f"{slug}: {rows} rows, documents {found.documents[:16]}, audit root {found.audit_root[:16] or 'of nothing'}"
