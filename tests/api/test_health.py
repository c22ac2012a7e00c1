"""What machines that watch are told: alive, ready, degraded, and the measures, to those who may know them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from adapters.broker.gauges import Gauges
from adapters.broker.queue import DueWork
from adapters.objectstore.s3 import S3ObjectStore
from adapters.postgres.audit.keys import AuditKey
from bizcore.clock import SystemClock
from bizcore.settings import Settings
from services.api.gauges import MEANING
from services.worker.relay import Relay
from tests.house.support import free_port
from tests.support.api import Api, running_api
from tests.support.cluster import own_cluster


async def asked(api: Api, path: str, *, address: str = "127.0.0.1", token: str | None = None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await api.client(address).get(f"http://bizcore.test{path}", headers=headers)


def gauges(answer: httpx.Response) -> dict[str, float]:
    lines = [line.split(" ") for line in answer.text.splitlines() if line.startswith(tuple(MEANING))]
    return {name: float(value) for name, value in lines}


async def test_everything_up_is_ready(servers: Settings) -> None:
    async with running_api(servers) as api:
        assert (await asked(api, "/healthz")).json() == {"status": "alive"}
        ready = await asked(api, "/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "parts": {"database": "up", "broker": "up", "objects": "up"}},
    )


@pytest.mark.parametrize(
    ("changed", "part"),
    [({"redis_url": "redis://127.0.0.1:{port}/0"}, "broker"), ({"s3_endpoint": "127.0.0.1:{port}"}, "objects")],
)
async def test_without_broker_or_object_store_it_serves_degraded(
    servers: Settings, changed: dict[str, str], part: str
) -> None:
    away = {name: value.format(port=free_port()) for name, value in changed.items()}
    async with running_api(servers, **away) as api:
        ready = await asked(api, "/readyz")
        assert (await asked(api, "/healthz")).status_code == 200
        measured = gauges(await asked(api, "/metrics"))
    up = {"database": "up", "broker": "up", "objects": "up"}
    assert (ready.status_code, ready.json()) == (200, {"status": "degraded", "parts": {**up, part: "down"}})
    assert measured["bizcore_broker_up"] == (part != "broker")


async def test_without_its_database_it_is_not_ready_and_says_so(servers: Settings) -> None:
    async with own_cluster(servers) as (settings, _):
        entered = running_api(settings)
        api = await entered.__aenter__()
    try:
        ready = await asked(api, "/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert ready.json()["parts"]["database"] == "down"
        assert (await asked(api, "/healthz")).status_code == 200, "a restart would not help"
    finally:
        await entered.__aexit__(None, None, None)


async def test_metrics_without_a_token_are_for_this_machine_alone(servers: Settings) -> None:
    async with running_api(servers) as api:
        assert (await asked(api, "/metrics")).status_code == 200
        assert (await asked(api, "/metrics", address="::1")).status_code == 200
        assert (await asked(api, "/metrics", address="192.0.2.7")).status_code == 404


async def test_metrics_with_a_token_ask_everybody_for_it(servers: Settings) -> None:
    async with running_api(servers, metrics_token="known") as api:
        for address in ("127.0.0.1", "192.0.2.7"):
            assert (await asked(api, "/metrics", address=address)).status_code == 404
            assert (await asked(api, "/metrics", address=address, token="guessed")).status_code == 404
            assert (await asked(api, "/metrics", address=address, token="known")).status_code == 200


async def test_metrics_count_what_waits_and_name_no_organization(servers: Settings) -> None:
    async with running_api(servers) as api:
        office = await api.sign_up("Measured")
        await office.owner.made("webhooks/endpoints", {"url": "https://93.184.215.14/hook", "events": ["*"]})
        await office.owner.made("parties", {"name": "Supplier", "roles": ["supplier"], "country": "DE"})
        tenants, id = api.app.state.surface.tenants, UUID(office.id)
        due_work, published = DueWork(servers.redis_url), Gauges(servers.redis_url)
        relay = Relay(
            tenants=tenants,
            due_work=due_work,
            key=AuditKey.from_pem(servers.audit_key),
            objects=S3ObjectStore.of(servers),
            clock=SystemClock(),
            redis_url=servers.redis_url,
        )
        try:
            before = relay.measured()
            await relay.visit(id)
            waited = relay.measured()
            await relay.visit(id)
            moved_on = relay.measured()
            async with (await tenants.get(id)).connection() as connection:
                await connection.execute(
                    "UPDATE outbox.delivery SET state = 'dead', due_at = NULL, finished_at = $1", datetime.now(UTC)
                )
            await relay.visit(id)
            await published.publish(relay.measured())
            answer = await asked(api, "/metrics")
        finally:
            due_work.close()
            await published.close()
    assert set(before.values()) == {0}
    assert waited["bizcore_relay_events"] >= 1
    assert 0 < waited["bizcore_relay_lag_seconds"] < 60
    assert (moved_on["bizcore_relay_events"], moved_on["bizcore_relay_lag_seconds"]) == (0, 0)
    assert moved_on["bizcore_deliveries_due"] >= 1
    assert 0 < moved_on["bizcore_deliveries_oldest_due_seconds"] < 60
    shown = gauges(answer)
    assert set(shown) == set(MEANING)
    assert (shown["bizcore_relay_up"], shown["bizcore_relay_organizations"], shown["bizcore_broker_up"]) == (1, 1, 1)
    assert shown["bizcore_deliveries_dead"] == moved_on["bizcore_deliveries_due"]
    assert (shown["bizcore_deliveries_due"], shown["bizcore_queue_length"] >= 1) == (0, True)
    assert 1 <= shown["bizcore_pool_connections"] <= shown["bizcore_pool_connections_limit"] == servers.connections
    assert "bizcore_request_seconds_bucket" in answer.text
    assert office.slug not in answer.text
    assert office.id not in answer.text
