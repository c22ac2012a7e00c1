"""A TCP proxy in front of PostgreSQL that can be as bad as a network: late, in crumbs, silent, gone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from random import Random

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # the simple query by which the pipeline ends every command
CHUNK = 65_536


class CommitCut(Enum):
    """What becomes of a connection at its COMMIT."""

    BEFORE = "before it reaches the server"
    SENT = "as soon as it is sent"
    ANSWERED = "when the server has answered, before the client hears"


@dataclass(slots=True, eq=False)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    deaf: bool = False  # the server's next answer is the last thing that this link sees

    def cut(self) -> None:
        for writer in (self.client, self.server):
            writer.transport.abort()


@dataclass(slots=True, eq=False)
class Proxy:
    """`port` leads to `upstream` on loopback. What is set applies to every connection from then on."""

    upstream: int
    port: int = 0
    delay: float = 0.0  # seconds, at most, that each chunk is late
    sliced: bool = False  # one byte at a time
    commits: deque[CommitCut] = field(default_factory=deque)  # the next COMMITs' fates, one each
    commits_cut: int = 0
    cuts: int = 0
    dice: Random = field(default_factory=Random)
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _links: set[_Link] = field(default_factory=set)

    @property
    def open_links(self) -> int:
        return len(self._links)

    def cut_all(self) -> None:
        self.cuts += len(self._links)
        for link in list(self._links):
            link.cut()

    def fall_silent(self) -> None:
        """Half-open: both sides believe to be connected, and nothing arrives."""
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    def behave(self) -> None:
        self.delay, self.sliced = 0.0, False
        self.commits.clear()
        self.flow()

    async def serve(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            server_reader, server = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            client.transport.abort()
            return
        link = _Link(client, server)
        self._links.add(link)
        try:
            await asyncio.gather(
                self._pump(client_reader, server, link, to_server=True),
                self._pump(server_reader, client, link, to_server=False),
            )
        finally:
            self._links.discard(link)
            link.cut()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link, *, to_server: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                if self.delay:
                    await asyncio.sleep(self.dice.random() * self.delay)
                if link.deaf and not to_server:
                    break
                fate = self.commits.popleft() if to_server and self.commits and COMMIT in data else None
                if fate is CommitCut.BEFORE:
                    self.commits_cut += 1
                    break
                await self._write(writer, data)
                if fate is CommitCut.SENT:
                    self.commits_cut += 1
                    writer.close()  # in order: what was sent arrives, what would answer does not
                    link.client.transport.abort()
                    return
                if fate is CommitCut.ANSWERED:
                    self.commits_cut += 1
                    link.deaf = True
        link.cut()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not self.sliced:
            writer.write(data)
            await writer.drain()
            return
        for index in range(len(data)):
            writer.write(data[index : index + 1])
            await writer.drain()


@asynccontextmanager
async def proxying(upstream: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(upstream)
    proxy.flow()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut_all()
