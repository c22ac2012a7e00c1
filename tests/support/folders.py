"""Folders for servers of a test's own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_folder() -> Iterator[Path]:
    """Short, for a socket's path holds 103 bytes, and open to PostgreSQL, which root runs as `nobody`.

    It goes after the block while the tests go on: forty organizations are 28,000 files.
    """
    folder = Path(tempfile.mkdtemp(prefix="bizcore-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        os.spawnlp(os.P_NOWAIT, "rm", "rm", "-rf", str(folder))
