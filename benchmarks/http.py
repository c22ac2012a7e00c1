"""An HTTP client that costs next to nothing, for it shares the machine with the server that it measures."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import orjson

from bizcore.ids import new_id
from services.api.app import PREFIX


class Refused(Exception):
    """An answer that is not a success; the message holds all of it."""


class _Line(asyncio.Protocol):
    """One kept connection with one request under way at a time. Answers have a Content-Length."""

    def __init__(self) -> None:
        self._held = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._held[:end].lower()
        at = head.index(b"content-length:") + 15
        size = int(head[at:].split(b"\r\n", 1)[0])
        if len(self._held) >= end + 4 + size and self._answer is not None:
            body, self._held = self._held[end + 4 : end + 4 + size], b""
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None  # the server ends what was idle for some seconds
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    @property
    def open(self) -> bool:
        return self._transport is not None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Client:
    """As many kept connections to the API as there are requests at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._lines: list[_Line] = []

    async def send(
        self, method: str, path: str, body: object = None, *, token: str = "", key: str | None = None
    ) -> Any:
        """The JSON of a success. Errors: Refused."""
        return orjson.loads(await self.exchange(request(method, path, body, token=token, key=key, port=self.port)))

    async def exchange(self, request: bytes) -> bytes:
        """The body of a success. Errors: Refused."""
        line = next((line for line in iter(self._take, None) if line.open), None) or await self._open()
        status, body = await line.ask(request)
        self._lines.append(line)
        if not 200 <= status < 300:
            raise Refused(f"{request.split(b' HTTP', 1)[0].decode()}: {status} {body.decode()}")
        return body

    def _take(self) -> _Line | None:
        return self._lines.pop() if self._lines else None

    async def _open(self) -> _Line:
        _, line = await asyncio.get_running_loop().create_connection(_Line, "127.0.0.1", self.port)
        return line

    def close(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()


def request(method: str, path: str, body: object = None, *, token: str, port: int, key: str | None = None) -> bytes:
    """The bytes of a request as a careful client sends it: a command carries a key of its own."""
    content = b"" if body is None else orjson.dumps(body)
    headers: Mapping[str, str] = {
        "Host": f"127.0.0.1:{port}",
        **({"Authorization": f"Bearer {token}"} if token else {}),
        **({"Content-Type": "application/json"} if content else {}),
        **({"Idempotency-Key": key or str(new_id())} if method != "GET" else {}),
        "Content-Length": str(len(content)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {PREFIX}/{path} HTTP/1.1\r\n{head}\r\n".encode() + content
