"""Sends one webhook: a POST to a judged address, with the name kept for TLS and Host, and no redirect followed."""

import asyncio
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import certifi
import httpcore

from adapters.webhooks.addresses import Address, AddressError, AddressPolicy
from adapters.webhooks.retry import parse_retry_after
from bizcore.clock import Clock

TIMEOUT: Final = 15.0  # seconds for everything: resolving, connecting, answering
BODY_READ: Final = 64 * 1024  # bytes of an answer read before the connection is dropped
BODY_KEPT: Final = 1_000  # characters of it shown to the tenant
GONE: Final = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one attempt: a status, or an error where there was no answer."""

    status: int | None = None
    error: str | None = None
    body: str | None = None
    retry_after: timedelta | None = None
    duration_ms: int

    @property
    def accepted(self) -> bool:
        """Only 2xx is a yes; a redirect is a failure, for it would lead past the address check."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more of this endpoint."""
        return self.status == GONE


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the judged addresses whatever the name; TLS and Host still use the name."""

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()
        self._streams: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self._streams.append(stream)
                return stream
        raise failure

    async def aclose(self) -> None:
        """A TLS handshake given up in the middle leaves its connection open; nobody else would close it."""
        for stream in self._streams:
            await stream.aclose()

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class Sender:
    """Stateless between attempts: a connection kept open would outlive the judgement of its address."""

    def __init__(self, policy: AddressPolicy, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._policy = policy
        self._clock = clock
        self._tls = tls or _trusting_public_authorities()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Never raises for what the receiver does; every failure is an Answer."""
        started = time.monotonic()
        status, error, text, retry_after = None, None, None, None
        try:
            async with asyncio.timeout(TIMEOUT):
                status, text, retry_after = await self._post(url, headers, body)
        except AddressError as refusal:
            error = str(refusal)
        except TimeoutError:
            error = f"No answer within {TIMEOUT:.0f} seconds."
        except ssl.SSLError:
            error = "The certificate or the TLS handshake is not valid."
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as failure:
            # The class alone: the text of a system error may name an address inside.
            error = f"The connection failed ({type(failure).__name__})."
        duration_ms = int((time.monotonic() - started) * 1000)
        return Answer(status=status, error=error, body=text, retry_after=retry_after, duration_ms=duration_ms)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, timedelta | None]:
        target = await self._policy.target(url)
        request_url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        fields = [("host", target.authority), *headers.items()]
        network = _Pinned(target.addresses)
        async with (
            aclosing(network),
            httpcore.AsyncConnectionPool(self._tls, network_backend=network, retries=0) as pool,
            pool.stream("POST", request_url, headers=fields, content=body) as response,
        ):
            answer = b""
            async for part in response.aiter_stream():
                answer += part[: BODY_READ - len(answer)]
                if len(answer) >= BODY_READ:
                    break
            answered = {name.lower(): value for name, value in response.headers}
            retry_after = answered.get(b"retry-after")
            wait = parse_retry_after(retry_after.decode("latin-1") if retry_after else None, self._clock.now())
            # PostgreSQL's text holds no NUL.
            return response.status, answer.decode(errors="replace").replace("\0", "�")[:BODY_KEPT], wait


def _trusting_public_authorities() -> ssl.SSLContext:
    """The system's authorities and certifi's, for not every system hands its own to OpenSSL."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
