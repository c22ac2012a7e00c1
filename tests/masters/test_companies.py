"""Companies, their policies, and the search, through the whole pipeline."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from adapters.postgres.platform.records import PostgresPolicies
from bizcore.errors import ValidationFailed
from bizcore.platform.errors import DuplicateCode
from bizcore.platform.policies import Policies

BRANCH = {"name": "Acme Japan", "country": "JP", "currency": "JPY", "timezone": "Asia/Tokyo"}


async def version(masters):
    return (await masters.fetch("SELECT version FROM platform.configuration"))[0]["version"]


async def policies(masters, company_id):
    unit = masters.unit()
    await unit.open("test")
    try:
        return await PostgresPolicies(unit.work).of(UUID(company_id))
    finally:
        await unit.rollback()


async def test_a_new_company_is_known_to_the_next_command(masters):
    before = await version(masters)
    company = await masters.run("platform.company.create", {**BRANCH, "code": "JP"})
    assert (company["code"], company["currency"], company["timezone"]) == ("JP", "JPY", "Asia/Tokyo")
    assert company["policies"] == {
        "over_receipt_tolerance": "0",
        "price_tolerance": "0",
        "price_tolerance_amount": "0",
        "quantity_tolerance": "0",
        "lines_without_budget": True,
    }
    assert await version(masters) == before + 1
    unit = masters.unit()
    await unit.open("test")
    assert unit.work.company(UUID(company["id"])).timezone == "Asia/Tokyo"
    await unit.rollback()


async def test_a_new_company_begins_with_an_open_year_and_a_bank_account(masters):
    company = await masters.run("platform.company.create", {**BRANCH, "code": "BOOKS"})
    id = UUID(company["id"])
    assert await masters.fetch("SELECT DISTINCT state FROM ledger.period WHERE company_id = $1", id) == [
        {"state": "open"}
    ]
    assert await masters.fetch("SELECT code, currency FROM ledger.bank_account WHERE company_id = $1", id) == [
        {"code": "BANK-BOOKS", "currency": "JPY"}
    ]


async def test_a_dry_run_adds_no_company(masters):
    before = await version(masters)
    found = await masters.run("platform.company.create", {**BRANCH, "code": "DRY"}, dry_run=True)
    assert found["code"] == "DRY"
    assert await masters.listed("company", ("code", "DRY")) == []
    assert await version(masters) == before


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"country": "XX"}, "/country", "UNKNOWN_COUNTRY"),
        ({"currency": "XAU"}, "/currency", "UNKNOWN_CURRENCY"),
        ({"timezone": "Mars/Olympus"}, "/timezone", "UNKNOWN_TIMEZONE"),
        ({"timezone": "../etc/passwd"}, "/timezone", "UNKNOWN_TIMEZONE"),
        ({"timezone": "Europe"}, "/timezone", "UNKNOWN_TIMEZONE"),
    ],
)
async def test_nonsense_is_refused_where_it_stands(masters, change, path, code):
    with pytest.raises(ValidationFailed) as refusal:
        await masters.run("platform.company.create", {**BRANCH, "code": "NONSENSE", **change})
    assert [(problem.path, problem.code) for problem in refusal.value.fields] == [(path, code)]


async def test_a_company_code_is_given_once(masters):
    with pytest.raises(DuplicateCode):
        await masters.run("platform.company.create", {**BRANCH, "code": "MAIN"})


async def test_policies_change_one_by_one_and_act_at_once(masters):
    company = await masters.run("platform.company.create", {**BRANCH, "code": "POL"})
    id = UUID(company["id"])
    assert await policies(masters, company["id"]) == Policies()
    await masters.run("platform.company.update", {"policies": {"over_receipt_tolerance": "5.0"}}, id=id, version=1)
    changed = await masters.run(
        "platform.company.update", {"policies": {"lines_without_budget": False}, "name": "Renamed"}, id=id, version=2
    )
    assert changed["policies"]["over_receipt_tolerance"] == "5"
    assert changed["policies"]["lines_without_budget"] is False
    assert changed["name"] == "Renamed"
    assert changed["version"] == 3
    assert await policies(masters, company["id"]) == Policies(
        over_receipt_tolerance=Decimal(5), lines_without_budget=False
    )
    history = await masters.history(company["id"])
    assert history[1]["before"] == {"/policies/over_receipt_tolerance": "0"}
    assert history[1]["after"] == {"/policies/over_receipt_tolerance": "5"}
    assert history[2]["after"] == {"/name": "Renamed", "/policies/lines_without_budget": False}


async def test_a_new_company_may_begin_with_its_policies(masters):
    company = await masters.run(
        "platform.company.create", {**BRANCH, "code": "STRICT", "policies": {"lines_without_budget": False}}
    )
    assert company["policies"]["lines_without_budget"] is False
    assert (await masters.history(company["id"]))[0]["after"]["/policies/lines_without_budget"] is False


async def test_companies_added_at_once_never_share_a_configuration_version(masters):
    before = await version(masters)
    await asyncio.gather(
        *(masters.run("platform.company.create", {**BRANCH, "code": f"C{number}"}) for number in range(4))
    )
    assert await version(masters) == before + 4


async def test_everything_readable_is_found_by_its_words(masters):
    party = await masters.run(
        "parties.party.create", {"code": "QUOKKA", "name": "Quokka Ltd", "roles": ["supplier"], "country": "AU"}
    )
    item = await masters.run(
        "catalog.item.create", {"sku": "Q-1", "name": "Quokka food", "kind": "stock", "unit": "KGM"}
    )
    found = await masters.search(q="quok")
    assert [(hit["type"], hit["id"], hit["number"], hit["route"]) for hit in found] == [
        ("item", item["id"], "Q-1", "items"),
        ("party", party["id"], "QUOKKA", "parties"),
    ]
    assert [hit["number"] for hit in await masters.search(q="quokka 'ltd\\' !")] == ["QUOKKA"]
    assert await masters.search(q="quokka food ltd") == []
    assert await masters.search(q="' & !") == []
    assert [hit["number"] for hit in await masters.search(q="Q-1 food")] == ["Q-1"]
