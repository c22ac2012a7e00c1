"""One supervisor over the real servers and two tiny services: start, healing, stop, and every way they fail."""

from __future__ import annotations

import asyncio
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.embedded.keys import Keys
from tests.house.small_house import answers

ROOT = Path(__file__).parents[2]
SMALL_HOUSE = ROOT / "tests" / "house" / "small_house.py"
CHILDREN = ("postgres", "valkey", "objects", "api", "worker")


class House:
    """A supervisor in a process of its own, and what it has said so far."""

    def __init__(self, home: Path, port: int, mode: str = "", **variables: str) -> None:
        self.home = home
        self.port = port
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, str(SMALL_HOUSE), *([mode] if mode else [])],
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
    with tempfile.TemporaryDirectory(prefix="bizcore-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


@contextmanager
def running(home: Path, port: int, mode: str = "", **variables: str) -> Iterator[House]:
    house = House(home, port, mode, **variables)
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


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One running house for the tests that leave it running."""
    with new_home() as home, running(home, free_port()) as house:
        house.wait_for("is ready at")
        yield house


def eventually(condition: Callable[[], bool], within: float = 15) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """A dead process whose new parent has not fetched its exit code (some containers' init never does) is dead."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def superuser_url(home: Path) -> str:
    port = re.search(r"^port = (\d+)$", (home / "postgres" / "data" / "postgresql.conf").read_text(), re.MULTILINE)
    assert port
    password = Keys.of(home / "keys").postgres_superuser
    return f"postgresql://bizcore_superuser:{password}@127.0.0.1:{port[1]}/postgres"


def query(home: Path, sql: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(superuser_url(home), timeout=5)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def serves(home: Path) -> bool:
    try:
        return query(home, "SELECT 1") == 1
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def test_every_step_is_said_with_its_time_and_the_address_comes_last(house: House) -> None:
    steps = [re.sub(r"\s+\d+\.\d s$", "", line) for line in house.said[:-2]]
    assert sorted(steps[:3]) == ["Object store", "PostgreSQL", "Valkey"]
    assert steps[3:] == ["Databases", "Services"]
    assert house.said[-2:] == [
        f"Logs: {house.home / 'log' / 'bizcore.log'}",
        f"bizcore is ready at http://127.0.0.1:{house.port}",
    ]
    assert answers(house.port) is True


def test_secrets_are_in_files_of_their_owner_and_in_no_command_line(house: House) -> None:
    files = sorted((house.home / "keys").iterdir())
    assert len(files) == 8
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    secrets = [file.read_text().strip() for file in files]
    shown = " ".join(word for process in house.children().values() for word in process.cmdline())
    shown += (house.home / "log" / "bizcore.log").read_text()
    assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_back_at_once(house: House, name: str) -> None:
    before = house.children()
    before[name].kill()
    house.wait_for(f"{name} was ended by SIGKILL; starting it again")
    house.wait_for(f"{name} is back", within=20)
    after = house.children()
    assert after[name].pid != before[name].pid
    assert {other: after[other].pid for other in CHILDREN if other != name} == {
        other: before[other].pid for other in CHILDREN if other != name
    }
    assert answers(house.port)
    assert serves(house.home)


def test_the_children_of_a_killed_child_end_with_it(house: House) -> None:
    worker = house.children()["worker"]
    eventually(lambda: len(worker.children()) == 1)
    grandchild = worker.children()[0]
    worker.kill()
    house.wait_for("worker is back")
    assert not lives(grandchild)


def test_a_second_start_on_the_same_data_is_refused(house: House) -> None:
    with running(house.home, free_port()) as second:
        assert second.end() == 1
    assert second.said == [f"bizcore is already running on {house.home} (process {house.process.pid})."]
    assert answers(house.port)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_within_five_seconds_and_data_stays(sign: signal.Signals) -> None:
    with new_home() as home:
        port = free_port()
        with running(home, port) as house:
            house.wait_for("is ready at")
            query(home, "CREATE TABLE kept AS SELECT 42 AS number")
            processes = psutil.Process(house.process.pid).children(recursive=True)
            asked = time.monotonic()
            house.process.send_signal(sign)
            assert house.end() == 0
            assert time.monotonic() - asked < 5
            assert [process for process in processes if lives(process)] == []
        with running(home, port) as house:
            began = time.monotonic()
            house.wait_for("is ready at")
            assert time.monotonic() - began < 5
            assert query(home, "SELECT number FROM kept") == 42


def test_a_child_that_ignores_the_signal_is_killed_in_time() -> None:
    with new_home() as home, running(home, free_port(), "hang") as house:
        house.wait_for("is ready at")
        asked = time.monotonic()
        house.process.terminate()
        assert house.end() == 0
        assert time.monotonic() - asked < 5


def test_after_the_supervisor_is_killed_the_next_start_takes_over() -> None:
    with new_home() as home:
        port = free_port()
        with running(home, port) as house:
            house.wait_for("is ready at")
            query(home, "CREATE TABLE kept AS SELECT 42 AS number")
            orphans = psutil.Process(house.process.pid).children(recursive=True)
            house.process.kill()
            house.process.wait()
            assert len([process for process in orphans if lives(process)]) >= len(CHILDREN)
        with running(home, port) as house:
            house.wait_for("is ready at")
            assert [process for process in orphans if lives(process)] == []
            assert query(home, "SELECT number FROM kept") == 42


def test_a_signal_during_the_start_ends_it() -> None:
    with new_home() as home, running(home, free_port(), "slow-prepare") as house:
        house.wait_for("PostgreSQL")
        eventually(lambda: any("begun" in " ".join(p.cmdline()) for p in psutil.Process(house.process.pid).children()))
        processes = psutil.Process(house.process.pid).children(recursive=True)
        asked = time.monotonic()
        house.process.terminate()
        assert house.end() == 0
        assert time.monotonic() - asked < 5
        assert [process for process in processes if lives(process)] == []


def test_a_service_that_ends_by_itself_is_started_again_even_after_code_0() -> None:
    with new_home() as home, running(home, free_port(), "exit") as house:
        for _ in range(3):
            house.wait_for("worker ended with code 0; starting it again")


def test_a_service_that_does_not_start_is_said_with_its_last_words_and_nothing_stays() -> None:
    with new_home() as home, running(home, free_port(), "broken") as house:
        house.wait_for("Databases")
        processes = psutil.Process(house.process.pid).children(recursive=True)
        assert house.end() == 1
        assert house.said[-2:] == ["api does not start.", "    the reason"]
        assert [process for process in processes if lives(process)] == []


def test_a_busy_port_is_one_clear_sentence() -> None:
    with new_home() as home, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(home, port) as house:
            assert house.end() == 1
        assert house.said == [
            f"Port {port} on 127.0.0.1 is in use by another program. Name a free one in BIZCORE_PORT."
        ]


def test_an_unwritable_home_is_one_clear_sentence() -> None:
    with tempfile.NamedTemporaryFile() as file:
        home = Path(file.name) / "home"
        with running(home, free_port()) as house:
            assert house.end() == 1
        assert house.said == [
            f"The data folder {home} cannot be written (Not a directory). Name another in BIZCORE_HOME."
        ]


def test_a_taken_port_of_an_embedded_server_is_replaced() -> None:
    with new_home() as home, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        home.mkdir()
        (home / "ports.json").write_text(f'{{"postgres": {other.getsockname()[1]}}}')
        with running(home, free_port()) as house:
            house.wait_for("is ready at")
            assert query(home, "SELECT 1") == 1
