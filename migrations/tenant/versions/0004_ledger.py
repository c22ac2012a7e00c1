"""Ledger: accounts and roles, fiscal years and periods, posting rules, facts, entries with postings, budgets, seals."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEPT = """
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
"""

MASTERS = f"""
CREATE SCHEMA ledger;

-- What entries rely on is said once: which account it is, what a tax code charges, which days are closed together.
CREATE FUNCTION ledger.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% keeps what entries rely on', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE ledger.account (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    type text NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
    control text CHECK (control IN ('payable', 'receivable', 'inventory', 'grni')),
    currency char(3),
    parent_id uuid REFERENCES ledger.account,
    active boolean NOT NULL DEFAULT true,
    {_KEPT}
);

CREATE FUNCTION ledger.check_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two that move accounts at once would each see the tree before the other's move: the second waits for the first.
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger.account_tree', 0));
    IF NEW.id IN (WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id UNION SELECT a.parent_id FROM ledger.account a JOIN above USING (id))
            SELECT id FROM above WHERE id IS NOT NULL) THEN
        RAISE EXCEPTION 'no account is grouped under itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_tree';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER account_tree AFTER INSERT OR UPDATE OF parent_id ON ledger.account
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION ledger.check_parent();

CREATE TRIGGER account_stands BEFORE UPDATE OF code, type ON ledger.account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting();

CREATE TABLE ledger.tax_code (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    rate numeric NOT NULL CHECK (rate >= 0),
    country char(2),
    kind text NOT NULL CHECK (kind IN ('input', 'output', 'both')),
    input_account_id uuid REFERENCES ledger.account,
    output_account_id uuid REFERENCES ledger.account,
    active boolean NOT NULL DEFAULT true,
    {_KEPT}
);

CREATE TRIGGER tax_code_stands BEFORE UPDATE OF code, rate ON ledger.tax_code
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting();

CREATE TABLE ledger.exchange_rate (
    id uuid PRIMARY KEY,
    base char(3) NOT NULL,
    quote char(3) NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    valid_on date NOT NULL,
    {_KEPT},
    CONSTRAINT exchange_rate_key UNIQUE (base, quote, valid_on),
    CHECK (base <> quote)
);
SELECT platform.make_append_only('ledger.exchange_rate');

CREATE TABLE ledger.bank_account (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    company_id uuid NOT NULL REFERENCES platform.company,
    account_id uuid NOT NULL REFERENCES ledger.account,
    currency char(3) NOT NULL,
    iban text,
    is_default boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    {_KEPT}
);
CREATE UNIQUE INDEX bank_account_default ON ledger.bank_account (company_id) WHERE is_default;

-- Which account plays a role: for one item, category of items, party or company, or with none of them for everybody.
CREATE TABLE ledger.account_role (
    id uuid PRIMARY KEY,
    role text NOT NULL,
    account_id uuid NOT NULL REFERENCES ledger.account,
    company_id uuid REFERENCES platform.company,
    party_id uuid,
    item_id uuid,
    item_category text,
    {_KEPT},
    CONSTRAINT account_role_key UNIQUE NULLS NOT DISTINCT (role, company_id, party_id, item_id, item_category),
    CHECK (num_nonnulls(company_id, party_id, item_id, item_category) <= 1)
);

-- Control accounts are explained by documents of their own, which reach them by these roles, and nothing else does.
CREATE FUNCTION ledger.control_of(role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE role WHEN 'payable' THEN 'payable' WHEN 'supplier_advance' THEN 'payable'
                     WHEN 'receivable' THEN 'receivable' WHEN 'customer_advance' THEN 'receivable'
                     WHEN 'inventory' THEN 'inventory' WHEN 'goods_received_not_invoiced' THEN 'grni' END
$$;

CREATE FUNCTION ledger.check_account_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger.account a WHERE a.id = NEW.account_id
               AND a.control IS DISTINCT FROM ledger.control_of(NEW.role)) THEN
        RAISE EXCEPTION 'a role is played by accounts of its control'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'role_of_control';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER role_of_control AFTER INSERT OR UPDATE ON ledger.account_role
    FOR EACH ROW EXECUTE FUNCTION ledger.check_account_role();

CREATE TABLE ledger.posting_rule (
    id uuid PRIMARY KEY,
    fact_kind text NOT NULL,
    revision int NOT NULL CHECK (revision > 0),
    definition jsonb NOT NULL,
    {_KEPT},
    CONSTRAINT posting_rule_key UNIQUE (fact_kind, revision)
);
SELECT platform.make_append_only('ledger.posting_rule');

CREATE TABLE ledger.fiscal_year (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL REFERENCES platform.company,
    name text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    {_KEPT},
    CONSTRAINT fiscal_year_key UNIQUE (company_id, name)
);
SELECT platform.make_append_only('ledger.fiscal_year');

CREATE TABLE ledger.period (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL REFERENCES platform.company,
    fiscal_year_id uuid NOT NULL REFERENCES ledger.fiscal_year,
    name text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    state_reason text,
    {_KEPT},
    CONSTRAINT period_key UNIQUE (company_id, starts_on)
);
CREATE INDEX period_of_year ON ledger.period (fiscal_year_id);
CREATE TRIGGER period_stands BEFORE UPDATE OF company_id, fiscal_year_id, starts_on, ends_on ON ledger.period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting();

CREATE FUNCTION ledger.check_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a JOIN ledger.period p ON p.company_id = a.company_id AND p.id <> a.id
               AND p.starts_on <= a.ends_on AND p.ends_on >= a.starts_on) THEN
        RAISE EXCEPTION 'two periods of a company share a day'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'periods_apart';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER periods_apart AFTER INSERT ON ledger.period REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_periods();
"""

BOOKS = """
CREATE TABLE ledger.fact (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    company_id uuid NOT NULL REFERENCES platform.company,
    document_id uuid NOT NULL REFERENCES platform.document,
    line_id uuid,
    effective_on date NOT NULL,
    currency char(3) NOT NULL,
    amount_minor bigint NOT NULL,
    company_amount_minor bigint NOT NULL,
    party_id uuid,
    item_id uuid,
    account_id uuid,
    budget_line_id uuid,
    open_item_id uuid,
    tax_code_id uuid,
    dimensions jsonb NOT NULL,
    reverses_document boolean NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX fact_of_document ON ledger.fact (document_id);
SELECT platform.make_append_only('ledger.fact');

-- The number is null in a dry run only, which never commits.
CREATE TABLE ledger.entry (
    id uuid PRIMARY KEY,
    number text,
    company_id uuid NOT NULL REFERENCES platform.company,
    book text NOT NULL CHECK (book IN ('actual', 'budget', 'commitment')),
    effective_on date NOT NULL,
    original_on date,
    period_id uuid NOT NULL REFERENCES ledger.period,
    currency char(3) NOT NULL,
    document_id uuid NOT NULL REFERENCES platform.document,
    reverses_entry_id uuid UNIQUE REFERENCES ledger.entry,
    line_count int NOT NULL CHECK (line_count > 0),
    description text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES platform.principal,
    CONSTRAINT entry_number_key UNIQUE (company_id, book, number)
);
CREATE INDEX entry_of_document ON ledger.entry (document_id);
CREATE INDEX entry_by_day ON ledger.entry (company_id, book, effective_on, id);
SELECT platform.make_append_only('ledger.entry');

-- Debit positive. Company, book and day are its entry's, repeated for the index that balances are read from.
CREATE TABLE ledger.posting (
    entry_id uuid NOT NULL REFERENCES ledger.entry,
    line_no int NOT NULL CHECK (line_no > 0),
    company_id uuid NOT NULL,
    book text NOT NULL,
    account_id uuid NOT NULL REFERENCES ledger.account,
    effective_on date NOT NULL,
    amount_minor bigint NOT NULL,
    company_amount_minor bigint NOT NULL,
    role text,
    party_id uuid,
    item_id uuid,
    budget_line_id uuid,
    open_item_id uuid,
    tax_code_id uuid,
    dimensions jsonb NOT NULL DEFAULT '{}',
    fact_id uuid,
    rule_id uuid,
    rule_revision int,
    PRIMARY KEY (entry_id, line_no),
    CHECK (amount_minor <> 0 OR company_amount_minor <> 0)
);
CREATE INDEX posting_of_account ON ledger.posting (company_id, book, account_id, effective_on)
    INCLUDE (company_amount_minor);
CREATE INDEX posting_of_budget_line ON ledger.posting (budget_line_id) INCLUDE (book, role, company_amount_minor)
    WHERE budget_line_id IS NOT NULL;
CREATE INDEX posting_of_open_item ON ledger.posting (open_item_id)
    INCLUDE (account_id, amount_minor, company_amount_minor, effective_on) WHERE open_item_id IS NOT NULL;
CREATE INDEX posting_of_accrual ON ledger.posting (fact_id) INCLUDE (account_id)
    WHERE role = 'goods_received_not_invoiced';
SELECT platform.make_append_only('ledger.posting');

-- An entry is written whole or not at all, by one statement: its lines are counted and balance in both currencies, and
-- none joins an entry of before. Both tables ask, for an entry without lines has no line to ask.
CREATE FUNCTION ledger.refuse_broken(entries uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM ledger.entry e LEFT JOIN LATERAL (
            SELECT count(*) AS lines, sum(p.amount_minor) AS amount, sum(p.company_amount_minor) AS own,
                   bool_and((p.company_id, p.book, p.effective_on) = (e.company_id, e.book, e.effective_on)) AS alike
            FROM ledger.posting p WHERE p.entry_id = e.id) s ON true
        WHERE e.id = ANY (entries)
          AND (s.lines <> e.line_count OR s.amount <> 0 OR s.own <> 0 OR s.alike IS NOT TRUE)) THEN
        RAISE EXCEPTION 'an entry has all its lines, and they balance'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
END $$;

CREATE FUNCTION ledger.check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.refuse_broken((SELECT array_agg(DISTINCT entry_id) FROM added));
    IF EXISTS (SELECT FROM added p JOIN ledger.account a ON a.id = p.account_id
               WHERE a.control IS DISTINCT FROM ledger.control_of(p.role)
                  OR (p.open_item_id IS NOT NULL) <> (coalesce(a.control, '') IN ('payable', 'receivable'))) THEN
        RAISE EXCEPTION 'control accounts take the postings of their documents, and only these'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'control_account';
    END IF;
    -- A subquery, not a join: the plan is kept, and after a large batch a join would read every entry for each posting.
    IF EXISTS (SELECT FROM added p JOIN ledger.account a ON a.id = p.account_id WHERE a.currency IS NOT NULL
               AND a.currency <> (SELECT e.currency FROM ledger.entry e WHERE e.id = p.entry_id)) THEN
        RAISE EXCEPTION 'an account of one currency takes no other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_currency';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_balances AFTER INSERT ON ledger.posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_postings();

CREATE FUNCTION ledger.check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.refuse_broken((SELECT array_agg(id) FROM added));
    IF EXISTS (SELECT FROM added a LEFT JOIN ledger.period p ON p.id = a.period_id AND p.company_id = a.company_id
               AND a.effective_on BETWEEN p.starts_on AND p.ends_on WHERE p.id IS NULL) THEN
        RAISE EXCEPTION 'an entry counts on a day of its period'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_period';
    END IF;
    IF EXISTS (SELECT FROM added a JOIN ledger.period p ON p.id = a.period_id
               WHERE p.state = 'closed' AND a.book <> 'budget') THEN
        RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_open_period';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_in_open_period AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_entries();

CREATE FUNCTION ledger.check_entry_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS NULL THEN
        RAISE EXCEPTION 'an entry has a number' USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_number';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_has_number AFTER INSERT ON ledger.entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.check_entry_number();

-- What is posted stays explained: the row's lock waits for postings under way, whose foreign keys hold it.
CREATE FUNCTION ledger.check_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger.account WHERE id = NEW.id FOR UPDATE;
    IF EXISTS (SELECT FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id WHERE p.account_id = NEW.id
               AND (OLD.control IS DISTINCT FROM NEW.control OR e.currency <> NEW.currency)) THEN
        RAISE EXCEPTION 'an account with postings keeps its control, and takes no currency but theirs'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_posted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_posted BEFORE UPDATE OF control, currency ON ledger.account
    FOR EACH ROW WHEN (OLD.control IS DISTINCT FROM NEW.control OR OLD.currency IS DISTINCT FROM NEW.currency)
    EXECUTE FUNCTION ledger.check_posted();

-- Subtotals of the actual book over a closed period, whose entries cannot change: made and unmade with its state.
CREATE TABLE ledger.seal (
    period_id uuid NOT NULL REFERENCES ledger.period,
    account_id uuid NOT NULL REFERENCES ledger.account,
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    PRIMARY KEY (period_id, account_id)
);
CREATE TRIGGER seal_stands BEFORE UPDATE ON ledger.seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_rewriting();
"""

BUDGETS = """
CREATE TABLE ledger.budget (
    document_id uuid PRIMARY KEY REFERENCES platform.document,
    name text NOT NULL,
    fiscal_year_id uuid NOT NULL REFERENCES ledger.fiscal_year,
    control text NOT NULL CHECK (control IN ('stop', 'warn', 'none'))
);
CREATE INDEX budget_of_year ON ledger.budget (fiscal_year_id);

CREATE TABLE ledger.budget_line (
    id uuid PRIMARY KEY REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES ledger.budget,
    code text NOT NULL,
    name text,
    account_id uuid REFERENCES ledger.account,
    dimensions jsonb NOT NULL DEFAULT '{}',
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    CONSTRAINT budget_line_key UNIQUE (document_id, code) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX budget_line_code ON ledger.budget_line (code);

CREATE TABLE ledger.budget_amount (
    line_id uuid NOT NULL REFERENCES ledger.budget_line,
    period_id uuid NOT NULL REFERENCES ledger.period,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (line_id, period_id)
);

-- A line is the sum of its months and the budget the sum of its lines, whichever of the tables a statement touched.
CREATE FUNCTION ledger.refuse_uneven_budget(documents uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger.budget_line l WHERE l.document_id = ANY (documents) AND l.amount_minor <>
                   (SELECT coalesce(sum(a.amount_minor), 0) FROM ledger.budget_amount a WHERE a.line_id = l.id))
       OR EXISTS (SELECT FROM platform.document d JOIN ledger.budget b ON b.document_id = d.id
                  WHERE d.id = ANY (documents) AND d.total_minor <>
                   (SELECT coalesce(sum(l.amount_minor), 0) FROM ledger.budget_line l WHERE l.document_id = d.id)) THEN
        RAISE EXCEPTION 'a budget is the sum of its lines, a line the sum of its periods'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_adds_up';
    END IF;
END $$;
CREATE FUNCTION ledger.check_budget_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.refuse_uneven_budget((SELECT array_agg(DISTINCT document_id) FROM touched));
    RETURN NULL;
END $$;
CREATE FUNCTION ledger.check_budget_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger.refuse_uneven_budget((SELECT array_agg(DISTINCT l.document_id)
        FROM touched t JOIN ledger.budget_line l ON l.id = t.line_id));
    RETURN NULL;
END $$;
CREATE TRIGGER budget_adds_up_i AFTER INSERT ON ledger.budget_line REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_lines();
CREATE TRIGGER budget_adds_up_u AFTER UPDATE ON ledger.budget_line REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_lines();
CREATE TRIGGER budget_adds_up_d AFTER DELETE ON ledger.budget_line REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_lines();
CREATE TRIGGER budget_adds_up_i AFTER INSERT ON ledger.budget_amount REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_amounts();
CREATE TRIGGER budget_adds_up_u AFTER UPDATE ON ledger.budget_amount REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_amounts();
CREATE TRIGGER budget_adds_up_d AFTER DELETE ON ledger.budget_amount REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_budget_amounts();
"""


def upgrade() -> None:
    for part in (MASTERS, BOOKS, BUDGETS):
        op.execute(part)


def downgrade() -> None:
    op.execute("DROP SCHEMA ledger CASCADE")
