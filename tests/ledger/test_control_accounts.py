"""A control account holds what its documents put there, and nothing else: refused by name, and by PostgreSQL."""

from uuid import UUID

import asyncpg
import pytest

from bizcore.errors import ValidationFailed
from bizcore.ids import new_id
from contexts.ledger import facts
from contexts.ledger.errors import AccountHasPostings, ControlAccount, RoleWithoutAccount
from tests.ledger.support import YEAR, Books, Told
from tests.ledger.test_held_by_the_database import write

BY_CONTROL = [("2010", "payable"), ("1310", "payable"), ("1110", "receivable"), ("1400", "inventory"), ("2020", "grni")]


async def account_id(books: Books, code: str) -> UUID:
    return UUID(str(await books.value("SELECT id FROM ledger.account WHERE code = $1", code)))


async def written(books: Books) -> tuple[int, int]:
    """How many documents and postings there are."""
    rows = await books.fetch(
        "SELECT (SELECT count(*) FROM platform.document) AS d, (SELECT count(*) FROM ledger.posting) AS p"
    )
    return rows[0]["d"], rows[0]["p"]


@pytest.mark.parametrize(("code", "control"), BY_CONTROL)
async def test_a_manual_entry_on_a_control_account_is_refused_and_told_what_would_pass(
    books: Books, code: str, control: str
) -> None:
    before = await written(books)
    with pytest.raises(ControlAccount) as refused:
        await books.post(("3900", "debit", "500.00"), (code, "credit", "500.00"))
    (problem,) = refused.value.fields
    assert (problem.path, problem.code, problem.given) == ("/lines/1/account", "CONTROL_ACCOUNT", code)
    assert problem.allowed
    assert await books.value("SELECT control FROM ledger.account WHERE code = $1", code) == control
    assert await written(books) == before


async def test_the_party_does_not_open_it(books: Books) -> None:
    """A party is no open item: what it was for could never be settled."""
    party = new_id()
    await books.fetch(
        """INSERT INTO parties.party (id, code, name, roles, country, version, entry_no, created_at, updated_at)
           VALUES ($1, 'P-CONTROL', 'Harbour', '["supplier"]', 'DE', 1, 1, now(), now()) RETURNING id""",
        party,
    )
    before = await written(books)
    lines = [
        {"account": "3900", "debit": "500.00"},
        {"account": "2010", "credit": "500.00", "party": "P-CONTROL"},
    ]
    body = {"entry_date": f"{YEAR}-03-15", "description": "Opening balance", "lines": lines}
    with pytest.raises(ControlAccount) as refused:
        await books.run("ledger.journal_entry.create", body)
    assert refused.value.fields[0].allowed == ("supplier_invoice", "payment")
    assert await written(books) == before


async def test_a_role_that_leads_to_a_control_account_of_another_posts_nothing(books: Books) -> None:
    """Expenses do not end among the payables because somebody mixed up two accounts."""
    before = await written(books)
    with pytest.raises(RoleWithoutAccount) as refused:
        await books.tell(Told(facts.SERVICE_RECEIVED, 100_00, options={"account_id": await account_id(books, "2010")}))
    assert refused.value.details["account"] == "2010"
    assert await written(books) == before


@pytest.mark.parametrize(("role", "code"), [("expense", "2010"), ("payable", "2030"), ("inventory", "2020")])
async def test_a_role_is_not_given_to_an_account_that_others_control(books: Books, role: str, code: str) -> None:
    with pytest.raises(ControlAccount) as refused:
        await books.run("ledger.account_role.create", {"role": role, "account": code, "company": "MAIN"})
    assert refused.value.fields[0].path == "/account"


async def test_nor_is_it_moved_there_later(books: Books) -> None:
    made = await books.run("ledger.account_role.create", {"role": "cleaning", "account": "6020", "company": "MAIN"})
    with pytest.raises(ControlAccount):
        await books.run("ledger.account_role.update", {"account": "2010"}, id=UUID(made["id"]), version=1)


async def test_neither_is_it_a_bank_account_or_a_tax_account(books: Books) -> None:
    with pytest.raises(ControlAccount):
        await books.run("ledger.bank_account.create", {"code": "B2", "name": "Second", "account": "2010"})
    tax = {"code": "X1", "name": "X", "rate": "1", "kind": "both", "output_account": "2010"}
    with pytest.raises(ControlAccount) as refused:
        await books.run("ledger.tax_code.create", tax)
    assert refused.value.fields[0].path == "/output_account"


@pytest.mark.parametrize(
    "line",
    [{"side": "credit", "role": "payable"}, {"side": "debit", "role": "expense", "open_item": True}],
)
async def test_a_rule_opens_items_on_control_accounts_of_parties_and_only_there(
    books: Books, line: dict[str, object]
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.posting_rule.create", {"fact_kind": "a.b.c", "lines": [line]})
    assert (refused.value.fields[0].path, refused.value.fields[0].code) == ("/lines/0/open_item", "OPEN_ITEM")


async def test_an_account_with_postings_stays_what_it_is(books: Books) -> None:
    await books.post(("6090", "debit", "1.00"), ("1020", "credit", "1.00"))
    with pytest.raises(AccountHasPostings):
        await books.run("ledger.account.update", {"control": "payable"}, id=await account_id(books, "6090"), version=1)
    changed = await books.run(
        "ledger.account.update", {"control": "payable"}, id=await account_id(books, "2060"), version=1
    )
    assert changed["control"] == "payable"


async def test_an_account_that_plays_a_role_keeps_the_control_that_goes_with_it(books: Books) -> None:
    with pytest.raises(ControlAccount) as refused:
        await books.run("ledger.account.update", {"control": None}, id=await account_id(books, "1310"), version=1)
    assert refused.value.fields[0].path == "/control"


async def test_postgresql_refuses_a_posting_without_role_or_open_item_there(books: Books) -> None:
    before = await books.value("SELECT count(*) FROM ledger.entry")
    for code in ("2010", "1400", "2020"):
        with pytest.raises(asyncpg.CheckViolationError) as error:
            await write(books, 100, -100, account=code)
        assert error.value.constraint_name == "control_account"
    with pytest.raises(asyncpg.CheckViolationError) as error:  # right by its role, yet of no open item
        await write(books, 100, -100, account="2010", role="payable")
    assert error.value.constraint_name == "control_account"
    # each attempt made the document that it wanted to write to
    assert await books.value("SELECT count(*) FROM ledger.entry") == before + 4
