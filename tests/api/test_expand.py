"""`expand` on lists: what a row refers to stands beside it, as far as one may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from adapters.postgres.lists import list_fields
from bizcore.settings import Settings
from services.composition import PARTS
from tests.support.api import Api, Json
from tests.support.filled import Filled, fill
from tests.support.operations import operations

ROOT: Final = Path(__file__).parents[2]
LISTED: Final = [
    (op.path, name, field.ref)
    for part in PARTS
    for kind, sql in {**part.documents, **part.records}.items()
    if sql.listing is not None
    for op in operations()
    if op.declared["operationId"].endswith(f".{kind}.list")
    for name, field in list_fields(sql.listing).items()
    if field.ref is not None
]


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Expand"))


def nearest(body: Json) -> object:
    return body["error"]["details"]["nearest"]


@pytest.mark.parametrize(("path", "name", "kind"), LISTED)
async def test_every_reference_of_every_list_is_expanded(filled: Filled, path: str, name: str, kind: str) -> None:
    rows = (await filled.office.owner.seen(path, expand=name, limit="200"))["data"]
    assert rows, f"fill() makes nothing in {path}: add it there"
    for row in rows:
        assert list(row["expanded"]) == [name]
        shown = row["expanded"][name]
        assert (shown is None) == (row[name] is None)
        if shown is not None:
            assert sorted(shown) == ["code", "id", "name"]
            assert shown["id"] == row[name]


async def test_several_are_expanded_at_once_with_what_people_call_them(filled: Filled) -> None:
    owner, receipt = filled.office.owner, filled["goods_receipt"]
    supplier = await owner.seen(f"parties/{filled['party']}")
    order = await owner.seen(f"procurement/purchase-orders/{filled['purchase_order']}")
    page = await owner.seen("procurement/goods-receipts", expand="supplier,purchase_order", id=receipt)
    (row,) = page["data"]
    assert row["supplier"] == supplier["id"]
    assert row["expanded"] == {
        "supplier": {"id": supplier["id"], "code": supplier["code"], "name": supplier["name"]},
        "purchase_order": {"id": order["id"], "code": order["number"], "name": order["title"]},
    }
    assert "expanded" not in (await owner.seen("procurement/goods-receipts"))["data"][0]


async def test_what_is_no_reference_is_refused_naming_the_nearest(filled: Filled) -> None:
    for given, meant in (("suplier", "supplier"), ("purchase_ordr", "purchase_order")):
        answer = await filled.office.owner.get("procurement/goods-receipts", params={"expand": given})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MALFORMED")
        assert nearest(answer.json()) == meant
    answer = await filled.office.owner.get("procurement/goods-receipts", params={"expand": "number"})
    assert answer.status_code == 400


async def test_who_may_not_read_a_kind_does_not_expand_it(filled: Filled) -> None:
    role = {"code": "receipts_seen", "name": "Receipts", "permissions": ["procurement.goods_receipt.read"]}
    await filled.office.owner.made("access/roles", role)
    reader = await filled.office.member("receipts_seen")
    assert (await reader.seen("procurement/goods-receipts"))["data"]
    for name, permission in (("supplier", "parties.party.read"), ("purchase_order", "procurement.purchase_order.read")):
        answer = await reader.get("procurement/goods-receipts", params={"expand": name})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PERMISSION_DENIED")
        assert answer.json()["error"]["details"] == {"permission": permission}


async def test_a_company_out_of_scope_is_not_named(api: Api) -> None:
    group = await api.sign_up("Group")
    branch = await group.owner.made("companies", {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"})
    for company in ("MAIN", "BR"):
        await group.owner.made("ledger/account-roles", {"role": "expense", "account": "6010", "company": company})
    person = await group.member("admin", scopes={"companies": ["BR"]})
    for reader, known in ((group.owner, {"MAIN", "BR"}), (person, {"BR"})):
        rows = (await reader.seen("ledger/account-roles", expand="for_company", limit="200"))["data"]
        assert {row["expanded"]["for_company"]["code"] for row in rows if row["expanded"]["for_company"]} == known
    assert branch["code"] == "BR"


def test_a_process_that_has_migrated_nothing_knows_what_lists_expand(servers: Settings) -> None:
    """Migrations and sign-up load tables that the API itself does not: after a restart it has only its own."""
    program = f"""
from adapters.identity.secrets import Secrets
from adapters.postgres.lists import things
from services.api import app
from services.composition import compose
print(*sorted(things(compose(Secrets.of({servers.master_key!r})).catalogue)))
"""
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert {"account", "company", "item", "party", "purchase_order"} <= set(done.stdout.split())
