"""One organization that has lived: ordered, received, invoiced, paid, taken some of it back, closed a month."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest_asyncio

from adapters.postgres.connection import Connection
from adapters.postgres.outbox.deliveries import Outcome, turn
from adapters.postgres.outbox.relay import relay_batch
from bizcore.settings import Settings
from tests.billing.support import TODAY, charging, invoice, paid, payment, posted, received
from tests.conftest import RunningServers
from tests.delivery.support import subscribe
from tests.procurement.conftest import department
from tests.procurement.support import Department, described

__all__ = ["department"]

ANOTHER_MONTH = f"{TODAY.year}-{1 + TODAY.month % 12:02}"


@pytest_asyncio.fixture(scope="module")
async def lived(department: Department, servers: Settings) -> Department:
    await subscribe(department.tenant, servers, "https://example.com/hook")
    budget = await department.budget("5000")
    supplier, item = await department.supplier(), await department.item("NUT")
    asked = await department.requisition({"item": item, "quantity": "40", "unit_price": "10", "budget_line": budget})
    line = {"item": item, "quantity": "30", "unit_price": "10", "budget_line": budget}
    order = await department.order(line | {"requisition_line": asked["lines"][0]["id"]}, supplier=supplier)
    await department.received(order, "10")
    taken_back = await department.received(order, "5")
    await department.run("procurement.goods_receipt.reverse", {"reason": "Broken"}, id=taken_back["id"])
    await department.receipt(order, "1")
    bill = await posted(department, supplier, charging(order, "10", "10"))
    wrong = await posted(department, supplier, charging(order, "3", "11"))
    await department.run("billing.supplier_invoice.reverse", {"reason": "Not ours"}, id=wrong["id"])
    await department.item("CLEANING", kind="service", valuation=None)
    cleaning = {"item": "CLEANING", "quantity": "5", "unit_price": "20"}
    cleaned = await department.order(cleaning, supplier=await department.supplier())
    await posted(department, cleaned["supplier"], charging(cleaned, "3", "20"))
    unclean = await posted(department, cleaned["supplier"], charging(cleaned, "1", "20"))
    await department.run("billing.supplier_invoice.reverse", {"reason": "Not ours"}, id=unclean["id"])
    rent = await posted(department, supplier, described("Rent", "1", "100"))
    await invoice(department, supplier, described("Rent", "1", "7"))
    await paid(department, supplier, "40", (bill["id"], "30"))
    back = await paid(department, supplier, "20", (rent["id"], "20"))
    await department.run("billing.payment.reverse", {"reason": "Bounced"}, id=back["id"])
    await payment(department, supplier, "5", (rent["id"], "5"))
    ahead = await paid(department, supplier, "15")
    await received(department, supplier, "6", (ahead["id"], "4"))
    undone = await received(department, supplier, "3", (ahead["id"], "3"))
    await department.run("billing.payment.reverse", {"reason": "Not ours"}, id=undone["id"])
    await received(department, await department.supplier(roles=["customer"]), "12")
    given_up = await department.order(line, supplier=supplier)
    await department.run("procurement.purchase_order.cancel", {"reason": "No need"}, id=given_up["id"])
    entry = {
        "entry_date": f"{ANOTHER_MONTH}-15",
        "description": "Rent",
        "lines": [{"account": "6030", "debit": "9.50"}, {"account": "1020", "credit": "9.50"}],
    }
    kept = await department.run("ledger.journal_entry.create", entry)
    twice = await department.run("ledger.journal_entry.create", entry)
    await department.run("ledger.journal_entry.reverse", {"reason": "Twice"}, id=twice["id"])
    period = await department.value("SELECT id FROM ledger.period WHERE name = $1", ANOTHER_MONTH)
    await department.run("ledger.period.close", {"reason": "Done"}, id=str(period))
    assert kept["phase"] == "active"
    await _deliver(department)
    return department


async def _deliver(department: Department) -> None:
    """Some deliveries accepted, one refused for good, the rest waiting."""
    now = datetime.now(UTC)
    async with department.tenant.connection() as connection:
        await relay_batch(connection, department.tenant.slug, now)
        first = await turn(connection, [], 4, now)
        outcomes = [
            Outcome(
                claimed=claimed,
                delivered=index > 0,
                gone=False,
                wait=None,
                status=204 if index else 400,
                error=None,
                response=None,
                duration_ms=3,
            )
            for index, claimed in enumerate(first)
        ]
        assert len(outcomes) == 4
        await turn(connection, outcomes, 1, now + timedelta(seconds=1))


@pytest_asyncio.fixture
async def superuser(lived: Department, running_servers: RunningServers) -> AsyncIterator[Connection]:
    """Nothing that it does is kept, and no trigger or key stands in its way."""
    url = running_servers.embedded.superuser_url.rsplit("/", 1)[0]
    connection = await asyncpg.connect(f"{url}/{lived.tenant.id}")
    await connection.execute("BEGIN; SET LOCAL session_replication_role = replica")
    yield connection
    await connection.execute("ROLLBACK")
    await connection.close()
