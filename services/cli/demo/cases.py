"""Purchasing cases as a log tells them, and the steps that a replay takes: pure, so that a test can read the plan."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any

from bizcore.values import allocate_quantity


class Kind(IntEnum):
    """Steps in the order in which one case takes them; steps of one instant are taken in this order."""

    REQUEST = 1
    APPROVE_REQUEST = 2
    ORDER = 3
    APPROVE_ORDER = 4
    RECEIVE = 5
    INVOICE = 6
    PAY = 7


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase order of a case. `id` is the log's own name of it."""

    id: str
    supplier: str
    group: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.quantity * line.price for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody does. `quantities` are a receipt's, one for each line of its order."""

    at: datetime
    kind: Kind
    case: int
    subject: str
    order: Order | None = None
    quantities: tuple[Decimal, ...] = ()
    amount: Decimal = Decimal(0)

    @property
    def on(self) -> date:
        return self.at.date()


@dataclass(slots=True)
class Plan:
    """The steps in time order, and what had to be assumed to make them of the log."""

    steps: list[Step] = field(default_factory=list)
    orders_of: dict[int, list[Order]] = field(default_factory=dict)
    assumptions: dict[str, int] = field(default_factory=dict)

    def assume(self, what: str) -> None:
        self.assumptions[what] = self.assumptions.get(what, 0) + 1

    @property
    def orders(self) -> list[Order]:
        return [order for orders in self.orders_of.values() for order in orders]

    def received(self, order: Order) -> bool:
        """Whether the log has receipts of it, so that it ends fully received."""
        return any(step.kind is Kind.RECEIVE and step.order == order for step in self.steps)

    def ahead_of_goods(self, kind: Kind) -> set[str]:
        """The log's names of the invoices that are charged (`INVOICE`) or paid (`PAY`) before all their goods came."""
        came: dict[str, Decimal] = {}
        found = set()
        for step in self.steps:
            if step.order is None:
                continue
            if step.kind is Kind.RECEIVE:
                came[step.order.id] = came.get(step.order.id, Decimal(0)) + sum(step.quantities)
            elif step.kind is kind and came.get(step.order.id, 0) < sum(line.quantity for line in step.order.lines):
                found.add(step.subject)
        return found


def read_cases(folder: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """The cases of every `*.jsonl` file in `folder`, in their order."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines() if line]
    return [json.loads(line) for line in lines[:limit]]


def plan(cases: Iterable[Mapping[str, Any]]) -> Plan:
    """A step is taken at the last of its events, and never before the one it follows from."""
    made = Plan()
    for number, case in enumerate(cases):
        _plan_case(made, number, case)
    made.steps.sort(key=lambda step: (step.at, step.case, step.kind, step.subject))
    return made


def _plan_case(made: Plan, number: int, case: Mapping[str, Any]) -> None:
    orders = [_order(given) for given in case["purchase_orders"]]
    made.orders_of[number] = orders
    first_order = min(_last(given["created"]) for given in case["purchase_orders"])
    requisition = case["requisitions"][0]
    requested = _last_if_any(requisition["created"])
    approved = _last_if_any(requisition["approved"])
    if requested is None:
        made.assume("requisition without a 'created' event: made when it was approved, else with its first order")
    if approved is None:
        made.assume("requisition without an 'approved' event: approved with its first order")
    approved = min(approved or first_order, first_order)
    made.steps.append(Step(min(requested or approved, approved), Kind.REQUEST, number, requisition["id"]))
    made.steps.append(Step(approved, Kind.APPROVE_REQUEST, number, requisition["id"]))
    for order, given in zip(orders, case["purchase_orders"], strict=True):
        _plan_order(made, number, order, given)


def _plan_order(made: Plan, number: int, order: Order, given: Mapping[str, Any]) -> None:
    created = _last(given["created"])
    active = max(_last(given["approved"]), created)
    made.steps.append(Step(created, Kind.ORDER, number, order.id, order))
    made.steps.append(Step(active, Kind.APPROVE_ORDER, number, order.id, order))
    parts = _parts(order, len(given["goods_receipts"]))
    for receipt, quantities in zip(given["goods_receipts"], parts, strict=True):
        if "posting" in receipt:
            made.assume("receipt with a 'posting' time of its own: left aside, its events say when goods came")
        if not any(quantities):
            made.assume("receipt left with nothing to receive when the order's pieces were shared out: skipped")
            continue
        at = max(_last(receipt["events"]), active)
        made.steps.append(Step(at, Kind.RECEIVE, number, receipt["id"], order, quantities))
    for invoice in given["invoices"]:
        received = max(_last(invoice["received"]), active)
        amount = Decimal(invoice["amount"])
        made.steps.append(Step(received, Kind.INVOICE, number, invoice["id"], order, amount=amount))
        for payment in invoice["payments"]:
            at = max(_last(payment["executed"]), received)
            made.steps.append(Step(at, Kind.PAY, number, invoice["id"], order, amount=Decimal(payment["amount"])))


def _order(given: Mapping[str, Any]) -> Order:
    lines = tuple(Line(line["sku"], Decimal(line["qty"]), Decimal(line["net_price"])) for line in given["lines"])
    return Order(given["id"], given["vendor"], given["purchasing_group"], lines)


def _parts(order: Order, receipts: int) -> list[tuple[Decimal, ...]]:
    """The order's quantities shared out over its receipts in whole pieces."""
    if receipts == 0:
        return []
    shares = [allocate_quantity(line.quantity, [1] * receipts, Decimal(1)) for line in order.lines]
    return [tuple(share[index] for share in shares) for index in range(receipts)]


def _last(events: Sequence[str]) -> datetime:
    return max(datetime.fromisoformat(event) for event in events).astimezone(UTC)


def _last_if_any(events: Sequence[str]) -> datetime | None:
    return _last(events) if events else None
