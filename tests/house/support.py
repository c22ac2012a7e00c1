"""A supervisor in a process of its own, watched from outside."""

from __future__ import annotations

import os
import pwd
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.folders import new_folder

ROOT = Path(__file__).parents[2]
SMALL_HOUSE = str(ROOT / "tests" / "house" / "small_house.py")


def _hear_the_terminal() -> None:
    """Whoever started these tests may have told his children to ignore the signals that are tested."""
    for sign in (signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, signal.SIG_DFL)


class House:
    """A supervisor in a process of its own, and what it has said so far."""

    def __init__(
        self, home: Path, port: int, command: Sequence[str], variables: Mapping[str, str], python: str, user: str | None
    ) -> None:
        self.home = home
        self.port = port
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [python, *command],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
                "BIZCORE_HOME": str(home),
                "BIZCORE_PORT": str(port),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            preexec_fn=_hear_the_terminal,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def wait_for(self, text: str, within: float = 60) -> str:
        """The line that contains `text`, once it is said."""
        deadline = time.monotonic() + within
        while True:
            line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            assert line is not None, f"ended without {text!r}: {self.said}"
            self.said.append(line)
            if text in line:
                return line

    def end(self, within: float = 30) -> int:
        """The exit code, when it ends by itself."""
        code = self.process.wait(within)
        self._reader.join()
        while (line := self._lines.get()) is not None:
            self.said.append(line)
        return code

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for process in psutil.Process(self.process.pid).children():
            words = " ".join(process.cmdline())
            kinds = {"postgres": "/bin/postgres", "valkey": "valkey-server", "objects": "rclone", "api": "HTTPServer"}
            found[next((name for name, sign in kinds.items() if sign in words), "worker")] = process
        return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def new_home() -> Iterator[Path]:
    with new_folder() as folder:
        yield folder / "home"


@contextmanager
def running(
    home: Path, port: int, *command: str, python: str = sys.executable, user: str | None = None, **variables: str
) -> Iterator[House]:
    """`command` is what Python is to run; by default the small house in its default mode. As root, `user` if given."""
    house = House(home, port, command or (SMALL_HOUSE,), variables, python, user)
    try:
        yield house
    finally:
        left = psutil.Process(house.process.pid).children(recursive=True) if house.process.poll() is None else []
        house.process.terminate()
        try:
            house.process.wait(10)
        except subprocess.TimeoutExpired:
            house.process.kill()
        for process in left:
            if process.is_running():
                process.kill()


def eventually(condition: Callable[[], bool], within: float = 15) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """A dead process whose new parent has not fetched its exit code (some containers' init never does) is dead."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
