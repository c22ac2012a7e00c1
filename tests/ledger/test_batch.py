"""Journal entries in a batch, over HTTP: all or none, or each for itself; carried out once under one key."""

from collections.abc import AsyncIterator

import pytest

from bizcore.settings import Settings
from tests.ledger.support import YEAR
from tests.support.api import Json, Office, running_api

BATCH = "ledger/journal-entries/batch"


@pytest.fixture(scope="module")
async def office(servers: Settings) -> AsyncIterator[Office]:
    async with running_api(servers) as api:
        yield await api.sign_up("Batches")


def entry(amount: str, credit: str | None = None, **changed: object) -> Json:
    lines = [{"account": "6110", "debit": amount}, {"account": "1020", "credit": credit or amount}]
    return {"entry_date": f"{YEAR}-03-31", "description": "Rent", "lines": lines} | changed


async def entries(office: Office) -> int:
    return len((await office.owner.seen("ledger/journal-entries", limit="200"))["data"])


async def test_a_batch_posts_every_entry_in_the_order_given(office: Office) -> None:
    done = await office.owner.made(BATCH, {"entries": [entry("10.00"), entry("20.00"), entry("30.00")]})
    assert [item["status"] for item in done["data"]] == [201, 201, 201]
    totals = [(await office.owner.seen(f"documents/{item['id']}"))["total"] for item in done["data"]]
    assert totals == ["10.00", "20.00", "30.00"]


async def test_one_wrong_entry_refuses_the_whole_batch_and_says_where(office: Office) -> None:
    before = await entries(office)
    answer = await office.owner.post(BATCH, {"entries": [entry("10.00"), entry("1.005")]})
    assert answer.status_code == 422
    problem = answer.json()["error"]["details"]["fields"][0]
    assert (problem["path"], problem["code"]) == ("/entries/1/lines/0/debit", "VALUE_TOO_PRECISE")
    assert await entries(office) == before


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(entry("10.00", "9.00"), "UNBALANCED_ENTRY"), (entry("10.00", currency="CHF"), "EXCHANGE_RATE_MISSING")],
)
async def test_a_refusal_of_a_whole_batch_says_which_entry_it_is_about(office: Office, wrong: Json, code: str) -> None:
    before = await entries(office)
    answer = await office.owner.post(BATCH, {"entries": [entry("10.00"), wrong]})
    error = answer.json()["error"]
    assert (error["code"], error["details"]["path"]) == (code, "/entries/1")
    assert await entries(office) == before


async def test_each_for_itself_keeps_the_good_and_tells_of_the_bad(office: Office) -> None:
    before = await entries(office)
    body = {"atomic": False, "entries": [entry("10.00"), entry("10.00", "9.00"), entry("12.00")]}
    done = await office.owner.made(BATCH, body)
    assert [item["status"] for item in done["data"]] == [201, 422, 201]
    assert done["data"][1]["error"]["code"] == "UNBALANCED_ENTRY"
    assert await entries(office) == before + 2


@pytest.mark.parametrize("atomic", [True, False])
async def test_the_same_key_answers_the_same_entries_and_posts_none_again(office: Office, atomic: bool) -> None:
    body = {"atomic": atomic, "entries": [entry("41.00"), entry("42.00")]}
    headers = {"Idempotency-Key": f"batch-{atomic}"}
    first = await office.owner.made(BATCH, body, headers=headers)
    before = await entries(office)
    assert await office.owner.made(BATCH, body, headers=headers) == first
    assert await entries(office) == before


async def test_a_key_that_another_one_begins_with_answers_its_own_entries_alone(office: Office) -> None:
    bodies = {key: {"entries": [entry(amount)]} for key, amount in (("run", "51.00"), ("run:2", "52.00"))}
    first = {
        key: await office.owner.made(BATCH, body, headers={"Idempotency-Key": key}) for key, body in bodies.items()
    }
    for key, body in bodies.items():
        assert await office.owner.made(BATCH, body, headers={"Idempotency-Key": key}) == first[key]


async def test_a_dry_run_of_a_batch_keeps_nothing(office: Office) -> None:
    before = await entries(office)
    await office.owner.made(BATCH, {"entries": [entry("10.00")]}, params={"dry_run": "true"})
    assert await entries(office) == before


async def test_a_control_account_is_refused_in_its_place_whether_all_or_each(office: Office) -> None:
    before = await entries(office)
    lines = [{"account": "3900", "debit": "5.00"}, {"account": "2010", "credit": "5.00"}]
    body = {"entries": [entry("10.00"), entry("5.00", lines=lines)]}
    answer = await office.owner.post(BATCH, body)
    assert answer.status_code == 422
    problem = answer.json()["error"]["details"]["fields"][0]
    assert (problem["path"], problem["code"]) == ("/entries/1/lines/1/account", "CONTROL_ACCOUNT")
    assert (problem["given"], problem["allowed"]) == ("2010", ["supplier_invoice", "payment"])
    assert await entries(office) == before
    done = await office.owner.made(BATCH, body | {"atomic": False})
    assert [item["status"] for item in done["data"]] == [201, 422]
    assert done["data"][1]["error"]["details"]["fields"][0]["code"] == "CONTROL_ACCOUNT"
    assert await entries(office) == before + 1


async def test_who_may_not_post_is_refused_before_the_body_is_judged(office: Office) -> None:
    answer = await (await office.member("requester")).post(BATCH, {"nonsense": 1})
    assert (answer.status_code, answer.json()["error"]["details"]["permission"]) == (403, "ledger.journal_entry.create")
