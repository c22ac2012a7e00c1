"""What PostgreSQL refuses by itself, whatever a program of ours or of others sends it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.connection import TenantDatabase
from adapters.postgres.metadata import metadata
from adapters.postgres.tenancy.grants import import_tables
from bizcore.documents.workflow import WAYS as KNOWN
from bizcore.ids import new_id
from tests.kernel.conftest import Connection

import_tables()
APPEND_ONLY = sorted(t.fullname for t in metadata.tables.values() if t.info["access"] == "append")

NEW_DOCUMENT = """
INSERT INTO platform.document (id, type, number, company_id, currency, document_date, state, phase, version, entry_no,
                               workflow_id, created_at, created_by, updated_at, updated_by)
SELECT $1, 'paper', $2, c.id, 'EUR', '2026-01-01', $3, $3, 1, 1, w.id, now(), $4, now(), $4
FROM platform.company c, platform.workflow w WHERE w.document_type = 'paper'
"""
CREATED = f"""
WITH step AS (
    INSERT INTO platform.document_step (document_id, entry_no, action, actor_id, at, to_state, to_phase, round)
    VALUES ($1, 1, 'create', $4, now(), $3, $3, 0))
{NEW_DOCUMENT}
"""
NEW_WORKFLOW = """
INSERT INTO platform.workflow (id, document_type, version, definition, created_at) VALUES ($1, 'paper', 1, '{}', now())
"""
NEW_PERSON = """
INSERT INTO platform.principal (id, kind, name, created_at, updated_at) VALUES ($1, 'user', 'P', now(), now())
"""
NEW_STEP = """
INSERT INTO platform.document_step
    (document_id, entry_no, action, actor_id, at, from_state, to_state, from_phase, to_phase, round)
VALUES ($1, $2, $3, $4, now(), $5, $6, $5, $6, $7)
"""
MOVE = "UPDATE platform.document SET phase = $2, state = $2, entry_no = $3, number = coalesce(number, $4) WHERE id = $1"


@pytest_asyncio.fixture(loop_scope="session")
async def app(tenant: TenantDatabase) -> AsyncIterator[Connection]:
    """The application's own role, in a transaction that is rolled back."""
    async with tenant.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(NEW_WORKFLOW, new_id())
        yield connection
        await transaction.rollback()


async def people(connection: Connection, count: int) -> list[UUID]:
    found = [new_id() for _ in range(count)]
    await connection.executemany(NEW_PERSON, [(id,) for id in found])
    return found


async def document(connection: Connection, creator: UUID, *, phase: str = "draft", number: str | None = None) -> UUID:
    id = new_id()
    await connection.execute(CREATED, id, number, phase, creator)
    return id


@asynccontextmanager
async def refused(connection: Connection, constraint: str) -> AsyncIterator[None]:
    """The block breaks `constraint`; what came before it stays."""
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        async with connection.transaction():
            yield
    assert refusal.value.constraint_name == constraint


# -- append-only -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_append_only_is_so_for_its_owner_too(owner: Connection, table: str) -> None:
    column = next(iter(metadata.tables[table].columns)).name
    for statement in (
        f'UPDATE {table} SET "{column}" = "{column}"',
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await owner.execute(statement)


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_append_only_the_application_may_not_even_try(app: Connection, table: str) -> None:
    column = next(iter(metadata.tables[table].columns)).name
    for statement in (
        f'UPDATE {table} SET "{column}" = "{column}"',
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER append_only",
        f"DROP TRIGGER append_only ON {table}",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with app.transaction():
                await app.execute(statement)


async def test_the_application_may_not_switch_triggers_off_for_its_session(app: Connection) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("SET session_replication_role = replica")


# -- separation of duties ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contribution", ["create", "change", "submit", "amend"])
async def test_who_had_a_part_in_a_document_may_not_approve_it(app: Connection, contribution: str) -> None:
    creator, contributor, other = await people(app, 3)
    id = await document(app, contributor if contribution == "create" else creator)
    if contribution != "create":
        await app.execute(NEW_STEP, id, 2, contribution, contributor, "draft", "draft", 1)
    async with refused(app, "separation_of_duties"):
        await app.execute(NEW_STEP, id, 3, "approve", contributor, "draft", "draft", 1)
    await app.execute(NEW_STEP, id, 3, "approve", other, "draft", "draft", 1)


async def test_a_contribution_in_the_same_statement_counts(app: Connection) -> None:
    creator, both = await people(app, 2)
    id = await document(app, creator)
    async with refused(app, "separation_of_duties"):
        await app.execute(
            """INSERT INTO platform.document_step
                   (document_id, entry_no, action, actor_id, at, to_state, to_phase, round)
               SELECT $1, no, action, $2, now(), 'draft', 'draft', 0
               FROM (VALUES (2, 'change'), (3, 'approve')) AS v(no, action)""",
            id,
            both,
        )


async def test_nobody_approves_twice_in_one_round_and_anybody_may_in_the_next(app: Connection) -> None:
    creator, approver = await people(app, 2)
    id = await document(app, creator)
    await app.execute(NEW_STEP, id, 2, "approve", approver, "review", "review", 1)
    async with refused(app, "separation_of_duties"):
        await app.execute(NEW_STEP, id, 3, "approve", approver, "review", "review", 1)
    await app.execute(NEW_STEP, id, 3, "approve", approver, "review", "review", 2)


async def test_documents_of_a_chain_are_independent(app: Connection) -> None:
    creator, approver = await people(app, 2)
    own, foreign = await document(app, approver), await document(app, creator)
    await app.execute(NEW_STEP, foreign, 2, "approve", approver, "draft", "draft", 0)
    assert await app.fetchval("SELECT count(*) FROM platform.document_step WHERE document_id = $1", own) == 1


# -- phases ------------------------------------------------------------------------------------------------------------

WAYS = {
    ("draft", "review"), ("draft", "active"), ("draft", "void"), ("review", "draft"), ("review", "active"),
    ("review", "void"), ("active", "review"), ("active", "done"), ("active", "void"), ("done", "active"),
}  # fmt: skip
PHASES = ("draft", "review", "active", "done", "void")


@pytest.mark.parametrize("before", PHASES)
@pytest.mark.parametrize("after", PHASES)
async def test_a_phase_changes_along_the_known_ways_only(app: Connection, before: str, after: str) -> None:
    (actor,) = await people(app, 1)
    id = await document(app, actor, phase=before, number=str(new_id()))
    await app.execute(NEW_STEP, id, 2, "go", actor, before, after, 1)
    if before == after or (before, after) in WAYS:
        await app.execute(MOVE, id, after, 2, "N")
        assert await app.fetchval("SELECT phase FROM platform.document WHERE id = $1", id) == after
    else:
        async with refused(app, "phase_follows_steps"):
            await app.execute(MOVE, id, after, 2, "N")


def test_the_ways_are_those_that_workflows_are_judged_by() -> None:
    assert {(before.value, after.value) for before, afters in KNOWN.items() for after in afters} == WAYS


@pytest.mark.parametrize(
    ("entry_no", "step"),
    [(2, None), (2, (2, "draft", "active")), (2, (2, "review", "active")), (3, (2, "draft", "review"))],
    ids=["no step", "to another phase", "from another phase", "of another entry"],
)
async def test_a_phase_without_its_own_step_is_refused(
    app: Connection, entry_no: int, step: tuple[int, str, str] | None
) -> None:
    (actor,) = await people(app, 1)
    id = await document(app, actor)
    if step is not None:
        await app.execute(NEW_STEP, id, step[0], "go", actor, step[1], step[2], 1)
    async with refused(app, "phase_follows_steps"):
        await app.execute(MOVE, id, "review", entry_no, None)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_document_is_not_born_without_its_step(app: Connection, phase: str) -> None:
    (actor,) = await people(app, 1)
    async with refused(app, "phase_follows_steps"):
        await app.execute(NEW_DOCUMENT, new_id(), "PR-9", phase, actor)


async def test_document_and_step_of_one_statement_see_each_other(app: Connection) -> None:
    (actor,) = await people(app, 1)
    id = await document(app, actor)
    await app.execute(
        """WITH d AS (UPDATE platform.document SET phase = 'review', state = 'review', entry_no = 2 WHERE id = $1),
                s AS (INSERT INTO platform.document_step
                      (document_id, entry_no, action, actor_id, at, from_state, to_state, from_phase, to_phase, round)
                      VALUES ($1, 2, 'submit', $2, now(), 'draft', 'review', 'draft', 'review', 1))
           SELECT 1""",
        id,
        actor,
    )


# -- numbers -----------------------------------------------------------------------------------------------------------


async def test_what_is_active_has_a_number_at_the_commit_and_not_before(tenant: TenantDatabase) -> None:
    async with tenant.connection() as connection:
        await connection.execute("BEGIN")
        await connection.execute(NEW_WORKFLOW, new_id())
        (actor,) = await people(connection, 1)
        id = await document(connection, actor)
        await connection.execute(NEW_STEP, id, 2, "post", actor, "draft", "active", 0)
        await connection.execute(MOVE, id, "active", 2, None)  # a dry run gets as far as this
        with pytest.raises(asyncpg.CheckViolationError) as refusal:
            await connection.execute("COMMIT")
        assert refusal.value.constraint_name == "active_has_number"
        await connection.execute("BEGIN")
        assert await connection.fetchval("SELECT count(*) FROM platform.document WHERE id = $1", id) == 0


async def test_a_number_given_later_in_the_transaction_is_enough(app: Connection) -> None:
    (actor,) = await people(app, 1)
    id = await document(app, actor)
    await app.execute(NEW_STEP, id, 2, "post", actor, "draft", "active", 0)
    await app.execute(MOVE, id, "active", 2, None)
    await app.execute("UPDATE platform.document SET number = 'PR-7' WHERE id = $1", id)
    await app.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_a_number_is_given_once_in_a_type_and_company(app: Connection) -> None:
    (actor,) = await people(app, 1)
    await document(app, actor, number="PR-1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await document(app, actor, number="PR-1")


# -- the rest ----------------------------------------------------------------------------------------------------------


async def test_lines_may_change_places_within_one_statement(app: Connection) -> None:
    (actor,) = await people(app, 1)
    id = await document(app, actor)
    first, second = new_id(), new_id()
    insert = "INSERT INTO platform.line (id, document_id, position) VALUES ($1, $2, $3)"
    await app.execute(insert, first, id, 1)
    await app.execute(insert, second, id, 2)
    await app.execute("UPDATE platform.line SET position = 3 - position WHERE document_id = $1", id)
    await app.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(asyncpg.UniqueViolationError):
        await app.execute("UPDATE platform.line SET position = 1 WHERE document_id = $1", id)


@pytest.mark.parametrize("table", ["audit.entry", "outbox.event"])
async def test_an_entry_of_a_subject_is_written_once(app: Connection, table: str) -> None:
    insert: dict[str, Any] = {
        "audit.entry": """INSERT INTO audit.entry
            (id, subject_kind, subject_id, entry_no, at, actor_id, request_id, command, before, after)
            VALUES ($1, 'document', $2, 1, now(), $2, 'r', 'c', '{}', '{}')""",
        "outbox.event": """INSERT INTO outbox.event
            (id, type, occurred_at, subject_kind, subject_type, subject_id, subject_version, sequence, data, request_id)
            VALUES ($1, 't', now(), 'document', 't', $2, 1, 1, '{}', 'r')""",
    }
    subject = new_id()
    await app.execute(insert[table], new_id(), subject)
    with pytest.raises(asyncpg.UniqueViolationError):
        await app.execute(insert[table], new_id(), subject)
