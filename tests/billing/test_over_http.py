"""Invoices and payments as people and machines see them over HTTP."""

from collections.abc import AsyncIterator

import pytest

from bizcore.settings import Settings
from tests.support.api import Office, running_api


@pytest.fixture(scope="module")
async def office(servers: Settings) -> AsyncIterator[Office]:
    async with running_api(servers) as api:
        yield await api.sign_up("Paid back")


async def test_money_comes_in_on_account_and_gives_back_what_was_paid_ahead(office: Office) -> None:
    ask = office.owner
    party = await ask.made("parties", {"name": "Harbour", "roles": ["supplier"], "country": "DE"})
    buyer = await ask.made("parties", {"name": "Buyer", "roles": ["customer"], "country": "DE"})
    sent = await ask.made("billing/payments", {"direction": "outgoing", "party": party["id"], "amount": "100.00"})
    await ask.made(f"billing/payments/{sent['id']}/post")
    body = {
        "direction": "incoming", "party": party["code"], "amount": "40.00",
        "allocations": [{"payment": sent["id"], "amount": "30.00"}],
    }  # fmt: skip
    back = await ask.made("billing/payments", body)
    back = await ask.made(f"billing/payments/{back['id']}/post")
    assert (back["phase"], back["direction"], back["side"]) == ("active", "incoming", "payable")
    assert (back["unallocated"], back["allocations"][0]["payment_number"]) == ("10.00", (await _seen(office, sent))[0])
    assert (await _seen(office, sent))[1] == "70.00"
    paid_in = await ask.made("billing/payments", {"direction": "incoming", "party": buyer["id"], "amount": "5.00"})
    paid_in = await ask.made(f"billing/payments/{paid_in['id']}/post")
    assert (paid_in["side"], paid_in["unallocated"]) == ("receivable", "5.00")
    aged = (await ask.get("billing/aging?side=receivable")).json()
    assert [(row["party_code"], row["total"]) for row in aged["rows"]] == [(buyer["code"], "-5.00")]
    refused = await ask.post(f"billing/payments/{sent['id']}/reverse", {"reason": "Twice"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PAYMENT_GIVEN_BACK")
    listed = (await ask.get("billing/payments?direction=incoming&sort=amount")).json()
    assert [row["side"] for row in listed["data"]] == ["receivable", "payable"]


async def _seen(office: Office, payment: dict[str, str]) -> tuple[str, str]:
    shown = (await office.owner.get(f"billing/payments/{payment['id']}")).json()
    return shown["number"], shown["unallocated"]


async def test_a_service_is_paid_without_a_receipt(office: Office) -> None:
    ask = office.owner
    party = await ask.made("parties", {"name": "Cleaners", "roles": ["supplier"], "country": "DE"})
    item = await ask.made("items", {"sku": "CLEANING", "name": "Cleaning", "kind": "service", "unit": "HUR"})
    line = {"item": item["sku"], "quantity": "8", "unit_price": "25.00"}
    order = await ask.made("procurement/purchase-orders", {"supplier": party["id"], "lines": [line]})
    await ask.made(f"procurement/purchase-orders/{order['id']}/submit")
    approver = await office.member("approver")
    order = await approver.made(f"procurement/purchase-orders/{order['id']}/approve")
    charge = {"order_line": order["lines"][0]["id"], "quantity": "8", "unit_price": "25.00"}
    bill = await ask.made(
        "billing/supplier-invoices",
        {"supplier": party["id"], "supplier_reference": "C-1", "invoice_date": order["order_date"], "lines": [charge]},
    )
    bill = await ask.made(f"billing/supplier-invoices/{bill['id']}/post")
    assert (bill["match"]["status"], bill["payment_block"], bill["balance"]) == ("matched", False, "200.00")
    order = (await ask.get(f"procurement/purchase-orders/{order['id']}")).json()
    assert (order["receipt_status"], order["lines"][0]["quantity_received"]) == ("complete", "8")
    assert (await ask.get("procurement/grni")).json()["total"] == "0.00"


async def test_the_list_of_orders_tells_how_much_came_and_was_charged(office: Office) -> None:
    ask = office.owner
    approver = await office.member("approver")
    party = await ask.made("parties", {"name": "Chairs by parts", "roles": ["supplier"], "country": "DE"})
    orders = []
    for received in ("0", "1", "4"):
        body = {"supplier": party["id"], "lines": [{"description": "Chair", "quantity": "4", "unit_price": "10.00"}]}
        order = await ask.made("procurement/purchase-orders", body)
        await ask.made(f"procurement/purchase-orders/{order['id']}/submit")
        order = await approver.made(f"procurement/purchase-orders/{order['id']}/approve")
        orders.append(order["id"])
        if received != "0":
            line = {"order_line": order["lines"][0]["id"], "quantity": received}
            receipt = await ask.made("procurement/goods-receipts", {"purchase_order": order["id"], "lines": [line]})
            await ask.made(f"procurement/goods-receipts/{receipt['id']}/post")
    charge = {"order_line": order["lines"][0]["id"], "quantity": "3", "unit_price": "10.00"}
    bill = {
        "supplier": party["id"],
        "supplier_reference": "P-1",
        "invoice_date": order["order_date"],
        "lines": [charge],
    }
    bill = await ask.made("billing/supplier-invoices", bill)
    await ask.made(f"billing/supplier-invoices/{bill['id']}/post")

    async def listed(**asked: str) -> list[tuple[str, str, str]]:
        rows = (await ask.seen("procurement/purchase-orders", supplier=party["code"], sort="number", **asked))["data"]
        return [(row["id"], row["receipt_status"], row["invoice_status"]) for row in rows]

    nothing, some, everything = orders
    assert await listed() == [
        (nothing, "none", "none"), (some, "partial", "none"), (everything, "complete", "partial"),
    ]  # fmt: skip
    assert await listed(receipt_status="in:none,partial") == [(nothing, "none", "none"), (some, "partial", "none")]
    assert [id for id, *_ in await listed(invoice_status="partial")] == [everything]


async def test_a_duplicate_of_another_companys_invoice_is_refused_without_naming_it(office: Office) -> None:
    ask = office.owner
    await ask.made("companies", {"code": "BR", "name": "Branch", "country": "DE", "currency": "EUR"})
    party = await ask.made("parties", {"name": "Both", "roles": ["supplier"], "country": "DE"})
    body = {
        "supplier": party["id"], "supplier_reference": "B-1", "invoice_date": "2026-03-02", "company": "MAIN",
        "lines": [{"description": "Rent", "quantity": "1", "unit_price": "5.00"}],
    }  # fmt: skip
    bill = await ask.made("billing/supplier-invoices", body)
    theirs = await office.member("accountant", scopes={"companies": ["BR"]})
    told = {}
    for name, person in (("owner", ask), ("of another company", theirs)):
        answer = await person.post("billing/supplier-invoices", body | {"company": "BR"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "DUPLICATE_SUPPLIER_REFERENCE")
        told[name] = answer.json()["error"]["details"]
    assert told == {
        "owner": {"supplier_reference": "B-1", "invoice": bill["id"], "number": None},
        "of another company": {"supplier_reference": "B-1"},
    }
