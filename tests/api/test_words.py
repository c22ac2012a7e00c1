"""What people type to find a paper: its number, its title, or whom it is with."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from tests.support.filled import Filled, body_of, fill

ORDERS = "procurement/purchase-orders"


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Words"))


async def test_a_paper_is_found_by_its_number_its_title_and_its_party(filled: Filled) -> None:
    owner = filled.office.owner
    party = await owner.made("parties", {"name": "Zwickauer Werkzeugbau", "roles": ["supplier"], "country": "DE"})
    body = body_of(f"POST {ORDERS}", filled) | {"supplier": party["id"], "title": "Drill heads"}
    order = await owner.made(ORDERS, body)
    for words, found in {
        order["number"]: True, "drill": True, "heads drill": True, "zwick": True, "werkzeugbau zwickauer": True,
        party["code"]: True, "zwickauer steel": False, "wickauer": False, "nobody": False,
    }.items():  # fmt: skip
        page = await owner.seen(ORDERS, q=words)
        assert (order["id"] in [row["id"] for row in page["data"]]) is found, words
    both = await owner.seen(ORDERS, q="zwickauer", phase="draft", expand="party")
    assert [(row["id"], row["expanded"]["party"]["name"]) for row in both["data"]] == [(order["id"], party["name"])]
    assert (await owner.seen(ORDERS, q="zwickauer", phase="active"))["data"] == []
    assert (await owner.seen("procurement/requisitions", q="zwickauer"))["data"] == []


async def test_pages_of_what_a_party_is_found_by_continue_each_other(filled: Filled) -> None:
    owner = filled.office.owner
    party = await owner.made("parties", {"name": "Quarry Brothers", "roles": ["supplier"], "country": "DE"})
    body = body_of(f"POST {ORDERS}", filled) | {"supplier": party["id"]}
    made = [(await owner.made(ORDERS, body))["id"] for _ in range(3)]
    first = await owner.seen(ORDERS, q="quarry", limit="2", sort="created_at")
    rest = await owner.seen(ORDERS, q="quarry", limit="2", sort="created_at", cursor=first["next_cursor"])
    assert [row["id"] for row in first["data"] + rest["data"]] == made
