"""Control: users, organizations and where they live, memberships, tokens, keys. Nothing of any business."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PEOPLE = """
CREATE SCHEMA control;

CREATE TABLE control.users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX users_email ON control.users (lower(email));

CREATE TABLE control.organization (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'active', 'suspended')),
    founder_id uuid NOT NULL REFERENCES control.users,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX organization_of_founder ON control.organization (founder_id);

-- Names are opaque: every role of a cluster can read the names of its databases and roles.
CREATE TABLE control.placement (
    organization_id uuid PRIMARY KEY REFERENCES control.organization,
    cluster text NOT NULL,
    database text NOT NULL,
    bucket text NOT NULL UNIQUE,
    app_secret bytea NOT NULL,
    read_secret bytea NOT NULL,
    schema_version text NOT NULL,
    UNIQUE (cluster, database)
);

-- A stamp that differs from the token's ends the token.
CREATE TABLE control.membership (
    user_id uuid NOT NULL REFERENCES control.users,
    organization_id uuid NOT NULL REFERENCES control.organization,
    stamp bigint NOT NULL DEFAULT 1,
    active boolean NOT NULL DEFAULT true,
    is_default boolean NOT NULL DEFAULT false,
    accepted_at timestamptz,
    PRIMARY KEY (user_id, organization_id)
);
CREATE INDEX membership_of_organization ON control.membership (organization_id);
CREATE UNIQUE INDEX membership_default ON control.membership (user_id) WHERE is_default;

-- How far a sign-up has come. The row goes when the organization is active.
CREATE TABLE control.saga (
    organization_id uuid PRIMARY KEY REFERENCES control.organization,
    restores boolean NOT NULL,  -- a backup, which no sign-up resumes
    step text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

CREDENTIALS = """
CREATE TABLE control.refresh_family (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES control.users,
    organization_id uuid NOT NULL REFERENCES control.organization,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX refresh_family_of_user ON control.refresh_family (user_id);

CREATE TABLE control.refresh_token (
    hash bytea PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES control.refresh_family ON DELETE CASCADE,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz
);
CREATE INDEX refresh_token_of_family ON control.refresh_token (family_id);

CREATE TABLE control.api_key (
    id uuid PRIMARY KEY,
    prefix text NOT NULL UNIQUE,
    hash bytea NOT NULL,
    organization_id uuid NOT NULL REFERENCES control.organization,
    principal_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_of_organization ON control.api_key (organization_id);

-- Counted here, so that several API processes share one count and it survives a restart; keys are hashes.
CREATE TABLE control.attempt (
    scope text NOT NULL,
    key bytea NOT NULL,
    since timestamptz NOT NULL,
    count int NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX attempt_age ON control.attempt (since);
"""


def upgrade() -> None:
    op.execute(PEOPLE)
    op.execute(CREDENTIALS)


def downgrade() -> None:
    op.execute("DROP SCHEMA control CASCADE")
