"""An organization with one of everything, made over HTTP, and a valid body for every operation."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from adapters.postgres.outbox.relay import relay_batch
from tests.support.api import Json, Office, Person

PDF: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@dataclass(slots=True)
class Filled:
    """`ids` by kind of reference and by collection; `canary` stands in every text that people wrote here."""

    office: Office
    canary: str
    ids: dict[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, kind: str) -> str:
        return self.ids[kind]

    def text(self, said: str) -> str:
        return f"{said} {self.canary}"

    @property
    def code(self) -> str:
        """A code that nobody used."""
        return f"X{os.urandom(4).hex().upper()}"


Body = Callable[[Filled], Json]


def today() -> date:
    """Of companies that name no time zone, wherever the tests run."""
    return datetime.now(UTC).date()


def _requisition_lines(f: Filled) -> list[Json]:
    return [{"item": f["item"], "quantity": "10", "unit_price": "5.00", "budget_line": f["budget_line"]}]


def _order_lines(f: Filled) -> list[Json]:
    return [{"description": f.text("Bolts"), "quantity": "4", "unit_price": "2.50", "tax_code": f["tax_code"]}]


def _receipt_lines(f: Filled) -> list[Json]:
    return [{"order_line": f["order_line"], "quantity": "2"}]


def _invoice_lines(f: Filled) -> list[Json]:
    return [{"order_line": f["order_line"], "quantity": "2", "unit_price": "5.00"}]


def _budget_lines(f: Filled) -> list[Json]:
    return [{"code": f.code, "name": f.text("Line"), "account": f["account"], "amount": "1000.00"}]


def _reason(f: Filled) -> Json:
    return {"reason": f.text("Because")}


def _journal_entry(f: Filled) -> Json:
    return {
        "entry_date": today().isoformat(),
        "description": f.text("Entry"),
        "lines": [{"account": f["account"], "debit": "10.00"}, {"account": "6020", "credit": "10.00"}],
    }


# A body that is valid, by operation; what is left out takes no body or none but a reason.
BODIES: Final[Mapping[str, Body]] = {
    "POST organizations": lambda f: {
        "organization": {"name": f.text("Other")},
        "company": {"name": f.text("Other"), "country": "DE", "currency": "EUR"},
    },
    "POST access/members": lambda f: {
        "email": f"{f.code}@example.com", "name": f.text("Member"), "password": "correct horse", "roles": [f["role"]],
    },
    "PATCH access/members/{id}": lambda f: {"name": f.text("Renamed")},
    "POST access/roles": lambda f: {
        "code": f.code.lower(), "name": f.text("Role"), "permissions": ["procurement.*.read"],
    },
    "PATCH access/roles/{id}": lambda f: {"name": f.text("Renamed")},
    "POST access/api-keys": lambda f: {"name": f.text("Machine"), "roles": [f["role"]]},
    "POST documents/{id}/comments": lambda f: {"body": f.text("Please hurry")},
    "POST webhooks/endpoints": lambda f: {"url": f"https://93.184.215.14/{f.canary}", "events": ["procurement.*"]},
    "PATCH webhooks/endpoints/{id}": lambda f: {"events": ["*"]},
    "POST webhooks/endpoints/{id}/replay": lambda f: {"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"},
    "POST companies": lambda f: {"code": f.code, "name": f.text("Company"), "country": "DE", "currency": "EUR"},
    "PATCH companies/{id}": lambda f: {"name": f.text("Renamed")},
    "POST parties": lambda f: {
        "name": f.text("Supplier"), "roles": ["supplier"], "country": "DE", "email": f"{f.canary}@example.com",
        "tax_code": f["tax_code"], "payment_terms": f["payment_terms"],
    },
    "PATCH parties/{id}": lambda f: {"name": f.text("Renamed")},
    "POST parties/{id}/erase": _reason,
    "POST payment-terms": lambda f: {
        "code": f.code, "name": f.text("Terms"), "parts": [{"remainder": True, "days": 7}],
    },
    "PATCH payment-terms/{id}": lambda f: {"name": f.text("Renamed")},
    "POST items": lambda f: {
        "sku": f.code, "name": f.text("Bolt"), "kind": "stock", "unit": f["unit"], "valuation": "fifo",
        "tax_code": f["tax_code"],
    },
    "PATCH items/{id}": lambda f: {"name": f.text("Renamed")},
    "POST units": lambda f: {"code": f.code[:3], "name": f.text("Unit"), "category": "count", "numerator": 12},
    "POST ledger/accounts": lambda f: {"code": f.code, "name": f.text("Account"), "type": "expense", "parent": "6000"},
    "PATCH ledger/accounts/{id}": lambda f: {"name": f.text("Renamed")},
    "POST ledger/account-roles": lambda f: {"role": "expense", "account": f["account"], "party": f["party"]},
    "PATCH ledger/account-roles/{id}": lambda f: {"account": f["account"]},
    "POST ledger/fiscal-years": lambda f: {"year": today().year + 1},
    "POST ledger/periods/{id}/close": _reason,
    "POST ledger/periods/{id}/reopen": _reason,
    "POST tax-codes": lambda f: {"code": f.code, "name": f.text("Tax"), "rate": "19"},
    "PATCH tax-codes/{id}": lambda f: {"name": f.text("Renamed")},
    "POST exchange-rates": lambda f: {"base": "USD", "quote": "EUR", "rate": "0.9", "valid_on": f"{today().year}-01-02"},
    "POST ledger/bank-accounts": lambda f: {"code": f.code, "name": f.text("Bank"), "account": "1210"},
    "PATCH ledger/bank-accounts/{id}": lambda f: {"name": f.text("Renamed")},
    "POST ledger/posting-rules": lambda f: {
        "fact_kind": "test.thing.happened",
        "lines": [{"side": "debit", "role": "expense"}, {"side": "credit", "role": "payable", "open_item": True}],
    },
    "POST ledger/journal-entries": _journal_entry,
    "POST ledger/journal-entries/batch": lambda f: {"entries": [_journal_entry(f), _journal_entry(f)]},
    "POST ledger/budgets": lambda f: {
        "name": f.text("Budget"), "fiscal_year": str(today().year), "control": "stop", "lines": _budget_lines(f),
    },
    "PATCH ledger/budgets/{id}": lambda f: {"name": f.text("Renamed"), "lines": _budget_lines(f)},
    "POST procurement/requisitions": lambda f: {"title": f.text("Need"), "lines": _requisition_lines(f)},
    "PATCH procurement/requisitions/{id}": lambda f: {"lines": _requisition_lines(f)},
    "POST procurement/requisitions/{id}/amend": lambda f: {
        "changes": {"lines": _requisition_lines(f)}, **_reason(f),
    },
    "POST procurement/purchase-orders": lambda f: {
        "title": f.text("Order"), "supplier": f["party"], "lines": _order_lines(f),
    },
    "PATCH procurement/purchase-orders/{id}": lambda f: {"lines": _order_lines(f)},
    "POST procurement/purchase-orders/{id}/amend": lambda f: {"changes": {"lines": _order_lines(f)}, **_reason(f)},
    "POST procurement/goods-receipts": lambda f: {"purchase_order": f["purchase_order"], "lines": _receipt_lines(f)},
    "PATCH procurement/goods-receipts/{id}": lambda f: {"lines": _receipt_lines(f)},
    "POST inventory/locations": lambda f: {"code": f.code, "name": f.text("Shed")},
    "PATCH inventory/locations/{id}": lambda f: {"name": f.text("Renamed")},
    "POST billing/supplier-invoices": lambda f: {
        "supplier": f["party"], "supplier_reference": f.text(f.code), "invoice_date": today().isoformat(),
        "lines": _invoice_lines(f),
    },
    "PATCH billing/supplier-invoices/{id}": lambda f: {"lines": _invoice_lines(f)},
    "POST billing/supplier-invoices/{id}/release-block": _reason,
    "POST billing/payments": lambda f: {
        "direction": "outgoing", "party": f["party"], "amount": "5.00", "title": f.text("Payment"),
        "allocations": [{"invoice": f["supplier_invoice"], "amount": "1.00"}],
    },
    "PATCH billing/payments/{id}": lambda f: {
        "amount": "4.00", "allocations": [{"invoice": f["supplier_invoice"], "amount": "2.00"}],
    },
    "POST billing/payments/{id}/allocate": lambda f: {
        "allocations": [{"invoice": f["supplier_invoice"], "amount": "1.00"}],
    },
    "POST billing/payments/{id}/unallocate": lambda f: {"allocations": [{"invoice": f["supplier_invoice"]}]},
}  # fmt: skip


def body_of(operation: str, filled: Filled) -> Json:
    make = BODIES.get(operation)
    return make(filled) if make is not None else {}


async def fill(office: Office, *, canary: str | None = None) -> Filled:
    """One of everything: masters, a budget, and a chain from requisition to payment, with a draft of each document."""
    owner, approver = office.owner, await office.member("approver")
    filled = Filled(office, canary or f"canary{os.urandom(6).hex()}")
    ids = filled.ids
    ids["company"] = ids["companies"] = office.company

    async def add(collection: str, *kinds: str, **changed: Any) -> Json:
        made = await owner.made(collection, body_of(f"POST {collection}", filled) | changed)
        ids.update(dict.fromkeys((collection, *kinds), made["id"]))
        return made

    async def approved(collection: str, id: str) -> Json:
        if collection != "ledger/budgets":
            await owner.made(f"{collection}/{id}/submit")
        return await approver.made(f"{collection}/{id}/approve")

    await add("access/roles", "role")
    member = await add("access/members", "member")
    await add("access/api-keys")
    ids["access/members"] = member["id"]
    ids["access/api-keys"] = (await owner.seen("access/api-keys"))["data"][-1]["id"]
    for collection, *kinds in (
        ("units", "unit"), ("payment-terms", "payment_terms"), ("tax-codes", "tax_code"),
        ("ledger/accounts", "account"),
        ("parties", "party"), ("items", "item"), ("inventory/locations", "location"), ("exchange-rates",),
        ("ledger/account-roles",), ("ledger/bank-accounts", "bank_account"), ("ledger/posting-rules",),
        ("ledger/fiscal-years", "fiscal_year"), ("ledger/journal-entries", "journal_entry"),
    ):  # fmt: skip
        await add(collection, *kinds)
    ids["ledger/periods"] = (await owner.seen("ledger/periods", limit="1"))["data"][0]["id"]
    budget = await add("ledger/budgets", "budget")
    ids["budget_line"] = budget["lines"][0]["id"]
    await approved("ledger/budgets", budget["id"])

    requisition = await add("procurement/requisitions", "requisition")
    await approved("procurement/requisitions", requisition["id"])
    ids["requisition_line"] = requisition["lines"][0]["id"]
    line = {"requisition_line": ids["requisition_line"], "quantity": "6", "unit_price": "5.00"}
    order = await add("procurement/purchase-orders", "purchase_order", lines=[line])
    await approved("procurement/purchase-orders", order["id"])
    ids["order_line"] = order["lines"][0]["id"]
    receipt = await add("procurement/goods-receipts", "goods_receipt")
    await owner.made(f"procurement/goods-receipts/{receipt['id']}/post")
    invoice = await add("billing/supplier-invoices", "supplier_invoice")
    await owner.made(f"billing/supplier-invoices/{invoice['id']}/post")
    payment = await add("billing/payments", "payment")
    await owner.made(f"billing/payments/{payment['id']}/post")

    ids["documents"] = ids["ledger/documents"] = order["id"]
    await owner.made(f"documents/{order['id']}/comments", body_of("POST documents/{id}/comments", filled))
    file = {"file": (f"{filled.canary}.pdf", PDF + filled.canary.encode(), "application/pdf")}
    ids["attachment"] = (await _attached(owner, order["id"], file))["id"]
    await _fill_webhooks(filled)
    return filled


async def draft(filled: Filled, collection: str) -> Json:
    """Another document of a collection, still a draft."""
    return await filled.office.owner.made(collection, body_of(f"POST {collection}", filled))


async def _attached(person: Person, document: str, file: Mapping[str, Any]) -> Json:
    answer = await person.post(f"documents/{document}/attachments", files=file)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def _fill_webhooks(filled: Filled) -> None:
    """An endpoint with a delivery: one more event, taken through the relay."""
    owner = filled.office.owner
    endpoint = await owner.made("webhooks/endpoints", body_of("POST webhooks/endpoints", filled))
    filled.ids["webhooks/endpoints"] = endpoint["id"]
    await draft(filled, "procurement/requisitions")
    tenant = await filled.office.api.app.state.surface.tenants.get(UUID(filled.office.id))
    async with tenant.connection() as connection:
        await relay_batch(connection, filled.office.slug, datetime.now(UTC))
    filled.ids["webhooks/deliveries"] = (await owner.seen("webhooks/deliveries"))["data"][0]["id"]
