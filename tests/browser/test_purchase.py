"""The interface as a stranger meets it: one purchase from sign-up to payment, and every page in both themes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.support import free_port, new_home, running

ROOT = Path(__file__).parents[2]
OUT = ROOT / "web" / "out"
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}"),
    pytest.mark.skipif(not (OUT / "index.html").exists(), reason="the interface is not built: `make web`"),
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node"),
]


def test_a_purchase_from_sign_up_to_payment_on_pages_that_everybody_can_use(tmp_path: Path) -> None:
    """axe finds nothing serious on any page in either theme; what each looked like is in the test's folder."""
    with new_home() as home:
        port = free_port()
        with running(home, port, "-m", "services.cli", "run") as house:
            house.wait_for("is ready at", within=120)
            script = ROOT / "tests" / "browser" / "buy.mjs"
            done = subprocess.run(
                ["node", str(script), f"http://127.0.0.1:{port}", str(OUT), str(tmp_path), str(CHROMIUM)],
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
    assert done.returncode == 0, done.stdout + done.stderr
    pictures = {path.name.rpartition("_")[2] for path in tmp_path.glob("*.png")}
    assert pictures == {"light.png", "dark.png"}
