"""Tables of the context catalog."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid

from adapters.postgres.metadata import WRITE, metadata, quantity
from adapters.postgres.record_columns import active_column, record_columns

unit = Table(
    "unit",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    quantity("numerator"),
    quantity("denominator"),
    *record_columns(),
    schema="catalog",
    info=WRITE,
)

item = Table(
    "item",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sku", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_id", Uuid, ForeignKey("catalog.unit.id"), nullable=False),
    Column("category", Text),
    Column("valuation", Text),
    quantity("standard_cost", nullable=True),
    quantity("sales_price", nullable=True),
    Column("tax_code_id", Uuid),
    active_column(),
    *record_columns(),
    schema="catalog",
    info=WRITE,
)
Index("item_attributes", item.c.attributes, postgresql_using="gin", postgresql_ops={"attributes": "jsonb_path_ops"})
Index("item_unit", item.c.unit_id)
