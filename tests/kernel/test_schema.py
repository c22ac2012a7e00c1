"""What the tables say of themselves, held to the migrated database."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Numeric, Table

from adapters.postgres.connection import TenantDatabase
from adapters.postgres.metadata import metadata
from adapters.postgres.tenancy.grants import import_tables
from tests.kernel.conftest import Connection

import_tables()

TABLES = sorted(metadata.tables.values(), key=lambda table: table.fullname)
RIGHTS = {"append": {"INSERT"}, "write": {"INSERT", "UPDATE"}, "delete": {"INSERT", "UPDATE", "DELETE"}}

# Whole numbers that count or identify and so are neither amounts nor quantities.
COUNTS = frozenset({
    "platform.configuration.version", "platform.configuration.grants_version", "platform.number_counter.next_value",
    "platform.number_block.first_value", "platform.number_block.last_value", "platform.attachment.size",
    "audit.seal.number",
})  # fmt: skip


def numbers(table: Table) -> list[Any]:
    return [column for column in table.columns if isinstance(column.type, BigInteger | Numeric)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.fullname)
def test_every_amount_and_quantity_says_whether_it_is_a_fact_or_a_seal(table: Table) -> None:
    unsaid = [
        column.name
        for column in numbers(table)
        if f"{table.fullname}.{column.name}" not in COUNTS
        and column.info.get("number") not in ("fact", "seal")
        and not (column.primary_key and isinstance(column.type, BigInteger))  # a position, not an amount
    ]
    assert unsaid == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.fullname)
def test_an_amount_is_a_whole_number_of_minor_units_and_never_a_float(table: Table) -> None:
    for column in table.columns:
        kind = str(column.type).upper()
        assert "FLOAT" not in kind
        assert "REAL" not in kind
        assert "DOUBLE" not in kind
        if column.name.endswith("_minor"):
            assert isinstance(column.type, BigInteger)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.fullname)
def test_every_table_says_what_the_application_may_do(table: Table) -> None:
    assert table.info.get("access") in RIGHTS


async def test_the_metadata_is_the_migrated_database(tenant: TenantDatabase) -> None:
    def differences(connection: Any) -> list[Any]:
        def ours(name: str | None, kind: str, parents: Any) -> bool:
            return kind != "schema" or name not in ("public", "migration")

        def comparable(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
            return kind != "index" or not (name or "").endswith("_words")  # of full text: an expression, not columns

        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_schemas": True,
                "include_name": ours,
                "include_object": comparable,
            },
        )
        return list(compare_metadata(context, metadata))

    async with tenant.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_no_column_of_a_tenant_names_an_organization(owner: Connection) -> None:
    found = await owner.fetch(
        """SELECT table_schema, table_name, column_name FROM information_schema.columns
           WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
             AND column_name ~ '(organi[sz]ation|tenant)'"""
    )
    assert found == []


async def test_the_application_may_do_what_each_table_says_and_nothing_more(tenant: TenantDatabase) -> None:
    query = """SELECT p FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
               WHERE has_table_privilege(current_user, $1, p)"""
    async with tenant.connection() as connection:
        for table in TABLES:
            held = {row["p"] for row in await connection.fetch(query, table.fullname)}
            assert (table.fullname, held) == (table.fullname, RIGHTS[table.info["access"]])


async def test_append_only_tables_and_no_others_carry_the_trigger(owner: Connection) -> None:
    carrying = await owner.fetch(
        """SELECT DISTINCT n.nspname || '.' || c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid
           WHERE p.proname = 'refuse_change' AND t.tgenabled = 'O'"""
    )
    assert {row["name"] for row in carrying} == {t.fullname for t in TABLES if t.info["access"] == "append"}
