"""The reading of a query with every context's queries."""

from adapters.postgres.billing.queries import PostgresBillingReports
from adapters.postgres.inventory.queries import PostgresStockReports
from adapters.postgres.ledger.reports import PostgresReports
from adapters.postgres.platform.search import PostgresSearch
from adapters.postgres.procurement.reports import PostgresProcurementReports
from adapters.postgres.reading import PostgresReading


class TenantReading(PostgresReading):
    """Each property is what a context's own reading protocol names."""

    @property
    def search(self) -> PostgresSearch:
        return PostgresSearch(self)

    @property
    def ledger(self) -> PostgresReports:
        return PostgresReports(self)

    @property
    def procurement(self) -> PostgresProcurementReports:
        return PostgresProcurementReports(self)

    @property
    def inventory(self) -> PostgresStockReports:
        return PostgresStockReports(self)

    @property
    def billing(self) -> PostgresBillingReports:
        return PostgresBillingReports(self)
