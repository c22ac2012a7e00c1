"""The API killed as by kill -9 at each step of a command, which is carried out once when sent again with its key."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bizcore.settings import Settings
from services.api.app import PREFIX
from tests.support.api import PASSWORD, WIDE, Api, Json, Person, new_email, signup
from tests.support.control import control
from tests.support.database import contents, database_of
from tests.support.filled import Filled, draft, fill

ROOT = Path(__file__).parents[2]
SIGKILLED = -9


@asynccontextmanager
async def doomed_api(servers: Settings, point: str, log: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server process of its own that kills itself when it comes to `point`; its address and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        **replace(servers, **WIDE).environment(),
        "BIZCORE_FAULTS": f"{point}=kill",
    }
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "uvicorn", "services.api.app:from_environment", "--factory", "--port", str(port),
            "--log-level", "warning", env=environment, cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{address}/readyz")).status_code == 200:
                        break
                except httpx.TransportError:
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.1)
        yield f"{address}{PREFIX}/", process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def killed(servers: Settings, point: str, log: Path, path: str, body: Json, headers: dict[str, str]) -> None:
    """The request that nobody ever answered, for its server died of it."""
    async with doomed_api(servers, point, log) as (address, process), httpx.AsyncClient(base_url=address) as client:
        with pytest.raises(httpx.TransportError):
            await client.post(path, json=body, headers=headers, timeout=30)
        async with asyncio.timeout(10):
            assert await process.wait() == SIGKILLED


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Killed"))


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        pytest.param("pipeline.after_claim", False, marks=pytest.mark.slow),
        pytest.param("pipeline.before_flush", False, marks=pytest.mark.slow),
        pytest.param("pipeline.after_number", False, marks=pytest.mark.slow),
        ("pipeline.before_commit", False),
        ("pipeline.after_commit", True),
    ],
)
async def test_a_posting_is_carried_out_once(
    servers: Settings, filled: Filled, tmp_path: Path, point: str, kept: bool
) -> None:
    owner = filled.office.owner
    invoice = await draft(filled, "billing/supplier-invoices")
    path = f"billing/supplier-invoices/{invoice['id']}/post"
    headers = {"Idempotency-Key": f"post after {point}"}

    async with database_of(servers, filled.office.id) as connection:
        before = await contents(connection)
        await killed(servers, point, tmp_path / "log", path, {}, {**owner.headers, **headers})
        assert (await contents(connection) == before) == (not kept), "all of it or nothing"

        again = await owner.post(path, {}, headers=headers)
        assert (again.status_code, again.json()["phase"]) == (200, "active"), again.text
        assert ("Idempotency-Replayed" in again.headers) == kept
        once = await contents(connection)
        third = await owner.post(path, {}, headers=headers)
        assert third.headers["Idempotency-Replayed"] == "true"
        assert third.json() == again.json()
        assert await contents(connection) == once
        counted = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM ledger.entry e WHERE e.document_id = d.id) AS entries,
                      (SELECT count(*) FROM outbox.event v
                       WHERE v.subject_id = d.id AND v.type LIKE '%.activated.v1') AS events,
                      (SELECT count(*) FROM audit.entry a WHERE a.subject_id = d.id) AS audited, d.entry_no, d.version
               FROM platform.document d WHERE d.id = $1""",
            invoice["id"],
        )
        numbers = await connection.fetch(
            """SELECT number FROM platform.document
               WHERE type = 'supplier_invoice' AND number IS NOT NULL ORDER BY number"""
        )
    assert counted is not None
    assert dict(counted) == {"entries": 1, "events": 1, "audited": 2, "entry_no": 2, "version": 2}
    found = [int(row["number"].rpartition("-")[2]) for row in numbers]
    assert found == list(range(1, len(found) + 1)), "a gapless series"


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("provision.after_roles", marks=pytest.mark.slow),
        pytest.param("provision.after_database", marks=pytest.mark.slow),
        pytest.param("provision.after_ownership", marks=pytest.mark.slow),
        pytest.param("provision.after_bucket", marks=pytest.mark.slow),
        pytest.param("provision.after_first_steps", marks=pytest.mark.slow),
        # The step's effect is there, and nobody wrote down that it is: it runs again.
        pytest.param("provision.unrecorded_roles", marks=pytest.mark.slow),
        "provision.unrecorded_database",
        pytest.param("provision.unrecorded_ownership", marks=pytest.mark.slow),
        pytest.param("provision.unrecorded_bucket", marks=pytest.mark.slow),
        pytest.param("provision.unrecorded_first_steps", marks=pytest.mark.slow),
    ],
)
async def test_a_sign_up_that_was_killed_goes_on_where_it_stood(
    servers: Settings, api: Api, tmp_path: Path, point: str
) -> None:
    body = signup("Killed", email=new_email("killed"))
    await killed(servers, point, tmp_path / "log", "auth/signup", body, {})
    owner = api.signed_in(await api.stranger.made("auth/signup", body))
    await _usable(owner)
    assert (await api.log_in(body["email"], PASSWORD)).session["organization"]["status"] == "active"
    async with control(servers) as connection:
        stray = await connection.fetchval(
            """SELECT count(*) FROM pg_database d WHERE d.datname LIKE 't\\_%'
               AND NOT EXISTS (SELECT FROM control.placement p WHERE p.database = d.datname)"""
        )
        assert stray == 0
        assert await connection.fetchval("SELECT count(*) FROM control.saga") == 0


async def _usable(owner: Person) -> None:
    line = {"description": "Chair", "quantity": "1", "unit_price": "10.00"}
    made = await owner.made("procurement/requisitions", {"lines": [line]})
    assert made["phase"] == "draft"
    assert len((await owner.seen("companies"))["data"]) == 1
