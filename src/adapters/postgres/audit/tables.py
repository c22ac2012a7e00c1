"""Tables of the sealed audit trail; the entries themselves are the platform's."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, LargeBinary, Table, Text, Uuid

from adapters.postgres.metadata import APPEND, metadata

seal = Table(
    "seal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("root", LargeBinary, nullable=False),
    Column("previous_root", LargeBinary, nullable=False),
    Column("leaf_count", Integer, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    schema="audit",
    info=APPEND,
)

leaf = Table(
    "leaf",
    metadata,
    Column("seal_id", Uuid, ForeignKey("audit.seal.id"), primary_key=True),
    Column("leaf_index", Integer, primary_key=True, autoincrement=False),
    Column("entry_id", Uuid, ForeignKey("audit.entry.id"), nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    schema="audit",
    info=APPEND,
)
