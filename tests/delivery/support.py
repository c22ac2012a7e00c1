"""What the tests of delivery share: events as commands write them, endpoints, and a receiver that remembers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from adapters.identity.secrets import Secrets
from adapters.postgres.audit.entries import append_entry
from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.outbox import endpoints
from adapters.webhooks.signing import new_secret
from bizcore.call import Call
from bizcore.ids import new_id
from bizcore.settings import Settings
from tests.support.tenants import owner_id

EVENT = """
    INSERT INTO outbox.event (id, type, occurred_at, subject_kind, subject_type, subject_id, subject_number,
        subject_version, sequence, data, request_id, traceparent)
    VALUES ($1, $2, $3, 'document', 'purchase_order', $4, 'PO-1', $5, $5, $6::text::jsonb, 'request', $7)"""
ACTIVATED = "procurement.purchase_order.activated.v1"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def publish(
    connection: Connection,
    subject_id: UUID,
    sequence: int,
    *,
    type: str = ACTIVATED,
    data: Mapping[str, object] | None = None,
    event_id: UUID | None = None,
) -> UUID:
    """An event and its place in the queue, as the flush of a command writes them."""
    event_id = event_id or new_id()
    await connection.execute(
        EVENT, event_id, type, datetime.now(UTC), subject_id, sequence, json.dumps(data or {"total": "10.00"}), TRACE
    )
    await connection.execute("INSERT INTO outbox.due (event_id) VALUES ($1)", event_id)
    return event_id


def call() -> Call:
    return Call(request_id="test", at=datetime.now(UTC))


async def subscribe(
    tenant: TenantDatabase,
    servers: Settings,
    url: str,
    *,
    events: tuple[str, ...] = ("*",),
    conditions: Mapping[str, Any] | None = None,
) -> tuple[UUID, str]:
    """An endpoint and its secret."""
    endpoint_id, secret = new_id(), new_secret()
    sealed = Secrets.of(servers.master_key).encrypt(secret.encode(), endpoints.secret_binding(endpoint_id))
    actor = await owner_id(tenant)
    async with tenant.connection() as connection, connection.transaction():
        await endpoints.create(
            connection,
            endpoint_id,
            url=url,
            events=events,
            conditions=conditions or {},
            secret=sealed,
            actor_id=actor,
            call=call(),
        )
    return endpoint_id, secret


async def write_entries(connection: Connection, subject_id: UUID, numbers: range) -> None:
    """A history of a subject, as commands write it."""
    for number in numbers:
        await append_entry(
            connection,
            subject_kind="party",
            subject_id=subject_id,
            entry_no=number,
            actor_id=new_id(),
            call=call(),
            command="ChangeParty",
            before={"name": f"name {number - 1}"},
            after={"name": f"name {number}", "n": number},
        )


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def sequence(self) -> int:
        sequence: int = json.loads(self.body)["sequence"]
        return sequence

    @property
    def subject(self) -> str:
        subject: str = json.loads(self.body)["subject"]["id"]
        return subject


Plan = Callable[[Received], tuple[int, Mapping[str, str]]]


@dataclass(slots=True)
class Receiver:
    """A webhook receiver on loopback: answers by its plan and keeps everything it got, in order."""

    port: int = 0
    plan: Plan = lambda _: (200, {})
    got: list[Received] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            received = Received(head[0].split(" ")[1], headers, body)
            self.got.append(received)
            status, extra = self.plan(received)
            fields = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            writer.write(f"HTTP/1.1 {status} Answer\r\ncontent-length: 2\r\n{fields}\r\nok".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(plan: Plan | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    if plan is not None:
        receiver.plan = plan
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
