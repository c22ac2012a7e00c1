"""One organization's database, or the template they are cloned from."""

from adapters.postgres.metadata import metadata
from alembic import context

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table="schema_version"
)
with context.begin_transaction():
    context.run_migrations()
