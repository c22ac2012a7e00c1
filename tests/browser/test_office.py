"""The office on its pages: payments of what is due, the way from a balance to its entry, webhooks, members, roles."""

from __future__ import annotations

import subprocess

from tests.browser import test_purchase
from tests.browser.test_purchase import CHROMIUM, ROOT
from tests.house.support import free_port, new_home, running

pytestmark = test_purchase.pytestmark


def test_the_office_pays_drills_listens_and_invites_in_dialogs_that_everybody_can_use() -> None:
    """axe finds nothing serious in any dialog that is opened on the way, in either theme."""
    with new_home() as home:
        port = free_port()
        with running(home, port, "-m", "services.cli", "run") as house:
            house.wait_for("is ready at", within=120)
            done = subprocess.run(
                ["node", str(ROOT / "tests" / "browser" / "office.mjs"), f"http://127.0.0.1:{port}", str(CHROMIUM)],
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
    assert done.returncode == 0, done.stdout + done.stderr
