"""`bizcore run`: the whole system as a stranger gets it."""

from __future__ import annotations

import time
import urllib.request
from pathlib import Path

import psutil

from tests.house.support import House, free_port, lives, new_home, running

RUN = ("-m", "services.cli", "run")


def status(house: House, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{house.port}{path}", timeout=10) as answer:
        code: int = answer.status
        return code


def test_everything_starts_serves_stops_and_starts_again_in_five_seconds() -> None:
    with new_home() as home:
        port = free_port()
        began = time.monotonic()
        with running(home, port, *RUN) as house:
            house.wait_for("is ready at", within=120)
            first = time.monotonic() - began
            assert house.said[-1] == f"bizcore is ready at http://127.0.0.1:{port}"
            assert (status(house, "/healthz"), status(house, "/readyz")) == (200, 200)
            children = psutil.Process(house.process.pid).children(recursive=True)
            pythons = [child for child in children if "python" in Path(child.exe()).name]
            assert len(pythons) == 3, "the API, the worker and the relay beside the supervisor"
            api = next(child for child in pythons if "uvicorn" in child.cmdline())
            api.kill()
            house.wait_for("api is back", within=20)
            assert status(house, "/readyz") == 200
            asked = time.monotonic()
            house.process.terminate()
            assert house.end() == 0
            assert time.monotonic() - asked < max(5, 0.3 * first)  # busy beside, by what the machine just did
            assert [child for child in children if lives(child)] == []
        began = time.monotonic()
        with running(home, port, *RUN) as house:
            house.wait_for("is ready at")
            assert time.monotonic() - began < max(5, 0.6 * first)  # the first makes a cluster and its databases
            assert [line for line in house.said if "starting it again" in line] == []


def test_an_unknown_setting_is_one_clear_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "home", free_port(), *RUN, BIZCORE_PROT="1") as house:
        assert house.end() == 1
    assert house.said == ["BIZCORE_PROT is not a setting; did you mean BIZCORE_PORT?"]
