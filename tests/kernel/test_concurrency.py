"""Many clients at once, with real connections: keys, numbers, limits and locks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import pytest

from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.numbering import BLOCK, SeriesKey, allocate
from adapters.postgres.platform.standard import SERIES
from adapters.postgres.work import PostgresWork
from bizcore.documents.commands import TakeAction
from bizcore.errors import IdempotencyKeyInUse, Unavailable
from bizcore.faults import InjectedFault
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.pipeline import TryAgain
from bizcore.registry import Registered
from bizcore.settings import Settings
from tests.kernel.office import CHANGE, PAPER, Change, Create, Office, PotEmpty, create, open_office, pot
from tests.support.crowd import CLIENTS, ROUNDS, waiting
from tests.support.tenants import new_tenant


async def together(count: int, of: Callable[[int], Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*(of(n) for n in range(count)), return_exceptions=True)


# -- idempotency -------------------------------------------------------------------------------------------------------


async def test_one_key_of_many_clients_at_once_is_carried_out_once(crowd: Office) -> None:
    writer = await crowd.person("Writer")
    for number in range(ROUNDS):
        answers = await together(CLIENTS, lambda _, n=number: crowd.run(writer, Create(), key=f"round {n}"))
        made = [a for a in answers if not isinstance(a, BaseException)]
        refused = [a for a in answers if isinstance(a, BaseException)]
        assert {type(error) for error in refused} <= {IdempotencyKeyInUse}
        assert len({answer.subject_id for answer in made}) == 1
        assert sum(not answer.replayed for answer in made) == 1
    query = "SELECT count(*) FROM platform.document WHERE created_by = $1"
    assert await crowd.fetchval(query, writer) == ROUNDS
    assert (
        await crowd.fetchval("SELECT count(*) FROM platform.idempotency_key WHERE principal_id = $1", writer) == ROUNDS
    )


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_many_approvals_at_once_never_take_more_than_the_pot_holds(crowd: Office) -> None:
    writer, approver = await crowd.person("Writer"), await crowd.person("Approver")
    for _ in range(5):  # the limits that businesses set have their crowds in procurement, billing and ledger
        box = await pot(crowd, 3_50)
        made = await together(CLIENTS, lambda _, box=box: crowd.run(writer, Create(total=1_00, pot=box)))
        ids = [answer.subject_id for answer in made]
        await together(CLIENTS, lambda n, ids=ids: crowd.take(writer, "submit", ids[n]))
        answers = await together(CLIENTS, lambda n, ids=ids: crowd.take(approver, "approve", ids[n]))
        assert Counter(type(answer).__name__ for answer in answers) == {"Answer": 3, "PotEmpty": CLIENTS - 3}
        refusal = next(answer for answer in answers if isinstance(answer, PotEmpty))
        assert refusal.details["available"] == 50
        taken = "SELECT sum(total_minor) FROM platform.document WHERE attributes ->> 'pot' = $1 AND phase = 'active'"
        assert await crowd.fetchval(taken, str(box)) == 3_00


async def test_what_the_lock_found_is_compared_with_the_second_read(office: Office, url: str) -> None:
    """The lock's own statement has an old snapshot: what it found to be limited may have changed while it waited."""
    writer, approver = await office.person("Writer"), await office.person("Approver")
    rich, poor = await pot(office, 500_00), await pot(office, 1)
    id = (await office.run(writer, Create())).subject_id
    await office.take(writer, "submit", id)
    key = f"pot of:{id}"
    await office.fetchval("INSERT INTO platform.setting VALUES ($1, to_jsonb($2::text))", key, str(poor))
    async with holding(url, id) as other:
        begun = office.begun
        task = asyncio.create_task(office.take(approver, "approve", id))
        await waiting(other)
        await other.execute("UPDATE platform.setting SET value = to_jsonb($2::text) WHERE key = $1", key, str(rich))
        await other.execute("COMMIT")
    await task
    assert office.begun == begun + 2


@asynccontextmanager
async def holding(url: str, id: UUID) -> AsyncIterator[Connection]:
    """Another connection, in a transaction that holds the document's lock."""
    other = await asyncpg.connect(url)
    try:
        await other.execute("BEGIN")
        await other.execute("SELECT 1 FROM platform.document WHERE id = $1 FOR NO KEY UPDATE", id)
        yield other
    finally:
        await other.close()


# -- documents ---------------------------------------------------------------------------------------------------------


async def test_of_many_changes_to_one_version_one_is_made(crowd: Office) -> None:
    writer = await crowd.person("Writer")
    id = (await crowd.run(writer, Create())).subject_id
    for version in range(1, 6):
        answers = await together(CLIENTS, lambda n, v=version: crowd.run(writer, Change(id=id, version=v, total=n)))
        assert Counter(type(a).__name__ for a in answers) == {"Answer": 1, "VersionConflict": CLIENTS - 1}
    entries = await crowd.fetch("SELECT entry_no FROM audit.entry WHERE subject_id = $1 ORDER BY 1", id)
    assert [entry["entry_no"] for entry in entries] == [1, 2, 3, 4, 5, 6]


async def test_a_document_that_is_being_changed_may_be_linked_to(office: Office) -> None:
    """FOR NO KEY UPDATE lets a foreign key's check pass; FOR UPDATE would make it wait and two of them deadlock."""
    writer = await office.person("Writer")
    source, target = [(await office.run(writer, Create())).subject_id for _ in range(2)]
    locked, linked = asyncio.Event(), asyncio.Event()

    async def slowly(command: Change, work: Any) -> UUID:
        document = await work.load(command.id)
        locked.set()
        await linked.wait()
        document.record_change("change", work.principal.id, work.call.at)
        return command.id

    slow: Registered[Any, Any] = Registered(Change, "office.paper.update", CHANGE.route, slowly, PAPER)
    task = asyncio.create_task(office.run(writer, Change(id=target, total=1), registered=slow))
    await locked.wait()
    try:
        async with asyncio.timeout(10):
            await office.fetchval(
                "INSERT INTO platform.document_link VALUES ($1, 'originates', $2, $3, now())", new_id(), source, target
            )
    finally:
        linked.set()
        await task


async def test_commands_that_lock_each_other_out_run_again_and_both_succeed(office: Office) -> None:
    writer = await office.person("Writer")
    first, second = [(await office.run(writer, Create())).subject_id for _ in range(2)]
    met, tries = asyncio.Barrier(2), Counter[UUID]()

    async def both(command: Change, work: Any) -> UUID:
        other = second if command.id == first else first
        tries[command.id] += 1
        await work.load(command.id)
        if tries[command.id] == 1:
            await met.wait()
        document = await work.load(other)
        document.record_change("change", work.principal.id, work.call.at)
        return command.id

    crossing: Registered[Any, Any] = Registered(Change, "office.paper.update", CHANGE.route, both, PAPER)
    commands = [Change(id=id, total=1) for id in (first, second)]
    async with asyncio.timeout(30):
        await asyncio.gather(*(office.run(writer, command, registered=crossing) for command in commands))
    assert sorted(tries.values()) == [1, 2]
    versions = await office.fetch("SELECT version FROM platform.document WHERE id = ANY($1)", [first, second])
    assert [row["version"] for row in versions] == [2, 2]


async def test_a_command_that_keeps_meeting_others_says_try_again_and_leaves_nothing(office: Office) -> None:
    writer = await office.person("Writer")
    id = (await office.run(writer, Create())).subject_id

    async def unlucky(command: Change, work: Any) -> UUID:
        raise TryAgain

    never: Registered[Any, Any] = Registered(Change, "office.paper.update", CHANGE.route, unlucky, PAPER)
    before, begun = await office.rows(), office.begun
    with pytest.raises(Unavailable) as refusal:
        await office.run(writer, Change(id=id, total=1), registered=never)
    assert (refusal.value.details, office.begun - begun) == ({"retry_after": 1}, 3)
    assert await office.rows() == before


# -- numbers -----------------------------------------------------------------------------------------------------------


async def numbers(office: Office, code: str) -> list[str]:
    rows = await office.fetch("SELECT number FROM platform.document WHERE type = $1 AND number IS NOT NULL", code)
    return sorted(row["number"] for row in rows)


async def test_gapless_numbers_have_no_gap_whatever_is_rolled_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await office.person("Writer")
    count = 100
    ids = [(await office.run(writer, Create(type="bill"))).subject_id for _ in range(count)]
    assert await numbers(office, "bill") == []
    faults = "pipeline.after_number=raise:0.1,pipeline.before_commit=raise:0.1,seed=7"
    monkeypatch.setenv("BIZCORE_FAULTS", faults)
    door = asyncio.Semaphore(8)

    async def post(n: int) -> None:
        async with door:
            await office.take(writer, "post", ids[n])

    answers = await together(count, post)
    monkeypatch.delenv("BIZCORE_FAULTS")
    broken = sum(isinstance(answer, InjectedFault) for answer in answers)
    assert {type(a) for a in answers} == {type(None), InjectedFault}
    assert 10 <= broken <= 30
    year = (await office.fetch("SELECT document_date FROM platform.document LIMIT 1"))[0]["document_date"].year
    assert await numbers(office, "bill") == [f"B-{year}-{n:03}" for n in range(1, count - broken + 1)]


async def test_a_void_keeps_its_number(office: Office) -> None:
    writer = await office.person("Writer")
    id = (await office.run(writer, Create(type="bill"))).subject_id
    await office.take(writer, "post", id)
    number = await office.fetchval("SELECT number FROM platform.document WHERE id = $1", id)
    await office.take(writer, "reverse", id)
    assert await office.fetch("SELECT number, phase FROM platform.document WHERE id = $1", id) == [
        {"number": number, "phase": "void"}
    ]


async def test_fast_numbers_come_from_blocks_and_more_clients_than_connections_do_not_starve(
    tenant: TenantDatabase, office: Office
) -> None:
    writer = await office.person("Writer")
    before = set(await numbers(office, "paper"))
    answers = await together(100, lambda _: office.run(writer, Create()))
    assert [a for a in answers if isinstance(a, BaseException)] == [], "who starves is refused after ten seconds"
    made = set(await numbers(office, "paper")) - before
    assert len(made) == 100
    blocks = await office.fetch("SELECT * FROM platform.number_block WHERE document_type = 'paper'")
    assert {block["last_value"] - block["first_value"] + 1 for block in blocks} == {BLOCK}
    assert len(blocks) == -(-(len(before) + 100 + await lost(office)) // BLOCK)


@dataclass(frozen=True, kw_only=True)
class WritePapers:
    """Write a paper of each year."""

    years: Annotated[tuple[int, ...], Field("Years")]


async def write_papers(command: WritePapers, work: PostgresWork) -> UUID:
    ids = [await create(Create(on=date(year, 6, 1)), work) for year in command.years]
    return ids[0]


WRITE_PAPERS = Registered(WritePapers, "office.paper.write", "POST office/papers/several", write_papers, PAPER)


async def test_commands_that_draw_from_two_series_in_either_order_do_not_wait_for_each_other(office: Office) -> None:
    """Who needs a block waits for the one who fetches it, inside a transaction: only one order of series is safe."""
    writer = await office.person("Writer")
    for year in range(2061, 2081, 2):
        answers = await asyncio.wait_for(
            together(
                2,
                lambda n, y=year: office.run(  # type: ignore[misc]
                    writer, WritePapers(years=(y, y + 1) if n else (y + 1, y)), registered=WRITE_PAPERS
                ),
            ),
            timeout=20,
        )
        assert [a for a in answers if isinstance(a, BaseException)] == []


async def lost(office: Office) -> int:
    """Numbers of blocks that no document carries and no process holds any more."""
    free = sum(len(held) for held in office.tenant.cache["fast_numbers"].free.values())
    gaps = await office.fetchval("SELECT count(*) FROM platform.number_gap WHERE document_type = 'paper'")
    return int(gaps) - free


async def test_a_number_lost_by_a_rollback_stands_in_the_gap_register(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await office.person("Writer")
    await office.run(writer, Create())
    earlier = await lost(office)
    monkeypatch.setenv("BIZCORE_FAULTS", "pipeline.before_commit=raise")
    for _ in range(3):
        with pytest.raises(InjectedFault):
            await office.run(writer, Create())
    monkeypatch.delenv("BIZCORE_FAULTS")
    after = (await office.run(writer, Create())).subject_id
    number = await office.fetchval("SELECT number FROM platform.document WHERE id = $1", after)
    gaps = await office.fetch("SELECT number FROM platform.number_gap WHERE document_type = 'paper' ORDER BY value")
    assert number not in [gap["number"] for gap in gaps]
    # A block reserved by a command that failed is taken back whole, so at most three are lost.
    assert earlier <= await lost(office) <= earlier + 3


async def test_a_block_reserved_by_a_command_that_fails_is_taken_back_with_it(
    servers: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await new_tenant(servers)
    try:
        office = await open_office(tenant)
        writer = await office.person("Writer")
        monkeypatch.setenv("BIZCORE_FAULTS", "pipeline.before_commit=raise")
        with pytest.raises(InjectedFault):
            await office.run(writer, Create())
        monkeypatch.delenv("BIZCORE_FAULTS")
        assert await office.fetchval("SELECT count(*) FROM platform.number_block") == 0
        await office.run(writer, Create(copies=BLOCK + 2))
        found = [int(number.rpartition("-")[2]) for number in await numbers(office, "paper")]
        assert found == list(range(1, BLOCK + 3))
        gaps = await office.fetch("SELECT value, number FROM platform.number_gap ORDER BY value")
        assert [gap["value"] for gap in gaps] == list(range(BLOCK + 3, 2 * BLOCK + 1))
    finally:
        await tenant.engine.dispose()


async def test_a_year_and_a_company_count_for_themselves(office: Office) -> None:
    writer = await office.person("Writer")
    for year in (2031, 2032, 2031):
        id = (await office.run(writer, Create(type="bill", on=date(year, 6, 1)))).subject_id
        await office.take(writer, "post", id)
    found = [number for number in await numbers(office, "bill") if number.startswith("B-203")]
    assert found == ["B-2031-001", "B-2031-002", "B-2032-001"]


async def test_several_series_are_counted_in_one_statement(office: Office) -> None:
    company = await office.fetchval("SELECT id FROM platform.company")
    a, b = SeriesKey("bill", company, "2040"), SeriesKey("paper", company, "2040")
    async with office.tenant.connection() as connection:
        assert await allocate(connection, [b, a, b]) == {a: [1], b: [1, 2]}
        assert await allocate(connection, [a, b]) == {a: [2], b: [3]}


@pytest.mark.parametrize(
    ("pattern", "value"),
    [(s.pattern, value) for s in SERIES for value in (1, 42, 99999, 100000)] + [("{number}/{year}", 7)],
)
async def test_the_gap_register_writes_numbers_as_documents_do(office: Office, pattern: str, value: int) -> None:
    written = await office.fetchval("SELECT platform.number_text($1, '2026', $2)", pattern, value)
    assert written == pattern.format(year="2026", number=value)


# -- cancelled ---------------------------------------------------------------------------------------------------------


async def test_a_command_given_up_by_its_caller_leaves_nothing_held(office: Office, url: str) -> None:
    writer = await office.person("Writer")
    id = (await office.run(writer, Create())).subject_id
    async with holding(url, id) as other:
        task = asyncio.create_task(office.run(writer, TakeAction(id=id, action="submit"), key="k"))
        await waiting(other)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    answer = await office.run(writer, TakeAction(id=id, action="submit"), key="k")
    assert not answer.replayed
