"""One organization's database, or the template they are cloned from."""

from alembic import context

from adapters.postgres.metadata import metadata

given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=metadata,
    version_table="schema_version",
    version_table_schema=given["version_schema"],
)
with context.begin_transaction():
    context.run_migrations()
