"""The work of a command with every context's stores."""

from functools import cached_property

from adapters.postgres import inventory, ledger
from adapters.postgres.billing.payments import PostgresPayments
from adapters.postgres.billing.supplier_invoices import PostgresSupplierInvoices
from adapters.postgres.catalog.directory import PostgresItemDirectory
from adapters.postgres.catalog.items import PostgresItems
from adapters.postgres.catalog.units import PostgresUnits
from adapters.postgres.inventory.records import PostgresStock
from adapters.postgres.ledger.budgets import PostgresBudgets
from adapters.postgres.ledger.calendar import PostgresCalendar
from adapters.postgres.ledger.journal import PostgresJournal
from adapters.postgres.ledger.masters import PostgresMasters
from adapters.postgres.parties.directory import PostgresPartyDirectory
from adapters.postgres.parties.parties import PostgresParties
from adapters.postgres.parties.payment_terms import PostgresPaymentTerms
from adapters.postgres.platform.records import PostgresCompanies, PostgresPolicies
from adapters.postgres.procurement.commitments import PostgresAccruals, PostgresCommitments
from adapters.postgres.procurement.goods_receipts import PostgresGoodsReceipts
from adapters.postgres.procurement.purchase_orders import PostgresPurchaseOrders
from adapters.postgres.procurement.requisitions import PostgresRequisitions
from adapters.postgres.work import PostgresWork


class TenantWork(PostgresWork):
    """Each property is the store that a context's own `Work` protocol names."""

    # -- platform, parties, catalog: a store keeps what it loaded until it saves -----------------------------------

    @cached_property
    def companies(self) -> PostgresCompanies:
        return PostgresCompanies(self, first_steps=(ledger.first_steps, inventory.first_steps))

    @cached_property
    def policies(self) -> PostgresPolicies:
        return PostgresPolicies(self)

    @cached_property
    def parties(self) -> PostgresParties:
        return PostgresParties(self)

    @cached_property
    def payment_terms(self) -> PostgresPaymentTerms:
        return PostgresPaymentTerms(self)

    @cached_property
    def party_directory(self) -> PostgresPartyDirectory:
        return PostgresPartyDirectory(self.connection)

    @cached_property
    def items(self) -> PostgresItems:
        return PostgresItems(self)

    @cached_property
    def units(self) -> PostgresUnits:
        return PostgresUnits(self)

    @cached_property
    def item_directory(self) -> PostgresItemDirectory:
        return PostgresItemDirectory(self.connection)

    # -- ledger ----------------------------------------------------------------------------------------------------

    @cached_property
    def journal(self) -> PostgresJournal:
        return PostgresJournal(self)

    @property
    def calendar(self) -> PostgresCalendar:
        return PostgresCalendar(self)

    @property
    def ledger_masters(self) -> PostgresMasters:
        return PostgresMasters(self)

    @property
    def budgets(self) -> PostgresBudgets:
        return PostgresBudgets(self)

    # -- procurement -----------------------------------------------------------------------------------------------

    @property
    def requisitions(self) -> PostgresRequisitions:
        return PostgresRequisitions(self)

    @property
    def purchase_orders(self) -> PostgresPurchaseOrders:
        return PostgresPurchaseOrders(self)

    @property
    def goods_receipts(self) -> PostgresGoodsReceipts:
        return PostgresGoodsReceipts(self)

    @property
    def commitments(self) -> PostgresCommitments:
        return PostgresCommitments(self)

    @property
    def accruals(self) -> PostgresAccruals:
        return PostgresAccruals(self)

    # -- inventory, billing ----------------------------------------------------------------------------------------

    @property
    def stock(self) -> PostgresStock:
        return PostgresStock(self)

    @property
    def supplier_invoices(self) -> PostgresSupplierInvoices:
        return PostgresSupplierInvoices(self)

    @property
    def payments(self) -> PostgresPayments:
        return PostgresPayments(self)
