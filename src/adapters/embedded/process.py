"""One child process: started in a session of its own, probed, logged, restarted whenever it ends, stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PROBE_INTERVAL = 0.02
FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 10.0
STEADY_AFTER = 10.0  # a program that ran this long and ends is restarted without a growing delay
START_ATTEMPTS = 4
LINE_LIMIT = 1 << 20
REMEMBERED_LINES = 20
REFUSED = os.EX_CONFIG  # how a program ends that has told the operator, in sentences, what to mend


class StartError(Exception):
    """A program did not become ready; the message is a sentence for the operator."""


async def _always() -> bool:
    return True


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a child process is started, known to be ready, and stopped.

    `before` runs ahead of every start, restarts too. `account` is the (user, group) to become, for a server that
    refuses to run as root. `force_signal` ends it when `stop_signal` did not within `stop_within` seconds.
    `finds_itself`: `before` ends a process left over from a killed supervisor, so nobody else need remember its number.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    ready: Callable[[], Awaitable[bool]] = _always
    ready_within: float = 60.0
    before: Callable[[], Awaitable[None]] = _nothing
    account: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    force_signal: signal.Signals = signal.SIGKILL
    stop_within: float = 2.0
    finds_itself: bool = False


@dataclass(slots=True, eq=False)
class Keeper:
    """Keeps one program running from `start` to `stop`. `log` takes (program, line), `report` news for the operator."""

    program: Program
    pid_file: Path
    log: Callable[[str, str], None]
    report: Callable[[str], None]
    _process: asyncio.subprocess.Process | None = None
    _reader: asyncio.Task[None] | None = None
    _watch: asyncio.Task[None] | None = None
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED_LINES))

    async def start(self) -> None:
        """Returns when the program is ready. Errors: StartError, with the last lines that it wrote."""
        backoff = FIRST_BACKOFF
        for attempt in range(START_ATTEMPTS):
            await self._spawn()
            if await self._becomes_ready():
                self._watch = asyncio.create_task(self._keep())
                return
            await self._end()
            if attempt < START_ATTEMPTS - 1:
                await asyncio.sleep(backoff)
                backoff *= 2
        said = "".join(f"\n    {line}" for line in self._lines) or " It wrote nothing."
        raise StartError(f"{self.program.name} does not start.{said}")

    async def stop(self) -> None:
        """Asks, waits `stop_within` seconds, insists."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await self._end()

    @property
    def pid(self) -> int | None:
        """Of the running process; None between an end and the restart."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def _keep(self) -> None:
        backoff = FIRST_BACKOFF
        while True:
            assert self._process is not None
            started = time.monotonic()
            code = await self._process.wait()
            self._clean_up(self._process.pid)
            if time.monotonic() - started > STEADY_AFTER:
                backoff = FIRST_BACKOFF
            said = f" ({self._lines[-1]})" if code > 0 and self._lines else ""
            self.report(f"{self.program.name} {_ending(code)}{said}; starting it again")
            while True:
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, LONGEST_BACKOFF)
                ended = time.monotonic()
                try:
                    await self._spawn()
                except (StartError, OSError, psutil.Error) as error:  # whatever it is may pass: a full table or disk
                    self.report(f"{self.program.name} is not back yet: {error}")
                    continue
                break
            if await self._becomes_ready():
                self.report(f"{self.program.name} is back after {time.monotonic() - ended:.1f} s")

    async def _spawn(self) -> None:
        await self.program.before()
        self._lines.clear()
        user, group = self.program.account or (None, None)
        # A pipe of our own: with asyncio's, `wait` returns only when grandchildren have closed it as well.
        ours, theirs = os.pipe()
        self._reader = asyncio.create_task(self._read(ours))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.program.argv,
                env=dict(self.program.environment),
                cwd=self.program.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,  # a Ctrl-C at the terminal reaches the supervisor alone, which stops in order
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )
        except OSError as error:
            raise StartError(f"{self.program.name} cannot be started: {error}.") from None
        finally:
            os.close(theirs)
        if not self.program.finds_itself:
            self._remember(self._process.pid)

    def _remember(self, pid: int) -> None:
        # For the next supervisor, should this one be killed. On a full disk serving on matters more.
        with suppress(psutil.NoSuchProcess, OSError):
            self.pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")

    async def _read(self, descriptor: int) -> None:
        lines = asyncio.StreamReader(limit=LINE_LIMIT)
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(descriptor, "rb", buffering=0)
        )
        try:
            while True:
                try:
                    line = await lines.readline()
                except ValueError:  # longer than LINE_LIMIT: dropped, for the pipe must be kept empty
                    continue
                if not line:
                    return
                text = line.decode(errors="replace").rstrip()
                self._lines.append(text)
                self.log(self.program.name, text)
        finally:
            pipe.close()

    async def _becomes_ready(self) -> bool:
        assert self._process is not None
        deadline = time.monotonic() + self.program.ready_within
        while self._process.returncode is None and time.monotonic() < deadline:
            if await self.program.ready():
                return self._process.returncode is None
            await asyncio.sleep(PROBE_INTERVAL)
        return False

    async def _end(self) -> None:
        if self._process is None:
            return
        for sign, seconds in ((self.program.stop_signal, self.program.stop_within), (self.program.force_signal, 2.0)):
            if self._process.returncode is None:
                with suppress(ProcessLookupError):
                    self._process.send_signal(sign)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), seconds)
        self._clean_up(self._process.pid)
        if self._reader is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._reader, 0.5)  # a grandchild may hold the pipe open

    def _clean_up(self, pid: int) -> None:
        """End what the process left in its group: its own children must not outlive it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)


async def all_started(starts: Iterable[Coroutine[None, None, None]]) -> None:
    """Run the `starts` at once; when one fails the others are broken off. Errors: StartError, the first."""
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def run_once(program: Program, log: Callable[[str, str], None]) -> list[str]:
    """Run a program to its end; what it wrote. Errors: StartError when it ends with anything but 0."""
    process = await asyncio.create_subprocess_exec(
        *program.argv,
        env=dict(program.environment),
        cwd=program.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    lines = output.decode(errors="replace").splitlines()
    for line in lines:
        log(program.name, line)
    if process.returncode == REFUSED:
        raise StartError("\n".join(lines))
    if process.returncode:
        said = "".join(f"\n    {line}" for line in lines[-REMEMBERED_LINES:]) or " It wrote nothing."
        raise StartError(f"{program.name} failed.{said}")
    return lines


async def end_left_over(pid_file: Path) -> None:
    """End the process that `pid_file` remembers, if it still runs: its supervisor was killed before it could."""
    with suppress(OSError, ValueError, psutil.Error):
        pid, created = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(created)) < 1.0:  # else the number belongs to somebody else by now
            await end(process, signal.SIGTERM, within=3.0)
            os.killpg(process.pid, signal.SIGKILL)  # what it left in its group
    pid_file.unlink(missing_ok=True)


async def end(process: psutil.Process, sign: signal.Signals, *, within: float) -> None:
    """Signal a process that is not our child and wait for its end; SIGKILL after `within` seconds."""
    process.send_signal(sign)
    deadline = time.monotonic() + within
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            process.kill()
        await asyncio.sleep(PROBE_INTERVAL)


def inherited_environment() -> dict[str, str]:
    """What a child needs of our environment: the search path, the language and time zone, no setting and no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"PYTHONUNBUFFERED": "1"}


def _ending(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
