"""The interface as people use it: a purchase from sign-up to payment, a clerk's day, and what everybody can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.support import OUT, Script

pytestmark = pytest.mark.browser

DOCUMENTS = {"requisitions", "purchase-orders", "goods-receipts", "supplier-invoices", "payments"}


def pictures(folder: Path) -> dict[str, set[str]]:
    """The names of what was looked at, by theme."""
    found: dict[str, set[str]] = {"light": set(), "dark": set()}
    for path in folder.glob("*.png"):
        name, _, theme = path.stem.rpartition("_")
        found[theme].add(name)
    return found


def test_a_stranger_buys_from_sign_up_to_payment(purchase: object) -> None:
    assert isinstance(purchase, dict)
    assert set(purchase) == DOCUMENTS
    assert len(set(purchase.values())) == len(DOCUMENTS)


def test_a_clerk_finds_forms_again_approves_several_at_once_and_takes_lists_along(
    play: Script, purchase: object, tmp_path: Path
) -> None:
    play("clerk.mjs", tmp_path)


def test_axe_finds_nothing_serious_in_what_opens_above_a_page(play: Script, purchase: object, tmp_path: Path) -> None:
    """Menus, popovers, dialogs, the palette and the drawer of narrow screens, each while it is open, in both themes."""
    play("opened.mjs", tmp_path, purchase)
    looked_at = pictures(tmp_path)
    assert looked_at["light"] == looked_at["dark"]
    assert {"palette", "popover_filter", "dialog_action", "menu_actions", "grid_lookup"} <= looked_at["light"]


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_any_page(play: Script, purchase: object, tmp_path: Path) -> None:
    """Every exported page in both themes; what each looked like is in the test's folder."""
    seen = play("pages.mjs", tmp_path, purchase)
    exported = sum(1 for page in OUT.rglob("index.html") if page.parent.name not in {"404", "_not-found"})
    assert seen == {"pages": exported}
    looked_at = pictures(tmp_path)
    assert looked_at["light"] == looked_at["dark"]
