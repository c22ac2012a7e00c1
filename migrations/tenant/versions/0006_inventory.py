"""Inventory: locations, stock moves, the layers that receipts make and what issues take of them."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOCATIONS = """
CREATE SCHEMA inventory;

CREATE TABLE inventory.location (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL REFERENCES platform.company,
    code text NOT NULL CONSTRAINT location_code_key UNIQUE,
    name text NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX location_default ON inventory.location (company_id) WHERE is_default;
"""

MOVES = """
-- A place that is null is outside: the supplier, the customer.
CREATE TABLE inventory.move (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    company_id uuid NOT NULL REFERENCES platform.company,
    item_id uuid NOT NULL REFERENCES catalog.item,
    quantity numeric NOT NULL CHECK (quantity > 0),
    from_location_id uuid REFERENCES inventory.location,
    to_location_id uuid REFERENCES inventory.location,
    value_minor bigint NOT NULL,
    document_id uuid NOT NULL REFERENCES platform.document,
    line_id uuid REFERENCES platform.line,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    CHECK (from_location_id IS NOT NULL OR to_location_id IS NOT NULL),
    CHECK (from_location_id IS DISTINCT FROM to_location_id)
);
CREATE INDEX move_of_item ON inventory.move (item_id, company_id, effective_on);
CREATE INDEX move_of_line ON inventory.move (line_id);
SELECT platform.make_append_only('inventory.move');

-- What a move brought in; its id is the move's. Layers of one day are consumed in their sequence.
-- Its document booked `booked_minor`, the stock is worth `value_minor`.
CREATE TABLE inventory.layer (
    id uuid PRIMARY KEY REFERENCES inventory.move,
    company_id uuid NOT NULL,
    item_id uuid NOT NULL,
    line_id uuid,
    sequence int NOT NULL CHECK (sequence > 0),
    quantity numeric NOT NULL CHECK (quantity > 0),
    value_minor bigint NOT NULL,
    booked_minor bigint NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX layer_of_item ON inventory.layer (item_id, company_id, sequence);
CREATE INDEX layer_of_line ON inventory.layer (line_id);
SELECT platform.make_append_only('inventory.layer');

CREATE TABLE inventory.consumption (
    move_id uuid NOT NULL REFERENCES inventory.move,
    layer_id uuid NOT NULL REFERENCES inventory.layer,
    company_id uuid NOT NULL,
    item_id uuid NOT NULL,
    quantity numeric NOT NULL CHECK (quantity > 0),
    value_minor bigint NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (move_id, layer_id)
);
CREATE INDEX consumption_of_layer ON inventory.consumption (layer_id) INCLUDE (quantity, value_minor);
CREATE INDEX consumption_of_item ON inventory.consumption (item_id, company_id);
SELECT platform.make_append_only('inventory.consumption');

-- No layer gives more than it holds, whoever wrote the rows.
CREATE FUNCTION inventory.check_layers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inventory.layer l
        WHERE l.id IN (SELECT layer_id FROM added)
          AND l.quantity < (SELECT sum(c.quantity) FROM inventory.consumption c WHERE c.layer_id = l.id)) THEN
        RAISE EXCEPTION 'a layer gives at most what it holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'layer_not_overdrawn';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER layer_not_overdrawn AFTER INSERT ON inventory.consumption REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION inventory.check_layers();

-- A move from or to outside is worth exactly the layer it makes, or what it takes of layers.
CREATE FUNCTION inventory.check_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added m
        LEFT JOIN inventory.layer l ON l.id = m.id
        LEFT JOIN LATERAL (SELECT sum(c.quantity) AS quantity, sum(c.value_minor) AS value_minor
                           FROM inventory.consumption c WHERE c.move_id = m.id) c ON true
        WHERE CASE
            WHEN m.from_location_id IS NULL
            THEN (l.quantity, l.value_minor) IS DISTINCT FROM (m.quantity, m.value_minor)
            WHEN m.to_location_id IS NULL
            THEN (c.quantity, c.value_minor) IS DISTINCT FROM (m.quantity, m.value_minor)
            ELSE m.value_minor <> 0 OR l.id IS NOT NULL OR c.quantity IS NOT NULL END) THEN
        RAISE EXCEPTION 'a move is worth the layer it makes or what it takes of layers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'move_is_valued';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_is_valued AFTER INSERT ON inventory.move REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION inventory.check_moves();
"""


def upgrade() -> None:
    op.execute(LOCATIONS)
    op.execute(MOVES)


def downgrade() -> None:
    op.execute("DROP SCHEMA inventory CASCADE")
