"""Loopback ports of the embedded servers: chosen at the first start, kept while they are free."""

from __future__ import annotations

import errno
import json
import random
import socket
from collections.abc import Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Below the ranges that Linux (32768) and macOS (49152) take outgoing ports from, so that no connection squats on ours.
CANDIDATES = range(20_000, 32_000)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. Errors: OSError when `host` is no address of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        return True


def remembered(file: Path, names: Sequence[str]) -> dict[str, int]:
    """A free loopback port for each of `names`: the one kept in `file` while it is free, else another, then kept."""
    try:
        before = json.loads(file.read_text())
    except (OSError, ValueError):
        before = {}
    chosen: dict[str, int] = {}
    for name in names:
        port = before.get(name)
        while not (isinstance(port, int) and port not in chosen.values() and is_free(LOOPBACK, port)):
            port = random.choice(CANDIDATES)
        chosen[name] = port
    if chosen != before:
        file.write_text(json.dumps(before | chosen, indent=1) + "\n")
    return chosen
