"""Master data: parties with their payment terms, items with their units."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PARTIES = """
CREATE SCHEMA parties;

CREATE TABLE parties.payment_terms (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    parts jsonb NOT NULL CHECK (jsonb_typeof(parts) = 'array' AND jsonb_array_length(parts) > 0),
    active boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- tax_code_id names a row of the ledger, which keeps its own tables: what it refers to is checked when it is given.
CREATE TABLE parties.party (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    roles jsonb NOT NULL CHECK (jsonb_typeof(roles) = 'array' AND jsonb_array_length(roles) > 0),
    country char(2) NOT NULL,
    currency char(3),
    tax_id text,
    tax_code_id uuid,
    payment_terms_id uuid REFERENCES parties.payment_terms,
    email text,
    iban text,
    addresses jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(addresses) = 'array'),
    active boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX party_words ON parties.party USING gin (to_tsvector('simple', code || ' ' || name));
CREATE INDEX party_attributes ON parties.party USING gin (attributes jsonb_path_ops);
"""

CATALOG = """
CREATE SCHEMA catalog;

-- One unit is numerator / denominator base units of its category, exactly.
CREATE TABLE catalog.unit (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    category text NOT NULL,
    numerator numeric NOT NULL CHECK (numerator > 0 AND scale(numerator) = 0),
    denominator numeric NOT NULL CHECK (denominator > 0 AND scale(denominator) = 0),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE catalog.item (
    id uuid PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stock', 'service')),
    unit_id uuid NOT NULL REFERENCES catalog.unit,
    category text,
    valuation text CHECK (valuation IN ('fifo', 'average', 'standard')),
    standard_cost numeric CHECK (standard_cost >= 0),
    sales_price numeric CHECK (sales_price >= 0),
    tax_code_id uuid,
    active boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT item_stock_is_valued CHECK ((kind = 'stock') = (valuation IS NOT NULL)),
    CONSTRAINT item_standard_has_cost CHECK (valuation <> 'standard' OR standard_cost IS NOT NULL)
);
CREATE INDEX item_words ON catalog.item USING gin (to_tsvector('simple', sku || ' ' || name));
CREATE INDEX item_attributes ON catalog.item USING gin (attributes jsonb_path_ops);
CREATE INDEX item_unit ON catalog.item (unit_id);
"""


def upgrade() -> None:
    op.execute(PARTIES)
    op.execute(CATALOG)


def downgrade() -> None:
    op.execute("DROP SCHEMA catalog CASCADE; DROP SCHEMA parties CASCADE;")
