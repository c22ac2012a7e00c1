"""What the two login roles of an organization may do, read from what the tables say of themselves."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

from adapters import postgres
from adapters.postgres.connection import Connection
from adapters.postgres.metadata import metadata
from bizcore.tenancy import Placement

_RIGHTS: Final = {"append": "INSERT", "write": "INSERT, UPDATE", "delete": "INSERT, UPDATE, DELETE"}
_OURS: Final = "nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public', 'migration')"


def import_tables() -> None:
    """Fill the metadata: every `adapters/postgres/<area>/tables.py` there is."""
    for path in sorted(Path(postgres.__path__[0]).glob("*/tables.py")):
        importlib.import_module(f"{postgres.__name__}.{path.parent.name}.tables")


async def grant(connection: Connection, placement: Placement) -> None:
    """Both roles read everything; `app` also writes what each table allows. It may run again after a migration.

    The connection is the owner's or that of a role that may act as the owner.
    """
    import_tables()
    app, read = placement.app_role, placement.read_role
    schemas = ", ".join(
        row["nspname"] for row in await connection.fetch(f"SELECT nspname FROM pg_namespace WHERE {_OURS}")
    )
    existing = {
        row["name"] for row in await connection.fetch("SELECT schemaname || '.' || tablename AS name FROM pg_tables")
    }
    statements = [
        f"GRANT USAGE ON SCHEMA {schemas} TO {app}, {read}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {app}, {read}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schemas} TO {app}",
    ]
    for access, rights in _RIGHTS.items():
        tables = [t.fullname for t in metadata.tables.values() if t.info["access"] == access and t.fullname in existing]
        if tables:
            statements.append(f"GRANT {rights} ON {', '.join(tables)} TO {app}")
    await connection.execute(";".join(statements))
