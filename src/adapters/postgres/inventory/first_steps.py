"""What a new company begins with."""

from adapters.postgres.connection import Connection
from bizcore.documents import Company
from bizcore.ids import new_id


async def first_steps(connection: Connection, company: Company) -> None:
    """A place for goods that are not told where; it is called as the company, or by its id where that code is taken."""
    await connection.execute(
        """INSERT INTO inventory.location (id, company_id, code, name, is_default, created_at, updated_at)
           SELECT $1::uuid, $2, CASE WHEN EXISTS (SELECT FROM inventory.location WHERE code = $3) THEN $1::uuid::text
                               ELSE $3 END,
                  'Main warehouse', true, clock_timestamp(), clock_timestamp()""",
        new_id(),
        company.id,
        company.code,
    )
