"""Sixteen clients at one limit, again and again: real documents, each client on a connection of its own.

Room is always for three of them. After each round those three give it back, and three new ones come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.procurement.support import Department, described
from tests.support.crowd import CLIENTS, ROUNDS, outcomes

PLACES = 3


async def take_turns(
    draft: Callable[[], Awaitable[str]],
    take: Callable[[str], Awaitable[Any]],
    give_back: Callable[[str], Awaitable[Any]],
    refusal: str,
    holds: Callable[[], Awaitable[None]],
) -> None:
    """In each round three succeed, all others are refused with `refusal`, and what is left `holds`."""
    waiting: list[str] = []
    for _ in range(ROUNDS):
        waiting += await asyncio.gather(*(draft() for _ in range(CLIENTS - len(waiting))))
        came = await outcomes(map(take, waiting))
        assert sorted(came) == sorted(["done"] * PLACES + [refusal] * (CLIENTS - PLACES))
        await holds()
        in_it = [id for id, became in zip(waiting, came, strict=True) if became == "done"]
        await asyncio.gather(*map(give_back, in_it))
        waiting = [id for id in waiting if id not in in_it]


async def submitted(crowd: Department, supplier: str, line: dict[str, object]) -> str:
    drafted = await crowd.run("procurement.purchase_order.create", {"supplier": supplier, "lines": [line]})
    await crowd.run("procurement.purchase_order.submit", id=drafted["id"])
    return str(drafted["id"])


def approve(crowd: Department) -> Callable[[str], Awaitable[Any]]:
    return lambda one: crowd.run("procurement.purchase_order.approve", id=one, by="anna")


def cancel(crowd: Department) -> Callable[[str], Awaitable[Any]]:
    return lambda one: crowd.run("procurement.purchase_order.cancel", {"reason": "No need"}, id=one)


async def test_approvals_of_orders_never_overspend_one_budget(crowd: Department) -> None:
    budget, supplier = await crowd.budget("350.00"), await crowd.supplier()
    line = described("Drill", "1", "100.00", budget_line=budget)

    async def holds() -> None:
        assert await crowd.budget_standing(budget) == {
            "pre_encumbered": "0.00",
            "encumbered": "300.00",
            "actual": "0.00",
            "remaining": "50.00",
        }

    await take_turns(lambda: submitted(crowd, supplier, line), approve(crowd), cancel(crowd), "BUDGET_EXCEEDED", holds)
    assert (await crowd.budget_standing(budget))["remaining"] == "350.00"


async def test_approvals_of_orders_never_take_up_more_than_was_asked_for(crowd: Department) -> None:
    asked, supplier = await crowd.requisition(described("Cable", "10", "2.00")), await crowd.supplier()
    line = {"requisition_line": asked["lines"][0]["id"], "quantity": "3", "unit_price": "2.00"}

    async def holds() -> None:
        assert (await crowd.document(asked["id"]))["lines"][0]["quantity_ordered"] == "9"

    await take_turns(
        lambda: submitted(crowd, supplier, line),
        approve(crowd),
        cancel(crowd),
        "REQUISITION_OVER_ORDERED",
        holds,
    )
    assert (await crowd.document(asked["id"]))["lines"][0]["quantity_ordered"] == "0"


async def test_receipts_never_come_to_more_than_was_ordered(crowd: Department) -> None:
    order = await crowd.order(described("Drill", "10", "3.337"))

    async def draft() -> str:
        return str((await crowd.receipt(order, "3"))["id"])

    async def holds() -> None:
        line = (await crowd.document(order["id"]))["lines"][0]
        assert (line["quantity_received"], line["amount_received"]) == ("9", "30.03")

    await take_turns(
        draft,
        lambda one: crowd.run("procurement.goods_receipt.post", id=one),
        lambda one: crowd.run("procurement.goods_receipt.reverse", {"reason": "Broken"}, id=one),
        "OVER_RECEIPT",
        holds,
    )
    line = (await crowd.document(order["id"]))["lines"][0]
    assert (line["quantity_received"], line["amount_received"]) == ("0", "0.00")
