"""What PostgreSQL holds of the books by itself, whoever writes to it."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import pytest

from bizcore.ids import new_id
from tests.ledger.support import YEAR, Books
from tests.support.crowd import waiting

ENTRY = """
INSERT INTO ledger.entry (id, number, company_id, book, effective_on, period_id, currency, document_id, line_count,
                          recorded_at, recorded_by)
SELECT $1::uuid, 'T-' || $1::uuid, p.company_id, $2, $3, p.id, 'EUR', $4, $5, now(), d.created_by
FROM ledger.period p, platform.document d WHERE d.id = $4 AND p.name = $6
"""
POSTINGS = """
INSERT INTO ledger.posting (entry_id, line_no, company_id, book, account_id, effective_on, amount_minor,
                            company_amount_minor, role)
SELECT e.id, n, e.company_id, e.book, (SELECT id FROM ledger.account WHERE code = $9), e.effective_on, amount, own, $10
FROM e, unnest($7::bigint[], $8::bigint[]) WITH ORDINALITY AS v(amount, own, n)
"""
WHOLE = f"WITH e AS ({ENTRY} RETURNING *) {POSTINGS}"


async def write(
    books: Books,
    *amounts: int,
    own: tuple[int, ...] | None = None,
    count: int | None = None,
    on: date | None = None,
    period: str = f"{YEAR}-03",
    book: str = "actual",
    account: str = "6010",
    role: str | None = None,
) -> UUID:
    """An entry straight into the tables, as the application's role, by one statement."""
    document = (await books.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00")))["id"]
    id = new_id()
    async with books.tenant.connection() as connection:
        await connection.execute(
            WHOLE,
            id,
            book,
            on or date(YEAR, 3, 15),
            UUID(document),
            len(amounts) if count is None else count,
            period,
            list(amounts),
            list(own or amounts),
            account,
            role,
        )
    return id


async def refused(books: Books, *amounts: int, **options: object) -> str:
    before = await books.value("SELECT count(*) FROM ledger.posting")
    with pytest.raises(asyncpg.PostgresError) as error:
        await write(books, *amounts, **options)  # type: ignore[arg-type]
    # only the two postings of the entry that made the document
    assert await books.value("SELECT count(*) FROM ledger.posting") == before + 2
    return str(getattr(error.value, "constraint_name", None))


async def test_a_whole_entry_is_taken(books: Books) -> None:
    id = await write(books, 100, -60, -40)
    assert await books.value("SELECT count(*) FROM ledger.posting WHERE entry_id = $1", id) == 3


async def test_an_entry_that_does_not_balance_is_refused(books: Books) -> None:
    assert await refused(books, 100, -99) == "entry_balances"
    assert await refused(books, 100, -100, own=(100, -99)) == "entry_balances"


async def test_an_entry_with_fewer_or_more_lines_than_it_says_is_refused(books: Books) -> None:
    assert await refused(books, 100, -100, count=3) == "entry_balances"
    assert await refused(books, 100, -100, count=1) == "entry_balances"


async def test_an_entry_without_lines_is_refused(books: Books) -> None:
    assert await refused(books, count=2) == "entry_balances"


async def test_no_line_joins_an_entry_of_before(books: Books) -> None:
    id = await write(books, 100, -100)
    async with books.tenant.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError) as error:
            await connection.execute(
                """INSERT INTO ledger.posting (entry_id, line_no, company_id, book, account_id, effective_on,
                                               amount_minor, company_amount_minor)
                   SELECT entry_id, line_no + 2, company_id, book, account_id, effective_on, amount_minor,
                          company_amount_minor FROM ledger.posting WHERE entry_id = $1""",
                id,
            )
    assert error.value.constraint_name == "entry_balances"


async def test_lines_one_after_the_other_are_refused(books: Books) -> None:
    document = (await books.post(("6010", "debit", "1.00"), ("1020", "credit", "1.00")))["id"]
    async with books.tenant.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(ENTRY, new_id(), "actual", date(YEAR, 3, 15), UUID(document), 2, f"{YEAR}-03")


async def test_an_entry_counts_within_its_period(books: Books) -> None:
    assert await refused(books, 1, -1, period=f"{YEAR}-04") == "entry_in_period"


async def test_a_closed_period_takes_no_entry_but_a_budget(books: Books) -> None:
    period = await books.period(11)
    await books.run("ledger.period.close", {"reason": "Test"}, id=UUID(period["id"]))
    there = {"on": date(YEAR, 11, 5), "period": period["name"]}
    assert await refused(books, 1, -1, **there) == "entry_in_open_period"
    assert await refused(books, 1, -1, book="commitment", **there) == "entry_in_open_period"
    await write(books, 1, -1, book="budget", **there)  # type: ignore[arg-type]


@pytest.mark.parametrize("table", ["ledger.entry", "ledger.posting", "ledger.fact", "ledger.posting_rule"])
async def test_what_was_written_is_neither_changed_nor_deleted(books: Books, table: str) -> None:
    async with books.tenant.connection() as connection:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.account SET type = 'income' WHERE code = '6010'",
        "UPDATE ledger.account SET code = '6011' WHERE code = '6010'",
        "UPDATE ledger.tax_code SET rate = 20 WHERE code = 'VAT19'",
        "UPDATE ledger.period SET ends_on = ends_on - 1",
        "UPDATE ledger.period SET starts_on = starts_on + 1",
        "UPDATE ledger.seal SET debit_minor = debit_minor + 1, credit_minor = credit_minor + 1",
    ],
)
async def test_what_entries_rely_on_is_not_rewritten(books: Books, statement: str) -> None:
    async with books.tenant.connection() as connection:
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(statement)


async def test_two_accounts_that_are_moved_at_once_are_not_grouped_under_each_other(books: Books) -> None:
    for code in ("6921", "6922"):
        await books.run("ledger.account.create", {"code": code, "name": code, "type": "expense"})
    move = "UPDATE ledger.account SET parent_id = (SELECT id FROM ledger.account WHERE code = $2) WHERE code = $1"
    async with books.tenant.connection() as first, books.tenant.connection() as second:
        await first.execute("BEGIN")
        await first.execute(move, "6921", "6922")
        later = asyncio.create_task(second.execute(move, "6922", "6921"))
        await waiting(first)
        await first.execute("COMMIT")
        with pytest.raises(asyncpg.CheckViolationError, match="under itself"):
            await later


async def test_a_fiscal_year_is_neither_moved_nor_deleted(books: Books) -> None:
    async with books.tenant.connection() as connection:
        for statement in ("UPDATE ledger.fiscal_year SET ends_on = ends_on + 1", "DELETE FROM ledger.fiscal_year"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_an_entry_is_reversed_once(books: Books) -> None:
    posted = await books.post(("6010", "debit", "9.00"), ("1020", "credit", "9.00"))
    await books.run("ledger.journal_entry.reverse", {"reason": "Once"}, id=UUID(posted["id"]))
    reversed_id = await books.value(
        "SELECT reverses_entry_id FROM ledger.entry WHERE document_id = $1 AND reverses_entry_id IS NOT NULL",
        UUID(posted["id"]),
    )
    async with books.tenant.connection() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(
                ENTRY.replace("recorded_by)", "recorded_by, reverses_entry_id)").replace(
                    "d.created_by\n", "d.created_by, $7\n"
                ),
                new_id(),
                "actual",
                date(YEAR, 3, 15),
                UUID(posted["id"]),
                2,
                f"{YEAR}-03",
                reversed_id,
            )


async def test_no_two_periods_share_a_day(books: Books) -> None:
    async with books.tenant.connection() as connection:
        with pytest.raises(asyncpg.ExclusionViolationError):
            await connection.execute(
                """INSERT INTO ledger.period (id, company_id, fiscal_year_id, name, starts_on, ends_on, created_at,
                                              updated_at)
                   SELECT $1, company_id, fiscal_year_id, 'twice', starts_on + 3, ends_on, $2, $2
                   FROM ledger.period WHERE name = $3""",
                new_id(),
                datetime.now(UTC),
                f"{YEAR}-03",
            )


async def test_a_budget_is_the_sum_of_its_lines_and_a_line_of_its_months(books: Books) -> None:
    drafted = await books.run(
        "ledger.budget.create",
        {"name": "Sum", "fiscal_year": str(YEAR), "lines": [{"code": "A", "amount": "120.00"}]},
    )
    line = UUID(drafted["lines"][0]["id"])
    async with books.tenant.connection() as connection:
        for statement in (
            "UPDATE ledger.budget_amount SET amount_minor = amount_minor + 1 WHERE line_id = $1",
            "UPDATE ledger.budget_line SET amount_minor = amount_minor + 1 WHERE id = $1",
            "DELETE FROM ledger.budget_amount WHERE line_id = $1",
        ):
            with pytest.raises(asyncpg.CheckViolationError) as error:
                await connection.execute(statement, line)
            assert error.value.constraint_name == "budget_adds_up"
