"""Parties and payment terms through the whole pipeline."""

from uuid import UUID

import pytest

from adapters.postgres.records import reveal
from bizcore.errors import NotFound, UnknownReference, ValidationFailed, VersionConflict
from bizcore.ids import new_id
from bizcore.platform.errors import DuplicateCode

PAPERS = {"name": "Papers & Co", "roles": ["supplier"], "country": "DE"}
IBAN = "DE89 3704 0044 0532 0130 00"


async def test_a_party_answers_with_what_it_was_given(masters):
    given = {
        **PAPERS,
        "code": "PAPERS",
        "currency": "USD",
        "tax_id": "DE123456789",
        "payment_terms": "NET30",
        "email": "billing@papers.example",
        "iban": IBAN,
        "addresses": [{"street": "Hauptstr. 1", "city": "Köln", "country": "DE"}],
        "attributes": {"rating": "A"},
    }
    found = await masters.run("parties.party.create", given)
    terms = (await masters.listed("payment_terms", ("code", "NET30")))[0]
    assert {name: found[name] for name in given if name not in ("payment_terms", "addresses", "iban")} == {
        name: given[name] for name in given if name not in ("payment_terms", "addresses", "iban")
    }
    assert found["payment_terms"] == terms["id"]
    assert found["payment_terms_code"] == "NET30"
    assert found["iban"] == "DE89370400440532013000"
    assert found["addresses"][0]["city"] == "Köln"
    assert found["active"] is True
    assert found["version"] == 1


async def test_a_party_without_a_code_gets_the_next_of_its_series(masters):
    first = await masters.run("parties.party.create", PAPERS)
    second = await masters.run("parties.party.create", PAPERS)
    assert first["code"].startswith("PA-")
    assert int(second["code"].removeprefix("PA-")) == int(first["code"].removeprefix("PA-")) + 1


async def test_the_series_passes_over_codes_that_were_given_by_hand(masters):
    drawn = await masters.run("parties.party.create", PAPERS)
    number = int(drawn["code"].removeprefix("PA-"))
    await masters.run("parties.party.create", {**PAPERS, "code": f"PA-{number + 1:05}"})
    assert (await masters.run("parties.party.create", PAPERS))["code"] == f"PA-{number + 2:05}"


async def test_a_dry_run_draws_no_code_and_keeps_nothing(masters):
    blocks = await masters.fetch("SELECT count(*) FROM platform.number_block")
    found = await masters.run("parties.party.create", {**PAPERS, "name": "Nobody"}, dry_run=True)
    assert found["code"] is None
    assert [event["type"] for event in found["effects"]["events"]] == ["parties.party.created.v1"]
    assert await masters.listed("party", ("name", "Nobody")) == []
    assert await masters.fetch("SELECT count(*) FROM platform.number_block") == blocks


async def test_a_code_is_given_once(masters):
    await masters.run("parties.party.create", {**PAPERS, "code": "ONCE"})
    with pytest.raises(DuplicateCode) as refusal:
        await masters.run("parties.party.create", {**PAPERS, "code": "ONCE"})
    assert refusal.value.code == "DUPLICATE_CODE"
    assert len(await masters.listed("party", ("code", "ONCE"))) == 1


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"country": "XX"}, "/country", "UNKNOWN_COUNTRY"),
        ({"currency": "XAU"}, "/currency", "UNKNOWN_CURRENCY"),
        ({"iban": "DE88370400440532013000"}, "/iban", "INVALID_IBAN"),
        ({"roles": ["supplier", "supplier"]}, "/roles", "INVALID_ROLES"),
        ({"addresses": [{"country": "DE"}, {"country": "XX"}]}, "/addresses/1/country", "UNKNOWN_COUNTRY"),
    ],
)
async def test_nonsense_is_refused_where_it_stands(masters, change, path, code):
    with pytest.raises(ValidationFailed) as refusal:
        await masters.run("parties.party.create", {**PAPERS, "name": "Nonsense", **change})
    assert [(problem.path, problem.code) for problem in refusal.value.fields] == [(path, code)]
    assert await masters.listed("party", ("name", "Nonsense")) == []


async def test_unknown_payment_terms_are_named(masters):
    with pytest.raises(UnknownReference) as refusal:
        await masters.run("parties.party.create", {**PAPERS, "payment_terms": "NET99"})
    assert refusal.value.fields[0].path == "/payment_terms"


async def test_a_change_touches_what_was_given_and_null_clears(masters):
    party = await masters.run("parties.party.create", {**PAPERS, "email": "old@example.com", "tax_id": "1"})
    id = UUID(party["id"])
    changed = await masters.run("parties.party.update", {"email": None, "name": "New"}, id=id, version=1)
    assert (changed["email"], changed["name"], changed["tax_id"], changed["version"]) == (None, "New", "1", 2)


async def test_attributes_are_merged_and_null_takes_one_away(masters):
    party = await masters.run("parties.party.create", {**PAPERS, "attributes": {"a": 1, "b": 2}})
    changed = await masters.run(
        "parties.party.update", {"attributes": {"b": None, "c": 3}}, id=UUID(party["id"]), version=1
    )
    assert changed["attributes"] == {"a": 1, "c": 3}


async def test_a_change_that_changes_nothing_leaves_no_trace(masters):
    party = await masters.run("parties.party.create", PAPERS)
    again = await masters.run("parties.party.update", {"name": PAPERS["name"]}, id=UUID(party["id"]), version=1)
    assert again["version"] == 1
    assert len(await masters.history(party["id"])) == 1
    assert len(await masters.events(party["id"])) == 1


async def test_a_stale_change_is_told_what_changed_since_and_by_whom(masters):
    party = await masters.run("parties.party.create", PAPERS)
    id = UUID(party["id"])
    await masters.run("parties.party.update", {"currency": "USD"}, id=id, version=1)
    await masters.run("parties.party.update", {"email": "a@example.com"}, id=id, version=2)
    with pytest.raises(VersionConflict) as refusal:
        await masters.run("parties.party.update", {"name": "Late"}, id=id, version=1)
    details = refusal.value.details
    assert (details["given"], details["current"]) == (1, 3)
    assert [(change["fields"], change["by"]) for change in details["changes"]] == [
        (["/currency"], "Olga Owner"),
        (["/email"], "Olga Owner"),
    ]
    assert (await masters.listed("party", ("id", party["id"])))[0]["name"] == PAPERS["name"]


async def test_what_does_not_exist_is_not_found(masters):
    with pytest.raises(NotFound):
        await masters.run("parties.party.update", {"name": "X"}, id=new_id(), version=1)


async def test_a_party_is_taken_out_of_use_and_back(masters):
    party = await masters.run("parties.party.create", PAPERS)
    id = UUID(party["id"])
    assert (await masters.run("parties.party.deactivate", id=id))["active"] is False
    assert (await masters.run("parties.party.activate", id=id))["active"] is True
    assert [event["type"] for event in await masters.events(party["id"])] == [
        "parties.party.created.v1",
        "parties.party.deactivated.v1",
        "parties.party.activated.v1",
    ]


async def test_personal_data_is_unreadable_in_the_audit_trail_without_its_key(masters):
    party = await masters.run("parties.party.create", {**PAPERS, "name": "Ada Canary", "email": "ada@canary.example"})
    id = UUID(party["id"])
    await masters.run("parties.party.update", {"email": "new@canary.example"}, id=id, version=1)
    history = await masters.history(party["id"])
    events = await masters.events(party["id"])
    assert "anary" not in str(history)
    assert "anary" not in str(events)
    assert events[1]["data"] == {"fields": ["email"], "values": {}}
    assert history[0]["after"]["/country"] == "DE"

    key = (await masters.fetch("SELECT wrapped_key FROM audit.subject_key WHERE subject_id = $1", id))[0]["wrapped_key"]
    assert reveal(masters.secrets, id, key, history[0]["after"])["/name"] == "Ada Canary"
    assert reveal(masters.secrets, id, key, history[1]["before"]) == {"/email": "ada@canary.example"}
    assert reveal(masters.secrets, id, key, history[1]["after"]) == {"/email": "new@canary.example"}
    assert reveal(masters.secrets, id, None, history[1]["after"]) == {"/email": {"erased": True}}


async def test_erased_personal_data_is_nowhere_and_the_trail_still_stands(masters):
    party = await masters.run(
        "parties.party.create", {**PAPERS, "name": "Eva Canary", "email": "eva@canary.example", "tax_id": "CANARY-7"}
    )
    id = UUID(party["id"])
    erased = await masters.run("parties.party.erase", {"reason": "Article 17"}, id=id, version=1)
    assert (erased["name"], erased["email"], erased["tax_id"]) == (f"Erased {party['code']}", None, None)
    assert (erased["active"], erased["code"], erased["country"]) == (False, party["code"], "DE")
    assert await masters.fetch("SELECT FROM audit.subject_key WHERE subject_id = $1", id) == []
    history = await masters.history(party["id"])
    assert [sorted(entry["after"]) for entry in history][1] == ["/active", "/email", "/name", "/reason", "/tax_id"]
    assert reveal(masters.secrets, id, None, history[0]["after"])["/email"] == {"erased": True}
    for table in ("parties.party", "audit.entry", "outbox.event", "platform.idempotency_key"):
        rows = await masters.fetch(
            f"SELECT r::text FROM {table} r WHERE r::text ILIKE '%eva%canary%' OR r::text LIKE '%CANARY-7%'"
        )
        assert rows == [], table

    again = await masters.run("parties.party.erase", {"reason": "Twice"}, id=id, version=2)
    assert again["version"] == 2


async def test_suppliers_are_found_by_role_and_words(masters):
    await masters.run("parties.party.create", {**PAPERS, "name": "Zebra Inks", "roles": ["supplier", "customer"]})
    await masters.run("parties.party.create", {**PAPERS, "name": "Zebra Zoo", "roles": ["customer"]})
    found = await masters.listed("party", ("q", "zeb"), ("roles", "supplier"))
    assert [party["name"] for party in found] == ["Zebra Inks"]
    found = await masters.listed("party", ("q", "zebra"), ("roles", "ne:supplier"))
    assert [party["name"] for party in found] == ["Zebra Zoo"]
    found = await masters.listed("party", ("q", "zebra"), ("roles", "in:supplier,customer"), ("sort", "name"))
    assert [party["name"] for party in found] == ["Zebra Inks", "Zebra Zoo"]


async def test_the_shipped_payment_terms_are_there(masters):
    assert [(terms["code"], terms["name"]) for terms in await masters.listed("payment_terms", ("sort", "code"))] == [
        ("NET0", "Due at once"),
        ("NET14", "14 days net"),
        ("NET30", "30 days net"),
    ]


async def test_payment_terms_are_made_and_changed(masters):
    parts = [{"percent": "33.3", "days": 10}, {"remainder": True, "months": 1, "day_of_month": 31}]
    terms = await masters.run("parties.payment_terms.create", {"code": "THIRD", "name": "A third", "parts": parts})
    assert terms["parts"] == [
        {"percent": "33.3", "remainder": False, "months": 0, "days": 10, "day_of_month": None},
        {"percent": None, "remainder": True, "months": 1, "days": 0, "day_of_month": 31},
    ]
    changed = await masters.run(
        "parties.payment_terms.update", {"active": False, "name": "One third"}, id=UUID(terms["id"]), version=1
    )
    assert (changed["name"], changed["active"], changed["parts"]) == ("One third", False, terms["parts"])
