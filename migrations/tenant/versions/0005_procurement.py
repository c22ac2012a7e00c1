"""Procurement: requisitions, orders and receipts with their lines, commitments, accruals."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REQUISITIONS = """
CREATE SCHEMA procurement;

CREATE TABLE procurement.requisition (
    id uuid PRIMARY KEY REFERENCES platform.document,
    rate_base char(3),
    rate numeric CHECK (rate > 0),
    needed_on date,
    CHECK ((rate IS NULL) = (rate_base IS NULL))
);

-- Quantity 0: an amendment left the line out, and links or commitments name it.
CREATE TABLE procurement.requisition_line (
    id uuid PRIMARY KEY REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES procurement.requisition,
    item_id uuid REFERENCES catalog.item,
    description text,
    quantity numeric NOT NULL CHECK (quantity >= 0),
    unit text NOT NULL REFERENCES catalog.unit (code),
    unit_price numeric CHECK (unit_price >= 0),
    net_minor bigint NOT NULL,
    net_company_minor bigint NOT NULL,
    budget_line_id uuid REFERENCES ledger.budget_line,
    dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
    supplier_id uuid REFERENCES parties.party,
    CHECK (item_id IS NOT NULL OR description IS NOT NULL)
);
CREATE INDEX requisition_line_document ON procurement.requisition_line (document_id);
"""

ORDERS = """
CREATE TABLE procurement.purchase_order (
    id uuid PRIMARY KEY REFERENCES platform.document,
    rate_base char(3),
    rate numeric CHECK (rate > 0),
    CHECK ((rate IS NULL) = (rate_base IS NULL))
);

-- A location is inventory's: what it refers to is checked when it is given.
CREATE TABLE procurement.purchase_order_line (
    id uuid PRIMARY KEY REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES procurement.purchase_order,
    item_id uuid REFERENCES catalog.item,
    description text,
    quantity numeric NOT NULL CHECK (quantity >= 0),
    unit text NOT NULL REFERENCES catalog.unit (code),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    net_minor bigint NOT NULL,
    net_company_minor bigint NOT NULL,
    budget_line_id uuid REFERENCES ledger.budget_line,
    dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
    tax_code_id uuid REFERENCES ledger.tax_code,
    requisition_line_id uuid REFERENCES procurement.requisition_line,
    location_id uuid,
    CHECK (item_id IS NOT NULL OR description IS NOT NULL)
);
CREATE INDEX purchase_order_line_document ON procurement.purchase_order_line (document_id);
CREATE INDEX purchase_order_line_requisition ON procurement.purchase_order_line (requisition_line_id)
    WHERE requisition_line_id IS NOT NULL;

CREATE TABLE procurement.goods_receipt (
    id uuid PRIMARY KEY REFERENCES platform.document,
    order_id uuid NOT NULL REFERENCES procurement.purchase_order
);
CREATE INDEX goods_receipt_order ON procurement.goods_receipt (order_id);

CREATE TABLE procurement.goods_receipt_line (
    id uuid PRIMARY KEY REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES procurement.goods_receipt,
    order_line_id uuid NOT NULL REFERENCES procurement.purchase_order_line,
    quantity numeric NOT NULL CHECK (quantity > 0),
    unit text NOT NULL REFERENCES catalog.unit (code),
    quantity_ordered_unit numeric NOT NULL CHECK (quantity_ordered_unit > 0),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    net_minor bigint NOT NULL,
    net_company_minor bigint NOT NULL,
    budget_line_id uuid REFERENCES ledger.budget_line,
    dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
    location_id uuid,
    lot text,
    serials jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(serials) = 'array')
);
CREATE INDEX goods_receipt_line_document ON procurement.goods_receipt_line (document_id);
CREATE INDEX goods_receipt_line_order_line ON procurement.goods_receipt_line (order_line_id);
"""

COMMITMENTS = """
-- What a line holds of a budget is the sum of its rows: more by approval, less by what takes it up or gives it back.
CREATE TABLE procurement.commitment (
    id uuid PRIMARY KEY,
    line_id uuid NOT NULL REFERENCES platform.line,
    budget_line_id uuid REFERENCES ledger.budget_line,
    document_id uuid NOT NULL REFERENCES platform.document,
    amount_minor bigint NOT NULL,
    amount_company_minor bigint NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX commitment_line ON procurement.commitment (line_id);
SELECT platform.make_append_only('procurement.commitment');

-- Goods received not invoiced are the sum of these rows: more when goods came or an invoice accepted a service, valued
-- at the order's unit_price; less when an invoice charged them, which has no price here, but the budget line that bears
-- its price difference. Of quantity 0 is how much more that clears when the order agrees to another price.
CREATE TABLE procurement.accrual (
    id uuid PRIMARY KEY,
    order_line_id uuid NOT NULL REFERENCES procurement.purchase_order_line,
    source_line_id uuid NOT NULL REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES platform.document,
    quantity numeric NOT NULL,
    unit_price numeric,
    budget_line_id uuid REFERENCES ledger.budget_line,
    amount_minor bigint NOT NULL,
    amount_company_minor bigint NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX accrual_order_line ON procurement.accrual (order_line_id);
SELECT platform.make_append_only('procurement.accrual');
"""

PRICES = """
-- What an order costs by line from an approval after the first one on. The order's version puts them in order.
CREATE TABLE procurement.price_agreement (
    order_line_id uuid NOT NULL REFERENCES procurement.purchase_order_line,
    order_version int NOT NULL,
    unit_price numeric NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (order_line_id, order_version)
);
SELECT platform.make_append_only('procurement.price_agreement');

-- The price of an order line by its latest approval, by what counts until a day and was known at an instant; null while
-- the first is the only one. For whoever judges by it what was charged.
CREATE FUNCTION procurement.agreed_price(order_line uuid, as_of date, known_at timestamptz) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.unit_price FROM procurement.price_agreement a
    WHERE a.order_line_id = order_line AND a.effective_on <= as_of AND a.recorded_at <= agreed_price.known_at
    ORDER BY a.order_version DESC LIMIT 1
$$;
"""

# A document's total is its lines' sum: judged whenever lines or totals are written, over all that one statement wrote.
TOTALS = """
CREATE FUNCTION procurement.refuse_other_totals(documents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM platform.document d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(net_minor), 0) AS net, coalesce(sum(net_company_minor), 0) AS net_company
            FROM (SELECT net_minor, net_company_minor FROM procurement.requisition_line WHERE document_id = d.id
                  UNION ALL
                  SELECT net_minor, net_company_minor FROM procurement.purchase_order_line WHERE document_id = d.id
                  UNION ALL
                  SELECT net_minor, net_company_minor FROM procurement.goods_receipt_line WHERE document_id = d.id) l) s
        WHERE d.id = ANY(documents) AND (d.total_minor, d.total_company_minor) <> (s.net, s.net_company)) THEN
        RAISE EXCEPTION 'the total of a document is the sum of its lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'total_is_sum_of_lines';
    END IF;
END $$;

CREATE FUNCTION procurement.check_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM procurement.refuse_other_totals(ARRAY(SELECT DISTINCT document_id FROM changed));
    RETURN NULL;
END $$;

CREATE FUNCTION procurement.check_header_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM procurement.refuse_other_totals(
        ARRAY(SELECT id FROM changed WHERE type IN ('requisition', 'purchase_order', 'goods_receipt')));
    RETURN NULL;
END $$;

CREATE TRIGGER procurement_total_on_insert AFTER INSERT ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_header_totals();
CREATE TRIGGER procurement_total_on_update AFTER UPDATE ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_header_totals();
"""

LINES_TOTAL = """
CREATE TRIGGER total_on_insert AFTER INSERT ON procurement.{table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
CREATE TRIGGER total_on_update AFTER UPDATE ON procurement.{table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
CREATE TRIGGER total_on_delete AFTER DELETE ON procurement.{table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
"""


def upgrade() -> None:
    for part in (REQUISITIONS, ORDERS, COMMITMENTS, PRICES, TOTALS):
        op.execute(part)
    for table in ("requisition_line", "purchase_order_line", "goods_receipt_line"):
        op.execute(LINES_TOTAL.format(table=table))


def downgrade() -> None:
    op.execute("""
        DROP TRIGGER procurement_total_on_insert ON platform.document;
        DROP TRIGGER procurement_total_on_update ON platform.document;
        DROP SCHEMA procurement CASCADE;
    """)
