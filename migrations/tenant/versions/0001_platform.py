"""Platform: companies, principals, documents with their steps, lines and links, numbering, audit and outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Amounts leave the database as text in the currency's own decimals (ISO 4217; bizcore.values.currency holds them too).
FUNCTIONS = """
CREATE SCHEMA platform;
CREATE SCHEMA audit;
CREATE SCHEMA outbox;

CREATE FUNCTION platform.minor_digits(currency text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN currency IN ('BIF','CLP','DJF','GNF','ISK','JPY','KMF','KRW','PYG','RWF','UGX','UYI','VND','VUV','XAF',
                          'XOF','XPF') THEN 0
        WHEN currency IN ('BHD','IQD','JOD','KWD','LYD','OMR','TND') THEN 3
        WHEN currency IN ('CLF','UYW') THEN 4
        ELSE 2 END
$$;

CREATE FUNCTION platform.amount_text(minor numeric, currency text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE platform.minor_digits(currency)
        WHEN 2 THEN round(minor / 100, 2)::text
        WHEN 0 THEN round(minor, 0)::text
        WHEN 3 THEN round(minor / 1000, 3)::text
        ELSE round(minor / 10000, 4)::text END
$$;

CREATE FUNCTION platform.instant_text(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- A reference is given as an id or as a natural code: text that is no uuid is no id.
CREATE FUNCTION platform.uuid_or_null(given text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN given ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN given::uuid END
$$;

-- The number as printed: 'PO-{year}-{number:05}', 2026 and 42 are PO-2026-00042.
CREATE FUNCTION platform.number_text(pattern text, period text, value bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        replace(pattern, '{year}', period), '[{]number([:]0[0-9]+)?[}]',
        lpad(value::text, greatest(length(value::text),
             coalesce(substring(pattern FROM '[{]number[:]0([0-9]+)[}]')::int, 0)), '0'))
$$;

CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION platform.make_append_only(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change()', relation);
END $$;
"""

CONFIGURATION = """
CREATE TABLE platform.configuration (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    version bigint NOT NULL DEFAULT 1,
    grants_version bigint NOT NULL DEFAULT 1
);
INSERT INTO platform.configuration DEFAULT VALUES;

CREATE TABLE platform.setting (key text PRIMARY KEY, value jsonb NOT NULL);

CREATE TABLE platform.principal (
    id uuid PRIMARY KEY,
    user_id uuid UNIQUE,
    kind text NOT NULL CHECK (kind IN ('user', 'machine', 'system')),
    name text NOT NULL,
    email text,
    active boolean NOT NULL DEFAULT true,
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE platform.role (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    permissions jsonb NOT NULL CHECK (jsonb_typeof(permissions) = 'array'),
    shipped boolean NOT NULL DEFAULT false,
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE platform.role_grant (
    principal_id uuid NOT NULL REFERENCES platform.principal,
    role_id uuid NOT NULL REFERENCES platform.role,
    scope jsonb,
    PRIMARY KEY (principal_id, role_id)
);

CREATE TABLE platform.company (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    country char(2) NOT NULL,
    currency char(3) NOT NULL,
    timezone text NOT NULL DEFAULT 'UTC',
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL DEFAULT 0,
    attributes jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE platform.workflow (
    id uuid PRIMARY KEY,
    document_type text NOT NULL,
    version int NOT NULL,
    definition jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (document_type, version)
);
SELECT platform.make_append_only('platform.workflow');
"""

NUMBERING = """
CREATE TABLE platform.number_series (
    document_type text PRIMARY KEY,
    class text NOT NULL CHECK (class IN ('gapless', 'fast')),
    pattern text NOT NULL,
    reset text NOT NULL CHECK (reset IN ('year', 'never'))
);

CREATE TABLE platform.number_counter (
    document_type text NOT NULL REFERENCES platform.number_series,
    company_id uuid NOT NULL REFERENCES platform.company,
    period text NOT NULL,
    next_value bigint NOT NULL CHECK (next_value > 0),
    PRIMARY KEY (document_type, company_id, period)
);

-- A fast series hands out blocks; what of a block no document carries is a gap with its cause: the block.
CREATE TABLE platform.number_block (
    id uuid PRIMARY KEY,
    document_type text NOT NULL REFERENCES platform.number_series,
    company_id uuid NOT NULL REFERENCES platform.company,
    period text NOT NULL,
    pattern text NOT NULL,
    first_value bigint NOT NULL,
    last_value bigint NOT NULL CHECK (last_value >= first_value),
    reserved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (document_type, company_id, period, first_value)
);
SELECT platform.make_append_only('platform.number_block');
"""

DOCUMENTS = """
CREATE TABLE platform.document (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    number text,
    company_id uuid NOT NULL REFERENCES platform.company,
    party_id uuid,
    currency char(3) NOT NULL,
    document_date date NOT NULL,
    title text,
    state text NOT NULL,
    phase text NOT NULL CHECK (phase IN ('draft', 'review', 'active', 'done', 'void')),
    version int NOT NULL CHECK (version > 0),
    entry_no int NOT NULL CHECK (entry_no > 0),
    total_minor bigint NOT NULL DEFAULT 0,
    total_company_minor bigint NOT NULL DEFAULT 0,
    workflow_id uuid NOT NULL REFERENCES platform.workflow,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES platform.principal,
    updated_at timestamptz NOT NULL,
    updated_by uuid NOT NULL REFERENCES platform.principal,
    UNIQUE (type, company_id, number)
);
CREATE INDEX document_of_type ON platform.document (type, id DESC);
CREATE INDEX document_of_party ON platform.document (party_id, type) WHERE party_id IS NOT NULL;
CREATE INDEX document_attributes ON platform.document USING gin (attributes jsonb_path_ops);
CREATE INDEX document_words ON platform.document
    USING gin (to_tsvector('simple', coalesce(number, '') || ' ' || coalesce(title, '')));

-- What was done to a document, by whom: the phase is the fold of its steps, approvals are steps of the latest round.
CREATE TABLE platform.document_step (
    document_id uuid NOT NULL REFERENCES platform.document,
    entry_no int NOT NULL,
    action text NOT NULL,
    actor_id uuid NOT NULL REFERENCES platform.principal,
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    from_phase text,
    to_phase text NOT NULL,
    round int NOT NULL CHECK (round >= 0),
    reason text,
    PRIMARY KEY (document_id, entry_no)
);
SELECT platform.make_append_only('platform.document_step');

CREATE FUNCTION platform.check_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a JOIN platform.document_step s USING (document_id)
               WHERE a.action = 'approve' AND s.actor_id = a.actor_id AND s.entry_no <> a.entry_no
                 AND (s.action IN ('create', 'change', 'submit', 'amend')
                      OR (s.action = 'approve' AND s.round = a.round))) THEN
        RAISE EXCEPTION 'who created, changed, submitted or approved a document may not approve it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'separation_of_duties';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER separation_of_duties AFTER INSERT ON platform.document_step REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION platform.check_approval();

-- A phase changes by a step only, and along the allowed ways.
CREATE FUNCTION platform.check_phase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM after a JOIN before b USING (id)
        WHERE a.phase <> b.phase AND (
            (b.phase, a.phase) NOT IN (
                ('draft', 'review'), ('draft', 'active'), ('draft', 'void'), ('review', 'draft'), ('review', 'active'),
                ('review', 'void'), ('active', 'review'), ('active', 'done'), ('active', 'void'), ('done', 'active'))
            OR NOT EXISTS (SELECT FROM platform.document_step s WHERE s.document_id = a.id
                           AND s.entry_no = a.entry_no AND s.from_phase = b.phase AND s.to_phase = a.phase))) THEN
        RAISE EXCEPTION 'a phase changes by a step of its workflow only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_follows_steps';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER phase_follows_steps AFTER UPDATE ON platform.document
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION platform.check_phase();

-- A document comes with the step that created it, or it would stand where no step led it.
CREATE FUNCTION platform.check_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a WHERE NOT EXISTS (
                   SELECT FROM platform.document_step s WHERE s.document_id = a.id AND s.entry_no = a.entry_no
                   AND s.from_phase IS NULL AND s.to_phase = a.phase)) THEN
        RAISE EXCEPTION 'a document begins with the step that created it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_follows_steps';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER born_with_its_step AFTER INSERT ON platform.document REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION platform.check_birth();

-- A dry run draws no number and never commits, so what is active carries one at the commit.
CREATE FUNCTION platform.check_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.phase IN ('active', 'done') AND NEW.number IS NULL
       AND EXISTS (SELECT FROM platform.document WHERE id = NEW.id AND number IS NULL AND phase IN ('active', 'done'))
    THEN
        RAISE EXCEPTION 'an active document has a number'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'active_has_number';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER active_has_number AFTER INSERT OR UPDATE OF phase, number ON platform.document
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION platform.check_number();

-- The gap register: what of a block is on no document, and when its block was taken. What a running process still holds
-- is in it until a document carries it; what a refusal or a crash lost stays.
CREATE VIEW platform.number_gap AS
SELECT b.document_type, b.company_id, b.period, v.value, n.number, b.id AS block_id, b.reserved_at
FROM platform.number_block b
CROSS JOIN LATERAL generate_series(b.first_value, b.last_value) AS v(value)
-- OFFSET 0: the text is made once, not for each document it is compared with where statistics are late.
CROSS JOIN LATERAL (SELECT platform.number_text(b.pattern, b.period, v.value) OFFSET 0) AS n(number)
WHERE EXISTS (SELECT FROM platform.workflow w WHERE w.document_type = b.document_type)
  AND NOT EXISTS (SELECT FROM platform.document d
                  WHERE d.type = b.document_type AND d.company_id = b.company_id AND d.number = n.number);

CREATE TABLE platform.line (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES platform.document,
    position int NOT NULL CHECK (position > 0),
    UNIQUE (document_id, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE platform.line_link (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('originates', 'fulfils', 'bills', 'settles')),
    source_line_id uuid NOT NULL REFERENCES platform.line,
    target_line_id uuid NOT NULL REFERENCES platform.line,
    document_id uuid NOT NULL REFERENCES platform.document,
    quantity numeric NOT NULL DEFAULT 0,
    amount_minor bigint NOT NULL DEFAULT 0,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX line_link_target ON platform.line_link (target_line_id, kind)
    INCLUDE (quantity, amount_minor, effective_on, recorded_at);
CREATE INDEX line_link_source ON platform.line_link (source_line_id, kind);
CREATE INDEX line_link_document ON platform.line_link (document_id);
SELECT platform.make_append_only('platform.line_link');

CREATE TABLE platform.document_link (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('originates', 'fulfils', 'bills', 'settles', 'reverses')),
    source_id uuid NOT NULL REFERENCES platform.document,
    target_id uuid NOT NULL REFERENCES platform.document,
    created_at timestamptz NOT NULL,
    UNIQUE (kind, source_id, target_id),
    CHECK (source_id <> target_id)
);
CREATE INDEX document_link_target ON platform.document_link (target_id);
SELECT platform.make_append_only('platform.document_link');

CREATE TABLE platform.task (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES platform.document,
    action text NOT NULL,
    permission text NOT NULL,
    round int NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by uuid REFERENCES platform.principal,
    outcome text,
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX task_open ON platform.task (permission, created_at) WHERE closed_at IS NULL;
CREATE INDEX task_of_document ON platform.task (document_id);

CREATE TABLE platform.attachment (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES platform.document,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    object_key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES platform.principal
);
CREATE INDEX attachment_of_document ON platform.attachment (document_id);
SELECT platform.make_append_only('platform.attachment');

CREATE TABLE platform.comment (
    id uuid PRIMARY KEY,
    document_id uuid NOT NULL REFERENCES platform.document,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES platform.principal
);
CREATE INDEX comment_of_document ON platform.comment (document_id);
SELECT platform.make_append_only('platform.comment');

CREATE TABLE platform.idempotency_key (
    principal_id uuid NOT NULL REFERENCES platform.principal,
    command text NOT NULL,
    key text NOT NULL,
    body_hash text NOT NULL,
    status int NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, command, key)
);
CREATE INDEX idempotency_key_age ON platform.idempotency_key (created_at);
"""

AUDIT_AND_OUTBOX = """
CREATE TABLE audit.entry (
    id uuid PRIMARY KEY,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    entry_no int NOT NULL CHECK (entry_no > 0),
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    ip text,
    request_id text NOT NULL,
    command text NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    UNIQUE (subject_id, entry_no)
);
SELECT platform.make_append_only('audit.entry');

CREATE TABLE audit.unsealed (entry_id uuid PRIMARY KEY REFERENCES audit.entry);

CREATE TABLE audit.refusal (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    command text NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    details jsonb NOT NULL,
    subject_id uuid,
    request_id text NOT NULL,
    ip text
);
SELECT platform.make_append_only('audit.refusal');

-- Personal data in audit diffs is encrypted under its subject's key: to erase is to destroy the key.
CREATE TABLE audit.subject_key (subject_id uuid PRIMARY KEY, wrapped_key bytea NOT NULL);

CREATE TABLE outbox.event (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    subject_kind text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    subject_number text,
    subject_version int NOT NULL,
    sequence int NOT NULL,
    data jsonb NOT NULL,
    request_id text NOT NULL,
    traceparent text,
    UNIQUE (subject_id, sequence)
);
SELECT platform.make_append_only('outbox.event');

CREATE TABLE outbox.due (
    event_id uuid PRIMARY KEY REFERENCES outbox.event,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""


def upgrade() -> None:
    for part in (FUNCTIONS, CONFIGURATION, NUMBERING, DOCUMENTS, AUDIT_AND_OUTBOX):
        op.execute(part)


def downgrade() -> None:
    op.execute("DROP SCHEMA outbox CASCADE; DROP SCHEMA audit CASCADE; DROP SCHEMA platform CASCADE;")
