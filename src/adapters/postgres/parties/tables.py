"""Tables of the context parties."""

from sqlalchemy import CHAR, Column, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.metadata import WRITE, metadata
from adapters.postgres.record_columns import active_column, record_columns

payment_terms = Table(
    "payment_terms",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("parts", JSONB, nullable=False),
    active_column(),
    *record_columns(),
    schema="parties",
    info=WRITE,
)

party = Table(
    "party",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", JSONB, nullable=False),
    Column("country", CHAR(2), nullable=False),
    Column("currency", CHAR(3)),
    Column("tax_id", Text),
    Column("tax_code_id", Uuid),
    Column("payment_terms_id", Uuid, ForeignKey("parties.payment_terms.id")),
    Column("email", Text),
    Column("iban", Text),
    Column("addresses", JSONB, nullable=False, server_default=text("'[]'")),
    active_column(),
    *record_columns(),
    schema="parties",
    info=WRITE,
)
Index("party_attributes", party.c.attributes, postgresql_using="gin", postgresql_ops={"attributes": "jsonb_path_ops"})
