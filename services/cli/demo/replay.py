"""The replay: a fresh organization, its people and master data, then every step of the plan by who may take it."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any

import httpx

from services.cli.demo.cases import Kind, Order, Plan, Step
from services.cli.demo.client import Member

SECOND_APPROVAL_FROM = Decimal(10_000)
EARLY_PAYMENT = "paid before complete receipt in the log"
YEARS = (2022, 2023, 2024, 2025)
# Budgets leave this much above what the log orders, so that the commitments show and nothing is refused.
HEADROOM = Decimal("1.10")

ROLES: dict[str, list[str]] = {
    "requester": ["requester"],
    "buyer": ["buyer"],
    "first_approver": ["approver"],
    "second_approver": ["approver"],
    "receiver": ["receiver"],
    "accountant": ["accountant"],
    "controller": ["accountant"],
    "payer": ["payer"],
}


@dataclass(slots=True)
class Replay:
    """One organization and what the replay has made in it so far, by the log's own names."""

    http: httpx.Client
    plan: Plan
    members: dict[str, Member] = field(default_factory=dict)
    organization: dict[str, Any] = field(default_factory=dict)
    mark: str = ""
    owner_email: str = ""
    password: str = ""
    requisitions: dict[int, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked_on_arrival: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    suppliers: dict[str, str] = field(default_factory=dict)

    def found(self) -> None:
        """Sign-up."""
        mark = self.mark = secrets.token_hex(3)
        self.password = secrets.token_urlsafe(12)
        self.owner_email = f"owner-{mark}@demo.example"
        company = {"name": "Velo Works", "country": "DE", "currency": "EUR"}
        signed_up = self.http.post(
            "auth/signup",
            json={
                "email": self.owner_email,
                "password": self.password,
                "name": "Olivia Owner",
                "organization": {"name": f"Velo Works {mark}"},
                "company": company,
            },
        )
        signed_up.raise_for_status()
        answer = signed_up.json()
        self.organization = answer["organization"]
        self.members["owner"] = Member(self.http, answer["access_token"])

    def people(self) -> None:
        """One member for each role, so that nobody approves what is their own."""
        owner = self.members["owner"]
        for name, roles in ROLES.items():
            email = f"{name.replace('_', '-')}-{self.mark}@demo.example"
            person = name.replace("_", " ").title()
            owner.post("access/members", {"email": email, "name": person, "password": self.password, "roles": roles})
            self.members[name] = Member.sign_in(self.http, email, self.password)

    def masters(self) -> None:
        """Fiscal years of the log, its suppliers and items, and a budget a year with a line for each group."""
        owner = self.members["owner"]
        for year in YEARS:
            owner.post("ledger/fiscal-years", {"year": year})
        for supplier in sorted({order.supplier for order in self.plan.orders}):
            party = owner.post(
                "parties", {"name": supplier, "roles": ["supplier"], "country": "DE", "payment_terms": "NET30"}
            )
            self.suppliers[supplier] = party["id"]
        for sku in sorted({line.sku for order in self.plan.orders for line in order.lines}):
            item = {
                "sku": sku,
                "name": sku.replace("_", " ").title(),
                "kind": "stock",
                "unit": "EA",
                "valuation": "fifo",
            }
            owner.post("items", item)
        for year in YEARS:
            self._budget(year)

    def _budget(self, year: int) -> None:
        needed: dict[str, Decimal] = {}
        for step in self.plan.steps:
            if step.kind is Kind.ORDER and step.on.year == year and step.order is not None:
                code = budget_code(step.order, year)
                needed[code] = needed.get(code, Decimal(0)) + step.order.total
        if not needed:
            return
        lines = [
            {"code": code, "amount": str((total * HEADROOM).quantize(Decimal(1000), ROUND_UP))}
            for code, total in sorted(needed.items())
        ]
        body = {"name": f"Purchasing {year}", "fiscal_year": str(year), "control": "stop", "lines": lines}
        budget = self.members["accountant"].post("ledger/budgets", body)
        self.members["first_approver"].post(f"ledger/budgets/{budget['id']}/approve")

    def run(self, advance: Callable[[Step], None]) -> None:
        """Every step in time order; `advance` is told after each."""
        take = {
            Kind.REQUEST: self._request,
            Kind.APPROVE_REQUEST: self._approve_request,
            Kind.ORDER: self._order,
            Kind.APPROVE_ORDER: self._approve_order,
            Kind.RECEIVE: self._receive,
            Kind.INVOICE: self._invoice,
            Kind.PAY: self._pay,
        }
        for step in self.plan.steps:
            take[step.kind](step)
            advance(step)

    def _request(self, step: Step) -> None:
        years = {s.subject: s.on.year for s in self.plan.steps if s.kind is Kind.ORDER and s.case == step.case}
        lines = [
            {
                "item": line.sku,
                "quantity": str(line.quantity),
                "unit_price": str(line.price),
                "budget_line": budget_code(order, years[order.id]),
            }
            for order in self.plan.orders_of[step.case]
            for line in order.lines
        ]
        requester = self.members["requester"]
        made = requester.post("procurement/requisitions", {"requested_on": str(step.on), "lines": lines})
        self.requisitions[step.case] = requester.post(f"procurement/requisitions/{made['id']}/submit")

    def _approve_request(self, step: Step) -> None:
        requisition = self.requisitions[step.case]
        total = sum((order.total for order in self.plan.orders_of[step.case]), Decimal(0))
        for approver in self._approvers(total):
            requisition = approver.post(f"procurement/requisitions/{requisition['id']}/approve")
        self.requisitions[step.case] = requisition

    def _order(self, step: Step) -> None:
        order = _of(step)
        wanted = iter(self._requested(step.case, order))
        lines = [
            {
                "item": line.sku,
                "quantity": str(line.quantity),
                "unit_price": str(line.price),
                "requisition_line": next(wanted)["id"],
                "budget_line": budget_code(order, step.on.year),
            }
            for line in order.lines
        ]
        body = {"supplier": self.suppliers[order.supplier], "order_date": str(step.on), "lines": lines}
        buyer = self.members["buyer"]
        made = buyer.post("procurement/purchase-orders", body)
        self.orders[order.id] = buyer.post(f"procurement/purchase-orders/{made['id']}/submit")

    def _requested(self, case: int, order: Order) -> Iterable[dict[str, Any]]:
        """The requisition's lines that became this order's, in their order."""
        orders = self.plan.orders_of[case]
        before = sum(len(earlier.lines) for earlier in orders[: orders.index(order)])
        lines: list[dict[str, Any]] = self.requisitions[case]["lines"]
        return lines[before : before + len(order.lines)]

    def _approve_order(self, step: Step) -> None:
        order = _of(step)
        for approver in self._approvers(order.total):
            self.orders[order.id] = approver.post(f"procurement/purchase-orders/{self.orders[order.id]['id']}/approve")

    def _approvers(self, total: Decimal) -> list[Member]:
        both = total >= SECOND_APPROVAL_FROM
        return [self.members[name] for name in ("first_approver", "second_approver")[: 1 + both]]

    def _receive(self, step: Step) -> None:
        order = self.orders[_of(step).id]
        lines = [
            {"order_line": line["id"], "quantity": str(quantity)}
            for line, quantity in zip(order["lines"], step.quantities, strict=True)
            if quantity
        ]
        body = {"purchase_order": order["id"], "received_on": str(step.on), "lines": lines}
        receiver = self.members["receiver"]
        made = receiver.post("procurement/goods-receipts", body)
        self.receipts[step.subject] = receiver.post(f"procurement/goods-receipts/{made['id']}/post")

    def _invoice(self, step: Step) -> None:
        order = self.orders[_of(step).id]
        lines = [
            {"order_line": line["id"], "quantity": line["quantity"], "unit_price": line["unit_price"]}
            for line in order["lines"]
        ]
        body = {
            "supplier": order["supplier"],
            "supplier_reference": step.subject,
            "invoice_date": str(step.on),
            "lines": lines,
        }
        accountant = self.members["accountant"]
        made = accountant.post("billing/supplier-invoices", body)
        posted = accountant.post(f"billing/supplier-invoices/{made['id']}/post")
        self.invoices[step.subject] = posted
        if posted["payment_block"]:
            self.blocked_on_arrival.add(step.subject)

    def _pay(self, step: Step) -> None:
        id = self.invoices[step.subject]["id"]
        invoice = self.members["payer"].get(f"billing/supplier-invoices/{id}")
        if invoice["payment_block"]:
            self.members["controller"].post(f"billing/supplier-invoices/{id}/release-block", {"reason": EARLY_PAYMENT})
            self.released.add(step.subject)
        amount = str(step.amount)
        body = {
            "direction": "outgoing",
            "party": invoice["supplier"],
            "amount": amount,
            "paid_on": str(step.on),
            "allocations": [{"invoice": id, "amount": amount}],
        }
        payer = self.members["payer"]
        made = payer.post("billing/payments", body)
        self.payments[step.subject] = payer.post(f"billing/payments/{made['id']}/post")


def budget_code(order: Order, year: int) -> str:
    """The budget line that pays for orders of its purchasing group in that year."""
    return f"PG{order.group}-{year}"


def _of(step: Step) -> Order:
    assert step.order is not None
    return step.order
