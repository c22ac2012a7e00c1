"""The reading of a query with every context's queries."""

from adapters.postgres.platform.search import PostgresSearch
from adapters.postgres.reading import PostgresReading


class TenantReading(PostgresReading):
    """Each property is what a context's own reading protocol names."""

    @property
    def search(self) -> PostgresSearch:
        return PostgresSearch(self)
