"""Tables of delivery: the event log, webhook endpoints, deliveries and their attempts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.metadata import APPEND, WRITE, metadata

log = Table(
    "log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, ForeignKey("outbox.event.id"), nullable=False, unique=True),
    schema="outbox",
    info=APPEND,
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", JSONB, nullable=False),
    Column("filter", JSONB, nullable=False, server_default=text("'{}'")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("disabled_reason", Text),
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_secret_until", DateTime(timezone=True)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("entry_no", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Uuid, ForeignKey("platform.principal.id"), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    schema="outbox",
    info=WRITE,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("outbox.endpoint.id"), nullable=False),
    Column("event_id", Uuid, ForeignKey("outbox.event.id"), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True)),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    UniqueConstraint("endpoint_id", "event_id"),
    schema="outbox",
    info=WRITE,
)
_state = delivery.c.state
Index(
    "delivery_head",
    delivery.c.endpoint_id,
    delivery.c.subject_id,
    unique=True,
    postgresql_where=_state.in_(("due", "sending", "dead")),
)
Index(
    "delivery_waiting",
    delivery.c.endpoint_id,
    delivery.c.subject_id,
    delivery.c.sequence,
    postgresql_where=_state == "waiting",
)
Index("delivery_due", delivery.c.endpoint_id, delivery.c.due_at, postgresql_where=_state.in_(("due", "sending")))
Index("delivery_sending", delivery.c.endpoint_id, postgresql_where=_state == "sending")
Index("delivery_event", delivery.c.event_id)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery_id", Uuid, ForeignKey("outbox.delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", Integer),
    Column("status", Integer),
    Column("error", Text),
    Column("response", Text),
    schema="outbox",
    info=APPEND,
)
