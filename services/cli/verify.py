"""`bizcore verify`: checks every organization's database against what must always hold, and names what does not."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

import asyncpg

from adapters.identity.secrets import Secrets
from adapters.postgres.audit.keys import AuditKey, AuditKeys
from adapters.postgres.audit.verify import verify_audit
from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import open_control, url_of
from adapters.postgres.control.organizations import Organizations
from adapters.postgres.tenancy.migrate import head
from adapters.postgres.verify import INVARIANTS, derived_statements, findings
from bizcore.settings import Settings
from services.cli.operator import NotDone, operate
from services.composition import compose

Check = Callable[[Connection, Settings], AsyncIterator[str]]


async def audit(connection: Connection, settings: Settings) -> AsyncIterator[str]:
    """Every audit entry is as it was sealed, and none is missing or added."""
    async for finding in verify_audit(connection, AuditKeys(AuditKey.all_from_pem(settings.audit_key))):
        yield f"{finding.kind}: {finding.message}"


async def derived(connection: Connection, settings: Settings) -> AsyncIterator[str]:
    """Every derived member that is answered equals an independent second count, and its explanation adds up."""
    statements = derived_statements(compose(Secrets.of(settings.master_key)).catalogue)
    async for line in _in_one_snapshot(connection, statements):
        yield line


def invariant(statements: Iterable[str]) -> Check:
    """The check that none of `statements` finds anything."""

    def check(connection: Connection, _: Settings) -> AsyncIterator[str]:
        return _in_one_snapshot(connection, statements)

    return check


async def _in_one_snapshot(connection: Connection, statements: Iterable[str]) -> AsyncIterator[str]:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for line in await findings(connection, statements):
            yield line


# What is checked, by name, in this order. Each check reads one snapshot of its own and answers a sentence a finding.
CHECKS: Final[dict[str, Check]] = {
    **{name: invariant(statements) for name, statements in INVARIANTS.items()},
    "derived": derived,
    "audit": audit,
}


def main(arguments: Sequence[str]) -> int:
    """0 when all holds, 1 when something does not, 2 when it cannot be checked."""
    parser = argparse.ArgumentParser(prog="bizcore verify", description=__doc__)
    parser.add_argument("checks", nargs="*", help=f"only these: {', '.join(CHECKS)}")
    parser.add_argument("--organization", metavar="SLUG", help="only this organization")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.checks) - CHECKS.keys())
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")

    async def work(settings: Settings) -> int:
        return await verify(settings, given.checks or list(CHECKS), given.organization)

    return operate(work, failed=2)


async def verify(settings: Settings, checks: Sequence[str], slug: str | None) -> int:
    """The exit code; each finding is printed. Errors: NotDone for a slug that no organization has."""
    control = await open_control(settings)
    try:
        organizations = Organizations(control, Secrets.of(settings.master_key))
        found = [await organizations.placement(each) for each in await organizations.active_ids()]
    finally:
        await control.close()
    placed = [each for each in found if each is not None and slug in (None, each[0].slug)]
    if slug is not None and not placed:
        raise NotDone(f"There is no active organization {slug}.")
    wrong, unchecked, newest = 0, 0, head("tenant")
    for organization, placement in placed:
        if placement.schema_version != newest:
            print(f"{organization.slug}: not checked: it is at schema {placement.schema_version}, not at {newest}.")
            unchecked += 1
            continue
        connection = await asyncpg.connect(url_of(settings.database_url, database=placement.database))
        try:
            for name in checks:
                lines = [line async for line in CHECKS[name](connection, settings)]
                print(
                    f"{organization.slug}: {name}: {len(lines) or 'no'} {'finding' if len(lines) == 1 else 'findings'}"
                )
                for line in lines:
                    print(f"  {line}")
                wrong += len(lines)
        finally:
            await connection.close()
    print(f"Organizations checked: {len(placed) - unchecked}. Findings: {wrong}.")
    return 1 if wrong else 2 if unchecked else 0
