"""The control database. Its queries are plain SQL, so there is no metadata to compare with."""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    version_table="schema_version",
    version_table_schema=given["version_schema"],
)
with context.begin_transaction():
    context.run_migrations()
