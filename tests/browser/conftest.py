"""The house for the tests of the interface, and a stranger's organization in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.support import CHROMIUM, HERE, OUT, Script


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest) -> str:
    """The address at which bizcore serves its interface."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    if not (OUT / "index.html").exists():
        pytest.skip("the interface is not built: `make web`")
    if shutil.which("node") is None:
        pytest.skip("there is no Node")
    address: str = request.getfixturevalue("whole_system")
    return address


@pytest.fixture(scope="session")
def play(house: str) -> Script:
    """Runs a script of this folder in a browser; answers what it hands on, fails with what it found wrong."""

    def run(script: str, given: object = None, pictures: Path | None = None, within: float = 240) -> object:
        done = subprocess.run(
            ["node", str(HERE / script), house, str(pictures or ""), str(CHROMIUM), json.dumps(given)],
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture(scope="session")
def purchase(play: Script) -> object:
    """The ids of the documents of one purchase, from sign-up to payment, by collection."""
    return play("buy.mjs")
