"""The tutorial is true: a stranger who types it gets what it says."""

import re
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_tutorial_runs_from_sign_up_to_payment(whole_system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 10
    monkeypatch.setenv("BIZCORE_URL", whole_system)
    names: dict[str, object] = {}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"tutorial, block {number}", "exec"), names)
    names["api"].close()  # type: ignore[attr-defined]
