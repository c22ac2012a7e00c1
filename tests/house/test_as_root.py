"""As root PostgreSQL runs as `nobody`: programs and data that he cannot reach are put where he can."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.embedded import postgres
from adapters.embedded.servers import EmbeddedServers
from bizcore.settings import Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root alone has this difficulty")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only root enters."""
    with tempfile.TemporaryDirectory(prefix="bizcore-test-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody enters, in place of /var/lib and /var/cache."""
    with tempfile.TemporaryDirectory(prefix="bizcore-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(postgres, "SHARED_DATA", Path(folder) / "data")
        monkeypatch.setattr(postgres, "SHARED_PROGRAMS", Path(folder) / "programs")
        yield Path(folder)


async def test_programs_and_data_out_of_his_reach_are_served_from_a_public_place(
    closed: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec(postgres.PACKAGE)
    assert found is not None
    assert found.origin is not None
    for name in (postgres.PACKAGE, f"{postgres.PACKAGE}.libs"):
        shutil.copytree(Path(found.origin).parents[1] / name, closed / name)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    home = closed / "home"
    home.mkdir()

    async def served() -> tuple[str, str]:
        embedded = EmbeddedServers(Settings(home=home, redis_url="redis://elsewhere", s3_endpoint="elsewhere:1",
                                            s3_access_key="x", s3_secret_key="x"), durable=False)  # fmt: skip
        settings = await embedded.start()
        try:
            server = psutil.Process(embedded.keepers["postgres"].pid)
            connection = await asyncpg.connect(settings.database_url)
            await connection.execute("CREATE DATABASE made")
            await connection.close()
            return server.username(), server.exe()
        finally:
            await embedded.stop()

    user, program = await served()
    assert user == "nobody"
    assert program.startswith(str(public / "programs"))
    data = (home / "postgres").readlink()
    assert data.parent == public / "data"
    assert (data.stat().st_uid, data.stat().st_mode & 0o777) == (pwd.getpwnam("nobody").pw_uid, 0o700)
    with pytest.raises(asyncpg.DuplicateDatabaseError):
        await served()


async def test_what_he_can_reach_stays_where_it_is(public: Path) -> None:
    home = public / "home"
    home.mkdir()
    cluster = postgres.initialise(home, port=1, superuser_password="x", connections=240, durable=False)
    assert cluster.folder == home / "postgres"
    assert not cluster.folder.is_symlink()
    assert sorted(path.name for path in public.iterdir() if path.name == "data") == []
