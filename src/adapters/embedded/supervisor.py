"""Everything under one roof: servers first, then what prepares them, then the services; stopped the other way round."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import logging.handlers
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from adapters.embedded.ports import is_free
from adapters.embedded.process import Keeper, Program, StartError, all_started, end_left_over, run_once
from adapters.embedded.servers import EmbeddedServers
from bizcore.settings import Settings, SettingsError

LOG_BYTES, LOG_FILES = 10_000_000, 5
OPEN_FILES = 65_536  # hundreds of organizations' connections; most systems allow 1,024 until asked


def supervise(
    settings: Settings,
    *,
    prepare: Callable[[Settings], Program],
    services: Callable[[Settings], Sequence[Program]],
    say: Callable[[str], None],
) -> int:
    """Run until SIGINT, SIGTERM or SIGHUP (the terminal closes).

    The exit code: 0 when asked to stop, 1 when something does not start, which is said.
    `prepare` runs to its end before the `services` start; both get the settings with the embedded servers filled in.
    """
    try:
        home = _usable(settings.home)
        lock = _locked(home)
    except StartError as error:
        say(str(error))
        return 1
    try:
        return asyncio.run(_Supervisor(replace(settings, home=home), prepare, services, say).run())
    except PermissionError as error:
        say(_of_another(error))
        return 1
    finally:
        os.close(lock)


class _Supervisor:
    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[Settings], Program],
        services: Callable[[Settings], Sequence[Program]],
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._prepare = prepare
        self._services = services
        self._say = say
        self._run_folder = settings.home / "run"
        self._log_file = settings.home / "log" / "bizcore.log"
        self._log = _log_to(self._log_file)
        self._keepers: list[Keeper] = []
        self._embedded = EmbeddedServers(settings, log=self._log, report=self._report, step=self._step)

    async def run(self) -> int:
        asked_to_stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(sign) != signal.SIG_IGN:  # nohup: the closing of the terminal shall not stop us
                asyncio.get_running_loop().add_signal_handler(sign, asked_to_stop.set)
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(asked_to_stop.wait())
        try:
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await stopping
            return 0
        except (StartError, SettingsError) as error:
            self._say(str(error))
            return 1
        finally:
            starting.cancel()
            with suppress(asyncio.CancelledError, StartError, SettingsError):
                await starting
            await self._stop()

    async def _start(self) -> None:
        for file in self._run_folder.glob("*.pid"):
            await end_left_over(file)
        _require_free(self._settings.host, self._settings.port)
        _allow_open_files()
        complete = await self._embedded.start()
        began = time.monotonic()
        for line in await run_once(self._prepare(complete), self._log):
            self._say(line)
        self._step("Databases", time.monotonic() - began)
        began = time.monotonic()
        self._keepers = [self._keeper(program) for program in self._services(complete)]
        await all_started(keeper.start() for keeper in self._keepers)
        self._step("Services", time.monotonic() - began)
        self._say(f"Logs: {self._log_file}")
        self._say(f"bizcore is ready at http://{_in_address(complete.host)}:{complete.port}")

    async def _stop(self) -> None:
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers))
        await self._embedded.stop()

    def _keeper(self, program: Program) -> Keeper:
        return Keeper(program, self._run_folder / f"{program.name}.pid", self._log, self._report)

    def _report(self, news: str) -> None:
        self._log("supervisor", news)
        self._say(news)

    def _step(self, title: str, seconds: float) -> None:
        self._say(f"{title:<16}{seconds:5.1f} s")


def _usable(home: Path) -> Path:
    home = home.absolute()
    try:
        # Others may pass through: as root, PostgreSQL runs as another user and has its data inside.
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return home
    except OSError as error:
        raise StartError(
            f"The data folder {home} cannot be written ({error.strerror}). Name another in BIZCORE_HOME."
        ) from None


def _locked(home: Path) -> int:
    """The descriptor that holds the lock of `home`; the system lets go of it however we end."""
    try:
        descriptor = os.open(home / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise StartError(_of_another(error)) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode().strip()
        os.close(descriptor)
        raise StartError(f"bizcore is already running on {home} (process {holder}).") from None
    os.truncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def _of_another(error: PermissionError) -> str:
    return (
        f"{error.filename} belongs to another user: was bizcore started here as root once? "
        "Have the data folder given back to you (chown -R), or name another in BIZCORE_HOME."
    )


def _require_free(host: str, port: int) -> None:
    try:
        free = is_free(host, port)
    except OSError as error:
        raise StartError(f"bizcore cannot listen on {host}, port {port}: {error.strerror}.") from None
    if not free:
        raise StartError(f"Port {port} on {host} is in use by another program. Name a free one in BIZCORE_PORT.")


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log_to(file: Path) -> Callable[[str, str], None]:
    """What every process writes, in one file that does not grow for ever."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)-10s %(message)s"))

    def log(program: str, line: str) -> None:
        handler.handle(logging.LogRecord(program, logging.INFO, "", 0, line, None, None))

    return log


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
