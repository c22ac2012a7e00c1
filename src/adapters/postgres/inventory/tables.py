"""Tables of the context inventory."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from adapters.postgres.metadata import APPEND, WRITE, amount, metadata, quantity
from adapters.postgres.record_columns import active_column, record_columns


def _ref(name: str, target: str | None = None, *, nullable: bool = False) -> Column[Any]:
    references = (ForeignKey(target),) if target else ()
    return Column(name, Uuid, *references, nullable=nullable)


def _times() -> list[Column[Any]]:
    return [
        Column("effective_on", Date, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
    ]


location = Table(
    "location",
    metadata,
    Column("id", Uuid, primary_key=True),
    _ref("company_id", "platform.company.id"),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    active_column(),
    *record_columns(),
    UniqueConstraint("code", name="location_code_key"),
    schema="inventory",
    info=WRITE,
)
Index("location_default", location.c.company_id, unique=True, postgresql_where=text("is_default"))

move = Table(
    "move",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    _ref("company_id", "platform.company.id"),
    _ref("item_id", "catalog.item.id"),
    quantity("quantity"),
    _ref("from_location_id", "inventory.location.id", nullable=True),
    _ref("to_location_id", "inventory.location.id", nullable=True),
    amount("value_minor"),
    _ref("document_id", "platform.document.id"),
    _ref("line_id", "platform.line.id", nullable=True),
    *_times(),
    schema="inventory",
    info=APPEND,
)
Index("move_of_item", move.c.item_id, move.c.company_id, move.c.effective_on)
Index("move_of_line", move.c.line_id)

layer = Table(
    "layer",
    metadata,
    Column("id", Uuid, ForeignKey("inventory.move.id"), primary_key=True),
    _ref("company_id"),
    _ref("item_id"),
    _ref("line_id", nullable=True),
    Column("sequence", Integer, nullable=False),
    quantity("quantity"),
    amount("value_minor"),
    amount("booked_minor"),
    *_times(),
    schema="inventory",
    info=APPEND,
)
Index("layer_of_item", layer.c.item_id, layer.c.company_id, layer.c.sequence, unique=True)
Index("layer_of_line", layer.c.line_id)

consumption = Table(
    "consumption",
    metadata,
    Column("move_id", Uuid, ForeignKey("inventory.move.id"), primary_key=True),
    Column("layer_id", Uuid, ForeignKey("inventory.layer.id"), primary_key=True),
    _ref("company_id"),
    _ref("item_id"),
    quantity("quantity"),
    amount("value_minor"),
    *_times(),
    schema="inventory",
    info=APPEND,
)
Index("consumption_of_layer", consumption.c.layer_id, postgresql_include=["quantity", "value_minor"])
Index("consumption_of_item", consumption.c.item_id, consumption.c.company_id)
