"""`bizcore migrate`: brings every organization to the newest schema, one first, then all others; so does a start."""

import argparse
from collections.abc import AsyncIterator, Sequence

from adapters.identity.secrets import Secrets
from adapters.postgres.control.connection import open_control
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.fleet import upgrade_fleet
from bizcore.settings import Settings
from services.cli.operator import operate


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="bizcore migrate", description=__doc__).parse_args(arguments)
    return operate(_migrate)


async def _migrate(settings: Settings) -> int:
    failed = 0
    async for line, went_well in migrated(settings):
        print(line, flush=True)
        failed += not went_well
    print(
        f"{failed} organizations stay closed until this is mended." if failed else "Every organization is up to date."
    )
    return 1 if failed else 0


async def migrated(settings: Settings) -> AsyncIterator[tuple[str, bool]]:
    """A line for each organization that was behind, as it is done, and whether it went well."""
    control = await open_control(settings)
    try:
        fleet = upgrade_fleet(settings.database_url, Organizations(control, Secrets.of(settings.master_key)))
        async for placement, error in fleet:
            if error is None:
                yield f"{placement.database} is at the newest schema.", True
            else:
                yield f"{placement.database} stays at schema {placement.schema_version}, and closed: {error}", False
    finally:
        await control.close()
