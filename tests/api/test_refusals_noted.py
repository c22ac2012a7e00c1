"""Whoever may not change something leaves a row of it, also where a route of its own looks before the pipeline does."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from tests.support.database import contents, database_of
from tests.support.filled import PDF, Filled, fill

LATEST = "SELECT command, code, actor_id::text FROM audit.refusal ORDER BY id DESC LIMIT 1"


@pytest.fixture(scope="module")
async def filled(api: Api) -> Filled:
    return await fill(await api.sign_up("Noted"))


@pytest.mark.parametrize(
    ("role", "method", "path", "options", "command"),
    [
        ("sales", "POST", "documents/{requisition}/comments", {"json": {"body": "Hm"}}, "documents.comment"),
        ("auditor", "POST", "documents/{requisition}/attachments", {"files": {"file": ("a.pdf", PDF)}}, "documents.attach"),
        ("buyer", "POST", "ledger/journal-entries/batch", {"json": {"entries": []}}, "ledger.journal_entry.batch"),
        ("buyer", "DELETE", "access/api-keys/{access/api-keys}", {}, "access.api_key.revoke"),
    ],
)  # fmt: skip
async def test_a_change_that_is_forbidden_is_noted_once_and_its_dry_run_never(
    filled: Filled, role: str, method: str, path: str, options: dict[str, object], command: str
) -> None:
    person = await filled.office.member(role)
    own = (await person.seen("me"))["principal"]
    async with database_of(filled.office.api.settings, filled.office.id) as connection:
        before = await contents(connection, but=("audit.refusal",))
        count = await connection.fetchval("SELECT count(*) FROM audit.refusal")
        tried = [{"dry_run": "true"}, {}] if method == "POST" else [{}]
        for parameters in tried:
            refused = await person.request(method, path.format(**filled.ids), params=parameters, **options)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "PERMISSION_DENIED"), refused.text
        assert await contents(connection, but=("audit.refusal",)) == before
        assert await connection.fetchval("SELECT count(*) FROM audit.refusal") == count + 1
        assert tuple(await connection.fetchrow(LATEST)) == (command, "PERMISSION_DENIED", own)
