"""Billing: supplier invoices, what they charge of orders, their match, and payments."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INVOICES = """
CREATE SCHEMA billing;

CREATE TABLE billing.supplier_invoice (
    id uuid PRIMARY KEY REFERENCES platform.document,
    supplier_reference text NOT NULL,
    payment_terms_id uuid REFERENCES parties.payment_terms,
    due_on date NOT NULL,
    rate_base char(3),
    rate numeric CHECK (rate > 0),
    CHECK ((rate IS NULL) = (rate_base IS NULL))
);

-- One row for each invoice that is not void: whoever voids one deletes its row, and the supplier's number is free.
CREATE TABLE billing.supplier_reference (
    supplier_id uuid NOT NULL REFERENCES parties.party,
    reference_key text NOT NULL,
    invoice_id uuid NOT NULL UNIQUE REFERENCES billing.supplier_invoice,
    CONSTRAINT supplier_reference_key PRIMARY KEY (supplier_id, reference_key)
);

CREATE TABLE billing.supplier_invoice_line (
    id uuid PRIMARY KEY REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES billing.supplier_invoice,
    order_line_id uuid REFERENCES platform.line,
    item_id uuid REFERENCES catalog.item,
    description text,
    quantity numeric NOT NULL CHECK (quantity > 0),
    unit text NOT NULL REFERENCES catalog.unit (code),
    unit_price numeric NOT NULL CHECK (unit_price >= 0),
    tax_code_id uuid REFERENCES ledger.tax_code,
    tax_rate numeric,
    account_id uuid REFERENCES ledger.account,
    budget_line_id uuid REFERENCES ledger.budget_line,
    dimensions jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(dimensions) = 'object'),
    net_minor bigint NOT NULL,
    net_company_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    tax_company_minor bigint NOT NULL,
    CHECK (item_id IS NOT NULL OR description IS NOT NULL),
    CHECK ((tax_code_id IS NULL) = (tax_rate IS NULL)),
    CHECK (order_line_id IS NULL OR budget_line_id IS NULL)
);
CREATE INDEX supplier_invoice_line_document ON billing.supplier_invoice_line (document_id);
CREATE INDEX supplier_invoice_line_order_line ON billing.supplier_invoice_line (order_line_id);

-- What posted lines charge of order lines, in the sequence in which those were charged. A row that takes another back
-- names it as its charge and has its sequence; others name themselves.
CREATE TABLE billing.order_charge (
    id uuid PRIMARY KEY,
    charge_id uuid NOT NULL REFERENCES billing.order_charge,
    line_id uuid NOT NULL REFERENCES billing.supplier_invoice_line,
    order_line_id uuid NOT NULL REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES billing.supplier_invoice,
    sequence int NOT NULL CHECK (sequence > 0),
    quantity numeric NOT NULL,
    charged_minor bigint NOT NULL,
    expected_minor bigint NOT NULL,
    cleared_minor bigint NOT NULL,
    cleared_company_minor bigint NOT NULL,
    quantity_tolerance numeric NOT NULL,
    budget_line_id uuid REFERENCES ledger.budget_line,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX order_charge_document ON billing.order_charge (document_id);
CREATE INDEX order_charge_order_line ON billing.order_charge (order_line_id, sequence);
CREATE UNIQUE INDEX order_charge_sequence ON billing.order_charge (order_line_id, sequence) WHERE charge_id = id;
CREATE INDEX order_charge_charge ON billing.order_charge (charge_id);
SELECT platform.make_append_only('billing.order_charge');

-- How a charge was beyond its order when it was posted. Goods come later and orders are amended, so what of it has gone
-- is no row: see match_exceptions.
CREATE TABLE billing.match_exception (
    charge_id uuid NOT NULL REFERENCES billing.order_charge,
    code text NOT NULL,
    expected numeric NOT NULL,
    actual numeric NOT NULL,
    tolerance text NOT NULL,
    PRIMARY KEY (charge_id, code)
);
SELECT platform.make_append_only('billing.match_exception');

CREATE TABLE billing.block_release (
    id uuid PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES billing.supplier_invoice,
    exceptions jsonb NOT NULL CHECK (jsonb_typeof(exceptions) = 'array'),
    reason text NOT NULL,
    released_at timestamptz NOT NULL,
    released_by uuid NOT NULL REFERENCES platform.principal
);
CREATE INDEX block_release_invoice ON billing.block_release (invoice_id);
SELECT platform.make_append_only('billing.block_release');
"""

MATCH = """
-- How an invoice differs from its orders and receipts, by what counts until a day and was known at an instant. A price
-- differs until the order, approved again, agrees to what was charged. What came answers the charges of an order line
-- in the order in which they were posted.
CREATE FUNCTION billing.match_exceptions(invoice uuid, as_of date, known_at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH charged AS (
        SELECT c.id, c.line_id, c.order_line_id, c.sequence, c.quantity_tolerance, s.quantity, d.currency,
               procurement.agreed_price(c.order_line_id, as_of, match_exceptions.known_at) AS agreed
        FROM billing.order_charge c JOIN platform.document d ON d.id = c.document_id
        JOIN LATERAL (
            SELECT sum(r.quantity) AS quantity FROM billing.order_charge r
            WHERE r.charge_id = c.id AND r.effective_on <= as_of AND r.recorded_at <= known_at) s ON s.quantity > 0
        WHERE c.document_id = invoice AND c.charge_id = c.id
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'line', x.line_id, 'code', x.code, 'expected', trim_scale(x.expected)::text,
               'actual', trim_scale(x.actual)::text, 'tolerance', x.tolerance) ORDER BY l.position, x.code), '[]')
    FROM (
        SELECT c.line_id, e.code, e.expected, e.actual, e.tolerance
        FROM charged c JOIN billing.match_exception e ON e.charge_id = c.id
        CROSS JOIN LATERAL (
            SELECT CASE e.code
                WHEN 'UNIT_PRICE_ABOVE_ORDER' THEN c.agreed
                ELSE (SELECT sum(round(o.quantity * c.agreed, platform.minor_digits(c.currency)))
                      FROM billing.order_charge o
                      WHERE o.order_line_id = c.order_line_id AND o.sequence <= c.sequence
                        AND o.effective_on <= as_of AND o.recorded_at <= known_at) END AS amount) a
        WHERE a.amount IS NULL OR a.amount < e.actual
        UNION ALL
        SELECT c.line_id, 'QUANTITY_NOT_RECEIVED', greatest(g.received - b.before, 0), c.quantity,
               trim_scale(c.quantity_tolerance)::text || ' %'
        FROM charged c
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(k.quantity), 0) AS received FROM platform.line_link k
            WHERE k.target_line_id = c.order_line_id AND k.kind = 'fulfils'
              AND k.effective_on <= as_of AND k.recorded_at <= known_at) g
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.quantity), 0) AS before FROM billing.order_charge o
            WHERE o.order_line_id = c.order_line_id AND o.sequence < c.sequence
              AND o.effective_on <= as_of AND o.recorded_at <= known_at) b
        WHERE b.before + c.quantity > g.received * (1 + c.quantity_tolerance * 0.01)
    ) x
    JOIN platform.line l ON l.id = x.line_id
$$;

-- Those that nobody has released. A release covers what it saw: less goods than then block again.
CREATE FUNCTION billing.payment_block(invoice uuid, as_of date, known_at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(x.exception ORDER BY x.number), '[]')
    FROM jsonb_array_elements(billing.match_exceptions(invoice, as_of, known_at))
         WITH ORDINALITY AS x(exception, number)
    WHERE NOT EXISTS (
        SELECT FROM billing.block_release r CROSS JOIN jsonb_array_elements(r.exceptions) AS e(exception)
        WHERE r.invoice_id = invoice AND r.released_at <= known_at
          AND e.exception ->> 'line' = x.exception ->> 'line' AND e.exception ->> 'code' = x.exception ->> 'code'
          AND (x.exception ->> 'expected')::numeric >= (e.exception ->> 'expected')::numeric)
$$;

-- What is open of a document in its currency: positive where we owe, negative where we paid ahead.
CREATE FUNCTION billing.balance(document uuid, as_of date, known_at timestamptz) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(-sum(p.amount_minor), 0)
    FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id
    WHERE p.open_item_id = document AND p.effective_on <= as_of AND e.recorded_at <= known_at
$$;
"""

PAYMENTS = """
CREATE TABLE billing.payment (
    id uuid PRIMARY KEY REFERENCES platform.document,
    direction text NOT NULL CHECK (direction IN ('outgoing', 'incoming')),
    side text NOT NULL CHECK (side IN ('payable', 'receivable')),
    bank_account_id uuid NOT NULL REFERENCES ledger.bank_account,
    rate_base char(3),
    rate numeric CHECK (rate > 0),
    CHECK ((rate IS NULL) = (rate_base IS NULL))
);

-- What a draft asks for: of invoices or, where money comes back, of the payments that it gives back. What a posted
-- payment settles is in the books.
CREATE TABLE billing.payment_allocation (
    payment_id uuid NOT NULL REFERENCES billing.payment,
    open_item_id uuid NOT NULL REFERENCES platform.document,
    position int NOT NULL CHECK (position > 0),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (payment_id, open_item_id)
);
CREATE INDEX payment_allocation_open_item ON billing.payment_allocation (open_item_id);
"""

# A document's total is its lines' sum: judged whenever lines or totals are written, over all that one statement wrote.
TOTALS = """
CREATE FUNCTION billing.refuse_other_totals(documents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM platform.document d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(l.net_minor + l.tax_minor), 0) AS gross,
                   coalesce(sum(l.net_company_minor + l.tax_company_minor), 0) AS gross_company
            FROM billing.supplier_invoice_line l WHERE l.document_id = d.id) s
        WHERE d.id = ANY(documents) AND d.type = 'supplier_invoice'
          AND (d.total_minor, d.total_company_minor) <> (s.gross, s.gross_company)) THEN
        RAISE EXCEPTION 'the total of an invoice is the sum of its lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'total_is_sum_of_lines';
    END IF;
END $$;

CREATE FUNCTION billing.check_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing.refuse_other_totals(ARRAY(SELECT DISTINCT document_id FROM changed));
    RETURN NULL;
END $$;

CREATE FUNCTION billing.check_header_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM billing.refuse_other_totals(ARRAY(SELECT id FROM changed WHERE type = 'supplier_invoice'));
    RETURN NULL;
END $$;

CREATE TRIGGER total_on_insert AFTER INSERT ON billing.supplier_invoice_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION billing.check_totals();
CREATE TRIGGER total_on_update AFTER UPDATE ON billing.supplier_invoice_line REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION billing.check_totals();
CREATE TRIGGER total_on_delete AFTER DELETE ON billing.supplier_invoice_line REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION billing.check_totals();
CREATE TRIGGER billing_total_on_insert AFTER INSERT ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION billing.check_header_totals();
CREATE TRIGGER billing_total_on_update AFTER UPDATE ON platform.document REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION billing.check_header_totals();
"""


def upgrade() -> None:
    for part in (INVOICES, MATCH, PAYMENTS, TOTALS):
        op.execute(part)


def downgrade() -> None:
    op.execute("""
        DROP TRIGGER billing_total_on_insert ON platform.document;
        DROP TRIGGER billing_total_on_update ON platform.document;
        DROP SCHEMA billing CASCADE""")
