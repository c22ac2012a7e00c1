"""One trace and one request id, from who asked to who is told."""

import json
import re
from uuid import UUID

import pytest

from bizcore.settings import Settings
from services.api.trace import trace_id, traceparent
from tests.delivery.support import TRACE, receiving
from tests.delivery.test_deliveries import Worker
from tests.support.api import running_api

NEED = {"lines": [{"description": "Bolts", "quantity": "1", "unit_price": "5.00"}]}
NEW = r"00-[0-9a-f]{32}-[0-9a-f]{16}-00"


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        f"{TRACE}-more",
        f"{TRACE}\n",
    ],
)
def test_who_comes_without_a_valid_trace_begins_one(given: str | None) -> None:
    first, second = traceparent(given), traceparent(given)
    assert re.fullmatch(NEW, first)
    assert trace_id(first) != trace_id(second)


def test_a_valid_trace_goes_on_as_it_came() -> None:
    assert traceparent(TRACE) == TRACE
    assert trace_id(TRACE) == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("headers", [{"traceparent": TRACE, "X-Request-Id": "asked-1"}, {"traceparent": "nonsense"}])
async def test_request_log_event_and_webhook_carry_one_trace_and_one_request_id(
    servers: Settings, headers: dict[str, str]
) -> None:
    async with receiving() as receiver, running_api(servers) as api:
        office = await api.sign_up()
        await office.owner.made("webhooks/endpoints", {"url": receiver.url, "events": ["procurement.*"]})
        answer = await office.owner.post("procurement/requisitions", NEED, headers=headers)
        tenant = await api.app.state.surface.tenants.get(UUID(office.id))
        async with tenant.connection() as connection:
            (event,) = await connection.fetch(
                "SELECT request_id, traceparent FROM outbox.event WHERE subject_id = $1", UUID(answer.json()["id"])
            )
        worker = Worker(tenant, servers)
        try:
            await worker.run()
        finally:
            worker.due_work.close()
        (line,) = [
            json.loads(line)
            for line in api.log
            if answer.headers["X-Request-Id"] in line and '"event": "request"' in line
        ]
    (got,) = receiver.got
    assert event["request_id"] == got.headers["x-request-id"] == line["request_id"] == answer.headers["X-Request-Id"]
    assert event["traceparent"] == got.headers["traceparent"]
    assert line["trace"] == trace_id(got.headers["traceparent"])
    if headers["traceparent"] == TRACE:
        assert (event["traceparent"], event["request_id"]) == (TRACE, "asked-1")
    else:
        assert re.fullmatch(NEW, event["traceparent"])
