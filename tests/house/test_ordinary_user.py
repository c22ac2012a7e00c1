"""bizcore as somebody who is not root: everything is theirs, and a folder that is not is said."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.house.support import ROOT, free_port, running
from tests.house.test_run import RUN, status

PROGRAMS = ("rclone",)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a folder of their own; `name` is None where the tests run as one already."""

    name: str | None
    folder: Path
    python: str


@pytest.fixture(scope="module")
def person() -> Iterator[Person]:
    with tempfile.TemporaryDirectory(prefix="bizcore-test-", dir="/tmp") as made:
        folder = Path(made)
        if os.geteuid() != 0:
            yield Person(None, folder, sys.executable)
            return
        folder.chmod(0o755)
        python = _python_for_everybody(folder)
        own = folder / "own"
        own.mkdir()
        nobody = pwd.getpwnam("nobody")
        os.chown(own, nobody.pw_uid, nobody.pw_gid)
        yield Person("nobody", own, python)


def _python_for_everybody(folder: Path) -> str:
    """This run's packages under an interpreter that `nobody` may start: often root's own lies where he may not look."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for base in filter(None, (sys.executable, shutil.which(version, path="/usr/local/bin:/usr/bin"))):
        if not _starts(base, "import sys"):
            continue
        environment = folder / "venv"
        subprocess.run([base, "-m", "venv", "--without-pip", environment], check=True)
        packages = environment / "lib" / version / "site-packages"
        paths = [str(ROOT / "src"), str(ROOT), sysconfig.get_path("purelib"), *_also(sysconfig.get_path("purelib"))]
        (packages / "tests.pth").write_text("\n".join(paths))
        if _starts(base, "import sys; sys.exit(sys.version_info >= (3, 11, 3))"):
            # What the locks add for such a Python alone, and this run's may be a newer one.
            (packages / "async_timeout.py").write_text("from asyncio import timeout\n")
        for program in PROGRAMS:
            (environment / "bin" / program).symlink_to(Path(sys.executable).with_name(program).resolve())
        if _starts(str(environment / "bin" / "python"), "import services.cli.run, services.api.app"):
            return str(environment / "bin" / "python")
    pytest.skip("`nobody` may start no Python here that reaches these packages")


def _also(packages: str) -> list[str]:
    """What path files there add."""
    lines = [line for file in Path(packages).glob("*.pth") for line in file.read_text().splitlines()]
    return [line for line in lines if line.startswith("/")]


def _starts(python: str, code: str) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", code], user="nobody", group=pwd.getpwnam("nobody").pw_gid, extra_groups=[],
            env={}, cwd="/", capture_output=True, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0


def test_a_folder_of_somebody_else_is_one_clear_sentence(person: Person) -> None:
    closed = person.folder / "closed"
    closed.mkdir(mode=0o555, exist_ok=True)
    home = closed / "home"
    with running(home, free_port(), *RUN, python=person.python, user=person.name) as house:
        assert house.end() == 1
    assert house.said == [
        f"The data folder {home} cannot be written (Permission denied). Name another in BIZCORE_HOME."
    ]


@pytest.mark.parametrize("kept", ["supervisor.lock", "log/bizcore.log", "keys/valkey"])
def test_what_another_user_left_in_the_data_folder_is_one_clear_sentence(person: Person, kept: str) -> None:
    home = person.folder / f"left-{Path(kept).name}"
    for folder in (home, (home / kept).parent):
        folder.mkdir(mode=0o755, exist_ok=True)
        if person.name is not None:
            os.chown(folder, pwd.getpwnam(person.name).pw_uid, pwd.getpwnam(person.name).pw_gid)
    (home / kept).touch(mode=0)
    with running(home, free_port(), *RUN, python=person.python, user=person.name) as house:
        assert house.end() == 1
    wanted = (
        f"{home / kept} belongs to another user: was bizcore started here as root once? "
        "Have the data folder given back to you (chown -R), or name another in BIZCORE_HOME."
    )
    assert house.said == [wanted]


def test_everything_starts_and_stops_as_an_ordinary_user(person: Person) -> None:
    home, port = person.folder / "home", free_port()
    with running(home, port, *RUN, python=person.python, user=person.name) as house:
        house.wait_for("is ready at", within=60)
        assert status(house, "/readyz") == 200
        everybody = [psutil.Process(house.process.pid), *psutil.Process(house.process.pid).children(recursive=True)]
        assert {process.username() for process in everybody} == {person.name or psutil.Process().username()}
        assert len(everybody) >= 7
        assert (home / "postgres").stat().st_uid == everybody[0].uids().real
        assert not (home / "postgres").is_symlink()
        house.process.terminate()
        assert house.end() == 0
