"""What must be true after a case: the journals, the invariants, the derived reads, and what the receiver got."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import asyncpg

from adapters.postgres.connection import Connection
from adapters.postgres.verify import DURING, INVARIANTS, findings
from services.cli.verify import CHECKS
from tests.faults.house import House
from tests.faults.journal import Asked, Heard
from tests.faults.office import TODAY, Json, Office, Refused
from tests.faults.receiver import Mailbox

SAMPLE_EVERY = 0.7
RESENDINGS = 20
DELIVERED_WITHIN = 120.0

# How many transactions a command took effect in, whether its client sent it again or the service ran it again by itself:
# every change leaves an audit entry with its request's id, and an entry is never changed.
EFFECTS = """
    SELECT DISTINCT split_part(request_id, '.', 1) AS key, xmin::text
    FROM audit.entry WHERE request_id LIKE $1 || '-%'"""
KEPT = "SELECT key, subject_id::text AS subject FROM platform.idempotency_key WHERE key LIKE $1 || '-%'"

BALANCES = """
    SELECT a.code, platform.amount_text(sum(p.company_amount_minor), 'EUR')
    FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id WHERE p.book = 'actual' GROUP BY a.code"""
ON_HAND = """
    SELECT i.sku, sum(r.quantity) FROM procurement.goods_receipt_line r
    JOIN platform.document d ON d.id = r.document_id AND d.phase = 'active'
    JOIN procurement.purchase_order_line o ON o.id = r.order_line_id JOIN catalog.item i ON i.id = o.item_id
    GROUP BY i.sku"""
OWED = """
    SELECT coalesce(sum(CASE d.type WHEN 'payment' THEN -d.total_minor ELSE d.total_minor END), 0)::numeric / 100
    FROM platform.document d WHERE d.type IN ('supplier_invoice', 'payment') AND d.phase = 'active'"""
NOT_INVOICED = """
    SELECT coalesce(sum(r.net_company_minor), 0)::numeric / 100 - coalesce((
        SELECT sum(i.net_company_minor)::numeric / 100 FROM billing.supplier_invoice_line i
        JOIN platform.document d ON d.id = i.document_id AND d.phase = 'active'), 0)
    FROM procurement.goods_receipt_line r JOIN platform.document d ON d.id = r.document_id AND d.phase = 'active'"""
# Sessions of this database that hold a transaction or a lock though nobody is asking anything.
LEFT_OPEN = """
    SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.state LIKE 'idle in transaction%'"""

ATTEMPTS = "SELECT endpoint_id::text AS endpoint, event_id::text AS event, attempts FROM outbox.delivery"


@dataclass(slots=True)
class Samples:
    """How often the books were looked at while everything was going on, and what was wrong with them."""

    taken: int = 0
    missed: int = 0


@asynccontextmanager
async def sampling(house: House, office: Office) -> AsyncIterator[Samples]:
    """Asks again and again, in one snapshot each, what must hold even meanwhile."""
    samples = Samples()

    async def sample() -> None:
        while True:
            try:
                connection = await house.connect(office.database)
                try:
                    async with connection.transaction(isolation="repeatable_read", readonly=True):
                        for name in DURING:
                            for line in await findings(connection, INVARIANTS[name]):
                                office.broken.append(f"{office.name}, meanwhile: {name}: {line}")
                finally:
                    connection.terminate()
                samples.taken += 1
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                samples.missed += 1  # the server is down, which is the fault and no finding
            await asyncio.sleep(SAMPLE_EVERY)

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        await end(task)


async def end(task: asyncio.Task[None]) -> None:
    """Cancels until it is over: a client may take a cancellation for a time-out of its own, and go on."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)
    if not task.cancelled():
        task.result()


async def judge(house: House, office: Office) -> list[str]:
    """Everything that is wrong with an organization once its clients have stopped and its services are well."""
    connection = await house.connect(office.database)
    try:
        wrong = [*office.broken]
        office.copies = 1
        wrong += await _journal(connection, office)
        wrong += await _derived(connection, office)
        if await connection.fetchval(LEFT_OPEN):
            wrong.append(f"{office.name}: a session was left idle in a transaction")
    finally:
        await connection.close()
    return wrong + await verified(house, office)


async def verified(house: House, office: Office) -> list[str]:
    """What `bizcore verify` finds."""
    connection = await house.connect(office.database)
    try:
        return [
            f"{office.name}: {name}: {line}"
            for name, check in CHECKS.items()
            async for line in check(connection, house.settings)
        ]
    finally:
        await connection.close()


async def _journal(connection: Connection, office: Office) -> list[str]:
    """Every ok is there exactly once, every refused is absent, every doubt is 0 or 1 and then what the key answers."""
    asked = office.journal.read()
    wrong = compared(asked, await _effects(connection, office))
    doubts = [command for command in asked.values() if command.outcome is Heard.UNKNOWN]
    office.counts["resolved"] += len(doubts)
    for command in doubts:
        if not await _resolved(office, command):
            wrong.append(f"{command.key}: still in doubt after {RESENDINGS} sendings")
    asked = office.journal.read()
    wrong += compared(asked, await _effects(connection, office))
    kept = {row["key"]: row["subject"] for row in await connection.fetch(KEPT, office.name)}
    for key, command in asked.items():
        if command.outcome is Heard.OK and command.subjects != {kept.get(key)}:
            wrong.append(f"{key}: was answered with {command.subjects}, its key stands for {kept.get(key)}")
    for id in {id for command in asked.values() for id in command.subjects}:
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM audit.entry WHERE subject_id = $1::uuid)", id):
            wrong.append(f"{office.name}: {id} was answered and is not there")
    return wrong


async def _effects(connection: Connection, office: Office) -> Counter[str]:
    return Counter(row["key"] for row in await connection.fetch(EFFECTS, office.name))


def compared(asked: Mapping[str, Asked], effects: Counter[str]) -> list[str]:
    """What happened otherwise than a client heard, and what happened unasked."""
    wrong = []
    for key, command in asked.items():
        found = effects[key]
        allowed = {Heard.OK: (1,), Heard.REFUSED: (0,), Heard.UNKNOWN: (0, 1)}[command.outcome]
        if found not in allowed:
            heard = ", ".join(command.heard)
            wrong.append(f"{key}: POST {command.path} was heard as {heard} and took effect {found} times")
    return wrong + [f"{key} took effect and was never asked" for key in effects.keys() - asked.keys()]


async def _resolved(office: Office, command: Asked) -> bool:
    for attempt in range(100, 100 + RESENDINGS):
        try:
            if await office.send(command.key, attempt, command.person, command.path, command.body) is not None:
                return True
        except Refused:
            return True
        await asyncio.sleep(0.2)
    return False


async def _derived(connection: Connection, office: Office) -> list[str]:
    """Reports over HTTP against plain SQL over documents."""
    trial = await office.get("ledger/trial-balance", as_of=f"{TODAY.year}-12-31")
    answered = {row["account"]: row["balance"] for row in trial["rows"]}
    posted = {row[0]: row[1] for row in await connection.fetch(BALANCES)}
    wrong = [
        f"{office.name}: account {code} is answered as {answered.get(code)}, its postings say {posted.get(code)}"
        for code in sorted(answered.keys() | posted.keys())
        if Decimal(answered.get(code, 0)) != Decimal(posted.get(code, 0))
    ]
    if trial["total_debit"] != trial["total_credit"]:
        wrong.append(f"{office.name}: debit is {trial['total_debit']}, credit {trial['total_credit']}")
    stock = {row["item_sku"]: Decimal(row["on_hand"]) for row in (await office.get("inventory/stock"))["data"]}
    received = {row[0]: row[1] for row in await connection.fetch(ON_HAND)}
    if any(stock.get(sku, 0) != received.get(sku, 0) for sku in stock.keys() | received.keys()):
        wrong.append(f"{office.name}: stock is answered as {stock}, receipts brought {received}")
    for path, query, what in (
        ("billing/open-items?side=payable", OWED, "open items"),
        ("procurement/grni", NOT_INVOICED, "goods received, not invoiced"),
    ):
        told = Decimal((await office.get(path))["total"])
        if told != (counted := await connection.fetchval(query)):
            wrong.append(f"{office.name}: {what} are answered as {told}, their documents come to {counted}")
    return wrong


async def delivered(house: House, office: Office) -> list[str]:
    """What is wrong with what the receiver got, once nothing is due any more."""
    connection = await house.connect(office.database)
    try:
        try:
            async with asyncio.timeout(DELIVERED_WITHIN):
                while await _open(connection):
                    await asyncio.sleep(0.3)
        except TimeoutError:
            return [f"{office.name}: {await _open(connection)} after {DELIVERED_WITHIN:.0f} s"]
        rows = await connection.fetch(ATTEMPTS)
    finally:
        await connection.close()
    wrong = []
    for endpoint, mailbox in zip(office.endpoints, office.mailboxes, strict=True):
        attempts = {row["event"]: row["attempts"] for row in rows if row["endpoint"] == endpoint}
        wrong += [f"{office.name}: {line}" for line in received(mailbox, attempts)]
        accepted = len(mailbox.accepted())
        office.counts["delivered"] += accepted
        office.counts["delivered again"] += len(mailbox.deliveries) - accepted
    return wrong


async def _open(connection: Connection) -> str:
    """What is still on its way, in words; nothing when all is done."""
    row = await connection.fetchrow("""
        SELECT (SELECT count(*) FROM outbox.due) AS due, (SELECT count(*) FROM audit.unsealed) AS unsealed,
               (SELECT count(*) FROM outbox.delivery WHERE state <> 'delivered') AS undelivered""")
    assert row is not None
    return ", ".join(f"{count} {name}" for name, count in row.items() if count)


def received(mailbox: Mailbox, attempts: Mapping[str, int]) -> list[str]:
    """What a receiver got otherwise than promised: at least once, one webhook-id an event, signed, in order.

    `attempts` are those that are counted for each event.
    """
    accepted = mailbox.accepted()
    wrong = [f"event {id} was never delivered" for id in attempts.keys() - accepted.keys()]
    if mailbox.forged:
        wrong.append(f"{mailbox.forged} deliveries bore no valid signature")
    wrong += [f"{id} was delivered and is no event" for id in accepted.keys() - attempts.keys()]
    posts = Counter(delivery.id for delivery in mailbox.deliveries)
    last: defaultdict[str, int] = defaultdict(int)
    for id, events in accepted.items():
        event: Json = dict(events[0])
        if event["id"] != id or any(other != events[0] for other in events):
            wrong.append(f"webhook-id {id} stood for different events")
        if event["sequence"] <= last[event["subject"]["id"]]:
            subject = event["subject"]
            wrong.append(f"event {event['sequence']} of {subject.get('type')} {subject['id']} came after a later one")
        last[event["subject"]["id"]] = event["sequence"]
        if posts[id] > attempts.get(id, posts[id]):
            wrong.append(f"event {id} was posted {posts[id]} times, {attempts[id]} are counted")
    return wrong
