"""From a need to its payment over HTTP, each step by somebody with the right role and no other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tests.support.api import Api, Json, Office, Person
from tests.support.filled import today


async def test_a_need_becomes_a_payment_and_every_number_explains_itself(api: Api) -> None:
    office = await api.sign_up("Works")
    owner = office.owner
    requester, approver, second, buyer, receiver, accountant, payer = [
        await office.new_member(role)
        for role in ("requester", "approver", "approver", "buyer", "receiver", "accountant", "payer")
    ]
    supplier = (await owner.made("parties", {"name": "Bolt & Co", "roles": ["supplier"], "country": "DE"}))["id"]
    tax = (await owner.made("tax-codes", {"code": "X20", "name": "Twenty", "rate": "20", "kind": "input"}))["id"]
    item = (await owner.made(
        "items", {"sku": "BOLT", "name": "Bolt", "kind": "stock", "unit": "EA", "valuation": "fifo", "tax_code": tax}
    ))["id"]  # fmt: skip
    line = await _budget(office, accountant, approver)

    everybody = (requester, approver, buyer, receiver, accountant, payer)
    need = await requester.made(
        "procurement/requisitions",
        {"lines": [{"item": item, "quantity": "1000", "unit_price": "12.00", "budget_line": line}]},
    )
    await requester.made(f"procurement/requisitions/{need['id']}/submit")
    assert [task["document"] for task in (await approver.seen("tasks"))["data"]] == [need["id"]]
    await _closed_to(everybody, approver, f"procurement/requisitions/{need['id']}/approve")
    once = await approver.made(f"procurement/requisitions/{need['id']}/approve")
    assert once["phase"] == "review", "two approve from 10,000 on"
    assert (await second.made(f"procurement/requisitions/{need['id']}/approve"))["phase"] == "active"
    assert await _budget_line(accountant, line) == ("20000.00", "12000.00", "0.00", "0.00", "8000.00")

    order = await buyer.made(
        "procurement/purchase-orders",
        {"supplier": supplier, "lines": [
            {"requisition_line": need["lines"][0]["id"], "quantity": "1000", "unit_price": "11.50"}]},
    )  # fmt: skip
    await buyer.made(f"procurement/purchase-orders/{order['id']}/submit")
    await _closed_to(everybody, approver, f"procurement/purchase-orders/{order['id']}/approve")
    for person in (approver, second):
        order = await person.made(f"procurement/purchase-orders/{order['id']}/approve")
    assert (order["phase"], order["net_total"]) == ("active", "11500.00")
    assert await _budget_line(accountant, line) == ("20000.00", "0.00", "11500.00", "0.00", "8500.00")

    await _receive(receiver, order, "600")
    invoice = await _invoice(accountant, supplier, order, "1000")
    assert (invoice["match"]["status"], invoice["payment_block"]) == ("blocked", True)
    payment = await payer.made("billing/payments", {
        "direction": "outgoing", "party": supplier, "amount": invoice["total"],
        "allocations": [{"invoice": invoice["id"], "amount": invoice["total"]}],
    })  # fmt: skip
    await _closed_to(everybody, payer, f"billing/payments/{payment['id']}/post")
    refused = await payer.post(f"billing/payments/{payment['id']}/post")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PAYMENT_BLOCKED")

    await _receive(receiver, order, "400")
    lifted = await accountant.seen(f"billing/supplier-invoices/{invoice['id']}", explain="true")
    assert (lifted["match"]["status"], lifted["payment_block"], lifted["balance"]) == ("matched", False, "13800.00")
    _adds_up(lifted)

    paid = await payer.made(f"billing/payments/{payment['id']}/post")
    assert (paid["phase"], paid["number"]) == ("active", f"PAY-{today().year}-00001")
    settled = await accountant.seen(f"billing/supplier-invoices/{invoice['id']}", explain="true")
    assert settled["balance"] == "0.00"
    _adds_up(settled)
    budget = (await owner.seen("ledger/budgets"))["data"][0]
    for path in (
        f"ledger/budgets/{budget['id']}", f"procurement/requisitions/{need['id']}",
        f"procurement/purchase-orders/{order['id']}", f"billing/payments/{payment['id']}",
    ):  # fmt: skip
        _adds_up(await owner.seen(path, explain="true"))
    assert await _budget_line(accountant, line) == ("20000.00", "0.00", "0.00", "11500.00", "8500.00")
    await _books(owner)

    chain = await owner.seen(f"documents/{need['id']}/links")
    assert [document["type"] for document in chain["documents"]] == [
        "requisition", "purchase_order", "goods_receipt", "supplier_invoice", "payment", "goods_receipt",
    ]  # fmt: skip


async def _closed_to(everybody: Sequence[Person], but: Person, path: str) -> None:
    """To all of them but the one whose step it is: by their roles, to the author of the document by its authorship."""
    for person in everybody:
        if person is not but:
            answer = await person.post(path)
            assert answer.status_code == 403, answer.text
            assert answer.json()["error"]["code"] in ("PERMISSION_DENIED", "SEPARATION_OF_DUTIES")


async def _budget(office: Office, accountant: Person, approver: Person) -> str:
    budget = await accountant.made(
        "ledger/budgets",
        {
            "name": "Tools",
            "fiscal_year": str(today().year),
            "control": "stop",
            "lines": [{"code": "TOOLS", "amount": "20000.00"}],
        },
    )
    approved = await approver.made(f"ledger/budgets/{budget['id']}/approve")
    return str(approved["lines"][0]["id"])


async def _budget_line(person: Person, line: str) -> tuple[str, ...]:
    budgets = (await person.seen("ledger/budgets"))["data"]
    (shown,) = (await person.seen(f"ledger/budgets/{budgets[0]['id']}"))["lines"]
    assert shown["id"] == line
    return tuple(shown[name] for name in ("budgeted", "pre_encumbered", "encumbered", "actual", "remaining"))


async def _receive(receiver: Person, order: Json, quantity: str) -> None:
    lines = [{"order_line": order["lines"][0]["id"], "quantity": quantity}]
    receipt = await receiver.made("procurement/goods-receipts", {"purchase_order": order["number"], "lines": lines})
    await receiver.made(f"procurement/goods-receipts/{receipt['id']}/post")


async def _invoice(accountant: Person, supplier: str, order: Json, quantity: str) -> Json:
    draft = await accountant.made("billing/supplier-invoices", {
        "supplier": supplier, "supplier_reference": "R-1", "invoice_date": today().isoformat(),
        "lines": [{"order_line": order["lines"][0]["id"], "quantity": quantity, "unit_price": "11.50"}],
    })  # fmt: skip
    return await accountant.made(f"billing/supplier-invoices/{draft['id']}/post")


async def _books(owner: Person) -> None:
    """Debits equal credits; nothing is owed, nothing waits for its invoice; stock is worth what its accounts say."""
    balance = await owner.seen("ledger/trial-balance")
    accounts = {row["account"]: Decimal(row["balance"]) for row in balance["rows"]}
    assert balance["total_debit"] == balance["total_credit"]
    assert sum(accounts.values()) == 0
    assert (await owner.seen("billing/open-items", side="payable"))["data"] == []
    assert (await owner.seen("procurement/grni"))["total"] == "0.00"
    stock = (await owner.seen("inventory/stock"))["data"]
    assert [(row["on_hand"], row["available"], row["value"]) for row in stock] == [("1000", "1000", "11500.00")]
    assert accounts["1400"] == Decimal("11500.00")


def _adds_up(document: Json) -> None:
    """Every explained number is the sum of its rows, and the one that the document shows."""
    assert document["explain"]
    for pointer, explained in document["explain"].items():
        shown: object = document
        for part in pointer[1:].split("/"):
            shown = shown[int(part)] if isinstance(shown, list) else shown[part]  # type: ignore[index]
        total = sum((Decimal(row["amount"]) for row in explained["rows"]), Decimal(0))
        assert total == Decimal(explained["value"]) == Decimal(str(shown)), pointer
