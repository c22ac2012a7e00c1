"""What sign-up adds for inventory."""

import json
from typing import Final

from adapters.postgres.connection import Connection
from adapters.postgres.tenancy.journal import Change, record
from bizcore.ids import new_id
from bizcore.tenancy import Signup

_COMMAND: Final = "SignUp"


async def add_default_location(connection: Connection, signup: Signup) -> None:
    """The first company's default place for goods."""
    location = {"code": "MAIN", "name": "Main warehouse", "is_default": True, "company_id": str(signup.company_id)}
    id = new_id()
    await connection.execute(
        """INSERT INTO inventory.location (id, company_id, code, name, is_default, entry_no, created_at, updated_at)
           SELECT $1, l.company_id, l.code, l.name, l.is_default, 1, $3, $3
           FROM jsonb_to_record($2) AS l(company_id uuid, code text, name text, is_default boolean)""",
        id,
        json.dumps(location),
        signup.at,
    )
    await record(
        connection,
        Change("location", id, 1, _COMMAND, after=location),
        actor_id=signup.principal_id,
        at=signup.at,
        request_id=signup.request_id,
    )
