"""Tables of the platform, the audit trail and the outbox."""

from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Column,
    Date,
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

from adapters.postgres.metadata import APPEND, DELETE, WRITE, amount, metadata, quantity


def _id(name: str = "id", **options: Any) -> Column[Any]:
    return Column(name, Uuid, primary_key=True, **options)


def _at(name: str, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable, **options)


def _text(name: str, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, Text, nullable=nullable, **options)


def _ref(name: str, target: str, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column(name, Uuid, ForeignKey(target), nullable=nullable, **options)


def _count(name: str, *, default: str | None = None) -> Column[Any]:
    return Column(name, Integer, nullable=False, server_default=default)


configuration = Table(
    "configuration",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("grants_version", BigInteger, nullable=False, server_default="1"),
    schema="platform",
    info=WRITE,
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    schema="platform",
    info=WRITE,
)

principal = Table(
    "principal",
    metadata,
    _id(),
    Column("user_id", Uuid, unique=True),
    _text("kind"),
    _text("name"),
    _text("email", nullable=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    _count("version", default="1"),
    _count("entry_no", default="0"),
    _at("created_at"),
    _at("updated_at"),
    schema="platform",
    info=WRITE,
)

role = Table(
    "role",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("name"),
    Column("permissions", JSONB, nullable=False),
    Column("shipped", Boolean, nullable=False, server_default=text("false")),
    _count("version", default="1"),
    _count("entry_no", default="0"),
    _at("created_at"),
    _at("updated_at"),
    schema="platform",
    info=WRITE,
)

role_grant = Table(
    "role_grant",
    metadata,
    _ref("principal_id", "platform.principal.id", primary_key=True),
    _ref("role_id", "platform.role.id", primary_key=True),
    Column("scope", JSONB),
    schema="platform",
    info=DELETE,
)

company = Table(
    "company",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("name"),
    Column("country", CHAR(2), nullable=False),
    Column("currency", CHAR(3), nullable=False),
    _text("timezone", server_default="UTC"),
    _count("version", default="1"),
    _count("entry_no", default="0"),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    _at("created_at"),
    _at("updated_at"),
    schema="platform",
    info=WRITE,
)

workflow = Table(
    "workflow",
    metadata,
    _id(),
    _text("document_type"),
    _count("version"),
    Column("definition", JSONB, nullable=False),
    _at("created_at"),
    UniqueConstraint("document_type", "version"),
    schema="platform",
    info=APPEND,
)

number_series = Table(
    "number_series",
    metadata,
    Column("document_type", Text, primary_key=True),
    _text("class"),
    _text("pattern"),
    _text("reset"),
    schema="platform",
    info=WRITE,
)

number_counter = Table(
    "number_counter",
    metadata,
    Column("document_type", Text, ForeignKey("platform.number_series.document_type"), primary_key=True),
    _ref("company_id", "platform.company.id", primary_key=True),
    Column("period", Text, primary_key=True),
    Column("next_value", BigInteger, nullable=False),
    schema="platform",
    info=WRITE,
)

number_block = Table(
    "number_block",
    metadata,
    _id(),
    Column("document_type", Text, ForeignKey("platform.number_series.document_type"), nullable=False),
    _ref("company_id", "platform.company.id"),
    _text("period"),
    _text("pattern"),
    Column("first_value", BigInteger, nullable=False),
    Column("last_value", BigInteger, nullable=False),
    _at("reserved_at", server_default=text("clock_timestamp()")),
    UniqueConstraint("document_type", "company_id", "period", "first_value"),
    schema="platform",
    info=APPEND,
)

document = Table(
    "document",
    metadata,
    _id(),
    _text("type"),
    _text("number", nullable=True),
    _ref("company_id", "platform.company.id"),
    Column("party_id", Uuid),
    Column("currency", CHAR(3), nullable=False),
    Column("document_date", Date, nullable=False),
    _text("title", nullable=True),
    _text("state"),
    _text("phase"),
    _count("version"),
    _count("entry_no"),
    amount("total_minor", server_default="0"),
    amount("total_company_minor", server_default="0"),
    _ref("workflow_id", "platform.workflow.id"),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    _at("created_at"),
    _ref("created_by", "platform.principal.id"),
    _at("updated_at"),
    _ref("updated_by", "platform.principal.id"),
    UniqueConstraint("type", "company_id", "number"),
    schema="platform",
    info=WRITE,
)
Index("document_of_type", document.c.type, document.c.id.desc())
Index("document_of_party", document.c.party_id, document.c.type, postgresql_where=document.c.party_id.isnot(None))
Index(
    "document_attributes",
    document.c.attributes,
    postgresql_using="gin",
    postgresql_ops={"attributes": "jsonb_path_ops"},
)

document_step = Table(
    "document_step",
    metadata,
    _ref("document_id", "platform.document.id", primary_key=True),
    Column("entry_no", Integer, primary_key=True),
    _text("action"),
    _ref("actor_id", "platform.principal.id"),
    _at("at"),
    _text("from_state", nullable=True),
    _text("to_state"),
    _text("from_phase", nullable=True),
    _text("to_phase"),
    _count("round"),
    _text("reason", nullable=True),
    schema="platform",
    info=APPEND,
)

line = Table(
    "line",
    metadata,
    _id(),
    _ref("document_id", "platform.document.id"),
    _count("position"),
    UniqueConstraint("document_id", "position", deferrable=True, initially="DEFERRED"),
    schema="platform",
    info=DELETE,
)

line_link = Table(
    "line_link",
    metadata,
    _id(),
    _text("kind"),
    _ref("source_line_id", "platform.line.id"),
    _ref("target_line_id", "platform.line.id"),
    _ref("document_id", "platform.document.id"),
    quantity("quantity", server_default="0"),
    amount("amount_minor", server_default="0"),
    Column("effective_on", Date, nullable=False),
    _at("recorded_at"),
    schema="platform",
    info=APPEND,
)
Index(
    "line_link_target",
    line_link.c.target_line_id,
    line_link.c.kind,
    postgresql_include=["quantity", "amount_minor", "effective_on", "recorded_at"],
)
Index("line_link_source", line_link.c.source_line_id, line_link.c.kind)
Index("line_link_document", line_link.c.document_id)

document_link = Table(
    "document_link",
    metadata,
    _id(),
    _text("kind"),
    _ref("source_id", "platform.document.id"),
    _ref("target_id", "platform.document.id", index=False),
    _at("created_at"),
    UniqueConstraint("kind", "source_id", "target_id"),
    schema="platform",
    info=APPEND,
)
Index("document_link_target", document_link.c.target_id)

task = Table(
    "task",
    metadata,
    _id(),
    _ref("document_id", "platform.document.id"),
    _text("action"),
    _text("permission"),
    _count("round"),
    _at("created_at"),
    _at("closed_at", nullable=True),
    _ref("closed_by", "platform.principal.id", nullable=True),
    _text("outcome", nullable=True),
    schema="platform",
    info=WRITE,
)
Index("task_open", task.c.permission, task.c.created_at, postgresql_where=task.c.closed_at.is_(None))
Index("task_of_document", task.c.document_id)

attachment = Table(
    "attachment",
    metadata,
    _id(),
    _ref("document_id", "platform.document.id"),
    _text("name"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    _text("sha256"),
    _text("object_key", unique=True),
    _at("created_at"),
    _ref("created_by", "platform.principal.id"),
    schema="platform",
    info=APPEND,
)
Index("attachment_of_document", attachment.c.document_id)

comment = Table(
    "comment",
    metadata,
    _id(),
    _ref("document_id", "platform.document.id"),
    _text("body"),
    _at("created_at"),
    _ref("created_by", "platform.principal.id"),
    schema="platform",
    info=APPEND,
)
Index("comment_of_document", comment.c.document_id)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    _ref("principal_id", "platform.principal.id", primary_key=True),
    Column("command", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    _text("body_hash"),
    _count("status"),
    Column("subject_id", Uuid, nullable=False),
    _at("created_at"),
    schema="platform",
    info=DELETE,
)
Index("idempotency_key_age", idempotency_key.c.created_at)

audit_entry = Table(
    "entry",
    metadata,
    _id(),
    _text("subject_kind"),
    Column("subject_id", Uuid, nullable=False),
    _count("entry_no"),
    _at("at"),
    Column("actor_id", Uuid, nullable=False),
    _text("ip", nullable=True),
    _text("request_id"),
    _text("command"),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    UniqueConstraint("subject_id", "entry_no"),
    schema="audit",
    info=APPEND,
)

audit_unsealed = Table(
    "unsealed", metadata, _ref("entry_id", "audit.entry.id", primary_key=True), schema="audit", info=DELETE
)

audit_refusal = Table(
    "refusal",
    metadata,
    _id(),
    _at("at"),
    Column("actor_id", Uuid, nullable=False),
    _text("command"),
    _text("code"),
    _text("message"),
    Column("details", JSONB, nullable=False),
    Column("subject_id", Uuid),
    _text("request_id"),
    _text("ip", nullable=True),
    schema="audit",
    info=APPEND,
)

audit_subject_key = Table(
    "subject_key",
    metadata,
    _id("subject_id"),
    Column("wrapped_key", LargeBinary, nullable=False),
    schema="audit",
    info=DELETE,
)

outbox_event = Table(
    "event",
    metadata,
    _id(),
    _text("type"),
    _at("occurred_at"),
    _text("subject_kind"),
    _text("subject_type"),
    Column("subject_id", Uuid, nullable=False),
    _text("subject_number", nullable=True),
    _count("subject_version"),
    _count("sequence"),
    Column("data", JSONB, nullable=False),
    _text("request_id"),
    _text("traceparent", nullable=True),
    UniqueConstraint("subject_id", "sequence"),
    schema="outbox",
    info=APPEND,
)

outbox_due = Table(
    "due",
    metadata,
    _ref("event_id", "outbox.event.id", primary_key=True),
    _at("recorded_at", server_default=text("clock_timestamp()")),
    schema="outbox",
    info=DELETE,
)
