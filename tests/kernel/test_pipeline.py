"""Commands end to end: through the pipeline, on PostgreSQL, with types that need nothing but the kernel."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from adapters.postgres.work import PostgresWork
from bizcore.documents.commands import AddComment, TakeAction
from bizcore.errors import (
    BusinessError,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    NotFound,
    PermissionDenied,
    SeparationOfDuties,
    Unauthenticated,
    VersionConflict,
    WrongPhase,
)  # fmt: skip
from bizcore.ids import new_id
from tests.kernel.office import ACTIONS, CREATE, Change, Create, Office, PotEmpty, create, pot


async def paper(office: Office, who: UUID, **fields: Any) -> UUID:
    return (await office.run(who, Create(**fields))).subject_id


async def active_paper(office: Office, **fields: Any) -> tuple[UUID, UUID, UUID]:
    """A paper, who wrote it and who approved it."""
    writer, approver = await office.person("Writer"), await office.person("Approver")
    id = await paper(office, writer, **fields)
    await office.take(writer, "submit", id)
    await office.take(approver, "approve", id)
    return id, writer, approver


@asynccontextmanager
async def nothing_but_a_refusal(office: Office, error: type[BusinessError]) -> AsyncIterator[dict[str, Any]]:
    """The block is refused with `error` and leaves one row among the refusals, which is given."""
    before, found = await office.rows(), dict[str, Any]()
    with pytest.raises(error) as refusal:
        yield found
    after = await office.rows()
    assert {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)} == {
        "audit.refusal": 1
    }
    (row,) = await office.fetch("SELECT * FROM audit.refusal ORDER BY id DESC LIMIT 1")
    assert (row["code"], row["message"]) == (refusal.value.code, refusal.value.message)
    found.update(row)


@asynccontextmanager
async def nothing(office: Office, error: type[BusinessError]) -> AsyncIterator[None]:
    """The block is refused with `error` and leaves no row at all."""
    before = await office.rows()
    with pytest.raises(error):
        yield
    assert await office.rows() == before


# -- what one command leaves -------------------------------------------------------------------------------------------


async def test_a_life_leaves_a_step_an_entry_and_an_event_each_and_closes_its_task(office: Office) -> None:
    woken = len(office.woken)
    id, writer, approver = await active_paper(office)
    await office.run(approver, AddComment(id=id, body="Well done"))
    await office.take(writer, "cancel", id, reason="Bought elsewhere")
    head = (await office.fetch("SELECT * FROM platform.document WHERE id = $1", id))[0]
    assert (head["phase"], head["version"], head["entry_no"], head["total_minor"]) == ("void", 4, 5, 100_00)
    steps = await office.fetch("SELECT * FROM platform.document_step WHERE document_id = $1 ORDER BY entry_no", id)
    assert [(s["entry_no"], s["action"], s["to_phase"], s["actor_id"], s["reason"]) for s in steps] == [
        (1, "create", "draft", writer, None),
        (2, "submit", "review", writer, "Why"),
        (3, "approve", "active", approver, "Why"),
        (5, "cancel", "void", writer, "Bought elsewhere"),
    ]
    entries = await office.fetch("SELECT * FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no", id)
    assert [(e["entry_no"], e["command"], e["actor_id"]) for e in entries] == [
        (1, "office.paper.create", writer),
        (2, "office.paper.submit", writer),
        (3, "office.paper.approve", approver),
        (4, "office.paper.comment", approver),
        (5, "office.paper.cancel", writer),
    ]
    events = await office.fetch("SELECT * FROM outbox.event WHERE subject_id = $1 ORDER BY sequence", id)
    assert [(e["sequence"], e["type"], e["subject_version"], e["subject_number"]) for e in events] == [
        (1, "office.paper.created.v1", 1, head["number"]),
        (2, "office.paper.submitted.v1", 2, head["number"]),
        (3, "office.paper.activated.v1", 3, head["number"]),
        (5, "office.paper.voided.v1", 4, head["number"]),
    ]
    due = await office.fetch("SELECT event_id FROM outbox.due")
    assert {event["id"] for event in events} <= {row["event_id"] for row in due}
    unsealed = await office.fetch("SELECT entry_id FROM audit.unsealed")
    assert {entry["id"] for entry in entries} <= {row["entry_id"] for row in unsealed}
    (task,) = await office.fetch("SELECT * FROM platform.task WHERE document_id = $1", id)
    assert (task["permission"], task["closed_by"], task["outcome"], task["round"]) == (
        "office.paper.approve", approver, "approve", 1,
    )  # fmt: skip
    assert len(office.woken) == woken + 4  # the comment published nothing


async def test_audit_says_what_changed_and_from_what(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer, total=12_34)
    await office.run(writer, Change(id=id, total=56_78))
    created, changed = [
        (json.loads(e["before"]), json.loads(e["after"]))
        for e in await office.fetch("SELECT * FROM audit.entry WHERE subject_id = $1 ORDER BY entry_no", id)
    ]
    assert created[0] == {}
    assert (created[1]["/total"], created[1]["/title"], created[1]["/phase"]) == ("12.34", "Coal", "draft")
    assert changed == ({"/total": "12.34", "/total_company": "12.34"}, {"/total": "56.78", "/total_company": "56.78"})


async def test_a_task_stays_open_between_two_approvals_and_opens_again_after_a_rejection(office: Office) -> None:
    writer, first, second = [await office.person(name) for name in ("Writer", "First", "Second")]
    id = await paper(office, writer, total=10_000_00)

    async def tasks() -> list[tuple[int, str | None]]:
        rows = await office.fetch("SELECT * FROM platform.task WHERE document_id = $1 ORDER BY id", id)
        return [(row["round"], row["outcome"]) for row in rows]

    assert await tasks() == []
    await office.take(writer, "submit", id)
    await office.take(first, "approve", id)
    assert await tasks() == [(1, None)]
    await office.take(second, "reject", id)
    assert await tasks() == [(1, "reject")]
    await office.take(writer, "submit", id)
    await office.take(first, "approve", id)
    await office.take(second, "approve", id)
    assert await tasks() == [(1, "reject"), (2, "approve")]


async def test_the_answer_is_the_document_as_a_read_shows_it(office: Office) -> None:
    writer = await office.person("Writer")
    answer = await office.run(writer, Create(total=1_234_56))
    body = json.loads(answer.body)
    assert (answer.created, answer.version, answer.replayed) == (True, 1, False)
    assert (body["id"], body["total"], body["phase"], body["created_by_name"], body["links"]) == (
        str(answer.subject_id), "1234.56", "draft", "Writer", [],
    )  # fmt: skip


# -- refusals ----------------------------------------------------------------------------------------------------------


async def test_without_the_permission_nothing_of_the_input_is_even_looked_at(office: Office) -> None:
    reader = await office.person("Reader", "auditor")
    async with nothing_but_a_refusal(office, PermissionDenied) as row:
        await office.run(reader, Create(type="bill"))
    assert (row["actor_id"], row["command"], row["subject_id"]) == (reader, "office.bill.create", None)
    assert json.loads(row["details"]) == {"permission": "office.bill.create"}


async def test_who_is_no_member_leaves_nothing(office: Office) -> None:
    async with nothing(office, Unauthenticated):
        await office.run(new_id(), Create())


async def test_a_refused_approval_names_its_document_and_changes_nothing(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer)
    await office.take(writer, "submit", id)
    async with nothing_but_a_refusal(office, SeparationOfDuties) as row:
        await office.take(writer, "approve", id)
    assert (row["subject_id"], json.loads(row["details"])) == (id, {"rule": "contributor"})


async def test_a_refusal_in_an_effect_takes_the_whole_command_back(office: Office) -> None:
    writer, approver = await office.person("Writer"), await office.person("Approver")
    id = await paper(office, writer, total=100_00, pot=await pot(office, 99_99))
    await office.take(writer, "submit", id)
    async with nothing_but_a_refusal(office, PotEmpty) as row:
        await office.take(approver, "approve", id)
    assert json.loads(row["details"]) == {"requested": 100_00, "available": "9999"}
    assert await office.fetchval("SELECT phase FROM platform.document WHERE id = $1", id) == "review"


async def test_an_older_version_is_refused(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer)
    await office.run(writer, Change(id=id, version=1, total=5))
    async with nothing_but_a_refusal(office, VersionConflict) as row:
        await office.run(writer, Change(id=id, version=1, total=6))
    details = json.loads(row["details"])
    assert (row["subject_id"], details["given"], details["current"]) == (id, 1, 2)
    [change] = details["changes"]
    assert (change["by"], change["action"], change["fields"]) == ("Writer", "change", ["/total", "/total_company"])


async def test_a_wrong_phase_is_refused(office: Office) -> None:
    id, writer, _ = await active_paper(office)
    async with nothing_but_a_refusal(office, WrongPhase):
        await office.run(writer, Change(id=id, total=6))


async def test_what_does_not_exist_leaves_nothing(office: Office) -> None:
    writer = await office.person("Writer")
    async with nothing(office, NotFound):
        await office.run(writer, Change(id=new_id(), total=6))


async def test_a_document_of_another_type_is_not_found(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer, type="bill")
    async with nothing(office, NotFound):
        await office.run(writer, TakeAction(id=id, action="cancel", reason="x"), registered=ACTIONS["paper", "cancel"])


async def test_what_lies_outside_of_the_scope_is_not_found(office: Office) -> None:
    writer, clerk = await office.person("Writer"), await office.person("Clerk")
    id = await paper(office, writer)
    elsewhere = json.dumps({"companies": [str(new_id())]})
    async with office.tenant.connection() as connection:
        await connection.execute("UPDATE platform.role_grant SET scope = $2 WHERE principal_id = $1", clerk, elsewhere)
    async with nothing(office, NotFound):
        await office.run(clerk, Change(id=id, total=6))


# -- dry run -----------------------------------------------------------------------------------------------------------


async def test_a_dry_run_answers_with_the_effects_and_leaves_no_row_and_no_number(office: Office) -> None:
    writer, approver = await office.person("Writer"), await office.person("Approver")
    id = await paper(office, writer, pot=await pot(office, 100_00))
    before = await office.rows()
    created = json.loads((await office.run(writer, Create(), dry_run=True, key="dry")).body)
    assert (created["number"], created["phase"]) == (None, "draft")
    submitted = json.loads((await office.take(writer, "submit", id, dry_run=True)).body)
    assert submitted["phase"] == "review"
    assert submitted["effects"]["tasks"] == [{"action": "approve", "permission": "office.paper.approve"}]
    (event,) = submitted["effects"]["events"]
    assert (event["type"], event["subject"]) == ("office.paper.submitted.v1", str(id))
    bill = json.loads((await office.run(writer, Create(type="bill"), dry_run=True)).body)
    assert bill["number"] is None
    with pytest.raises(WrongPhase):
        await office.take(approver, "approve", id, dry_run=True)
    assert await office.rows() == before


async def test_a_dry_run_of_a_gapless_post_draws_no_number(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer, type="bill")
    before = await office.rows()
    shown = json.loads((await office.take(writer, "post", id, dry_run=True)).body)
    assert (shown["phase"], shown["number"]) == ("active", None)
    assert await office.rows() == before


async def test_a_refused_dry_run_leaves_not_even_a_refusal(office: Office) -> None:
    writer = await office.person("Writer")
    id = await paper(office, writer)
    await office.take(writer, "submit", id)
    async with nothing(office, SeparationOfDuties):
        await office.take(writer, "approve", id, dry_run=True)


# -- idempotency -------------------------------------------------------------------------------------------------------


async def test_a_replay_shows_the_document_as_it_is_now(office: Office) -> None:
    writer = await office.person("Writer")
    first = await office.run(writer, Create(total=1_00), key="k1")
    await office.run(writer, Change(id=first.subject_id, total=2_00))
    before = await office.rows()
    again = await office.run(writer, Create(total=1_00), key="k1")
    assert (again.subject_id, again.replayed, again.created, again.version) == (first.subject_id, True, True, 2)
    assert json.loads(again.body)["total"] == "2.00"
    assert await office.rows() == before


async def test_the_same_key_with_another_body_is_refused_without_a_trace(office: Office) -> None:
    writer = await office.person("Writer")
    await office.run(writer, Create(), key="k1")
    async with nothing(office, IdempotencyKeyReused):
        await office.run(writer, Create(total=5), key="k1")


async def test_a_key_belongs_to_one_principal_and_one_command(office: Office) -> None:
    writer, other = await office.person("Writer"), await office.person("Other")
    ids = {
        (await office.run(writer, Create(), key="k1")).subject_id,
        (await office.run(other, Create(), key="k1")).subject_id,
        (await office.run(writer, Create(type="bill"), key="k1")).subject_id,
    }
    assert len(ids) == 3


async def test_a_refusal_is_judged_anew(office: Office) -> None:
    writer, approver = await office.person("Writer"), await office.person("Approver")
    box = await pot(office, 50_00)
    id = await paper(office, writer, total=100_00, pot=box)
    await office.take(writer, "submit", id)
    with pytest.raises(PotEmpty):
        await office.take(approver, "approve", id, key="k1")
    async with office.tenant.connection() as connection:
        await connection.execute("UPDATE platform.setting SET value = '\"10000\"' WHERE key = $1", f"pot:{box}")
    answer = await office.take(approver, "approve", id, key="k1")
    assert (answer.replayed, json.loads(answer.body)["phase"]) == (False, "active")
    assert (await office.take(approver, "approve", id, key="k1")).replayed


async def test_a_key_in_use_is_refused_at_once(office: Office) -> None:
    writer = await office.person("Writer")
    async with office.tenant.connection() as holder:
        await holder.execute("BEGIN")
        await holder.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{writer}:office.paper.create:k1"
        )
        async with nothing_but_a_refusal(office, IdempotencyKeyInUse) as row:
            await office.run(writer, Create(), key="k1")
        assert json.loads(row["details"]) == {"retry_after": 1}


async def test_only_a_commands_own_statements_keep_one_plan(office: Office) -> None:
    """Planned anew for each value they would take longer to plan than to run; a report wants the plan for its dates."""
    writer, seen = await office.person("Writer"), list[str]()

    async def look(command: Create, work: PostgresWork) -> UUID:
        seen.append(await work.connection.fetchval("SHOW plan_cache_mode"))
        return await create(command, work)

    await office.run(writer, Create(), registered=replace(CREATE["paper"], handle=look))
    seen.append(await office.fetchval("SHOW plan_cache_mode"))
    assert seen == ["force_generic_plan", "auto"]
