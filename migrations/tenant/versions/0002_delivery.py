"""Delivery: webhook endpoints, the event log, deliveries with their attempts; seals over the audit trail."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OUTBOX = """
-- A position is given once, by the one relay that holds the tenant: readers go by position and miss nothing.
CREATE TABLE outbox.log (
    position bigint PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE REFERENCES outbox.event
);
SELECT platform.make_append_only('outbox.log');

CREATE TABLE outbox.endpoint (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    events jsonb NOT NULL CHECK (jsonb_typeof(events) = 'array'),
    filter jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(filter) = 'object'),
    active boolean NOT NULL DEFAULT true,
    disabled_reason text,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_secret_until timestamptz,
    version int NOT NULL DEFAULT 1,
    entry_no int NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES platform.principal,
    updated_at timestamptz NOT NULL,
    CHECK (active = (disabled_reason IS NULL)),
    CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
);

-- `due_at` is when a due delivery may be tried; of one being sent, when its lease ends. `attempts` never goes back and
-- fences off a worker that lost its lease; `tries` counts since the last replay; `crashes` since the last outcome.
CREATE TABLE outbox.delivery (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES outbox.endpoint,
    event_id uuid NOT NULL REFERENCES outbox.event,
    subject_id uuid NOT NULL,
    sequence int NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'due', 'sending', 'delivered', 'dead')),
    attempts int NOT NULL DEFAULT 0,
    tries int NOT NULL DEFAULT 0,
    crashes int NOT NULL DEFAULT 0,
    due_at timestamptz,
    last_status int,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    UNIQUE (endpoint_id, event_id),
    CHECK ((due_at IS NOT NULL) = (state IN ('due', 'sending'))),
    CHECK ((finished_at IS NOT NULL) = (state IN ('delivered', 'dead')))
);
-- One delivery of a document stands at the head of its queue at an endpoint; nothing overtakes it, dead or alive.
CREATE UNIQUE INDEX delivery_head ON outbox.delivery (endpoint_id, subject_id)
    WHERE state IN ('due', 'sending', 'dead');
CREATE INDEX delivery_waiting ON outbox.delivery (endpoint_id, subject_id, sequence) WHERE state = 'waiting';
CREATE INDEX delivery_due ON outbox.delivery (endpoint_id, due_at) WHERE state IN ('due', 'sending');
CREATE INDEX delivery_sending ON outbox.delivery (endpoint_id) WHERE state = 'sending';
CREATE INDEX delivery_event ON outbox.delivery (event_id);

CREATE TABLE outbox.attempt (
    delivery_id uuid NOT NULL REFERENCES outbox.delivery,
    number int NOT NULL CHECK (number > 0),
    finished_at timestamptz NOT NULL,
    duration_ms int,
    status int,
    error text,
    response text,
    PRIMARY KEY (delivery_id, number)
);
SELECT platform.make_append_only('outbox.attempt');
"""

AUDIT = """
CREATE TABLE audit.seal (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE CHECK (number > 0),
    root bytea NOT NULL,
    previous_root bytea NOT NULL,
    leaf_count int NOT NULL CHECK (leaf_count > 0),
    sealed_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL
);
SELECT platform.make_append_only('audit.seal');

CREATE TABLE audit.leaf (
    seal_id uuid NOT NULL REFERENCES audit.seal,
    leaf_index int NOT NULL CHECK (leaf_index >= 0),
    entry_id uuid NOT NULL UNIQUE REFERENCES audit.entry,
    hash bytea NOT NULL,
    PRIMARY KEY (seal_id, leaf_index)
);
SELECT platform.make_append_only('audit.leaf');
"""


def upgrade() -> None:
    op.execute(OUTBOX)
    op.execute(AUDIT)


def downgrade() -> None:
    op.execute(
        "DROP TABLE audit.leaf, audit.seal; DROP TABLE outbox.attempt, outbox.delivery, outbox.endpoint, outbox.log;"
    )
