"""Sixteen payers of one invoice, again and again, each on a connection of its own."""

from __future__ import annotations

from tests.billing.support import payment, posted
from tests.procurement.support import Department, described
from tests.procurement.test_races import PLACES, take_turns
from tests.support.crowd import ROUNDS


async def test_payments_never_come_to_more_than_is_owed(crowd: Department) -> None:
    supplier = await crowd.supplier()
    bill = await posted(crowd, supplier, described("Rent", "1", "100.00"))

    async def draft() -> str:
        return str((await payment(crowd, supplier, "30", (bill["id"], "30")))["id"])

    async def holds() -> None:
        assert (await crowd.document(bill["id"]))["balance"] == "10.00"

    await take_turns(
        draft,
        lambda one: crowd.run("billing.payment.post", id=one),
        lambda one: crowd.run("billing.payment.reverse", {"reason": "Bounced"}, id=one),
        "PAYMENT_EXCEEDS_BALANCE",
        holds,
    )
    assert (await crowd.document(bill["id"]))["balance"] == "100.00"
    posted_ones = await crowd.fetch(
        "SELECT number FROM platform.document WHERE type = 'payment' AND number IS NOT NULL"
    )
    given = sorted(int(row["number"].rpartition("-")[2]) for row in posted_ones)
    assert given == list(range(1, len(given) + 1)), "each number once, none left out"
    assert len(given) >= PLACES * ROUNDS
