"""Many clients at one point, on connections of their own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import asyncpg
import pytest_asyncio

from adapters.postgres.connection import Connection
from adapters.postgres.control.connection import url_of
from bizcore.limits import LimitKey
from bizcore.settings import Settings
from contexts.ledger import facts
from contexts.ledger.domain.budget import budget_key
from contexts.ledger.errors import BudgetExceeded, PeriodClosed
from tests.ledger.support import YEAR, Books, Told
from tests.support.crowd import CLIENTS, CROWD, ROUNDS, counted, crowds, wide_open

MONTH = date(YEAR, 8, 15)


@pytest_asyncio.fixture(scope="module")
async def crowd(books: Books, servers: Settings) -> AsyncIterator[Books]:
    """The same person with a connection for each client."""
    async with wide_open(servers, books.tenant.organization_id, clients=CROWD) as tenant:
        yield replace(books, tenant=tenant)


@crowds
async def test_posting_against_closing_leaves_seals_that_are_the_postings(
    crowd: Books, clients: int, rounds: int
) -> None:
    """Whoever comes first: a posting that passed is in the seal, one that was refused is nowhere."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        period = await crowd.period(MONTH.month)
        before = await crowd.value("SELECT count(*) FROM ledger.entry")
        attempts = [
            crowd.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00"), on=MONTH) for _ in range(clients - 1)
        ]
        closing = crowd.run("ledger.period.close", {"reason": "Race"}, id=UUID(period["id"]))
        half = len(attempts) // 2
        came = await counted([*attempts[:half], closing, *attempts[half:]])
        seen += came
        assert await crowd.value("SELECT count(*) FROM ledger.entry") == before + came["done"] - 1
        sealed = await crowd.fetch(
            """SELECT a.code, s.debit_minor, s.credit_minor FROM ledger.seal s
               JOIN ledger.account a ON a.id = s.account_id WHERE s.period_id = $1 ORDER BY 1""",
            UUID(period["id"]),
        )
        posted = await crowd.value(
            "SELECT count(*) FROM ledger.entry WHERE period_id = $1 AND book = 'actual'", UUID(period["id"])
        )
        if posted:
            assert [(row["code"], row["debit_minor"], row["credit_minor"]) for row in sealed] == [
                ("1020", 0, posted * 100),
                ("6010", posted * 100, 0),
            ]
        await crowd.run("ledger.period.reopen", {"reason": "Race"}, id=UUID(period["id"]))
    assert set(seen) == {"done", PeriodClosed.code}  # both came about, and nothing else


async def test_numbers_are_given_once_and_without_gaps(crowd: Books) -> None:
    """A quarter of the clients is refused: no entry of payables without whom it is owed to."""
    for _ in range(ROUNDS):
        came = await counted(
            crowd.post(("6010", "debit", "1.00"), ("1020" if n % 4 else "2010", "credit", "1.00"))
            for n in range(CLIENTS)
        )
        assert came.pop("done") == CLIENTS * 3 // 4
        assert sum(came.values()) == CLIENTS // 4
        rows = await crowd.fetch("SELECT number FROM ledger.entry WHERE book = 'actual' ORDER BY number")
        assert [row["number"] for row in rows] == [f"A-{YEAR}-{value:06}" for value in range(1, len(rows) + 1)]


@crowds
async def test_a_budget_is_never_overspent(crowd: Books, approver: Books, clients: int, rounds: int) -> None:
    """Room for three of them, again and again."""
    for _ in range(rounds):
        budget = await crowd.budget([{"code": "RACE", "amount": "350.00"}], approver=approver)
        line = UUID(budget["lines"][0]["id"])
        came = await counted(crowd.tell(Told(facts.ORDER_ORDERED, 100_00, budget_line_id=line)) for _ in range(clients))
        assert came == {"done": 3, BudgetExceeded.code: clients - 3}
        taken = await crowd.value(
            "SELECT sum(company_amount_minor) FROM ledger.posting WHERE budget_line_id = $1 AND book = 'commitment'",
            line,
        )
        assert taken == 300_00


async def test_lines_of_two_budgets_in_either_order_do_not_wait_for_each_other(crowd: Books, approver: Books) -> None:
    budget = await crowd.budget(
        [{"code": "ONE", "amount": "1000.00"}, {"code": "TWO", "amount": "1000.00"}], approver=approver
    )
    lines = [UUID(line["id"]) for line in budget["lines"]]
    told = [Told(facts.ORDER_ORDERED, 1_00, budget_line_id=line) for line in lines]
    came = await counted(crowd.tell(*(told if n % 2 else reversed(told))) for n in range(CLIENTS))
    assert came == {"done": CLIENTS}


@pytest_asyncio.fixture
async def writers(books: Books, servers: Settings) -> AsyncIterator[list[Connection]]:
    connections = [await asyncpg.connect(url_of(servers.database_url, database=books.tenant.id)) for _ in range(4)]
    yield connections
    for connection in connections:
        await connection.close()


async def test_locking_and_summing_in_one_statement_overspends(
    writers: list[Connection],
) -> None:
    """Why limits take two statements: the sum of the statement that waited is older than its lock."""
    await writers[0].execute("CREATE TABLE public.taken (line uuid, minor bigint)")
    one = """SELECT coalesce((SELECT sum(minor) FROM public.taken WHERE line = $1), 0)
             FROM (SELECT pg_advisory_xact_lock(hashtextextended($2, 0))) AS locked"""
    lock, total = (
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        "SELECT coalesce(sum(minor), 0) FROM public.taken WHERE line = $1",
    )

    async def spend(connection: Connection, key: LimitKey, *, together: bool) -> None:
        """300 of a budget of 400, where there is room for it."""
        async with connection.transaction():
            if together:
                taken = await connection.fetchval(one, key.id, key.lock)
            else:
                await connection.execute(lock, key.lock)
                taken = await connection.fetchval(total, key.id)
            if taken + 300 <= 400:
                await asyncio.sleep(0.005)
                await connection.execute("INSERT INTO public.taken VALUES ($1, 300)", key.id)

    overspent = {True: 0, False: 0}
    for together in (True, False):
        for round_no in range(10):
            key = budget_key(UUID(int=round_no + 100 * together))
            await asyncio.gather(*(spend(connection, key, together=together) for connection in writers))
            overspent[together] += await writers[0].fetchval(total, key.id) > 400
    await writers[0].execute("DROP TABLE public.taken")
    assert overspent[True] > 0, "in how many of ten rounds, the machine decides"
    assert overspent[False] == 0
