"""Tables of the context procurement."""

from typing import Any

from sqlalchemy import CHAR, Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.metadata import APPEND, DELETE, WRITE, amount, metadata, quantity


def _header() -> list[Column[Any]]:
    """The key of a typed header, and the rate that its amounts are worth in the company's currency."""
    return [
        Column("id", Uuid, ForeignKey("platform.document.id"), primary_key=True),
        Column("rate_base", CHAR(3)),
        quantity("rate", nullable=True),
    ]


def _line(header: str, *, priced: bool) -> list[Column[Any]]:
    """What lines of requisitions and orders share; those that are `priced` always have a price."""
    return [
        Column("id", Uuid, ForeignKey("platform.line.id"), primary_key=True),
        Column("document_id", Uuid, ForeignKey(header), nullable=False),
        Column("item_id", Uuid, ForeignKey("catalog.item.id")),
        Column("description", Text),
        quantity("quantity"),
        Column("unit", Text, ForeignKey("catalog.unit.code"), nullable=False),
        quantity("unit_price", nullable=not priced),
        amount("net_minor"),
        amount("net_company_minor"),
        Column("budget_line_id", Uuid, ForeignKey("ledger.budget_line.id")),
        Column("dimensions", JSONB, nullable=False, server_default=text("'{}'")),
    ]


requisition = Table(
    "requisition",
    metadata,
    *_header(),
    Column("needed_on", Date),
    schema="procurement",
    info=WRITE,
)

requisition_line = Table(
    "requisition_line",
    metadata,
    *_line("procurement.requisition.id", priced=False),
    Column("supplier_id", Uuid, ForeignKey("parties.party.id")),
    schema="procurement",
    info=DELETE,
)
Index("requisition_line_document", requisition_line.c.document_id)

commitment = Table(
    "commitment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("line_id", Uuid, ForeignKey("platform.line.id"), nullable=False),
    Column("budget_line_id", Uuid, ForeignKey("ledger.budget_line.id")),
    Column("document_id", Uuid, ForeignKey("platform.document.id"), nullable=False),
    amount("amount_minor"),
    amount("amount_company_minor"),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema="procurement",
    info=APPEND,
)
Index("commitment_line", commitment.c.line_id)

purchase_order = Table("purchase_order", metadata, *_header(), schema="procurement", info=WRITE)

purchase_order_line = Table(
    "purchase_order_line",
    metadata,
    *_line("procurement.purchase_order.id", priced=True),
    Column("tax_code_id", Uuid, ForeignKey("ledger.tax_code.id")),
    Column("requisition_line_id", Uuid, ForeignKey("procurement.requisition_line.id")),
    Column("location_id", Uuid),
    schema="procurement",
    info=DELETE,
)
Index("purchase_order_line_document", purchase_order_line.c.document_id)
Index(
    "purchase_order_line_requisition",
    purchase_order_line.c.requisition_line_id,
    postgresql_where=purchase_order_line.c.requisition_line_id.isnot(None),
)

goods_receipt = Table(
    "goods_receipt",
    metadata,
    Column("id", Uuid, ForeignKey("platform.document.id"), primary_key=True),
    Column("order_id", Uuid, ForeignKey("procurement.purchase_order.id"), nullable=False),
    schema="procurement",
    info=WRITE,
)
Index("goods_receipt_order", goods_receipt.c.order_id)

goods_receipt_line = Table(
    "goods_receipt_line",
    metadata,
    Column("id", Uuid, ForeignKey("platform.line.id"), primary_key=True),
    Column("document_id", Uuid, ForeignKey("procurement.goods_receipt.id"), nullable=False),
    Column("order_line_id", Uuid, ForeignKey("procurement.purchase_order_line.id"), nullable=False),
    quantity("quantity"),
    Column("unit", Text, ForeignKey("catalog.unit.code"), nullable=False),
    quantity("quantity_ordered_unit"),
    quantity("unit_price"),
    amount("net_minor"),
    amount("net_company_minor"),
    Column("budget_line_id", Uuid, ForeignKey("ledger.budget_line.id")),
    Column("dimensions", JSONB, nullable=False, server_default=text("'{}'")),
    Column("location_id", Uuid),
    Column("lot", Text),
    Column("serials", JSONB, nullable=False, server_default=text("'[]'")),
    schema="procurement",
    info=DELETE,
)
Index("goods_receipt_line_document", goods_receipt_line.c.document_id)
Index("goods_receipt_line_order_line", goods_receipt_line.c.order_line_id)

accrual = Table(
    "accrual",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_line_id", Uuid, ForeignKey("procurement.purchase_order_line.id"), nullable=False),
    Column("source_line_id", Uuid, ForeignKey("platform.line.id"), nullable=False),
    Column("document_id", Uuid, ForeignKey("platform.document.id"), nullable=False),
    quantity("quantity"),
    quantity("unit_price", nullable=True),
    Column("budget_line_id", Uuid, ForeignKey("ledger.budget_line.id")),
    amount("amount_minor"),
    amount("amount_company_minor"),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema="procurement",
    info=APPEND,
)
Index("accrual_order_line", accrual.c.order_line_id)

price_agreement = Table(
    "price_agreement",
    metadata,
    Column("order_line_id", Uuid, ForeignKey("procurement.purchase_order_line.id"), primary_key=True),
    Column("order_version", Integer, primary_key=True),
    quantity("unit_price"),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema="procurement",
    info=APPEND,
)
