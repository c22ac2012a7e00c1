"""One organization under load: its people, what they buy, receive, post and pay, and the journal of what they heard."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any, TypeAlias

import httpx

from adapters.embedded.postgres import RECOVERY_WITHIN
from adapters.postgres.control.connection import CONTROL_DATABASE
from tests.faults.house import APIS, House
from tests.faults.journal import Heard, Journal
from tests.faults.receiver import Mailbox, Post
from tests.support.api import PASSWORD, new_email, signup

Json: TypeAlias = dict[str, Any]
Activity: TypeAlias = Callable[["Office", Random], Awaitable[None]]

ROLES = ("requester", "buyer", "approver", "receiver", "accountant", "payer")
TODAY = datetime.now(UTC).date()
ANOTHER_MONTH = date(TODAY.year, TODAY.month - 1 or 2, 15)  # within the fiscal year that sign-up opened
CLIENTS = 6
ENDPOINTS = 4  # what a dead worker was sending keeps one endpoint busy until the lease ends; there are others
PATIENCE = 8.0  # seconds that a client waits for an answer
GIVES_UP = 0.1
TRIES = 40
NOT_DECIDED = ("IDEMPOTENCY_KEY_IN_USE", "RATE_LIMITED")


class Refused(Exception):
    """The system said no."""

    def __init__(self, code: str, details: object) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code


class InDoubt(Exception):
    """The client gave up without knowing. The truth is told later."""


@dataclass(slots=True, eq=False)
class Office:
    """`copies` of every command are sent at once. `broken` collects answers that no fault excuses."""

    name: str
    house: House
    client: httpx.AsyncClient
    journal: Journal
    dice: Random
    mailboxes: list[Mailbox] = field(default_factory=list)
    copies: int = 1
    gives_up: float = 0.0  # how often a client does, after a doubt, instead of sending the same key again
    tokens: dict[str, str] = field(default_factory=dict)
    session: Json = field(default_factory=dict)
    endpoints: list[str] = field(default_factory=list)  # their ids, each with its mailbox
    database: str = ""
    supplier: str = ""
    order: Json = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of each answer that came
    alone: list[float] = field(default_factory=list)  # of those that had the house for themselves
    _keys: itertools.count[int] = field(default_factory=itertools.count)

    # -- asking ----------------------------------------------------------------------------------------------------

    async def get(self, path: str, person: str = "owner", **query: str) -> Json:
        """A read, again while nobody can answer it. Errors: TimeoutError."""
        async with asyncio.timeout(RECOVERY_WITHIN):
            while True:
                try:
                    url = self.house.url(self.dice.choice(APIS)) + path
                    headers = {"Authorization": self.tokens[person]}
                    answer = await self.client.get(url, params=query, headers=headers)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code != 503:
                    answer.raise_for_status()
                    found: Json = answer.json()
                    return found
                await asyncio.sleep(0.2)

    async def command(self, person: str, path: str, body: Json | None = None, *, version: int | None = None) -> Json:
        """A command under a key of its own, sent again while in doubt. Errors: Refused, InDoubt."""
        key = f"{self.name}-{next(self._keys)}"
        self.journal.asked(key, person, path, body)
        for attempt in range(TRIES):
            if attempt and self.dice.random() < self.gives_up:
                break
            answer = await self.send(key, attempt, person, path, body, version=version)
            if answer is not None:
                return answer
            await asyncio.sleep(0.1 + 0.2 * self.dice.random())
        self.counts["given up in doubt"] += 1
        raise InDoubt(key)

    async def send(
        self, key: str, attempt: int, person: str, path: str, body: Json | None, *, version: int | None = None
    ) -> Json | None:
        """The answer of one sending, in as many copies as the office sends; None while in doubt. Errors: Refused."""
        copies = [
            self._send(
                key, f"{key}.{attempt}.{copy}", person, path, body, version, later=copy * self.dice.random() * 0.1
            )
            for copy in range(self.copies)
        ]
        answers = await asyncio.gather(*copies, return_exceptions=True)
        successes = [answer for answer in answers if isinstance(answer, dict)]
        if len({(answer["id"], answer.get("number")) for answer in successes}) > 1:
            self.broken.append(f"{key}: copies of one command were answered with different documents")
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, Refused):
                raise answer
        if successes:
            return successes[0]
        for answer in answers:
            if isinstance(answer, Refused):
                raise answer
        return None

    async def _send(
        self,
        key: str,
        request_id: str,
        person: str,
        path: str,
        body: Json | None,
        version: int | None,
        *,
        later: float,
    ) -> Json | None:
        headers = {"Authorization": self.tokens[person], "Idempotency-Key": key, "X-Request-Id": request_id}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        url = self.house.url(self.dice.choice(APIS)) + path
        await asyncio.sleep(later)
        began = asyncio.get_running_loop().time()
        try:
            answer = await self.client.post(url, json=body or {}, headers=headers)
        except httpx.TransportError:
            self.journal.heard(key, Heard.UNKNOWN)
            self.counts["not answered"] += 1
            return None
        self.seconds.append(asyncio.get_running_loop().time() - began)
        self.counts[str(answer.status_code)] += 1
        if answer.is_success:
            found: Json = answer.json()
            self.counts["replayed"] += answer.headers.get("Idempotency-Replayed") == "true"
            self.journal.heard(key, Heard.OK, found["id"])
            return found
        error = answer.json().get("error", {})
        code = str(error.get("code"))
        if answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.broken.append(f"{request_id}: 503 {code} without Retry-After")
        self.counts["in use"] += code == "IDEMPOTENCY_KEY_IN_USE"
        if answer.status_code >= 500 or code in NOT_DECIDED:
            if answer.status_code != 503 and answer.status_code >= 500:
                self.broken.append(f"{request_id}: POST {path} was answered {answer.status_code} {code}")
            self.journal.heard(key, Heard.UNKNOWN)
            return None
        self.journal.heard(key, Heard.REFUSED)
        self.counts[code] += 1
        raise Refused(code, error.get("details"))

    # -- what it is made of ----------------------------------------------------------------------------------------

    async def found(self, post: Post) -> None:
        """Sign-up, people, masters, a budget, endpoints for every event, and an order to receive from."""
        base = self.house.url(APIS[0])
        self.session = await self._made(f"{base}auth/signup", signup(self.name))
        self.tokens["owner"] = f"Bearer {self.session['access_token']}"
        for role in ROLES:
            email = new_email(role)
            body = {"email": email, "name": role.title(), "password": PASSWORD, "roles": [role]}
            await self._made(f"{base}access/members", body, "owner")
            session = await self._made(f"{base}auth/login", {"email": email, "password": PASSWORD})
            self.tokens[role] = f"Bearer {session['access_token']}"
        self.database = await self._placed()
        for index in range(ENDPOINTS):
            box = self.name if index == 0 else f"{self.name}-{index}"
            endpoint = await self._made(f"{base}webhooks/endpoints", {"url": post.url(box), "events": ["*"]}, "owner")
            post.boxes[box].secret = endpoint["secret"]
            self.mailboxes.append(post.boxes[box])
            self.endpoints.append(endpoint["id"])
        party = {"name": "Supplier", "roles": ["supplier"], "country": "DE"}
        self.supplier = (await self.command("owner", "parties", party))["id"]
        for sku in ("NUT", "BOLT"):
            item = {"sku": sku, "name": sku, "kind": "stock", "unit": "EA", "valuation": "fifo"}
            await self.command("owner", "items", item)
        lines = [{"code": "MUCH", "amount": "900000"}, {"code": "LITTLE", "amount": "500"}]
        budget = {"name": "Purchases", "fiscal_year": str(TODAY.year), "control": "stop", "lines": lines}
        made = await self.command("accountant", "ledger/budgets", budget)
        await self.command("approver", f"ledger/budgets/{made['id']}/approve")
        self.order = await self.approved_order({"item": "NUT", "quantity": "50000", "unit_price": "0.10"})
        self.alone = [*self.seconds]

    async def _placed(self) -> str:
        control = await self.house.connect(CONTROL_DATABASE)
        try:
            placement = "SELECT database FROM control.placement WHERE organization_id = $1::uuid"
            return str(await control.fetchval(placement, self.session["organization"]["id"]))
        finally:
            await control.close()

    async def _made(self, url: str, body: Json, person: str = "") -> Json:
        headers = {"Authorization": self.tokens[person]} if person else {}
        answer = await self.client.post(url, json=body, headers=headers)
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    async def approved_order(self, *lines: Json) -> Json:
        body: Json = {"supplier": self.supplier, "lines": [*lines]}
        made = await self.command("buyer", "procurement/purchase-orders", body)
        await self.command("buyer", f"procurement/purchase-orders/{made['id']}/submit")
        return await self.command("approver", f"procurement/purchase-orders/{made['id']}/approve")

    async def received(self, order: Json, quantity: str) -> Json:
        lines = [{"order_line": order["lines"][0]["id"], "quantity": quantity}]
        body = {"purchase_order": order["id"], "lines": lines}
        made = await self.command("receiver", "procurement/goods-receipts", body)
        return await self.command("receiver", f"procurement/goods-receipts/{made['id']}/post")

    async def entry(self, amount: str, *, on: date = TODAY, credit: str | None = None) -> Json:
        body = {
            "entry_date": str(on),
            "description": f"{self.name} {amount}",
            "lines": [{"account": "6030", "debit": amount}, {"account": "1020", "credit": credit or amount}],
        }
        return await self.command("accountant", "ledger/journal-entries", body)

    # -- under load ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def load(self, activities: Sequence[Activity], *, clients: int = CLIENTS) -> AsyncIterator[None]:
        """Clients that go on until the block ends, each by dice of its own."""
        stopping = asyncio.Event()
        self.gives_up = GIVES_UP

        async def client(dice: Random) -> None:
            while not stopping.is_set():
                try:
                    await dice.choice(activities)(self, dice)
                except InDoubt:
                    continue
                except Refused as refusal:
                    self.broken.append(f"{self.name}: refused without a reason: {refusal}")

        running = [asyncio.create_task(client(Random(self.dice.random()))) for _ in range(clients)]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*running)


async def buy(office: Office, dice: Random) -> None:
    """An order from request to payment."""
    quantity, price = str(dice.randint(1, 9)), f"{dice.randint(1, 999)}.{dice.randint(0, 99):02}"
    item = dice.choice(("NUT", "BOLT"))
    line = {"item": item, "quantity": quantity, "unit_price": price, "budget_line": "MUCH"}
    order = await office.approved_order(line)
    await office.received(order, quantity)
    ordered = order["lines"][0]
    body = {
        "supplier": office.supplier,
        "supplier_reference": f"{order['number']}-{dice.randrange(10**9)}",
        "invoice_date": str(TODAY),
        "lines": [{"order_line": ordered["id"], "quantity": quantity, "unit_price": price}],
    }
    made = await office.command("accountant", "billing/supplier-invoices", body)
    invoice = await office.command("accountant", f"billing/supplier-invoices/{made['id']}/post")
    allocation = {"invoice": invoice["id"], "amount": invoice["balance"]}
    payment = {"direction": "outgoing", "party": office.supplier, "amount": invoice["balance"]}
    made = await office.command("payer", "billing/payments", {**payment, "allocations": [allocation]})
    await office.command("payer", f"billing/payments/{made['id']}/post")


async def request(office: Office, dice: Random) -> None:
    """A requisition, approved."""
    line = {"item": "BOLT", "quantity": str(dice.randint(1, 5)), "unit_price": "12.50", "budget_line": "MUCH"}
    made = await office.command("requester", "procurement/requisitions", {"lines": [line]})
    await office.command("requester", f"procurement/requisitions/{made['id']}/submit")
    await office.command("approver", f"procurement/requisitions/{made['id']}/approve")


async def receive(office: Office, dice: Random) -> None:
    """Some of the one big order, taken back now and then."""
    receipt = await office.received(office.order, str(dice.randint(1, 9)))
    if dice.random() < 0.3:
        await office.command("receiver", f"procurement/goods-receipts/{receipt['id']}/reverse", {"reason": "Broken"})


async def post(office: Office, dice: Random) -> None:
    """A journal entry, reversed now and then."""
    entry = await office.entry(f"{dice.randint(1, 9999)}.{dice.randint(0, 99):02}")
    if dice.random() < 0.2:
        await office.command("accountant", f"ledger/journal-entries/{entry['id']}/reverse", {"reason": "Wrong"})


async def overreach(office: Office, dice: Random) -> None:
    """What must be refused."""
    dear: Json = {"item": "NUT", "quantity": "1", "unit_price": "501", "budget_line": "LITTLE"}
    attempts: dict[str, Callable[[], Awaitable[Json]]] = {
        "UNBALANCED_ENTRY": lambda: office.entry("10.00", credit="9.99"),
        "OVER_RECEIPT": lambda: office.received(office.order, "50001"),
        "BUDGET_EXCEEDED": lambda: office.approved_order(dear),
    }
    expected = dice.choice(sorted(attempts))
    try:
        await attempts[expected]()
    except Refused as refusal:
        if refusal.code != expected:
            raise
        return
    office.broken.append(f"{office.name}: {expected} was not refused")


EVERYTHING: Sequence[Activity] = (buy, request, receive, post, post, overreach)
