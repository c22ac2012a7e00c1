"""Eight writers in two processes that are killed, a fifth of what they write rolled back: the series stay whole."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from adapters.postgres.verify import INVARIANTS, findings
from bizcore.settings import Settings
from tests.procurement.support import Department
from tests.support.tenants import as_owner_of

ROOT = Path(__file__).parents[2]
PROCESSES = 2
SIGKILLED = -9


async def keep_writing(
    servers: Settings, department: Department, journal: Path, documents: int, kills: float, log: Path
) -> int:
    """A writer that is started again until it is through; how often it was killed."""
    arguments = (str(department.tenant.organization_id), str(department.people["olga"]), str(journal), str(documents))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        **servers.environment(),
    }
    killed = 0
    while True:
        # Each start throws its own dice, or a process that died once would die for ever.
        seed = killed + 100 * int(journal.name[-1])
        faults = f"pipeline.before_commit=raise:0.2,pipeline.after_flush=kill:{kills},seed={seed}"
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.reliability.writer", *arguments,
                env={**environment, "BIZCORE_FAULTS": faults}, cwd=ROOT, stdout=out, stderr=out,
            )  # fmt: skip
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if status == 0:
            return killed
        assert status == SIGKILLED, log.read_text()[-4000:]
        killed += 1


@pytest.mark.parametrize(("documents", "kills"), [(1_000, 0.004), pytest.param(10_000, 0.001, marks=pytest.mark.slow)])
async def test_series_have_no_hole_whatever_is_rolled_back_and_whoever_is_killed(
    servers: Settings, department: Department, tmp_path: Path, documents: int, kills: float
) -> None:
    journals = [tmp_path / f"{documents}-{number}" for number in range(PROCESSES)]
    deaths = await asyncio.gather(
        *(
            keep_writing(servers, department, journal, documents // PROCESSES, kills, tmp_path / "log")
            for journal in journals
        )
    )
    assert sum(deaths) >= 1
    asked, done, undone = (
        {
            line.split()[1]
            for journal in journals
            for line in journal.read_text().splitlines()
            if line.split()[0] == said
        }
        for said in ("asked", "done", "undone")
    )
    assert len(asked) == documents
    assert 0.15 * documents < len(undone) < 0.25 * documents
    in_doubt = asked - done - undone
    assert len(in_doubt) <= sum(deaths) * 4

    rows = await department.fetch("SELECT title FROM platform.document WHERE type IN ('journal_entry', 'requisition')")
    written = Counter(row["title"] for row in rows)
    written = Counter({title: times for title, times in written.items() if title in asked})
    assert set(written.values()) == {1}
    assert done <= written.keys() <= done | in_doubt
    await _analyze(servers, department)
    await _whole(department)


async def _analyze(servers: Settings, department: Department) -> None:
    """What autovacuum does in its own time: so many rows came within two minutes."""
    connection = await as_owner_of(department.tenant, servers)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _whole(department: Department) -> None:
    """The gapless series is 1, 2, 3 …; each number of a fast one is a document's or in the gap register, once."""
    gapless = await department.fetch("SELECT number FROM ledger.entry WHERE book = 'actual' ORDER BY number")
    values = [int(row["number"].rpartition("-")[2]) for row in gapless]
    assert values == list(range(1, len(values) + 1))
    found = await department.fetch("SELECT number FROM platform.document WHERE type = 'requisition'")
    used = Counter(int(row["number"].rpartition("-")[2]) for row in found)
    gaps = await department.fetch("SELECT value FROM platform.number_gap WHERE document_type = 'requisition'")
    used.update(row["value"] for row in gaps)
    blocks = await department.fetch(
        "SELECT first_value, last_value FROM platform.number_block WHERE document_type = 'requisition'"
    )
    reserved = Counter(value for block in blocks for value in range(block["first_value"], block["last_value"] + 1))
    assert used == reserved
    assert set(reserved.values()) == {1}
    async with department.tenant.connection() as connection:
        assert await findings(connection, INVARIANTS["numbers"]) == []
