"""A parameter that an operation does not have is refused, whatever the operation."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from tests.support.database import contents, database_of
from tests.support.filled import Filled, body_of, fill


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Parameters"))


@pytest.mark.parametrize(
    ("operation", "given", "meant"),
    [
        ("POST procurement/requisitions", "dryrun=true", "dry_run"),
        ("POST procurement/requisitions/{requisition}/submit", "dry-run=true", "dry_run"),
        ("POST documents/{requisition}/comments", "dry_rum=true", "dry_run"),
        ("POST webhooks/endpoints", "dry_rn=true", "dry_run"),
        ("GET procurement/requisitions/{requisition}", "as_off=2026-01-31", "as_of"),
        ("GET documents/{requisition}", "known-at=2026-01-31T12:00:00Z", "known_at"),
        ("GET documents/{requisition}/timeline", "as_of=2026-01-31", None),
        ("GET parties/{party}", "explain=true", None),
        ("GET ledger/trial-balance", "compny=MAIN", "company"),
        ("GET webhooks/deliveries", "stat=dead", "state"),
        ("GET events", "curser=7", "cursor"),
        ("GET tasks", "limit=7", None),
    ],
)
async def test_a_misspelt_parameter_is_neither_carried_out_nor_answered_without_it(
    filled: Filled, operation: str, given: str, meant: str | None
) -> None:
    method, _, path = operation.partition(" ")
    body = body_of(f"{method} {path.replace('{requisition}', '{id}')}", filled) if method == "POST" else None
    async with database_of(filled.office.api.settings, filled.office.id) as connection:
        before = await contents(connection)
        refused = await filled.office.owner.request(method, f"{path.format(**filled.ids)}?{given}", json=body)
        assert await contents(connection) == before
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MALFORMED"), refused.text
    assert refused.json()["error"]["details"]["nearest"] == meant


async def test_a_delivery_list_takes_the_parameters_that_the_contract_names(filled: Filled) -> None:
    found = await filled.office.owner.seen("webhooks/deliveries", state="dead", limit="5")
    assert found == {"data": [], "next_cursor": None}
