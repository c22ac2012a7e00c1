"""One supervisor over the real servers and two tiny services: start, healing, stop, and every way they fail."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.embedded.keys import Keys
from tests.house.small_house import answers
from tests.house.support import SMALL_HOUSE, House, eventually, free_port, lives, new_home, running

CHILDREN = ("postgres", "valkey", "objects", "api", "worker")


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One running house for the tests that leave it running."""
    with new_home() as home, running(home, free_port()) as house:
        house.wait_for("is ready at")
        yield house


@pytest.fixture(scope="module")
def kept() -> Iterator[House]:
    """One that has ended, with something in its database."""
    with new_home() as home:
        with running(home, free_port()) as house:
            house.wait_for("is ready at")
            query(home, "CREATE TABLE kept AS SELECT 42 AS number")
        yield house


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


def test_a_killed_child_is_back_where_its_number_cannot_be_written_down(house: House) -> None:
    (house.home / "run").rename(house.home / "elsewhere")
    try:
        house.children()["worker"].kill()
        house.wait_for("worker is back", within=20)
        house.children()["worker"].kill()
        house.wait_for("worker is back", within=20)
    finally:
        (house.home / "elsewhere").rename(house.home / "run")


def test_a_second_start_on_the_same_data_is_refused(house: House) -> None:
    with running(house.home, free_port()) as second:
        assert second.end() == 1
    assert second.said == [f"bizcore is already running on {house.home} (process {house.process.pid})."]
    assert answers(house.port)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_within_five_seconds_and_data_stays(kept: House, sign: signal.Signals) -> None:
    with running(kept.home, kept.port) as house:
        house.wait_for("is ready at")
        assert query(house.home, "SELECT number FROM kept") == 42
        processes = psutil.Process(house.process.pid).children(recursive=True)
        asked = time.monotonic()
        house.process.send_signal(sign)
        assert house.end() == 0
        assert time.monotonic() - asked < 5
        assert [process for process in processes if lives(process)] == []


def test_a_child_that_ignores_the_signal_is_killed_in_time(kept: House) -> None:
    with running(kept.home, kept.port, SMALL_HOUSE, "hang") as house:
        house.wait_for("is ready at")
        asked = time.monotonic()
        house.process.terminate()
        assert house.end() == 0
        assert time.monotonic() - asked < 5


def test_after_the_supervisor_is_killed_the_next_start_takes_over(kept: House) -> None:
    with running(kept.home, kept.port) as house:
        house.wait_for("is ready at")
        orphans = psutil.Process(house.process.pid).children(recursive=True)
        house.process.kill()
        house.process.wait()
        assert len([process for process in orphans if lives(process)]) >= len(CHILDREN)
    with running(kept.home, kept.port) as house:
        house.wait_for("is ready at")
        assert [process for process in orphans if lives(process)] == []
        assert query(house.home, "SELECT number FROM kept") == 42


def test_a_signal_during_the_start_ends_it(kept: House) -> None:
    with running(kept.home, kept.port, SMALL_HOUSE, "slow-prepare") as house:
        house.wait_for("PostgreSQL")
        eventually(lambda: any("begun" in " ".join(p.cmdline()) for p in psutil.Process(house.process.pid).children()))
        processes = psutil.Process(house.process.pid).children(recursive=True)
        asked = time.monotonic()
        house.process.terminate()
        assert house.end() == 0
        assert time.monotonic() - asked < 5
        assert [process for process in processes if lives(process)] == []


def test_a_service_that_ends_by_itself_is_started_again_even_after_code_0(kept: House) -> None:
    with running(kept.home, kept.port, SMALL_HOUSE, "exit") as house:
        for _ in range(3):
            house.wait_for("worker ended with code 0; starting it again")


def test_a_service_that_does_not_start_is_said_with_its_last_words_and_nothing_stays(kept: House) -> None:
    with running(kept.home, kept.port, SMALL_HOUSE, "broken") as house:
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
