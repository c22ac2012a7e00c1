"""What a document is tied to, as people with different rights see it: what one may not read is not even named."""

from __future__ import annotations

from uuid import UUID

import pytest

from bizcore.ids import new_id
from tests.support.api import Api, Json, Person
from tests.support.database import database_of
from tests.support.filled import Filled, body_of, fill


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Links"))


async def chain(person: Person, id: str) -> Json:
    return await person.seen(f"documents/{id}/links")


def tied_to(document: Json) -> list[tuple[str, str]]:
    return [(link["kind"], link["type"]) for link in document["links"]]


async def test_who_reads_every_type_sees_the_whole_chain(filled: Filled) -> None:
    auditor = await filled.office.member("auditor")
    found = await chain(auditor, filled["supplier_invoice"])
    assert [d["type"] for d in found["documents"]] == [
        "requisition", "purchase_order", "goods_receipt", "supplier_invoice", "payment",
    ]  # fmt: skip
    assert [link["kind"] for link in found["links"]] == ["originates", "fulfils", "bills", "settles"]
    assert tied_to(await auditor.seen(f"billing/supplier-invoices/{filled['supplier_invoice']}")) == [
        ("bills", "purchase_order"), ("settles", "payment"),
    ]  # fmt: skip


async def test_a_type_one_may_not_read_is_left_out_of_the_chain(filled: Filled) -> None:
    payer = await filled.office.member("payer")
    found = await chain(payer, filled["supplier_invoice"])
    assert [d["type"] for d in found["documents"]] == ["supplier_invoice", "payment"]
    assert found["links"] == [
        {"kind": "settles", "source": filled["payment"], "target": filled["supplier_invoice"]},
    ]


async def test_what_lies_behind_a_hidden_document_is_not_in_the_chain(filled: Filled) -> None:
    """Requisition and receipt hang together by the order alone: without it neither tells of the other."""
    role = {"code": "ends", "name": "Ends", "permissions": [
        "procurement.requisition.read", "procurement.goods_receipt.read",
    ]}  # fmt: skip
    await filled.office.owner.made("access/roles", role)
    reader = await filled.office.member("ends")
    found = await chain(reader, filled["requisition"])
    assert ([d["type"] for d in found["documents"]], found["links"]) == (["requisition"], [])


async def test_a_read_names_no_document_of_a_type_one_may_not_read(filled: Filled) -> None:
    payer = await filled.office.member("payer")
    for path in ("billing/supplier-invoices", "documents"):
        invoice = await payer.seen(f"{path}/{filled['supplier_invoice']}")
        assert tied_to(invoice) == [("settles", "payment")]


async def test_the_answer_of_a_command_names_no_document_of_a_type_one_may_not_read(filled: Filled) -> None:
    receiver = await filled.office.member("receiver")
    role = {"code": "receipts_only", "name": "Receipts", "permissions": ["procurement.goods_receipt.*"]}
    await filled.office.owner.made("access/roles", role)
    body = body_of("POST procurement/goods-receipts", filled)
    seen = await receiver.made("procurement/goods-receipts", body)
    assert tied_to(seen) == [("fulfils", "purchase_order")]
    limited = await filled.office.member("receipts_only")
    assert tied_to(await limited.made("procurement/goods-receipts", body)) == []
    cancelled = await limited.made(f"procurement/goods-receipts/{seen['id']}/cancel", {"reason": "Twice"})
    assert tied_to(cancelled) == []


async def test_a_document_of_a_company_out_of_scope_is_left_out(api: Api) -> None:
    group = await api.sign_up("Group")
    await group.owner.made("companies", {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"})
    line = {"description": "Bench", "quantity": "1", "unit_price": "1.00"}
    own, theirs = [
        await group.owner.made("procurement/requisitions", {"company": company, "lines": [line]})
        for company in ("MAIN", "BR")
    ]
    async with database_of(api.settings, group.id) as connection:
        await connection.execute(
            "INSERT INTO platform.document_link (id, kind, source_id, target_id, created_at) "
            "VALUES ($1, 'originates', $2, $3, now())",
            new_id(), UUID(own["id"]), UUID(theirs["id"]),
        )  # fmt: skip
    person = await group.member("admin", scopes={"companies": ["MAIN"]})
    for reader, tied in ((group.owner, [("originates", "requisition")]), (person, [])):
        assert tied_to(await reader.seen(f"procurement/requisitions/{own['id']}")) == tied
        assert len((await chain(reader, own["id"]))["documents"]) == 1 + len(tied)


async def test_a_row_that_explains_counts_but_is_not_named_to_who_may_not_read_its_document(filled: Filled) -> None:
    buyer, path = await filled.office.member("buyer"), f"procurement/purchase-orders/{filled['purchase_order']}"
    whole = (await filled.office.owner.seen(path, explain="true"))["explain"]["/lines/0/quantity_received"]
    told = (await buyer.seen(path, explain="true"))["explain"]["/lines/0/quantity_received"]
    assert [row["document_type"] for row in whole["rows"]] == ["goods_receipt"]
    assert whole["rows"][0]["document_number"] is not None
    assert told == {"value": whole["value"], "rows": [{**row, "document_number": None} for row in whole["rows"]]}


async def test_a_report_names_a_document_only_to_who_may_read_it(filled: Filled) -> None:
    payer, path = await filled.office.member("payer"), "ledger/accounts/2020/balance"
    whole = (await filled.office.owner.seen(path, explain="true"))["explain"]
    told = (await payer.seen(path, explain="true"))["explain"]
    read = {"supplier_invoice", "payment"}
    assert {row["document_type"] for row in whole["rows"]} == {"goods_receipt", "supplier_invoice"}
    assert whole["value"] == told["value"]
    assert told["rows"] == [
        row if row["document_type"] in read else {**row, "document_number": None} for row in whole["rows"]
    ]
