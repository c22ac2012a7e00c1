"""A process of its own that writes documents until it has done its share, or dies: `python -m tests.reliability.writer`.

Arguments: organization, principal, journal, documents. Half are journal entries (a gapless series), half requisitions
(a fast one). The journal has a line for each: `asked n`, then `done n` or `undone n`; what was asked there and nothing
else is in doubt. A restarted writer goes on behind what its journal has.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.session import Caller, PostgresUnit
from adapters.postgres.tenancy.resolver import open_tenants
from bizcore.call import Call
from bizcore.faults import InjectedFault
from bizcore.pipeline import run
from services.api.parsing import parse_body
from services.composition import CONSUMERS, compose
from services.worker.parts import read_settings
from tests.procurement.support import COMMANDS

TASKS = 4
ENTRY, REQUISITION = "ledger.journal_entry.create", "procurement.requisition.create"


def command(title: str, number: int) -> tuple[str, dict[str, object]]:
    """Its name and body; `title` is found again in the document."""
    if number % 2:
        line = {"description": "Chair", "quantity": "1", "unit_price": "1.00"}
        return REQUISITION, {"title": title, "lines": [line]}
    lines = [{"account": "6010", "debit": "1.00"}, {"account": "1020", "credit": "1.00"}]
    return ENTRY, {"entry_date": datetime.now(UTC).date().isoformat(), "description": title, "lines": lines}


async def write(tenant: TenantDatabase, caller: Caller, secrets: Secrets, title: str, number: int) -> None:
    async def wake(*_: object) -> None:
        return None

    name, body = command(title, number)
    registered = COMMANDS[name]
    call = Call(request_id=title, at=datetime.now(UTC), key=title)
    await run(
        registered,
        lambda: parse_body(registered.command, orjson.dumps(body), {}),
        lambda: PostgresUnit(tenant, caller, call, compose(secrets), wake),
        CONSUMERS,
        dry_run=False,
    )


async def main(organization: str, principal: str, journal: Path, documents: int) -> None:
    settings = read_settings()
    secrets, caller = Secrets.of(settings.master_key), Caller(principal_id=UUID(principal))
    begun = journal.read_text().count("asked") if journal.exists() else 0
    numbers = iter(range(begun, documents))
    async with open_tenants(settings) as tenants:
        tenant = await tenants.get(UUID(organization))
        with journal.open("a", buffering=1) as lines:

            async def task() -> None:
                for number in numbers:
                    title = f"{journal.name}-{number}"
                    lines.write(f"asked {title}\n")
                    try:
                        await write(tenant, caller, secrets, title, number)
                    except InjectedFault:
                        lines.write(f"undone {title}\n")
                    else:
                        lines.write(f"done {title}\n")

            await asyncio.gather(*(task() for _ in range(TASKS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
