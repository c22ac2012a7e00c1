"""What the API process holds when it has nothing to do."""

import subprocess
import sys

import pytest

from bizcore.settings import Settings
from services.cli.run import services

HASHING = """
import asyncio
import psutil
from adapters.identity.passwords import Passwords

async def hashed() -> None:
    await asyncio.gather(*(passwords.hash("correct horse") for _ in range(4)))

passwords, process = Passwords(), psutil.Process()
before = process.memory_info().rss
asyncio.run(hashed())
print((process.memory_info().rss - before) // 2**20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries return memory by rules of their own")
def test_what_the_hash_of_a_password_took_is_given_back() -> None:
    api = next(program for program in services(Settings()) if program.name == "api")
    found = subprocess.run(
        [sys.executable, "-c", HASHING], env=api.environment, cwd=api.folder, capture_output=True, text=True, check=True
    )
    assert int(found.stdout) < 19  # MiB, which one hash takes
