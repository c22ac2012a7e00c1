"""The columns by which every table of master records is kept, behind its own."""

from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, text
from sqlalchemy.dialects.postgresql import JSONB


def active_column() -> Column[Any]:
    """False takes a record out of use; what refers to it stays as it is."""
    return Column("active", Boolean, nullable=False, server_default=text("true"))


def record_columns() -> list[Column[Any]]:
    return [
        Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
        Column("version", Integer, nullable=False, server_default="1"),
        Column("entry_no", Integer, nullable=False, server_default="0"),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
    ]
