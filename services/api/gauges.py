"""What is measured only when somebody looks: this process's connections, the queue, and what the relay published."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError

from adapters.broker.gauges import Gauges
from adapters.postgres.tenancy.resolver import PooledTenants

MEANING: Final[Mapping[str, str]] = {
    "bizcore_pool_organizations": "Organizations that this process holds open",
    "bizcore_pool_connections": "Database connections of this process to organizations",
    "bizcore_pool_connections_limit": "What BIZCORE_CONNECTIONS allows of them",
    "bizcore_broker_up": "Whether the broker answers",
    "bizcore_queue_length": "Organizations with due work that wait for a worker",
    "bizcore_relay_up": "Whether a relay published its measures within a minute",
    "bizcore_relay_organizations": "Organizations that the relay looks after",
    "bizcore_relay_events": "Events committed and not yet in the log",
    "bizcore_relay_lag_seconds": "Age of the oldest of them",
    "bizcore_deliveries_due": "Webhook deliveries whose time has come",
    "bizcore_deliveries_oldest_due_seconds": "How long the oldest of them waits",
    "bizcore_deliveries_dead": "Webhook deliveries given up, until somebody replays them",
}

Measure = Callable[[], Awaitable[Mapping[str, float]]]


def measure_of(tenants: PooledTenants, broker: Gauges) -> Measure:
    async def measure() -> Mapping[str, float]:
        pools = {
            "bizcore_pool_organizations": tenants.opened,
            "bizcore_pool_connections": tenants.connected,
            "bizcore_pool_connections_limit": tenants.connections,
        }
        try:
            published, queued = await broker.published(), await broker.queued()
        except (RedisError, OSError):
            return {**pools, "bizcore_broker_up": 0}
        relay = {"bizcore_relay_up": bool(published), **published}
        return {**pools, "bizcore_broker_up": 1, "bizcore_queue_length": queued, **relay}

    return measure


def written(values: Mapping[str, float]) -> bytes:
    """In the Prometheus text format."""
    registry = CollectorRegistry()
    for name, value in values.items():
        Gauge(name, MEANING[name], registry=registry).set(value)
    return generate_latest(registry)
