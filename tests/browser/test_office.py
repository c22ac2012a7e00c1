"""The office on its pages: payments due and on account, from a balance to its entry, webhooks, members, roles."""

from __future__ import annotations

import pytest

from tests.browser.support import Script

pytestmark = pytest.mark.browser


def test_the_office_pays_drills_listens_and_invites_in_dialogs_that_everybody_can_use(play: Script) -> None:
    """axe finds nothing serious in any dialog that is opened on the way, in either theme."""
    judged = play("office.mjs")
    assert isinstance(judged, list)
    assert len(judged) == 12
