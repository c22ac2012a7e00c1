"""The reading of a query with every context's queries."""

from adapters.postgres.reading import PostgresReading


class TenantReading(PostgresReading):
    """Each property is what a context's own reading protocol names."""
