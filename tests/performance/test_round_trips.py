"""How often each command asks the database: nobody adds a statement unseen, and a new command names its figure here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

import httpx
import pytest

from adapters.postgres.connection import Connection, TenantDatabase
from bizcore.settings import Settings
from tests.kernel.counting import Counting
from tests.support.api import Json, Person, running_api
from tests.support.filled import PDF, Filled, body_of, fill, today
from tests.support.operations import Operation, operations

COMMANDS: Final = [
    op for op in operations() if op.method != "GET" and not op.path.startswith(("auth/", "organizations"))
]
LINES: Final = 5

# With five lines where there are lines, without a key (which adds its look-up), by a process that holds what changes
# seldom: configuration, accounts, grants and a block of numbers. Of each: BEGIN, who asks, what is named or locked and
# read, flush, answer, COMMIT; a number without gaps and each kind of limit add one or two. What hangs on a document of
# any type, and a batch, first looks in a read of its own (4) what it is about. Taking back reads what was booked: facts,
# entries, of stock also layers.
FIGURES: Final = {
    "access.api_key.create": 9,
    "access.api_key.revoke": 6,
    "access.member.create": 10,
    "access.member.update": 7,
    "access.role.create": 7,
    "access.role.update": 7,
    "billing.payment.allocate": 9,
    "billing.payment.cancel": 7,
    "billing.payment.create": 9,
    "billing.payment.post": 8,
    "billing.payment.reverse": 10,
    "billing.payment.unallocate": 9,
    "billing.payment.update": 10,
    "billing.supplier_invoice.cancel": 7,
    "billing.supplier_invoice.create": 10,
    "billing.supplier_invoice.post": 9,
    "billing.supplier_invoice.release_block": 8,
    "billing.supplier_invoice.reverse": 11,
    "billing.supplier_invoice.update": 12,
    "catalog.item.activate": 6,
    "catalog.item.create": 6,
    "catalog.item.deactivate": 6,
    "catalog.item.update": 6,
    "catalog.unit.create": 5,
    "documents.attach": 11,
    "documents.comment": 11,
    "inventory.location.create": 5,
    "inventory.location.update": 6,
    "ledger.account.create": 7,
    "ledger.account.update": 7,
    "ledger.account_role.create": 7,
    "ledger.account_role.update": 7,
    "ledger.bank_account.create": 6,
    "ledger.bank_account.update": 6,
    "ledger.budget.approve": 9,
    "ledger.budget.cancel": 7,
    "ledger.budget.create": 8,
    "ledger.budget.update": 9,
    "ledger.exchange_rate.create": 5,
    "ledger.fiscal_year.create": 7,
    "ledger.journal_entry.batch": 11,
    "ledger.journal_entry.create": 8,
    "ledger.journal_entry.reverse": 9,
    "ledger.period.close": 7,
    "ledger.period.reopen": 7,
    "ledger.posting_rule.create": 8,
    "ledger.tax_code.create": 6,
    "ledger.tax_code.update": 7,
    "parties.party.activate": 6,
    "parties.party.create": 7,
    "parties.party.deactivate": 6,
    "parties.party.erase": 6,
    "parties.party.update": 6,
    "parties.payment_terms.create": 5,
    "parties.payment_terms.update": 6,
    "platform.company.create": 12,
    "platform.company.update": 8,
    "procurement.goods_receipt.cancel": 7,
    "procurement.goods_receipt.create": 8,
    "procurement.goods_receipt.post": 10,
    "procurement.goods_receipt.reverse": 13,
    "procurement.goods_receipt.update": 10,
    "procurement.purchase_order.amend": 8,
    "procurement.purchase_order.approve": 8,
    "procurement.purchase_order.cancel": 7,
    "procurement.purchase_order.close": 7,
    "procurement.purchase_order.create": 8,
    "procurement.purchase_order.reject": 7,
    "procurement.purchase_order.reopen": 7,
    "procurement.purchase_order.submit": 7,
    "procurement.purchase_order.update": 8,
    "procurement.requisition.amend": 9,
    "procurement.requisition.approve": 8,
    "procurement.requisition.cancel": 8,
    "procurement.requisition.close": 8,
    "procurement.requisition.create": 7,
    "procurement.requisition.reject": 7,
    "procurement.requisition.reopen": 8,
    "procurement.requisition.submit": 7,
    "procurement.requisition.update": 9,
    "webhooks.delivery.replay": 7,
    "webhooks.endpoint.change": 8,
    "webhooks.endpoint.create": 7,
    "webhooks.endpoint.disable": 8,
    "webhooks.endpoint.replay": 8,
    "webhooks.endpoint.rotate_secret": 8,
}


@dataclass(slots=True)
class Measured:
    """An office whose every change is counted, once rehearsed."""

    filled: Filled
    approver: Person
    controller: Person  # releases the blocks of invoices that others wrote
    sent: list[str]
    found: dict[str, int] = field(default_factory=dict)

    @property
    def owner(self) -> Person:
        return self.filled.office.owner

    async def take(self, request: str, body: Json | None = None, *, by: Person | None = None, **options: Any) -> Json:
        """`request` is a method and a path; its rehearsal is a dry run, which reads the same and keeps nothing."""
        method, path = request.split(" ")
        op = _operation(method, path)
        if body is None and not options:
            body = body_of(op.name, self.filled)
        if op.needs_match:
            version = (await self.owner.seen(path))["version"]
            options["headers"] = {"If-Match": f'"{version}"'}
        if body is not None:
            options["json"] = body
        person = by or self.owner
        if "dry_run" in op.parameters:
            _succeeded(await person.request(method, path, params={"dry_run": "true"}, **options))
        self.sent.clear()
        answer = _succeeded(await person.request(method, path, **options))
        self.found[op.declared["operationId"]] = len(self.sent)
        made: Json = answer.json() if answer.content else {}
        return made

    async def document(self, collection: str, *actions: str, **changed: Any) -> Json:
        """A new one of its collection, after each of these actions; `approve` is another person's."""
        body = body_of(f"POST {collection}", self.filled) | changed
        made = await self.take(f"POST {collection}", body)
        for action in actions:
            by = self.approver if action == "approve" else self.owner
            made = await self.take(
                f"POST {collection}/{made['id']}/{action}", {"reason": "Why"} if action in REASONED else {}, by=by
            )
        return made


REASONED: Final = ("reject", "cancel", "reverse", "close", "reopen")


def _operation(method: str, path: str) -> Operation:
    fitting = [
        op for op in COMMANDS
        if op.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", op.path), path)
    ]  # fmt: skip
    return min(fitting, key=lambda op: op.path.count("{"))


def _succeeded(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    return answer


@pytest.fixture(scope="module")
async def measured(servers: Settings) -> AsyncIterator[Measured]:
    sent: list[str] = []
    connection = TenantDatabase.connection

    @asynccontextmanager
    async def counted(self: TenantDatabase) -> AsyncIterator[Connection]:
        async with connection(self) as driver:
            yield cast(Connection, Counting(driver, sent))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TenantDatabase, "connection", counted)
        async with running_api(servers) as api:
            office = await api.sign_up("Measured")
            filled = await fill(office)
            yield Measured(filled, await office.member("approver"), await office.member("accountant"), sent)


async def test_every_command_takes_as_many_round_trips_as_its_figure_says(measured: Measured) -> None:
    await _masters(measured)
    await _people(measured)
    await _buying(measured)
    await _paying(measured)
    await _books(measured)
    await _webhooks(measured)
    await _companies(measured)
    assert measured.found == FIGURES


def test_every_command_of_the_contract_has_its_figure() -> None:
    assert {op.declared["operationId"] for op in COMMANDS} == set(FIGURES)


async def _masters(m: Measured) -> None:
    for collection in (
        "parties", "payment-terms", "items", "units", "tax-codes", "exchange-rates", "inventory/locations",
        "ledger/accounts", "ledger/account-roles", "ledger/bank-accounts", "ledger/posting-rules",
    ):  # fmt: skip
        changed: Json = {}
        if collection == "exchange-rates":
            changed = {"valid_on": f"{today().year}-01-03"}
        if collection == "ledger/posting-rules":
            changed = {"fact_kind": "test.thing.changed"}
        if collection == "ledger/account-roles":
            party = await m.owner.made("parties", body_of("POST parties", m.filled))
            changed = {"party": party["id"]}
        made = await m.take(f"POST {collection}", body_of(f"POST {collection}", m.filled) | changed)
        one = f"{collection}/{made['id']}"
        if any(op.name == f"PATCH {collection}/{{id}}" for op in COMMANDS):
            await m.take(f"PATCH {one}")
        if collection in ("parties", "items"):
            await m.take(f"POST {one}/deactivate")
            await m.take(f"POST {one}/activate")
        if collection == "parties":
            await m.take(f"POST {one}/erase")


async def _people(m: Measured) -> None:
    for collection in ("access/roles", "access/members"):
        made = await m.take(f"POST {collection}")
        await m.take(f"PATCH {collection}/{made['id']}")
    await m.take("POST access/api-keys")
    key = (await m.owner.seen("access/api-keys"))["data"][-1]["id"]
    await m.take(f"DELETE access/api-keys/{key}")


async def _buying(m: Measured) -> None:
    need = {"item": m.filled["item"], "quantity": "10", "unit_price": "5.00", "budget_line": m.filled["budget_line"]}
    needs = {"lines": [need] * LINES}
    ordered = {"lines": [{"description": "Bolts", "quantity": "4", "unit_price": "2.50"}] * LINES}
    for collection, lines in (("procurement/requisitions", needs), ("procurement/purchase-orders", ordered)):
        drafted = await m.document(collection, "submit", "reject", **lines)
        await m.take(f"PATCH {collection}/{drafted['id']}", lines)
        active = await m.document(collection, "submit", "approve", **lines)
        one = f"{collection}/{active['id']}"
        await m.take(f"POST {one}/amend", {"changes": lines, "reason": "Why"})
        await m.take(f"POST {one}/approve", {}, by=m.approver)
        await m.take(f"POST {one}/close", {"reason": "Why"})
        await m.take(f"POST {one}/reopen", {"reason": "Why"})
        await m.take(f"POST {one}/cancel", {"reason": "Why"})
    await m.take(f"POST documents/{m.filled['requisition']}/comments")
    file = {"file": ("terms.pdf", PDF, "application/pdf")}
    await m.take(f"POST documents/{m.filled['requisition']}/attachments", files=file)


async def _order(m: Measured) -> Json:
    line = {"item": m.filled["item"], "quantity": "4", "unit_price": "2.50", "budget_line": m.filled["budget_line"]}
    return await m.document("procurement/purchase-orders", "submit", "approve", lines=[line] * LINES)


async def _paying(m: Measured) -> None:
    order = await _order(m)
    received = [{"order_line": line["id"], "quantity": "1"} for line in order["lines"]]
    charged = [{**line, "unit_price": "2.50"} for line in received]
    for collection, fields in (
        ("procurement/goods-receipts", {"purchase_order": order["id"], "lines": received}),
        ("billing/supplier-invoices", {"lines": charged}),
    ):
        drafted = await m.document(collection, **fields)
        await m.take(f"PATCH {collection}/{drafted['id']}", {"lines": fields["lines"]})
        await m.take(f"POST {collection}/{drafted['id']}/cancel", {"reason": "Why"})
        await m.document(collection, "post", "reverse", **fields)
    ahead = await m.document("billing/supplier-invoices", "post", lines=charged)
    await m.take(f"POST billing/supplier-invoices/{ahead['id']}/release-block", by=m.controller)
    share = {"invoice": ahead["id"], "amount": "1.00"}
    drafted = await m.document("billing/payments", allocations=[share])
    await m.take(f"PATCH billing/payments/{drafted['id']}", {"allocations": [share]})
    await m.take(f"POST billing/payments/{drafted['id']}/cancel", {"reason": "Why"})
    paid = await m.document("billing/payments", "post", allocations=[share])
    one = f"billing/payments/{paid['id']}"
    await m.take(f"POST {one}/unallocate", {"allocations": [{"invoice": ahead["id"]}]})
    await m.take(f"POST {one}/allocate", {"allocations": [share]})
    await m.take(f"POST {one}/reverse", {"reason": "Why"})


async def _books(m: Measured) -> None:
    entry = body_of("POST ledger/journal-entries", m.filled)
    made = await m.take("POST ledger/journal-entries", entry)
    await m.take(f"POST ledger/journal-entries/{made['id']}/reverse", {"reason": "Why"})
    await m.take("POST ledger/journal-entries/batch", {"entries": [entry] * LINES})
    lines = [line for _ in range(LINES) for line in body_of("POST ledger/budgets", m.filled)["lines"]]
    drafted = await m.document("ledger/budgets", lines=lines)
    await m.take(f"PATCH ledger/budgets/{drafted['id']}", {"lines": lines})
    await m.take(f"POST ledger/budgets/{drafted['id']}/cancel", {"reason": "Why"})
    await m.document("ledger/budgets", "approve", lines=lines)
    await m.take("POST ledger/fiscal-years", {"year": today().year + 2})
    period = (await m.owner.seen("ledger/periods", limit="1"))["data"][0]["id"]
    for action in ("close", "reopen"):
        await m.take(f"POST ledger/periods/{period}/{action}", {"reason": "Why"})


async def _webhooks(m: Measured) -> None:
    await m.take(f"POST webhooks/deliveries/{m.filled['webhooks/deliveries']}/replay")
    made = await m.take("POST webhooks/endpoints")
    one = f"webhooks/endpoints/{made['id']}"
    await m.take(f"PATCH {one}")
    await m.take(f"POST {one}/rotate-secret")
    await m.take(f"POST {one}/replay")
    await m.take(f"DELETE {one}")


async def _companies(m: Measured) -> None:
    """At the end: once there are two, every document has to say whose it is."""
    made = await m.take("POST companies")
    await m.take(f"PATCH companies/{made['id']}")
