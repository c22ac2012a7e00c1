"""The harness itself, end to end, with one seed and the three quickest faults."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_three_faults_leave_nothing_wrong() -> None:
    run = [sys.executable, "-m", "tests.faults", "--seed", "1", "--case", "F2", "F9", "F12"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 survived" in done.stdout
