"""Where webhooks arrive: every delivery verified as it comes, some refused at first, all remembered in order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from standardwebhooks import Webhook

from tests.delivery.support import Received, receiving

REFUSED_AT_FIRST = 0.02


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that bore a good signature."""

    id: str
    event: Mapping[str, Any]
    accepted: bool


@dataclass(slots=True)
class Mailbox:
    """The deliveries to one organization's endpoint. `secret` is set once the endpoint is there."""

    secret: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    forged: int = 0
    seen: set[str] = field(default_factory=set)

    def accepted(self) -> dict[str, list[Mapping[str, Any]]]:
        """By webhook-id, in the order of first arrival."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for delivery in self.deliveries:
            if delivery.accepted:
                found.setdefault(delivery.id, []).append(delivery.event)
        return found


@dataclass(slots=True)
class Post:
    """All mailboxes, by the path of their endpoint."""

    port: int = 0
    dice: Random = field(default_factory=Random)
    boxes: defaultdict[str, Mailbox] = field(default_factory=lambda: defaultdict(Mailbox))

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def take(self, received: Received) -> tuple[int, Mapping[str, str]]:
        box = self.boxes[received.path.strip("/")]
        try:
            Webhook(box.secret).verify(received.body, dict(received.headers))
        except Exception:  # whatever the library holds against it
            box.forged += 1
            return 400, {}
        id = received.headers["webhook-id"]
        accepted = id in box.seen or self.dice.random() >= REFUSED_AT_FIRST
        box.seen.add(id)
        box.deliveries.append(Delivery(id, json.loads(received.body), accepted))
        return (204 if accepted else 500), {}


@asynccontextmanager
async def open_post() -> AsyncIterator[Post]:
    post = Post()
    async with receiving(post.take) as receiver:
        post.port = receiver.port
        yield post
