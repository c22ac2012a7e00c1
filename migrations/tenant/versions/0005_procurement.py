"""Procurement: requisitions with their lines, and what lines hold of budgets."""

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
"""

# A document's total is its lines' sum: judged whenever lines or totals are written, over all that one statement wrote.
TOTALS = """
CREATE FUNCTION procurement.refuse_other_totals(documents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM platform.document d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.net_minor), 0) AS net, coalesce(sum(l.net_company_minor), 0) AS net_company
            FROM procurement.requisition_line l WHERE l.document_id = d.id AND d.type = 'requisition') s
        WHERE d.id = ANY(documents) AND d.type = 'requisition'
          AND (d.total_minor, d.total_company_minor) <> (s.net, s.net_company)) THEN
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
    PERFORM procurement.refuse_other_totals(ARRAY(SELECT id FROM changed WHERE type = 'requisition'));
    RETURN NULL;
END $$;

CREATE TRIGGER total_on_insert AFTER INSERT ON procurement.requisition_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
CREATE TRIGGER total_on_update AFTER UPDATE ON procurement.requisition_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
CREATE TRIGGER total_on_delete AFTER DELETE ON procurement.requisition_line REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_totals();
CREATE TRIGGER procurement_total_on_insert AFTER INSERT ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_header_totals();
CREATE TRIGGER procurement_total_on_update AFTER UPDATE ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION procurement.check_header_totals();
"""


def upgrade() -> None:
    op.execute(REQUISITIONS)
    op.execute(TOTALS)


def downgrade() -> None:
    op.execute("DROP SCHEMA procurement CASCADE;")
