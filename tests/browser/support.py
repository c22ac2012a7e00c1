"""Where the exported interface, the scripts and the browser are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "web" / "out"
CHROMIUM = Path("/usr/bin/chromium")

Script = Callable[..., object]
