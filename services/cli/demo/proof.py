"""What the replay must have come to: each claim computed from the API's answers and compared with the log."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.cli.demo.cases import Kind
from services.cli.demo.receiver import Receiver
from services.cli.demo.replay import Replay, budget_code

PATIENCE = 60.0
GRNI, PAYABLE, INVENTORY = "2020", "2010", "1400"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that holds or does not, with the figures that show it."""

    text: str
    holds: bool
    shown: str


def claims(replay: Replay, receiver: Receiver) -> Iterator[Claim]:
    """Every claim, in the order of the chain: orders, receipts, invoices, payments, blocks, books, stock, events."""
    owner = replay.members["owner"]
    names = replay.suppliers
    ordered: dict[str, Decimal] = defaultdict(Decimal)
    invoiced: dict[str, Decimal] = defaultdict(Decimal)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for order in replay.plan.orders:
        ordered[names[order.supplier]] += order.total
    for step in replay.plan.steps:
        if step.order is not None and step.kind is Kind.INVOICE:
            invoiced[names[step.order.supplier]] += step.amount
        if step.order is not None and step.kind is Kind.PAY:
            paid[names[step.order.supplier]] += step.amount
    for what, expected, path in (
        ("Ordered", ordered, "procurement/purchase-orders"),
        ("Invoiced", invoiced, "billing/supplier-invoices"),
        ("Paid", paid, "billing/payments"),
    ):
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in owner.pages(path, fields="party,total,phase"):
            if row["phase"] == "active":
                found[row["party"]] += Decimal(row["total"])
        total = f"{sum(found.values(), Decimal(0)):,.2f} EUR over {len(found)} suppliers"
        yield Claim(f"{what} per supplier equals the log", found == expected, total)
    yield _received(replay)
    yield _committed(replay)
    yield from _blocks(replay)
    yield from _books(replay)
    yield from _events(replay, receiver)


def _received(replay: Replay) -> Claim:
    lines, wrong = 0, []
    for order in replay.plan.orders:
        expected = replay.plan.received(order)
        document = replay.members["owner"].get(f"procurement/purchase-orders/{replay.orders[order.id]['id']}")
        for line in document["lines"]:
            lines += 1
            due = Decimal(line["quantity"]) if expected else Decimal(0)
            if Decimal(line["quantity_received"]) != due:
                wrong.append(f"{document['number']}: {line['quantity_received']} of {due}")
    return Claim(
        "Received equals ordered where the log has receipts", not wrong, f"{lines} lines {'; '.join(wrong[:3])}"
    )


def _committed(replay: Replay) -> Claim:
    """What goods came of has passed from the budgets' encumbrance to the actual postings, the rest is still bound."""
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for step in replay.plan.steps:
        if step.order is not None and step.kind is Kind.ORDER and not replay.plan.received(step.order):
            expected[budget_code(step.order, step.on.year)] += step.order.total
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in replay.members["owner"].get("procurement/commitments")["rows"]:
        found[row["budget_line_code"]] += Decimal(row["amount"])
    total = f"{sum(found.values(), Decimal(0)):,.2f} EUR on {len(found)} budget lines"
    return Claim("Committed per budget line are the orders without goods", found == expected, total)


def _blocks(replay: Replay) -> Iterator[Claim]:
    """A block comes with an invoice ahead of its goods and goes with them; what is paid sooner is released by hand."""
    ahead, early = replay.plan.ahead_of_goods(Kind.INVOICE), replay.plan.ahead_of_goods(Kind.PAY)
    yield _same("Blocked on arrival are the invoices ahead of their goods", replay.blocked_on_arrival, ahead)
    yield _same("Released by hand are the invoices paid ahead of their goods", replay.released, early)
    owner = replay.members["owner"]
    shown = {name: owner.get(f"billing/supplier-invoices/{made['id']}") for name, made in replay.invoices.items()}
    blocked = {name for name, invoice in shown.items() if invoice["payment_block"]}
    lifted = len(replay.blocked_on_arrival - replay.released - blocked)
    yield Claim(
        "No invoice is blocked at the end", not blocked, f"{lifted} lifted by their goods, {len(blocked)} still blocked"
    )


def _same(text: str, found: set[str], expected: set[str]) -> Claim:
    differing = sorted(found ^ expected)
    return Claim(text, not differing, f"{len(found)} of {len(expected)} {', '.join(differing[:3])}".rstrip())


def _books(replay: Replay) -> Iterator[Claim]:
    """The books now and as of the last day of each month in which something happened: not only when all is over."""
    owner = replay.members["owner"]
    trial = owner.get("ledger/trial-balance")
    debit, credit = Decimal(trial["total_debit"]), Decimal(trial["total_credit"])
    yield Claim(
        "The trial balance is zero", debit == credit and debit > 0, f"debit {debit:,.2f} = credit {credit:,.2f}"
    )
    months = {(step.on.year, step.on.month): step.on for step in replay.plan.steps}
    compared: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for when in ({}, *({"as_of": str(day)} for day in months.values())):
        rows = owner.get("ledger/trial-balance", **when)["rows"]
        balance = defaultdict(Decimal, {row["account"]: Decimal(row["balance"]) for row in rows})
        grni = owner.get("procurement/grni", **when)["rows"]
        payable = owner.get("billing/open-items", side="payable", **when)["data"]
        stock = owner.get("inventory/stock", group_by="item", **when)["data"]
        for what, account, documents in (
            ("GRNI equals its documents", -balance[GRNI], _sum(grni, "amount")),
            ("Payables equal their documents", -balance[PAYABLE], _sum(payable, "balance_company")),
            ("Stock value equals the stock accounts", balance[INVENTORY], _sum(stock, "value")),
        ):
            compared[what].append((account, documents))
    for what, pairs in compared.items():
        account, documents = pairs[0]
        most = max(abs(account) for account, _ in pairs)
        shown = f"account {account:,.2f}, documents {documents:,.2f}; on {len(months)} days before, up to {most:,.2f}"
        yield Claim(what, all(account == documents for account, documents in pairs), shown)


def _sum(rows: list[dict[str, Any]], member: str) -> Decimal:
    return sum((Decimal(row[member]) for row in rows), Decimal(0))


def _events(replay: Replay, receiver: Receiver) -> Iterator[Claim]:
    owner = replay.members["owner"]
    log = owner.pages("events")
    published = {event["id"] for event in log}
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and published - receiver.first_of_each().keys():
        time.sleep(0.2)
        published |= {event["id"] for event in owner.pages("events")}
    once = receiver.first_of_each()
    missing = published - once.keys()
    yield Claim(
        "Every event was delivered at least once", not missing, f"{len(published)} events, {len(missing)} missing"
    )
    yield Claim(
        "Once by its webhook-id, and signed",
        len(once) == len(published) and not receiver.forged,
        f"{len(receiver.deliveries)} deliveries, {len(once)} ids, {receiver.forged} unverified",
    )
    yield Claim("In order for each document", not _inversions(once.values()), f"{_subjects(once)} subjects")


def _inversions(events: Any) -> list[str]:
    last: dict[str, int] = {}
    found = []
    for event in events:
        subject = event["subject"]["id"]
        if event["sequence"] <= last.get(subject, 0):
            found.append(event["id"])
        last[subject] = event["sequence"]
    return found


def _subjects(events: dict[str, dict[str, Any]]) -> int:
    return len({event["subject"]["id"] for event in events.values()})
