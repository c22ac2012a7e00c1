"""One organization with an owner who keeps the books and a colleague who approves budgets."""

import json
from collections.abc import AsyncIterator

import pytest_asyncio

from adapters.identity.secrets import Secrets
from adapters.postgres.session import Caller
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.ledger.support import Books
from tests.support.tenants import as_owner_of, new_organization, open_tenant

PAPER = {
    "initial": "draft",
    "states": [
        {"code": "draft", "name": "Draft", "phase": "draft"},
        {"code": "void", "name": "Void", "phase": "void"},
    ],
    "transitions": [{"action": "cancel", "from": ["draft"], "to": "void"}],
}


@pytest_asyncio.fixture(scope="module")
async def books(servers: Settings) -> AsyncIterator[Books]:
    signup = await new_organization(servers)
    async with open_tenant(servers, signup.organization_id) as tenant:
        owner = await as_owner_of(tenant, servers)
        await owner.execute(
            """INSERT INTO platform.workflow (id, document_type, version, definition, created_at)
               VALUES ($1, 'paper', 1, $2, now())""",
            new_id(),
            json.dumps(PAPER),
        )
        await owner.execute(
            "INSERT INTO platform.number_series VALUES ('paper', 'fast', 'P-{year}-{number:05}', 'year')"
        )
        await owner.close()
        yield Books(tenant, Caller(user_id=signup.user_id), Secrets.of(servers.master_key), signup.company_id)


@pytest_asyncio.fixture(scope="module")
async def approver(books: Books, servers: Settings) -> Books:
    """A colleague with every right."""
    colleague = new_id()
    owner = await as_owner_of(books.tenant, servers)
    await owner.execute(
        """INSERT INTO platform.principal (id, kind, name, entry_no, created_at, updated_at)
           VALUES ($1, 'user', 'Ann Approver', 1, now(), now())""",
        colleague,
    )
    await owner.execute(
        "INSERT INTO platform.role_grant (principal_id, role_id) SELECT $1, id FROM platform.role WHERE code = 'admin'",
        colleague,
    )
    await owner.close()
    return Books(books.tenant, Caller(principal_id=colleague), books.secrets, books.company_id)
