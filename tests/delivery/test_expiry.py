"""What the relay's visit takes away when its time has come."""

from datetime import timedelta
from uuid import UUID

from adapters.broker.queue import DueWork
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres import idempotency
from adapters.postgres.audit.keys import AuditKey
from bizcore.clock import FixedClock
from bizcore.settings import Settings
from services.worker.relay import Relay
from tests.support.api import Office, Person, running_api

NEED = {"lines": [{"description": "Bolts", "quantity": "1", "unit_price": "5.00"}]}


async def visit(servers: Settings, office: Office, *, after: timedelta) -> None:
    """A relay's first visit, when the organization's only idempotency key is that old."""
    tenants = office.api.app.state.surface.tenants
    tenant = await tenants.get(UUID(office.id))
    async with tenant.connection() as connection:
        used_at = await connection.fetchval("SELECT min(created_at) FROM platform.idempotency_key")
    due_work = DueWork(servers.redis_url)
    try:
        await Relay(
            tenants=tenants,
            due_work=due_work,
            key=AuditKey.from_pem(servers.audit_key),
            objects=S3ObjectStore.of(servers),
            clock=FixedClock(used_at + after),
            redis_url=servers.redis_url,
        ).visit(UUID(office.id))
    finally:
        due_work.close()


async def required(owner: Person) -> tuple[str, bool]:
    """The requisition that one and the same request leads to, and whether an earlier answer was replayed."""
    answer = await owner.post("procurement/requisitions", NEED, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], "Idempotency-Replayed" in answer.headers


async def test_an_idempotency_key_holds_for_seven_days_and_no_longer(servers: Settings) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up()
        first, replayed = await required(office.owner)
        assert not replayed
        await visit(servers, office, after=timedelta(days=6, hours=23))
        assert await required(office.owner) == (first, True)
        await visit(servers, office, after=timedelta(days=7, seconds=1))
        anew, replayed = await required(office.owner)
    assert anew != first
    assert not replayed


async def test_expired_keys_go_in_batches_until_none_is_left(servers: Settings) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up()
        await required(office.owner)
        tenant = await api.app.state.surface.tenants.get(UUID(office.id))
        async with tenant.connection() as connection:
            await connection.execute(
                """INSERT INTO platform.idempotency_key
                   SELECT principal_id, command, 'old ' || n, body_hash, status, subject_id, created_at
                   FROM platform.idempotency_key, generate_series(1, $1) n""",
                idempotency.BATCH + 1,
            )
        await visit(servers, office, after=timedelta(days=7, seconds=1))
        async with tenant.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM platform.idempotency_key") == 0
