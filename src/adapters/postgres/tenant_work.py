"""The work of a command with every context's stores."""

from adapters.postgres.work import PostgresWork


class TenantWork(PostgresWork):
    """Each property is the store that a context's own `Work` protocol names."""
