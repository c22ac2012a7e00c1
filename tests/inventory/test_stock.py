"""Stock on PostgreSQL: what receipts bring, what returns take, and the accounts that say the same."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from contexts.inventory.errors import InsufficientStock
from tests.billing.support import DAY, account_balance, entry_lines
from tests.procurement.support import Department, amounts
from tests.support.tenants import as_owner_of

INVENTORY, GRNI = "1400", "2020"


async def stock(department: Department, sku: str, **query: object) -> dict[str, str]:
    """The row of one item."""
    id = await department.value("SELECT id FROM catalog.item WHERE sku = $1", sku)
    rows = (await department.ask("Stock", item=id, **query))["data"]
    assert len(rows) == 1
    return rows[0]


async def bought(department: Department, sku: str, quantity: str, price: str, **fields: object):
    """Ordered and received; the receipt."""
    order = await department.order({"item": sku, "quantity": quantity, "unit_price": price})
    return await department.received(order, quantity, **fields)


async def reverse(department: Department, receipt):
    return await department.run("procurement.goods_receipt.reverse", {"reason": "broken"}, id=receipt["id"])


async def test_a_receipt_is_on_hand_at_the_order_price(department: Department):
    before = await account_balance(department, INVENTORY)
    await department.item("PLATE")
    await bought(department, "PLATE", "4", "2.50")
    await bought(department, "PLATE", "6", "3")
    row = await stock(department, "PLATE", explain=True)
    assert (row["on_hand"], row["reserved"], row["available"], row["value"]) == ("10", "0", "10", "28.00")
    for member in ("on_hand", "value"):
        explained = row["explain"][member]
        assert amounts(explained["rows"]) == Decimal(explained["value"]) == Decimal(row[member])
    assert await account_balance(department, INVENTORY) - before == Decimal("28.00")


async def test_a_receipt_in_another_unit_counts_in_the_stock_unit(department: Department):
    await department.item("EGG")
    order = await department.order({"item": "EGG", "quantity": "2", "unit": "DZN", "unit_price": "3.60"})
    await department.received(order, "2")
    row = await stock(department, "EGG")
    assert (row["on_hand"], row["unit"], row["value"]) == ("24", "EA", "7.20")


async def test_a_return_takes_its_own_receipt_back(department: Department):
    await department.item("GEAR")
    await bought(department, "GEAR", "10", "1")
    dear = await bought(department, "GEAR", "10", "3")
    await reverse(department, dear)
    assert (await stock(department, "GEAR"))["value"] == "10.00"
    assert await entry_lines(department, dear["id"]) == [
        (INVENTORY, "30.00"),
        (GRNI, "-30.00"),
        (INVENTORY, "-30.00"),
        (GRNI, "30.00"),
    ]


async def test_under_average_a_return_takes_its_own_receipt_back_too(department: Department):
    before = await account_balance(department, INVENTORY)
    await department.item("SAND", valuation="average")
    await bought(department, "SAND", "10", "1")
    dear = await bought(department, "SAND", "10", "3")
    await reverse(department, dear)
    row = await stock(department, "SAND")
    assert (row["on_hand"], row["value"]) == ("10", "10.00")
    assert await account_balance(department, INVENTORY) - before == Decimal("10.00")
    assert (await entry_lines(department, dear["id"]))[2:] == [(INVENTORY, "-30.00"), (GRNI, "30.00")]


async def test_under_average_no_day_shows_goods_of_a_returned_receipt_or_their_price(department: Department):
    await department.item("LIME", valuation="average")
    days = (DAY, DAY + timedelta(3), DAY + timedelta(6))
    before = [await account_balance(department, INVENTORY, as_of=day) for day in days]
    cheap = await bought(department, "LIME", "10", "1", received_on=str(days[0]))
    dear = await bought(department, "LIME", "10", "3", received_on=str(days[1]))
    last = await bought(department, "LIME", "10", "7", received_on=str(days[2]))
    for receipt, expected in (
        (cheap, [("0", "0.00"), ("10", "30.00"), ("20", "100.00")]),
        (last, [("0", "0.00"), ("10", "30.00"), ("10", "30.00")]),
        (dear, [("0", "0.00"), ("0", "0.00"), ("0", "0.00")]),
    ):
        await reverse(department, receipt)
        rows = [await stock(department, "LIME", as_of=day) for day in days]
        assert [(row["on_hand"], row["value"]) for row in rows] == expected
        after = [await account_balance(department, INVENTORY, as_of=day) for day in days]
        changes = [now - then for now, then in zip(after, before, strict=True)]
        assert changes == [Decimal(value) for _, value in expected]


async def test_under_standard_the_difference_is_known_at_the_receipt(department: Department):
    before, accrued = await account_balance(department, INVENTORY), await account_balance(department, GRNI)
    await department.item("NAIL", valuation="standard", standard_cost="2")
    receipt = await bought(department, "NAIL", "10", "2.30")
    assert (await stock(department, "NAIL"))["value"] == "20.00"
    assert await account_balance(department, INVENTORY) - before == Decimal("20.00")
    await reverse(department, receipt)
    assert "NAIL" not in {row["item_sku"] for row in (await department.ask("Valuation"))["rows"]}
    assert await account_balance(department, INVENTORY) == before
    assert await account_balance(department, GRNI) == accrued


async def test_as_of_and_known_at_tell_what_was_there_and_what_was_known(department: Department):
    await department.item("BOARD")
    first = await bought(department, "BOARD", "5", "2", received_on=str(DAY + timedelta(10)))
    await bought(department, "BOARD", "3", "4", received_on=str(DAY))
    assert (await stock(department, "BOARD", as_of=DAY))["value"] == "12.00"
    assert (await stock(department, "BOARD", as_of=DAY + timedelta(10)))["value"] == "22.00"
    known = datetime.fromisoformat(first["updated_at"])
    assert (await stock(department, "BOARD", known_at=known))["value"] == "10.00"


async def test_stock_value_is_the_stock_account_at_every_instant(department: Department):
    for day in (DAY - timedelta(1), DAY, DAY + timedelta(10)):
        valuation = await department.ask("Valuation", as_of=day)
        rows = (await department.ask("Stock", as_of=day))["data"]
        account = await account_balance(department, INVENTORY, as_of=day)
        assert Decimal(valuation["total"]) == sum((Decimal(row["value"]) for row in rows), Decimal(0)) == account


async def test_layers_are_what_is_left_of_receipts(department: Department):
    await department.item("PIPE")
    await bought(department, "PIPE", "4", "1.50")
    (row,) = [row for row in (await department.ask("Valuation"))["rows"] if row["item_sku"] == "PIPE"]
    assert (row["quantity"], row["value"]) == ("4", "6.00")
    assert [(layer["quantity"], layer["value"]) for layer in row["layers"]] == [("4", "6.00")]


async def test_the_valuation_explains_itself_by_moves(department: Department):
    rows = (await department.ask("Valuation", explain=True))["rows"]
    assert len(rows) > 1
    for row in rows:
        for member, explained in row["explain"].items():
            assert amounts(explained["rows"]) == Decimal(explained["value"]) == Decimal(row[member])
        assert row["explain"].keys() == {"quantity", "value"}


async def test_goods_that_lie_elsewhere_cannot_be_returned_from_here(department: Department):
    await department.run("inventory.location.create", {"code": "NORTH", "name": "Northern warehouse"})
    await department.item("ROPE")
    order = await department.order({"item": "ROPE", "quantity": "6", "unit_price": "1", "location": "NORTH"})
    receipt = await department.received(order, "6")
    by_place = (await department.ask("Stock", group_by="location"))["data"]
    assert [(row["location_code"], row["on_hand"], row["value"]) for row in by_place if row["item_sku"] == "ROPE"] == [
        ("NORTH", "6", None)
    ]
    await _move_out(department, "ROPE", "5", at="NORTH")
    with pytest.raises(InsufficientStock) as refusal:
        await reverse(department, receipt)
    assert (refusal.value.details["requested"], refusal.value.details["available"]) == ("6", "1")
    assert (await department.document(receipt["id"]))["phase"] == "active"


async def test_two_returns_of_one_item_wait_for_each_other(department: Department):
    await department.item("TUBE")
    receipts = [await bought(department, "TUBE", "5", "1") for _ in range(8)]
    await _move_out(department, "TUBE", "30", at="MAIN")
    results = await asyncio.gather(*(reverse(department, receipt) for receipt in receipts), return_exceptions=True)
    assert sum(isinstance(result, InsufficientStock) for result in results) == 6
    assert [result for result in results if not isinstance(result, dict | InsufficientStock)] == []
    assert next(row for row in (await department.ask("Stock"))["data"] if row["item_sku"] == "TUBE")["on_hand"] == "0"


async def _move_out(department: Department, sku: str, quantity: str, *, at: str) -> None:
    """Goods leave, oldest layer first, as rows that the database accepts; no document of this context does it."""
    rows = await department.fetch(
        """SELECT l.id, l.company_id, l.item_id, l.quantity, l.value_minor, m.document_id, p.id AS place
           FROM inventory.layer l JOIN inventory.move m ON m.id = l.id JOIN catalog.item i ON i.id = l.item_id
           JOIN inventory.location p ON p.code = $2 WHERE i.sku = $1 ORDER BY l.id""",
        sku,
        at,
    )
    left, taken = Decimal(quantity), []
    for row in rows:
        part = min(left, row["quantity"])
        if part:
            taken.append((row["id"], part, int(row["value_minor"] * part / row["quantity"])))
            left -= part
    first = rows[0]
    async with department.tenant.connection() as connection, connection.transaction():
        await connection.execute(
            """WITH m AS (
                    INSERT INTO inventory.move (id, kind, company_id, item_id, quantity, from_location_id, value_minor,
                                                document_id, effective_on, recorded_at)
                    VALUES (gen_random_uuid(), 'test.issue', $1, $2, $3, $4, $5, $6, current_date, now())
                    RETURNING id)
                INSERT INTO inventory.consumption (move_id, layer_id, company_id, item_id, quantity, value_minor,
                                                   effective_on, recorded_at)
                SELECT m.id, v.layer_id, $1, $2, v.quantity, v.value_minor, current_date, now()
                FROM m, unnest($7::uuid[], $8::numeric[], $9::bigint[]) AS v(layer_id, quantity, value_minor)""",
            first["company_id"],
            first["item_id"],
            Decimal(quantity),
            first["place"],
            sum(value for _, _, value in taken),
            first["document_id"],
            [id for id, _, _ in taken],
            [part for _, part, _ in taken],
            [value for _, _, value in taken],
        )


async def test_the_database_refuses_a_layer_that_gives_too_much(department: Department, servers):
    await department.item("BRICK")
    receipt = await bought(department, "BRICK", "2", "1")
    owner = await as_owner_of(department.tenant, servers)
    try:
        move = await owner.fetchrow("SELECT * FROM inventory.move WHERE document_id = $1", UUID(receipt["id"]))
        with pytest.raises(asyncpg.CheckViolationError, match="at most what it holds"):
            await owner.execute(
                """INSERT INTO inventory.consumption (move_id, layer_id, company_id, item_id, quantity, value_minor,
                                                      effective_on, recorded_at)
                   VALUES ($1, $1, $2, $3, 3, 3, current_date, now())""",
                move["id"],
                move["company_id"],
                move["item_id"],
            )
        with pytest.raises(asyncpg.CheckViolationError, match="worth the layer"):
            await owner.execute(
                """INSERT INTO inventory.move (id, kind, company_id, item_id, quantity, to_location_id, value_minor,
                                               document_id, effective_on, recorded_at)
                   VALUES (gen_random_uuid(), 'test.receipt', $1, $2, 1, $3, 100, $4, current_date, now())""",
                move["company_id"],
                move["item_id"],
                move["to_location_id"],
                move["document_id"],
            )
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute("DELETE FROM inventory.layer")
    finally:
        await owner.close()


async def test_moves_are_listed_page_by_page(department: Department):
    await department.item("DISC")
    receipts = [await bought(department, "DISC", "1", "1") for _ in range(3)]
    id = await department.value("SELECT id FROM catalog.item WHERE sku = 'DISC'")
    first = await department.ask("Moves", item=id, limit=2)
    rest = await department.ask("Moves", item=id, limit=2, cursor=first["next_cursor"])
    assert [row["document"] for row in first["data"] + rest["data"]] == [r["id"] for r in reversed(receipts)]
    assert rest["next_cursor"] is None


async def test_a_dry_run_shows_the_moves_and_keeps_none(department: Department):
    await department.item("CORK")
    order = await department.order({"item": "CORK", "quantity": "3", "unit_price": "0.50"})
    drafted = await department.receipt(order, "3")
    shown = await department.run("procurement.goods_receipt.post", id=drafted["id"], dry_run=True)
    (move,) = shown["effects"]["stock_moves"]
    assert (move["sku"], move["quantity"], move["from_location"], move["value"]) == ("CORK", "3", None, "1.50")
    assert "CORK" not in {row["item_sku"] for row in (await department.ask("Stock"))["data"]}
    assert await department.fetch("SELECT FROM inventory.move WHERE document_id = $1", UUID(drafted["id"])) == []
