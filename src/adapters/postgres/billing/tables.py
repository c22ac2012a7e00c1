"""Tables of the context billing."""

from typing import Any

from sqlalchemy import CHAR, Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.metadata import APPEND, DELETE, WRITE, amount, metadata, quantity


def _ref(
    name: str, target: str, *, nullable: bool = False, key: bool = False, unique: bool | None = None
) -> Column[Any]:
    return Column(name, Uuid, ForeignKey(target), nullable=nullable, primary_key=key, unique=unique)


def _rate() -> list[Column[Any]]:
    """What a header's amounts are worth in the company's currency; null where that is their own."""
    return [Column("rate_base", CHAR(3)), quantity("rate", nullable=True)]


supplier_invoice = Table(
    "supplier_invoice",
    metadata,
    _ref("id", "platform.document.id", key=True),
    Column("supplier_reference", Text, nullable=False),
    _ref("payment_terms_id", "parties.payment_terms.id", nullable=True),
    Column("due_on", Date, nullable=False),
    *_rate(),
    schema="billing",
    info=WRITE,
)

supplier_reference = Table(
    "supplier_reference",
    metadata,
    _ref("supplier_id", "parties.party.id", key=True),
    Column("reference_key", Text, primary_key=True),
    _ref("invoice_id", "billing.supplier_invoice.id", unique=True),
    schema="billing",
    info=DELETE,
)

supplier_invoice_line = Table(
    "supplier_invoice_line",
    metadata,
    _ref("id", "platform.line.id", key=True),
    _ref("document_id", "billing.supplier_invoice.id"),
    _ref("order_line_id", "platform.line.id", nullable=True),
    _ref("item_id", "catalog.item.id", nullable=True),
    Column("description", Text),
    quantity("quantity"),
    Column("unit", Text, ForeignKey("catalog.unit.code"), nullable=False),
    quantity("unit_price"),
    _ref("tax_code_id", "ledger.tax_code.id", nullable=True),
    quantity("tax_rate", nullable=True),
    _ref("account_id", "ledger.account.id", nullable=True),
    _ref("budget_line_id", "ledger.budget_line.id", nullable=True),
    Column("dimensions", JSONB, nullable=False, server_default=text("'{}'")),
    amount("net_minor"),
    amount("net_company_minor"),
    amount("tax_minor"),
    amount("tax_company_minor"),
    schema="billing",
    info=DELETE,
)
Index("supplier_invoice_line_document", supplier_invoice_line.c.document_id)
Index("supplier_invoice_line_order_line", supplier_invoice_line.c.order_line_id)

order_charge = Table(
    "order_charge",
    metadata,
    Column("id", Uuid, primary_key=True),
    _ref("charge_id", "billing.order_charge.id"),
    _ref("line_id", "billing.supplier_invoice_line.id"),
    _ref("order_line_id", "platform.line.id"),
    _ref("document_id", "billing.supplier_invoice.id"),
    Column("sequence", Integer, nullable=False),
    quantity("quantity"),
    amount("charged_minor"),
    amount("expected_minor"),
    amount("cleared_minor"),
    amount("cleared_company_minor"),
    quantity("quantity_tolerance"),
    _ref("budget_line_id", "ledger.budget_line.id", nullable=True),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema="billing",
    info=APPEND,
)
Index("order_charge_document", order_charge.c.document_id)
Index("order_charge_order_line", order_charge.c.order_line_id, order_charge.c.sequence)
Index(
    "order_charge_sequence",
    order_charge.c.order_line_id,
    order_charge.c.sequence,
    unique=True,
    postgresql_where=order_charge.c.charge_id == order_charge.c.id,
)
Index("order_charge_charge", order_charge.c.charge_id)

match_exception = Table(
    "match_exception",
    metadata,
    _ref("charge_id", "billing.order_charge.id", key=True),
    Column("code", Text, primary_key=True),
    quantity("expected"),
    quantity("actual"),
    Column("tolerance", Text, nullable=False),
    schema="billing",
    info=APPEND,
)

block_release = Table(
    "block_release",
    metadata,
    Column("id", Uuid, primary_key=True),
    _ref("invoice_id", "billing.supplier_invoice.id"),
    Column("exceptions", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("released_at", DateTime(timezone=True), nullable=False),
    _ref("released_by", "platform.principal.id"),
    schema="billing",
    info=APPEND,
)
Index("block_release_invoice", block_release.c.invoice_id)

payment = Table(
    "payment",
    metadata,
    _ref("id", "platform.document.id", key=True),
    Column("direction", Text, nullable=False),
    Column("side", Text, nullable=False),
    _ref("bank_account_id", "ledger.bank_account.id"),
    *_rate(),
    schema="billing",
    info=WRITE,
)

payment_allocation = Table(
    "payment_allocation",
    metadata,
    _ref("payment_id", "billing.payment.id", key=True),
    _ref("open_item_id", "platform.document.id", key=True),
    Column("position", Integer, nullable=False),
    amount("amount_minor"),
    schema="billing",
    info=DELETE,
)
Index("payment_allocation_open_item", payment_allocation.c.open_item_id)
