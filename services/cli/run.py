"""`bizcore run`: the servers that the settings do not name, the databases, the API, the worker and the relay."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from adapters.embedded.process import Program, inherited_environment
from adapters.embedded.supervisor import supervise
from bizcore.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
# The hash of a password takes 19 MiB for a moment, in each of up to four threads. The C library of Linux raises the
# size from which it returns memory to the system with every such block, and keeps them all; a size that is given stays.
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}


def main(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="bizcore run", description=__doc__).parse_args(arguments)
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(error)
        return 1
    return supervise(settings, prepare=prepare, services=services, say=say)


def say(line: str) -> None:
    with suppress(BrokenPipeError):  # whoever read along has gone, which is no reason to stop serving
        print(line, flush=True)


def prepare(settings: Settings) -> Program:
    return _python("prepare", settings, "-m", "services.cli.prepare")


def services(settings: Settings) -> Sequence[Program]:
    async def api_ready() -> bool:
        return await _answers(settings.host, settings.port)

    api = _python(
        "api", settings, "-m", "uvicorn", "services.api.app:from_environment", "--factory",
        "--host", settings.host, "--port", str(settings.port), "--no-access-log", "--no-server-header",
        "--log-level", "warning", "--timeout-graceful-shutdown", "2",
    )  # fmt: skip
    return (
        replace(api, ready=api_ready, environment={**api.environment, **GIVE_BACK}),
        _python("worker", settings, "-m", "services.worker"),
        _python("relay", settings, "-m", "services.worker.relay"),
    )


def _python(name: str, settings: Settings, *arguments: str) -> Program:
    return Program(
        name=name,
        argv=(sys.executable, *arguments),
        environment=inherited_environment() | settings.environment(),
        folder=ROOT,
    )


async def _answers(host: str, port: int) -> bool:
    """Whether the API serves: its database answers."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            finally:
                writer.close()
    return False
