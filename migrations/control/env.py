"""The control database. Its queries are plain SQL, so there is no metadata to compare with."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="schema_version")
with context.begin_transaction():
    context.run_migrations()
