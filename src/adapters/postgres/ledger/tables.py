"""Tables of the context ledger."""

from typing import Any

from sqlalchemy import (
    CHAR,
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
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.metadata import APPEND, DELETE, SEAL, WRITE, amount, metadata, quantity
from adapters.postgres.record_columns import active_column, record_columns


def _id(name: str = "id", target: str | None = None, *, key: bool = True, nullable: bool = False) -> Column[Any]:
    references = (ForeignKey(target),) if target else ()
    return Column(name, Uuid, *references, primary_key=key, nullable=nullable)


def _ref(name: str, target: str | None = None, *, nullable: bool = False) -> Column[Any]:
    return _id(name, target, key=False, nullable=nullable)


def _text(name: str, *, nullable: bool = False, unique: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable, unique=unique)


def _currency(name: str = "currency", *, nullable: bool = False) -> Column[Any]:
    return Column(name, CHAR(3), nullable=nullable)


def _on(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Date, nullable=nullable)


def _dimensions(*, default: bool = True) -> Column[Any]:
    return Column("dimensions", JSONB, nullable=False, server_default=text("'{}'") if default else None)


account = Table(
    "account",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("name"),
    _text("type"),
    _text("control", nullable=True),
    _currency(nullable=True),
    _ref("parent_id", "ledger.account.id", nullable=True),
    active_column(),
    *record_columns(),
    schema="ledger",
    info=WRITE,
)

tax_code = Table(
    "tax_code",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("name"),
    quantity("rate"),
    Column("country", CHAR(2)),
    _text("kind"),
    _ref("input_account_id", "ledger.account.id", nullable=True),
    _ref("output_account_id", "ledger.account.id", nullable=True),
    active_column(),
    *record_columns(),
    schema="ledger",
    info=WRITE,
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    _id(),
    _currency("base"),
    _currency("quote"),
    quantity("rate"),
    _on("valid_on"),
    *record_columns(),
    UniqueConstraint("base", "quote", "valid_on", name="exchange_rate_key"),
    schema="ledger",
    info=APPEND,
)

bank_account = Table(
    "bank_account",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("name"),
    _ref("company_id", "platform.company.id"),
    _ref("account_id", "ledger.account.id"),
    _currency(),
    _text("iban", nullable=True),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    active_column(),
    *record_columns(),
    schema="ledger",
    info=WRITE,
)
Index(
    "bank_account_default",
    bank_account.c.company_id,
    unique=True,
    postgresql_where=text("is_default"),
)

account_role = Table(
    "account_role",
    metadata,
    _id(),
    _text("role"),
    _ref("account_id", "ledger.account.id"),
    _ref("company_id", "platform.company.id", nullable=True),
    _ref("party_id", nullable=True),
    _ref("item_id", nullable=True),
    Column("item_category", Text),
    *record_columns(),
    UniqueConstraint(
        "role",
        "company_id",
        "party_id",
        "item_id",
        "item_category",
        name="account_role_key",
        postgresql_nulls_not_distinct=True,
    ),
    schema="ledger",
    info=WRITE,
)

posting_rule = Table(
    "posting_rule",
    metadata,
    _id(),
    _text("fact_kind"),
    Column("revision", Integer, nullable=False),
    Column("definition", JSONB, nullable=False),
    *record_columns(),
    UniqueConstraint("fact_kind", "revision", name="posting_rule_key"),
    schema="ledger",
    info=APPEND,
)

fiscal_year = Table(
    "fiscal_year",
    metadata,
    _id(),
    _ref("company_id", "platform.company.id"),
    _text("name"),
    _on("starts_on"),
    _on("ends_on"),
    *record_columns(),
    UniqueConstraint("company_id", "name", name="fiscal_year_key"),
    schema="ledger",
    info=APPEND,
)

period = Table(
    "period",
    metadata,
    _id(),
    _ref("company_id", "platform.company.id"),
    _ref("fiscal_year_id", "ledger.fiscal_year.id"),
    _text("name"),
    _on("starts_on"),
    _on("ends_on"),
    Column("state", Text, nullable=False, server_default="open"),
    _text("state_reason", nullable=True),
    *record_columns(),
    UniqueConstraint("company_id", "starts_on", name="period_key"),
    schema="ledger",
    info=WRITE,
)
Index("period_of_year", period.c.fiscal_year_id)

fact = Table(
    "fact",
    metadata,
    _id(),
    _text("kind"),
    _ref("company_id", "platform.company.id"),
    _ref("document_id", "platform.document.id"),
    _ref("line_id", nullable=True),
    _on("effective_on"),
    _currency(),
    amount("amount_minor"),
    amount("company_amount_minor"),
    _ref("party_id", nullable=True),
    _ref("item_id", nullable=True),
    _ref("account_id", nullable=True),
    _ref("budget_line_id", nullable=True),
    _ref("open_item_id", nullable=True),
    _ref("tax_code_id", nullable=True),
    _dimensions(default=False),
    Column("reverses_document", Boolean, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema="ledger",
    info=APPEND,
)
Index("fact_of_document", fact.c.document_id)

entry = Table(
    "entry",
    metadata,
    _id(),
    _text("number", nullable=True),
    _ref("company_id", "platform.company.id"),
    _text("book"),
    _on("effective_on"),
    _on("original_on", nullable=True),
    _ref("period_id", "ledger.period.id"),
    _currency(),
    _ref("document_id", "platform.document.id"),
    Column("reverses_entry_id", Uuid, ForeignKey("ledger.entry.id"), unique=True),
    Column("line_count", Integer, nullable=False),
    _text("description", nullable=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    _ref("recorded_by", "platform.principal.id"),
    UniqueConstraint("company_id", "book", "number", name="entry_number_key"),
    schema="ledger",
    info=APPEND,
)
Index("entry_of_document", entry.c.document_id)
Index("entry_by_day", entry.c.company_id, entry.c.book, entry.c.effective_on, entry.c.id)

posting = Table(
    "posting",
    metadata,
    Column("entry_id", Uuid, ForeignKey("ledger.entry.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    _ref("company_id"),
    _text("book"),
    _ref("account_id", "ledger.account.id"),
    _on("effective_on"),
    amount("amount_minor"),
    amount("company_amount_minor"),
    _text("role", nullable=True),
    _ref("party_id", nullable=True),
    _ref("item_id", nullable=True),
    _ref("budget_line_id", nullable=True),
    _ref("open_item_id", nullable=True),
    _ref("tax_code_id", nullable=True),
    _dimensions(),
    _ref("fact_id", nullable=True),
    _ref("rule_id", nullable=True),
    Column("rule_revision", Integer),
    schema="ledger",
    info=APPEND,
)
Index(
    "posting_of_account",
    posting.c.company_id,
    posting.c.book,
    posting.c.account_id,
    posting.c.effective_on,
    postgresql_include=["company_amount_minor"],
)
Index(
    "posting_of_budget_line",
    posting.c.budget_line_id,
    postgresql_include=["book", "role", "company_amount_minor"],
    postgresql_where=text("budget_line_id IS NOT NULL"),
)
Index(
    "posting_of_open_item",
    posting.c.open_item_id,
    postgresql_include=["account_id", "amount_minor", "company_amount_minor", "effective_on"],
    postgresql_where=text("open_item_id IS NOT NULL"),
)
Index(
    "posting_of_accrual",
    posting.c.fact_id,
    postgresql_include=["account_id"],
    postgresql_where=text("role = 'goods_received_not_invoiced'"),
)

seal = Table(
    "seal",
    metadata,
    _id("period_id", "ledger.period.id"),
    _id("account_id", "ledger.account.id"),
    amount("debit_minor"),
    amount("credit_minor"),
    schema="ledger",
    info=DELETE,
)
for _subtotal in (seal.c.debit_minor, seal.c.credit_minor):
    _subtotal.info = SEAL

budget = Table(
    "budget",
    metadata,
    _id("document_id", "platform.document.id"),
    _text("name"),
    _ref("fiscal_year_id", "ledger.fiscal_year.id"),
    _text("control"),
    schema="ledger",
    info=WRITE,
)
Index("budget_of_year", budget.c.fiscal_year_id)

budget_line = Table(
    "budget_line",
    metadata,
    _id("id", "platform.line.id"),
    _ref("document_id", "ledger.budget.document_id"),
    _text("code"),
    _text("name", nullable=True),
    _ref("account_id", "ledger.account.id", nullable=True),
    _dimensions(),
    amount("amount_minor"),
    UniqueConstraint("document_id", "code", name="budget_line_key", deferrable=True, initially="DEFERRED"),
    schema="ledger",
    info=DELETE,
)
Index("budget_line_code", budget_line.c.code)

budget_amount = Table(
    "budget_amount",
    metadata,
    _id("line_id", "ledger.budget_line.id"),
    _id("period_id", "ledger.period.id"),
    amount("amount_minor"),
    schema="ledger",
    info=DELETE,
)
