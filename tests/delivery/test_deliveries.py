"""From the outbox to the receiver, on a real database: what is sent, in which order, how often, and when no more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import standardwebhooks

from adapters.broker.queue import DueWork
from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.outbox import deliveries, endpoints
from adapters.postgres.outbox.deliveries import MAX_CRASHES, turn
from adapters.postgres.outbox.events import PublishedEvent, read_log
from adapters.postgres.outbox.relay import in_order, relay_batch
from adapters.webhooks.addresses import AddressPolicy
from adapters.webhooks.sender import Sender
from adapters.webhooks.signing import new_secret
from bizcore.clock import SystemClock
from bizcore.ids import new_id
from bizcore.settings import Settings
from services.worker.actors import Delivery
from tests.delivery.support import ACTIVATED, TRACE, Received, call, publish, receiving, subscribe
from tests.support.tenants import as_owner_of, new_tenant, owner_id


class OneTenant:
    """Tenants with one in it."""

    def __init__(self, tenant: TenantDatabase) -> None:
        self.tenant = tenant

    async def get(self, organization_id: UUID) -> TenantDatabase:
        return self.tenant

    async def all_ids(self) -> list[UUID]:
        return [self.tenant.organization_id]


class Worker:
    """Relay and worker in this process, run by hand."""

    def __init__(self, tenant: TenantDatabase, servers: Settings) -> None:
        self.tenant = tenant
        sender = Sender(AddressPolicy((ip_network("127.0.0.0/8"),)), SystemClock())
        self.due_work = DueWork(servers.redis_url)
        self.delivery = Delivery(
            OneTenant(tenant), Secrets.of(servers.master_key), sender, SystemClock(), self.due_work
        )

    async def relay(self) -> None:
        async with self.tenant.connection() as connection:
            while (await relay_batch(connection, self.tenant.slug, datetime.now(UTC))).more:
                pass

    async def run(self) -> None:
        await self.relay()
        await self.delivery.run(self.tenant.organization_id)


@pytest.fixture
async def tenant(servers: Settings) -> AsyncIterator[TenantDatabase]:
    made = await new_tenant(servers)
    yield made
    await made.engine.dispose()


@pytest.fixture
def worker(tenant: TenantDatabase, servers: Settings) -> Any:
    made = Worker(tenant, servers)
    yield made
    made.due_work.close()


async def rows(tenant: TenantDatabase, statement: str, *values: object) -> list[asyncpg.Record]:
    async with tenant.connection() as connection:
        return await connection.fetch(statement, *values)


async def hurry(tenant: TenantDatabase, servers: Settings) -> None:
    """As if every wait were over."""
    connection = await as_owner_of(tenant, servers)
    await connection.execute(
        "UPDATE outbox.delivery SET due_at = now() - interval '1 second' WHERE state IN ('due', 'sending')"
    )
    await connection.close()


async def states(tenant: TenantDatabase) -> list[tuple[int, str]]:
    found = await rows(tenant, "SELECT sequence, state FROM outbox.delivery ORDER BY sequence")
    return [(row["sequence"], row["state"]) for row in found]


async def test_an_event_arrives_signed_traced_and_whole(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    subject = new_id()
    async with receiving() as receiver:
        _, secret = await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            event_id = await publish(connection, subject, 3, data={"total": "1234.50", "ü": 1.10})
        await worker.run()
    [got] = receiver.got
    envelope = standardwebhooks.Webhook(secret).verify(got.body, dict(got.headers))
    occurred_at = envelope.pop("occurred_at")
    assert datetime.fromisoformat(occurred_at).tzinfo is not None
    assert envelope == {
        "id": str(event_id),
        "type": ACTIVATED,
        "organization": tenant.slug,
        "sequence": 3,
        "subject": {"kind": "document", "type": "purchase_order", "id": str(subject), "number": "PO-1", "version": 3},
        "data": {"total": "1234.50", "ü": 1.1},
    }
    assert got.headers["webhook-id"] == str(event_id)
    assert got.headers["traceparent"] == TRACE
    assert got.headers["x-request-id"] == "request"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert await states(tenant) == [(3, "delivered")]
    [attempt] = await rows(tenant, "SELECT number, status, error, response FROM outbox.attempt")
    assert tuple(attempt) == (1, 200, None, "ok")


async def test_an_altered_body_does_not_verify(tenant: TenantDatabase, servers: Settings, worker: Worker) -> None:
    async with receiving() as receiver:
        _, secret = await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.run()
    [got] = receiver.got
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(got.body.replace(b"10.00", b"99.00"), dict(got.headers))


async def test_during_a_rotation_both_secrets_verify_and_a_day_later_only_the_new(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    subject, secrets = new_id(), Secrets.of(servers.master_key)
    async with receiving() as receiver:
        endpoint_id, old = await subscribe(tenant, servers, receiver.url)
        new = new_secret()
        async with tenant.connection() as connection, connection.transaction():
            await endpoints.rotate_secret(
                connection,
                endpoint_id,
                secrets.encrypt(new.encode(), endpoints.secret_binding(endpoint_id)),
                actor_id=await owner_id(tenant),
                call=call(),
            )
            await publish(connection, subject, 1)
        await worker.run()
        during = receiver.got[-1]
        await rows(tenant, "UPDATE outbox.endpoint SET previous_secret_until = now() - interval '1 second'")
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, subject, 2)
        await worker.run()
        later = receiver.got[-1]
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(during.body, dict(during.headers))
    standardwebhooks.Webhook(new).verify(later.body, dict(later.headers))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(later.body, dict(later.headers))


async def test_the_secret_is_not_readable_in_the_database(tenant: TenantDatabase, servers: Settings) -> None:
    _, secret = await subscribe(tenant, servers, "https://example.com/")
    [row] = await rows(tenant, "SELECT secret FROM outbox.endpoint")
    assert secret.encode() not in row["secret"]
    assert secret.removeprefix("whsec_").encode() not in row["secret"]


async def test_patterns_and_filters_choose_what_is_delivered(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    async with receiving() as receiver:
        await subscribe(
            tenant,
            servers,
            receiver.url,
            events=("procurement.purchase_order.*",),
            conditions={"data.company": ["A", "B"]},
        )
        async with tenant.connection() as connection, connection.transaction():
            wanted = await publish(connection, new_id(), 1, data={"company": "B"})
            await publish(connection, new_id(), 1, data={"company": "C"})
            await publish(connection, new_id(), 1, data={})
            await publish(connection, new_id(), 1, data={"company": "A"}, type="billing.payment.posted.v1")
        await worker.run()
    assert [got.headers["webhook-id"] for got in receiver.got] == [str(wanted)]
    async with tenant.connection() as connection:
        assert [position for position, _ in await read_log(connection, after=0, limit=10)] == [1, 2, 3, 4]


async def test_a_failure_waits_five_seconds_then_five_minutes_and_keeps_its_webhook_id(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    waits = []
    async with receiving(lambda _: (500, {})) as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        for _ in range(3):
            await worker.run()
            [row] = await rows(tenant, "SELECT extract(epoch FROM due_at - now())::float AS wait FROM outbox.delivery")
            waits.append(row["wait"])
            await hurry(tenant, servers)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    for wait, scheduled in zip(waits, (5, 300, 1800), strict=True):
        assert scheduled - 2 <= wait <= scheduled * 1.1


async def test_after_ten_tries_it_is_dead_and_a_replay_delivers_it_under_the_same_id(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    async with receiving(lambda _: (503, {})) as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        for _ in range(12):
            await worker.run()
            await hurry(tenant, servers)
        assert len(receiver.got) == 10
        assert await states(tenant) == [(1, "dead")]
        receiver.plan = lambda _: (204, {})
        async with tenant.connection() as connection, connection.transaction():
            ids = [row["id"] for row in await connection.fetch("SELECT id FROM outbox.delivery")]
            assert await deliveries.replay(connection, ids) == 1
        await worker.run()
    assert await states(tenant) == [(1, "delivered")]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    [row] = await rows(tenant, "SELECT count(*), max(number) FROM outbox.attempt")
    assert tuple(row) == (11, 11)


async def test_a_dead_delivery_holds_its_own_document_and_no_other(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    held, free = new_id(), new_id()

    def plan(got: Received) -> tuple[int, dict[str, str]]:
        return (500 if got.subject == str(held) and got.sequence == 1 else 200), {}

    async with receiving(plan) as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            for sequence in (1, 2):
                await publish(connection, held, sequence)
                await publish(connection, free, sequence)
        for _ in range(11):
            await worker.run()
            await hurry(tenant, servers)
        assert [got.sequence for got in receiver.got if got.subject == str(free)] == [1, 2]
        assert {got.sequence for got in receiver.got if got.subject == str(held)} == {1}
        receiver.plan = lambda _: (200, {})
        async with tenant.connection() as connection, connection.transaction():
            dead = [row["id"] for row in await connection.fetch("SELECT id FROM outbox.delivery WHERE state = 'dead'")]
            await deliveries.replay(connection, dead)
        await worker.run()
    assert [got.sequence for got in receiver.got if got.subject == str(held)][-2:] == [1, 2]


async def test_429_is_not_tried_before_the_time_it_names(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    async with receiving(lambda _: (429, {"retry-after": "120"})) as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.run()
    [row] = await rows(tenant, "SELECT due_at - now() AS wait, last_status FROM outbox.delivery")
    assert timedelta(seconds=115) < row["wait"] <= timedelta(seconds=120)
    assert row["last_status"] == 429


async def test_410_disables_the_endpoint_with_an_audit_entry_and_sends_nothing_more(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    async with receiving(lambda _: (410, {})) as receiver:
        endpoint_id, _ = await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.run()
        await hurry(tenant, servers)
        await worker.run()
    assert len(receiver.got) == 1
    [row] = await rows(tenant, "SELECT active, disabled_reason FROM outbox.endpoint")
    assert tuple(row) == (False, "The receiver answered 410 Gone.")
    commands = await rows(
        tenant, "SELECT command FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no", endpoint_id
    )
    assert [each["command"] for each in commands] == ["CreateWebhookEndpoint", "DisableWebhookEndpoint"]


async def test_a_redirect_is_a_failure_and_is_not_followed(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    async with receiving() as canary, receiving(lambda _: (302, {"location": canary.url})) as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.run()
    assert (len(receiver.got), canary.connections) == (1, 0)
    assert await states(tenant) == [(1, "due")]


async def test_a_delivery_that_stops_every_worker_is_dead_after_five(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    await subscribe(tenant, servers, "https://example.com/")
    async with tenant.connection() as connection:
        async with connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.relay()
        for _ in range(MAX_CRASHES):
            assert len(await turn(connection, [], 16, datetime.now(UTC))) == 1  # claimed, and the worker dies
            await hurry(tenant, servers)
        assert await turn(connection, [], 16, datetime.now(UTC)) == []
    [row] = await rows(tenant, "SELECT state, attempts, last_error FROM outbox.delivery")
    assert tuple(row) == ("dead", 5, "Sending it stopped 5 workers.")
    [counted] = await rows(tenant, "SELECT count(*) AS lost FROM outbox.attempt WHERE error IS NOT NULL")
    assert counted["lost"] == 5


async def test_a_worker_that_slept_past_its_lease_cannot_record(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    await subscribe(tenant, servers, "https://example.com/")
    async with tenant.connection() as connection:
        async with connection.transaction():
            await publish(connection, new_id(), 1)
        await worker.relay()
        [slept] = await turn(connection, [], 1, datetime.now(UTC))
        await hurry(tenant, servers)
        [_] = await turn(connection, [], 1, datetime.now(UTC))
        late = deliveries.Outcome(
            claimed=slept, delivered=True, gone=False, wait=None, status=200, error=None, response="", duration_ms=1
        )
        await turn(connection, [late], 0, datetime.now(UTC))
    assert await states(tenant) == [(1, "sending")]


async def test_two_deliveries_of_one_document_are_never_in_flight_together(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    await subscribe(tenant, servers, "https://example.com/")
    one, two = new_id(), new_id()
    async with tenant.connection() as connection:
        async with connection.transaction():
            for sequence in range(1, 6):
                await publish(connection, one, sequence)
                await publish(connection, two, sequence)
        await worker.relay()
        claimed = await turn(connection, [], 100, datetime.now(UTC))
        assert sorted(each.event.sequence for each in claimed) == [1, 1]
        assert await turn(connection, [], 100, datetime.now(UTC)) == []


async def test_clocks_that_disagree_do_not_change_the_order_of_a_document(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    subject = new_id()
    early, late = new_id(), new_id()
    async with receiving() as receiver:
        await subscribe(tenant, servers, receiver.url)
        async with tenant.connection() as connection, connection.transaction():
            await publish(connection, subject, 1, event_id=late)
            await publish(connection, subject, 2, event_id=early)
        await worker.run()
    assert [got.sequence for got in receiver.got] == [1, 2]


def test_sorting_by_id_keeps_each_subject_in_sequence() -> None:
    def event(number: int, subject: int, sequence: int) -> PublishedEvent:
        return PublishedEvent(
            id=UUID(int=number), type="a.b.c.v1", occurred_at=datetime.now(UTC), subject_kind="k", subject_type="t",
            subject_id=UUID(int=subject), subject_number=None, subject_version=1, sequence=sequence, data="{}",
            request_id="r", traceparent=None,
        )  # fmt: skip

    given = [event(1, 7, 3), event(2, 8, 1), event(3, 7, 1), event(4, 8, 2), event(5, 7, 2)]
    assert [(each.subject_id.int, each.sequence) for each in in_order(given)] == [
        (7, 1),
        (8, 1),
        (7, 2),
        (8, 2),
        (7, 3),
    ]


async def test_eight_writers_and_two_relays_lose_nothing_and_invert_nothing(
    tenant: TenantDatabase, servers: Settings, worker: Worker
) -> None:
    """Writers hold a document lock until they commit, some roll back; both relays run all the while."""
    documents, each_writer, seed = [new_id() for _ in range(20)], 150, 20_26
    connection = await as_owner_of(tenant, servers)
    await connection.execute("CREATE TABLE outbox.test_counter (id uuid PRIMARY KEY, n int NOT NULL)")
    await connection.executemany("INSERT INTO outbox.test_counter VALUES ($1, 0)", [(each,) for each in documents])
    app = tenant.id + "_app"
    await connection.execute(f"GRANT SELECT, UPDATE ON outbox.test_counter TO {app}")
    await connection.close()
    committed: list[tuple[UUID, int]] = []

    async def write(number: int) -> None:
        dice = Random(seed + number)
        for _ in range(each_writer):
            subject = dice.choice(documents)
            async with tenant.connection() as writer:
                transaction = writer.transaction()
                await transaction.start()
                sequence = await writer.fetchval(
                    "UPDATE outbox.test_counter SET n = n + 1 WHERE id = $1 RETURNING n", subject
                )
                await publish(writer, subject, sequence)
                await asyncio.sleep(dice.random() * 0.004)
                if dice.random() < 0.1:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed.append((subject, sequence))

    stop = asyncio.Event()

    async def relay() -> None:
        while not stop.is_set():
            await worker.relay()
            await asyncio.sleep(0.01)

    relays = [asyncio.create_task(relay()) for _ in range(2)]
    await asyncio.gather(*(write(number) for number in range(8)))
    stop.set()
    await asyncio.gather(*relays)
    await worker.relay()
    async with tenant.connection() as reader:
        log = await read_log(reader, after=0, limit=10_000)
    logged = [(event.subject_id, event.sequence) for _, event in log]
    assert sorted(logged) == sorted(committed)
    assert [position for position, _ in log] == list(range(1, len(log) + 1))
    for document in documents:
        sequences = [sequence for subject, sequence in logged if subject == document]
        assert sequences == sorted(sequences)
