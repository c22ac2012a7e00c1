"""Companies of one organization: who works for one sees and changes nothing of another, and no paper mixes two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api, Office, Person

BRANCH = {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"}


@pytest.fixture(scope="module")
async def group(api: Api) -> Office:
    """An organization with the companies MAIN and BR, each with its bank account, location and fiscal year."""
    group = await api.sign_up("Group")
    await group.owner.made("companies", BRANCH)
    return group


async def of(office: Office, route: str, company: str) -> dict[str, Any]:
    """The company's first record of that kind, as the owner sees it."""
    data = (await office.owner.seen(route, company=company))["data"]
    return dict(data[0])


def refusal(answer: Any) -> tuple[int, str, str]:
    details = answer.json().get("error", {}).get("details", {})
    problem = details.get("fields", [{"code": "", "path": ""}])[0]
    return answer.status_code, problem["code"], problem["path"]


async def test_companies_out_of_scope_are_neither_listed_nor_shown(group: Office) -> None:
    person = await group.member("admin", scopes={"companies": ["BR"]})
    listed = (await person.seen("companies"))["data"]
    assert [company["code"] for company in listed] == ["BR"]
    assert (await person.get(f"companies/{group.company}")).status_code == 404
    assert (await person.get(f"companies/{listed[0]['id']}")).status_code == 200
    places = [(await of(group, "inventory/locations", company))["id"] for company in ("MAIN", "BR")]
    found = {hit["id"] for hit in (await person.seen("search", q="main"))["data"]}
    assert found & {group.company, *places} == {places[1]}, "both places are called Main warehouse"


@pytest.mark.parametrize("route", ["ledger/bank-accounts", "inventory/locations", "ledger/fiscal-years"])
async def test_records_of_another_company_are_not_shown(group: Office, route: str) -> None:
    person = await group.member("admin", scopes={"companies": ["BR"]})
    theirs, own = await of(group, route, "MAIN"), await of(group, route, "BR")
    assert (await person.get(f"{route}/{theirs['id']}")).status_code == 404
    assert (await person.get(f"{route}/{own['id']}")).status_code == 200


@pytest.mark.parametrize(
    ("route", "change"),
    [("ledger/bank-accounts", {"iban": "DE02120300000000202051"}), ("inventory/locations", {"name": "X"})],
)
async def test_records_of_another_company_are_not_changed(group: Office, route: str, change: dict[str, object]) -> None:
    person = await group.member("admin", scopes={"companies": ["BR"]})
    theirs = await of(group, route, "MAIN")
    answer = await person.patch(f"{route}/{theirs['id']}", change, version=theirs["version"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert await of(group, route, "MAIN") == theirs


async def test_what_another_company_has_cannot_be_referred_to(group: Office) -> None:
    person = await group.member("admin", scopes={"companies": ["BR"]})
    theirs = await of(group, "inventory/locations", "MAIN")
    supplier = await group.owner.made("parties", {"name": "Wood", "roles": ["supplier"], "country": "DE"})
    for given in (theirs["id"], theirs["code"]):
        line = {"description": "Bench", "quantity": "1", "unit_price": "1.00", "location": given}
        answer = await person.post("procurement/purchase-orders", {"supplier": supplier["id"], "lines": [line]})
        assert refusal(answer) == (422, "UNKNOWN_REFERENCE", "/lines/0/location")
    filtered = await person.get("inventory/locations", params={"company": "MAIN"})
    assert filtered.status_code == 422


async def test_goods_of_one_company_do_not_arrive_at_anothers_place(group: Office) -> None:
    theirs = await of(group, "inventory/locations", "MAIN")
    supplier = await group.owner.made("parties", {"name": "Iron", "roles": ["supplier"], "country": "DE"})
    line = {"description": "Bench", "quantity": "1", "unit_price": "1.00", "location": theirs["id"]}
    order = {"company": "BR", "supplier": supplier["id"], "lines": [line]}
    answer = await group.owner.post("procurement/purchase-orders", order)
    assert refusal(answer) == (422, "UNKNOWN_REFERENCE", "/lines/0/location")


async def _budget(group: Office, company: str, code: str) -> str:
    year = await of(group, "ledger/fiscal-years", company)
    draft = await group.owner.made(
        "ledger/budgets",
        {
            "company": company,
            "name": f"Budget of {company}",
            "fiscal_year": year["year"],
            "lines": [{"code": code, "amount": "100.00"}],
        },
    )
    approver: Person = await group.member("approver")
    await approver.made(f"ledger/budgets/{draft['id']}/approve")
    return str(draft["lines"][0]["id"])


async def test_a_line_is_paid_by_its_own_companys_budget(group: Office) -> None:
    own = await _budget(group, "BR", "IT")
    theirs = await _budget(group, "MAIN", "IT")  # the newer one, which a code alone would find
    line = {"description": "Laptop", "quantity": "1", "unit_price": "1.00"}
    by_code = await group.owner.made(
        "procurement/requisitions", {"company": "BR", "lines": [line | {"budget_line": "IT"}]}
    )
    assert by_code["lines"][0]["budget_line"] == own
    only_theirs = await _budget(group, "MAIN", "RND")
    for route in ("procurement/requisitions", "procurement/purchase-orders"):
        supplier = await group.owner.made("parties", {"name": "Any", "roles": ["supplier"], "country": "DE"})
        named = {"company": "BR", "lines": [line | {"budget_line": only_theirs}]}
        named |= {"supplier": supplier["id"]} if route.endswith("orders") else {}
        answer = await group.owner.post(route, named)
        assert refusal(answer) == (422, "UNKNOWN_REFERENCE", "/lines/0/budget_line")
    assert theirs != own


async def test_a_replay_shows_nothing_of_a_company_that_has_left_the_scope(group: Office) -> None:
    both = {"companies": ["MAIN", "BR"]}
    person = await group.new_member("admin", scopes=both)
    line = {"description": "Bench", "quantity": "1", "unit_price": "1.00"}
    need = {"company": "MAIN", "lines": [line]}
    place = {"company": "MAIN", "code": "SHED", "name": "Shed"}

    async def asked() -> list[Any]:
        created = await person.post("procurement/requisitions", need, headers={"Idempotency-Key": "need"})
        id = created.json().get("id") or seen[0].json()["id"]
        submitted = await person.post(f"procurement/requisitions/{id}/submit", headers={"Idempotency-Key": "submit"})
        stored = await person.post("inventory/locations", place, headers={"Idempotency-Key": "place"})
        return [created, submitted, stored]

    seen = await asked()
    assert [answer.status_code for answer in seen] == [201, 200, 201]
    replayed = await asked()
    assert [(answer.status_code, answer.headers["Idempotency-Replayed"]) for answer in replayed] == [
        (201, "true"), (200, "true"), (201, "true"),
    ]  # fmt: skip
    await group.owner.changed(f"access/members/{person.principal}", {"scopes": {"companies": ["BR"]}})
    for answer in await asked():
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), answer.text
    await group.owner.changed(f"access/members/{person.principal}", {"scopes": both})
    assert [answer.json()["id"] for answer in await asked()] == [answer.json()["id"] for answer in seen]


async def test_a_replay_shows_nothing_once_the_role_is_withdrawn(group: Office) -> None:
    person = await group.new_member("requester")
    need = {"company": "MAIN", "lines": [{"description": "Bench", "quantity": "1", "unit_price": "1.00"}]}
    headers = {"Idempotency-Key": "need"}
    assert (await person.post("procurement/requisitions", need, headers=headers)).status_code == 201
    await group.owner.changed(f"access/members/{person.principal}", {"roles": ["buyer"]})
    answer = await person.post("procurement/requisitions", need, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
