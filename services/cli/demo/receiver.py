"""A webhook receiver on loopback that trusts nothing: it verifies each signature with the standard's own library."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson
from standardwebhooks import Webhook


@dataclass(slots=True)
class Receiver:
    """Every delivery in the order of arrival. `secret` is set once the endpoint that shows it exists."""

    deliveries: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    forged: int = 0
    secret: str = ""
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(dict(self.headers.items()), body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/events"

    def take(self, headers: dict[str, str], body: bytes) -> None:
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            Webhook(self.secret).verify(body, lower)
        except Exception:
            self.forged += 1
            return
        self.deliveries.append((lower["webhook-id"], orjson.loads(body)))

    def first_of_each(self) -> dict[str, dict[str, Any]]:
        """Each event once, by its webhook-id, in the order of first arrival."""
        found: dict[str, dict[str, Any]] = {}
        for id, event in self.deliveries:
            found.setdefault(id, event)
        return found
