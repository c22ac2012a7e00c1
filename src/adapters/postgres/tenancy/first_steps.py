"""What sign-up adds to a clone of the template, in one transaction as the organization's own role."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Final

from adapters.postgres import inventory, ledger
from adapters.postgres.connection import Connection
from adapters.postgres.tenancy.journal import Change, record
from bizcore.access import OWNER
from bizcore.documents import Company
from bizcore.tenancy import Signup

FirstStep = Callable[[Connection, Signup], Awaitable[None]]

COMMAND: Final = "SignUp"
FIRST_COMPANY_CODE: Final = "MAIN"


async def add_owner(connection: Connection, signup: Signup) -> None:
    await connection.execute(
        """INSERT INTO platform.principal (id, user_id, kind, name, email, entry_no, created_at, updated_at)
           VALUES ($1, $2, 'user', $3, $4, 1, $5, $5)""",
        signup.principal_id,
        signup.user_id,
        signup.name,
        signup.email,
        signup.at,
    )
    await connection.execute(
        "INSERT INTO platform.role_grant (principal_id, role_id) SELECT $1, id FROM platform.role WHERE code = $2",
        signup.principal_id,
        OWNER,
    )
    await record(
        connection,
        Change("principal", signup.principal_id, 1, COMMAND, after={"user_id": str(signup.user_id), "roles": [OWNER]}),
        actor_id=signup.principal_id,
        at=signup.at,
        request_id=signup.request_id,
    )


async def add_company(connection: Connection, signup: Signup) -> None:
    company = {
        "code": FIRST_COMPANY_CODE,
        "name": signup.company_name,
        "country": signup.country,
        "currency": signup.currency,
        "timezone": signup.timezone,
    }
    await connection.execute(
        """INSERT INTO platform.company (id, code, name, country, currency, timezone, entry_no, created_at, updated_at)
           SELECT $1, c.code, c.name, c.country, c.currency, c.timezone, 1, $3, $3
           FROM jsonb_to_record($2) AS c(code text, name text, country text, currency text, timezone text)""",
        signup.company_id,
        json.dumps(company),
        signup.at,
    )
    await record(
        connection,
        Change("company", signup.company_id, 1, COMMAND, after=company),
        actor_id=signup.principal_id,
        at=signup.at,
        request_id=signup.request_id,
    )


async def open_books(connection: Connection, signup: Signup) -> None:
    """Fiscal year, country's taxes, bank account and place for goods of the first company."""
    company = Company(
        id=signup.company_id,
        code=FIRST_COMPANY_CODE,
        name=signup.company_name,
        country=signup.country,
        currency=signup.currency,
        timezone=signup.timezone,
    )
    await ledger.first_steps(connection, company)
    await inventory.first_steps(connection, company)


# In this order; each context adds its own: fiscal year, taxes of the country, bank account.
FIRST_STEPS: Final[tuple[FirstStep, ...]] = (add_owner, add_company, open_books)


async def take_first_steps(connection: Connection, signup: Signup) -> None:
    """All of them or, when a killed sign-up had come this far, none again."""
    async with connection.transaction():
        if await connection.fetchval("SELECT true FROM platform.company LIMIT 1"):
            return
        for step in FIRST_STEPS:
            await step(connection, signup)
