"""The flush on PostgreSQL: all rows of a command in one statement, and the traps that gave it its shape."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.connection import TenantDatabase
from adapters.postgres.flush import RowCountMismatch, Writes, _statement
from adapters.postgres.types import lock_text
from bizcore.ids import new_id
from bizcore.limits import KINDS, LimitKey
from tests.kernel.conftest import Connection
from tests.support.crowd import waiting

probe = MetaData(schema="probe")

anything = Table(
    "anything", probe,
    Column("id", Uuid, primary_key=True),
    Column("text", Text), Column("code", CHAR(3)), Column("count", Integer), Column("minor", BigInteger),
    Column("price", Numeric), Column("flag", Boolean), Column("on", Date), Column("at", DateTime(timezone=True)),
    Column("bytes", LargeBinary), Column("json", JSONB),
)  # fmt: skip
kept = Table("kept", probe, Column("id", Uuid, primary_key=True), Column("number", Integer), Column("word", Text))
pair = Table("pair", probe, Column("left", Integer, primary_key=True), Column("right", Integer, primary_key=True))
posting = Table(
    "posting", probe, Column("id", Uuid, primary_key=True), Column("minor", BigInteger), Column("note", Text)
)
listed = Table("listed", probe, Column("id", Uuid, primary_key=True), Column("words", ARRAY(Text)))

SCHEMA = """
DROP SCHEMA IF EXISTS probe CASCADE;
CREATE SCHEMA probe;
CREATE TABLE probe.anything (id uuid PRIMARY KEY, text text, code char(3), count int, minor bigint, price numeric,
    flag boolean, "on" date, at timestamptz, bytes bytea, json jsonb);
CREATE TABLE probe.kept (id uuid PRIMARY KEY, number int CHECK (number < 100), word text);
CREATE TABLE probe.pair ("left" int, "right" int, PRIMARY KEY ("left", "right"));
CREATE TABLE probe.listed (id uuid PRIMARY KEY, words text[]);
CREATE TABLE probe.posting (id uuid PRIMARY KEY, minor bigint NOT NULL, note text);
CREATE TABLE probe.seen (rows int);
CREATE FUNCTION probe.balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO probe.seen SELECT count(*) FROM added;
    IF (SELECT sum(minor) FROM added) <> 0 THEN
        RAISE EXCEPTION 'unbalanced' USING ERRCODE = 'check_violation', CONSTRAINT = 'balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON probe.posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION probe.balance();
CREATE TABLE probe.wallet (allowed int NOT NULL);
CREATE TABLE probe.spent (amount int NOT NULL);
"""


@pytest_asyncio.fixture(autouse=True)
async def tables(owner: Connection) -> AsyncIterator[None]:
    await owner.execute(SCHEMA)
    yield
    await owner.execute("DROP SCHEMA probe CASCADE")


async def flush(connection: Connection, *inserts: tuple[Table, dict[str, Any]]) -> None:
    writes = Writes()
    for table, values in inserts:
        writes.insert(table, values)
    await writes.flush(connection)


async def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(f"SELECT * FROM {table.fullname} ORDER BY 1")]


async def test_every_type_of_column_comes_back_as_it_was_written(owner: Connection) -> None:
    full = {
        "id": new_id(), "text": "Ünïcode 'quoted' \\ {}", "code": "EUR", "count": -(2**31), "minor": 2**63 - 1,
        "price": Decimal("123456789012345.123456789012"), "flag": False, "on": date(2024, 2, 29),
        "at": datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC), "bytes": b"\x00\xff",
        "json": {"amount": "12.50", "tags": ["a", None], "deep": {"ä": 2**53}},
    }  # fmt: skip
    empty = {name: None if name != "id" else new_id() for name in full}
    await flush(owner, (anything, full), (anything, empty))
    found = {row["id"]: row for row in await rows(owner, anything)}
    assert found[empty["id"]] == empty
    back = found[full["id"]]
    assert {**back, "json": full["json"]} == full
    assert await owner.fetchval("SELECT json FROM probe.anything WHERE id = $1", full["id"]) == (
        '{"deep": {"ä": 9007199254740992}, "tags": ["a", null], "amount": "12.50"}'
    )


async def test_a_list_passes_through_unnest_as_one_jsonb_value_and_not_as_more_rows(owner: Connection) -> None:
    ids = [new_id(), new_id()]
    await flush(owner, *((anything, {"id": id, "json": ["a", "b", "c"]}) for id in ids))
    assert [(r["id"], r["json"]) for r in await rows(owner, anything)] == [(id, '["a", "b", "c"]') for id in ids]


async def test_a_column_of_arrays_is_refused_because_unnest_would_flatten_it(owner: Connection) -> None:
    """`unnest` of a two-dimensional array gives its elements, so words would wander between rows."""
    assert await owner.fetchval("SELECT count(*) FROM unnest('{{a,b},{c,d}}'::text[][]) AS v") == 4
    with pytest.raises(ValueError, match=r"probe\.listed\.words"):
        await flush(owner, (listed, {"id": new_id(), "words": ["a", "b"]}))
    assert await rows(owner, listed) == []


async def test_two_changes_of_one_row_are_one_update_where_two_parts_of_one_statement_lose_the_second(
    owner: Connection,
) -> None:
    id = new_id()
    await flush(owner, (kept, {"id": id, "number": 1, "word": "old"}))
    await owner.execute(
        """WITH a AS (UPDATE probe.kept SET number = 2 RETURNING 1),
                b AS (UPDATE probe.kept SET word = 'lost' RETURNING 1)
           SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"""
    )
    (row,) = await rows(owner, kept)
    assert (row["number"], row["word"]) in {(2, "old"), (1, "lost")}  # one of both is lost, and nothing says so

    writes = Writes()
    writes.update(kept, {"id": id}, {"number": 3})
    writes.update(kept, {"id": id}, {"word": "new"})
    writes.update(kept, {"id": id}, {"number": 4})
    await writes.flush(owner)
    assert await rows(owner, kept) == [{"id": id, "number": 4, "word": "new"}]


async def test_a_row_made_and_changed_in_one_command_is_one_insert(owner: Connection) -> None:
    id = new_id()
    writes = Writes()
    writes.insert(kept, {"id": id, "number": 1, "word": "made"})
    writes.update(kept, {"id": id}, {"word": "changed"})
    await writes.flush(owner)
    assert await rows(owner, kept) == [{"id": id, "number": 1, "word": "changed"}]


async def test_a_row_made_and_removed_in_one_command_is_never_written(owner: Connection) -> None:
    writes = Writes()
    id = new_id()
    writes.insert(kept, {"id": id, "number": 1, "word": "made"})
    writes.delete(kept, {"id": id})
    await writes.flush(owner)
    assert (writes.rows, await rows(owner, kept)) == ({}, [])


async def test_a_row_removed_and_made_again_becomes_what_was_made(owner: Connection) -> None:
    id = new_id()
    await flush(owner, (kept, {"id": id, "number": 1, "word": "old"}), (pair, {"left": 1, "right": 2}))
    writes = Writes()
    writes.delete(kept, {"id": id})
    writes.insert(kept, {"id": id, "number": 2})
    writes.delete(pair, {"left": 1, "right": 2})
    writes.insert(pair, {"left": 1, "right": 2})
    await writes.flush(owner)
    assert await rows(owner, kept) == [{"id": id, "number": 2, "word": None}]
    assert await rows(owner, pair) == [{"left": 1, "right": 2}]


def test_what_only_our_own_bug_can_ask_for_is_refused() -> None:
    writes = Writes()
    row = {"id": new_id(), "number": 1}
    writes.insert(kept, row)
    with pytest.raises(ValueError, match="inserted twice"):
        writes.insert(kept, row)
    other = {"id": new_id()}
    writes.delete(kept, other)
    with pytest.raises(ValueError, match="after it was deleted"):
        writes.update(kept, other, {"number": 1})


async def test_rows_of_one_table_with_different_columns_go_together(owner: Connection) -> None:
    first, second, third = new_id(), new_id(), new_id()
    await flush(owner, (kept, {"id": first, "number": 1}), (kept, {"id": second, "word": "w"}), (kept, {"id": third}))
    assert await rows(owner, kept) == [
        {"id": first, "number": 1, "word": None},
        {"id": second, "number": None, "word": "w"},
        {"id": third, "number": None, "word": None},
    ]


async def test_a_key_of_two_columns_finds_its_own_row(owner: Connection) -> None:
    await flush(owner, *((pair, {"left": a, "right": b}) for a in (1, 2) for b in (1, 2)))
    writes = Writes()
    writes.delete(pair, {"left": 1, "right": 2})
    await writes.flush(owner)
    assert await rows(owner, pair) == [{"left": a, "right": b} for a, b in ((1, 1), (2, 1), (2, 2))]


async def test_a_row_that_is_not_there_is_noticed_and_names_its_table(owner: Connection) -> None:
    id = new_id()
    await flush(owner, (kept, {"id": id, "number": 1}))
    for change in ("update", "delete"):
        writes = Writes()
        writes.insert(kept, {"id": new_id(), "number": 2})
        if change == "update":
            writes.update(kept, {"id": new_id()}, {"number": 3})
            writes.update(kept, {"id": id}, {"number": 3})
        else:
            writes.delete(kept, {"id": new_id()})
        with pytest.raises(RowCountMismatch, match=r"probe\.kept"):
            async with owner.transaction():
                await writes.flush(owner)
    assert [row["number"] for row in await rows(owner, kept)] == [1]


async def test_what_the_database_refuses_leaves_nothing_of_the_whole_statement(owner: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await flush(owner, (pair, {"left": 1, "right": 1}), (kept, {"id": new_id(), "number": 100}))
    assert (await rows(owner, pair), await rows(owner, kept)) == ([], [])


async def test_a_trigger_of_the_statement_sees_all_rows_at_once_whatever_their_shape(owner: Connection) -> None:
    await flush(
        owner,
        (posting, {"id": new_id(), "minor": 100}),
        (posting, {"id": new_id(), "minor": -30, "note": "of another shape"}),
        (posting, {"id": new_id(), "minor": -70}),
        (pair, {"left": 1, "right": 1}),
    )
    assert await owner.fetch("SELECT rows FROM probe.seen") == [(3,)]
    with pytest.raises(asyncpg.CheckViolationError, match="unbalanced"):
        await flush(
            owner, (posting, {"id": new_id(), "minor": 100}), (posting, {"id": new_id(), "minor": -99, "note": ""})
        )


async def test_the_same_rows_one_by_one_or_by_executemany_are_refused(owner: Connection) -> None:
    insert = "INSERT INTO probe.posting (id, minor) VALUES ($1, $2)"
    balanced = [(new_id(), 100), (new_id(), -100)]
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(insert, *balanced[0])
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.executemany(insert, balanced)


async def test_the_text_of_a_statement_is_made_once_for_each_shape(owner: Connection) -> None:
    _statement.cache_clear()
    for number in range(5):
        await flush(owner, *((kept, {"id": new_id(), "number": n}) for n in range(number + 1)))
    assert (_statement.cache_info().misses, _statement.cache_info().hits) == (1, 4)


# -- locks and sums ----------------------------------------------------------------------------------------------------

WRITERS, ROUNDS, ROOM = 4, 10, 2

LOCK_AND_SUM = """
WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('probe', 0)))
SELECT (SELECT allowed FROM probe.wallet) - (SELECT coalesce(sum(amount), 0) FROM probe.spent) FROM lock
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('probe', 0))"
SUM = "SELECT (SELECT allowed FROM probe.wallet) - (SELECT coalesce(sum(amount), 0) FROM probe.spent)"


async def overspent(owner: Connection, url: str, *, apart: bool) -> int:
    """In how many of the rounds more was spent than allowed, when so many writers at once check before they spend."""
    writers = [await asyncpg.connect(url) for _ in range(WRITERS)]
    rounds = 0

    async def spend(connection: Connection) -> None:
        async with connection.transaction():
            if apart:
                await connection.fetch(LOCK)
            if await connection.fetchval(SUM if apart else LOCK_AND_SUM) >= 1:
                await connection.execute("INSERT INTO probe.spent VALUES (1)")

    try:
        for _ in range(ROUNDS):
            await owner.execute(f"TRUNCATE probe.spent, probe.wallet; INSERT INTO probe.wallet VALUES ({ROOM})")
            holder = owner.transaction()
            await holder.start()
            await owner.fetch(LOCK)  # so that all of them wait at the same door
            tasks = [asyncio.create_task(spend(writer)) for writer in writers]
            await waiting(owner, WRITERS)
            await holder.commit()
            await asyncio.gather(*tasks)
            rounds += await owner.fetchval("SELECT sum(amount) FROM probe.spent") > ROOM
    finally:
        for writer in writers:
            await writer.close()
    return rounds


async def test_to_lock_and_sum_in_one_statement_reads_the_old_sum_and_overspends(owner: Connection, url: str) -> None:
    assert await overspent(owner, url, apart=False) == ROUNDS


async def test_to_lock_in_one_statement_and_sum_in_the_next_never_overspends(owner: Connection, url: str) -> None:
    assert await overspent(owner, url, apart=True) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_limit_has_one_lock_text_in_python_and_in_sql(owner: Connection, kind: str) -> None:
    id = new_id()
    assert await owner.fetchval(f"SELECT {lock_text(kind, '$1::uuid')}", id) == LimitKey(kind, id).lock


# -- SQLAlchemy and its driver on one connection -----------------------------------------------------------------------


async def test_a_driver_call_before_sqlalchemy_says_begin_is_outside_of_its_transaction(tenant: TenantDatabase) -> None:
    """Why a command's own transaction is begun and ended on the driver connection, and the two are never mixed."""
    async with tenant.engine.connect() as pooled:
        transaction = await pooled.begin()
        driver: Any = (await pooled.get_raw_connection()).driver_connection
        assert not driver.is_in_transaction()
        await driver.execute("SELECT pg_advisory_xact_lock(1)")  # released at once: nothing holds it
        assert await driver.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
        await pooled.execute(text("SELECT 1"))
        assert driver.is_in_transaction()
        await transaction.rollback()


async def test_a_transaction_left_open_is_rolled_back_and_its_connection_used_again(tenant: TenantDatabase) -> None:
    async with tenant.connection() as connection:
        await connection.execute("BEGIN")
        await connection.execute("INSERT INTO platform.setting VALUES ('left', '1')")
        first = connection.get_server_pid()
    async with tenant.connection() as connection:
        assert connection.get_server_pid() == first
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT count(*) FROM platform.setting WHERE key = 'left'") == 0


async def test_a_broken_connection_leaves_the_pool(tenant: TenantDatabase) -> None:
    async with tenant.connection() as connection:
        first = connection.get_server_pid()
        connection.terminate()
    async with tenant.connection() as connection:
        assert connection.get_server_pid() != first
