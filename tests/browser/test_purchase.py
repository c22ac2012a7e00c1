"""The interface as people use it: a purchase from sign-up to payment, a clerk's day, and what everybody can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.support import OUT, Script

pytestmark = pytest.mark.browser

DOCUMENTS = {"requisitions", "purchase-orders", "goods-receipts", "supplier-invoices", "payments"}


def test_a_stranger_buys_from_sign_up_to_payment(purchase: object) -> None:
    assert isinstance(purchase, dict)
    assert set(purchase) == DOCUMENTS
    assert len(set(purchase.values())) == len(DOCUMENTS)


def test_a_clerk_finds_forms_again_approves_several_at_once_and_takes_lists_along(
    play: Script, purchase: object
) -> None:
    play("clerk.mjs")


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_what_opens_above_a_page(play: Script, purchase: object) -> None:
    """Menus, popovers, dialogs, the palette and the drawer of narrow screens, each while it is open, in both themes."""
    judged = play("opened.mjs", purchase)
    assert isinstance(judged, list)
    assert {"palette", "popover_filter", "dialog_action", "menu_actions", "grid_lookup", "phone_navigation"} <= set(
        judged
    )


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_any_page(play: Script, purchase: object, tmp_path: Path) -> None:
    """Every exported page in both themes; what each looked like is in the test's folder."""
    judged = play("pages.mjs", purchase, tmp_path)
    assert isinstance(judged, list)
    exported = sum(1 for page in OUT.rglob("index.html") if page.parent.name not in {"404", "_not-found"})
    assert len(judged) == exported
    assert len(list(tmp_path.glob("*.png"))) == 2 * exported
