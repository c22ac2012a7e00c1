"""How often each command asks the database, so that nobody adds a round trip unseen."""

from typing import Any, cast

import pytest_asyncio

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.session import BEGIN
from bizcore.documents.commands import AddComment
from bizcore.settings import Settings
from tests.kernel.counting import CountedTenant
from tests.kernel.office import Change, Create, Office, pot
from tests.procurement.support import Department, described


@pytest_asyncio.fixture(scope="module")
async def counted(tenant: TenantDatabase, office: Office) -> Office:
    return Office(CountedTenant.of(tenant))


async def test_each_command_takes_as_many_round_trips_as_it_needs(counted: Office) -> None:
    writer, approver = await counted.person("Writer"), await counted.person("Approver")
    box = await pot(counted, 10**9)
    await counted.run(writer, Create(), key="warm")  # configuration and policy are cached, a block of numbers is held
    sent = cast(CountedTenant, counted.tenant).sent
    found = {}

    async def count(name: str, command: Any, who: Any = writer) -> Any:
        registered = await counted.registered(command)
        sent.clear()
        answer = await counted.run(who, command, key=name, registered=registered)
        assert (sent[0], sent[-1]) == (BEGIN, "COMMIT")
        found[name] = len(sent)
        return answer.subject_id

    # Of each: BEGIN, who asks with the claim of the key, the key itself (an action's with its lock), flush, answer, COMMIT.
    paper = await count("create", Create(pot=box))
    await count("change", Change(id=paper, total=1))  # and the lock, the facts
    await count("comment", AddComment(id=paper, body="Hm"))
    await count("submit", counted.action("submit", paper))
    await count("approve", counted.action("approve", paper), approver)  # its limit is locked and summed on the way
    await count("cancel", counted.action("cancel", paper))
    bill = await count("create a bill", Create(type="bill"))
    await count("post", counted.action("post", bill))  # and the number
    assert found == {
        "create": 6,
        "change": 8,
        "comment": 8,
        "submit": 7,
        "approve": 7,
        "cancel": 7,
        "create a bill": 6,
        "post": 8,
    }


async def test_a_replay_and_a_refusal_take_less(counted: Office) -> None:
    writer = await counted.person("Writer")
    await counted.run(writer, Create(), key="once")
    sent = cast(CountedTenant, counted.tenant).sent
    sent.clear()
    await counted.run(writer, Create(), key="once")
    assert len(sent) == 4  # BEGIN, claim, key, answer; leaving the connection sends ROLLBACK


async def test_documents_of_procurement_take_no_more(counted: Office, servers: Settings) -> None:
    """Without a key, which adds its look-up. Their limits, items and budgets are locked and read on the way."""
    people = {name: await counted.person(name) for name in ("olga", "anna")}
    department = Department(counted.tenant, Secrets.of(servers.master_key), people)
    line = described("Workbench", "2", "120.50", budget_line=await department.budget("100000.00"))
    supplier = await department.supplier()
    sent = cast(CountedTenant, counted.tenant).sent
    found = {}

    async def count(name: str, body: dict[str, Any] | None = None, **route: Any) -> str:
        sent.clear()
        answer = await department.run(f"procurement.{name}", body, **route)
        found[name] = len(sent)
        return str(answer["id"])

    for _ in range(2):  # of two alike the second finds a block of numbers
        asked = await count("requisition.create", {"lines": [line] * 5})
        ordered = await count("purchase_order.create", {"supplier": supplier, "lines": [line] * 5})
    for name, id in (("requisition", asked), ("purchase_order", ordered)):
        await count(f"{name}.submit", id=id)
        await count(f"{name}.approve", id=id, by="anna")
    assert found == {
        "requisition.create": 6,  # BEGIN, who asks, references, flush, answer, COMMIT
        "requisition.submit": 7,  # BEGIN, who asks, lock, facts, flush, answer, COMMIT
        "requisition.approve": 8,  # and the number of the entry that holds the budget
        "purchase_order.create": 7,  # and the terms of its supplier
        "purchase_order.submit": 7,
        "purchase_order.approve": 8,
    }
