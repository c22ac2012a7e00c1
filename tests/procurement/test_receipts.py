"""Goods receipts on a real database, through the pipeline."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from bizcore.errors import BusinessError, UnknownReference, WrongPhase
from bizcore.settings import Settings
from contexts.procurement.errors import OverReceipt
from tests.procurement.support import Department, amounts, described
from tests.support.tenants import as_owner_of

TODAY = datetime.now(UTC).date()


async def grni_account(department: Department) -> Decimal:
    """What the account of goods received not invoiced owes, in major units."""
    minor = await department.value(
        """SELECT coalesce(-sum(p.company_amount_minor), 0) FROM ledger.posting p
           JOIN ledger.account_role r ON r.account_id = p.account_id
           WHERE r.role = 'goods_received_not_invoiced' AND p.book = 'actual'"""
    )
    return Decimal(minor) / 100


async def test_the_last_receipt_takes_what_rounding_left(department: Department) -> None:
    budget = await department.budget("100.00")
    # A third of 10.00 is 3.33 once rounded; three of them are not 10.00.
    order = await department.order(described("Third", "3", "3.333333333333", budget_line=budget))
    assert order["total"] == "10.00"
    values = []
    for _ in range(3):
        receipt = await department.received(order, "1")
        values.append(receipt["total"])
    assert values == ["3.33", "3.34", "3.33"]
    standing = await department.budget_standing(budget)
    assert (standing["encumbered"], standing["actual"]) == ("0.00", "10.00")
    shown = await department.document(order["id"])
    assert (shown["receipt_status"], shown["lines"][0]["amount_received"]) == ("complete", "10.00")


async def test_more_than_was_ordered_is_refused_and_leaves_no_trace(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    await department.received(order, "2")
    drafted = await department.receipt(order, "3.5")
    before = await grni_account(department)
    with pytest.raises(OverReceipt) as refusal:
        await department.run("procurement.goods_receipt.post", id=drafted["id"])
    assert {name: refusal.value.details[name] for name in ("ordered", "received", "requested", "allowed")} == {
        "ordered": "5", "received": "2", "requested": "3.5", "allowed": "3",
    }  # fmt: skip
    assert (await department.document(drafted["id"]))["phase"] == "draft"
    assert await grni_account(department) == before
    assert (
        await department.value("SELECT count(*) FROM procurement.accrual WHERE document_id = $1", UUID(drafted["id"]))
        == 0
    )


async def test_two_lines_of_one_receipt_see_each_other(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    line = order["lines"][0]["id"]
    drafted = await department.run(
        "procurement.goods_receipt.create",
        {
            "purchase_order": order["number"],
            "lines": [{"order_line": line, "quantity": "3"}, {"order_line": line, "quantity": "3"}],
        },
    )
    with pytest.raises(OverReceipt):
        await department.run("procurement.goods_receipt.post", id=drafted["id"])


async def test_a_tolerance_lets_a_little_more_come(department: Department) -> None:
    order = await department.order(described("Gravel", "100", "1.00"))
    await department.policies(over_receipt_tolerance="2")
    try:
        received = await department.received(order, "102")
        assert received["total"] == "102.00"
        with pytest.raises(OverReceipt) as refusal:
            await department.received(order, "0.001")
        assert refusal.value.details["allowed"] == "0"
    finally:
        await department.policies(over_receipt_tolerance="0")


async def test_a_reversal_takes_the_actual_back_from_the_budget_it_was_booked_on(department: Department) -> None:
    first, second = await department.budget("1000.00"), await department.budget("1000.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=first))
    receipt = await department.received(order, "2")
    line = {"id": order["lines"][0]["id"], **described("Drill", "5", "20.00", budget_line=second)}
    body = {"reason": "Another budget pays", "changes": {"lines": [line]}}
    await department.run("procurement.purchase_order.amend", body, id=order["id"])
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    assert (await department.budget_standing(first))["actual"] == "40.00"
    await department.run("procurement.goods_receipt.reverse", {"reason": "Back"}, id=receipt["id"])
    assert (await department.budget_standing(first))["remaining"] == "1000.00"
    assert (await department.budget_standing(second))["encumbered"] == "100.00"


async def test_goods_come_on_active_orders_only(department: Department) -> None:
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [described("Drill", "5", "20.00")]},
    )
    with pytest.raises(WrongPhase):
        await department.receipt(drafted, "1")
    other = await department.order(described("Drill", "5", "20.00"))
    with pytest.raises(UnknownReference):
        await department.run(
            "procurement.goods_receipt.create",
            {"purchase_order": other["id"], "lines": [{"order_line": drafted["lines"][0]["id"], "quantity": "1"}]},
        )


async def test_a_reversal_does_everything_once_more_with_its_sign_turned(department: Department) -> None:
    budget = await department.budget("1000.00")
    item = await department.item("SCREW-REV")
    order = await department.order({"item": item, "quantity": "10", "unit_price": "2.50", "budget_line": budget})
    before = await grni_account(department)
    receipt = await department.received(order, "4")
    assert await grni_account(department) == before + Decimal("10.00")
    reversed_ = await department.run("procurement.goods_receipt.reverse", {"reason": "Wrong goods"}, id=receipt["id"])
    assert reversed_["phase"] == "void"
    assert await grni_account(department) == before
    standing = await department.budget_standing(budget)
    assert (standing["encumbered"], standing["actual"]) == ("25.00", "0.00")
    shown = await department.document(order["id"], explain=True)
    assert shown["lines"][0]["quantity_received"] == "0"
    rows = shown["explain"]["/lines/0/quantity_received"]["rows"]
    assert [row["amount"] for row in rows] == ["4", "-4"]
    on_hand = await department.value(
        """SELECT sum(CASE WHEN to_location_id IS NULL THEN -quantity ELSE quantity END)
           FROM inventory.move WHERE item_id = $1""",
        UUID(item),
    )
    assert on_hand == 0
    await department.received(order, "10")
    assert (await department.budget_standing(budget))["encumbered"] == "0.00"


async def test_a_draft_receipt_that_is_cancelled_did_nothing(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    drafted = await department.receipt(order, "5")
    cancelled = await department.run("procurement.goods_receipt.cancel", {"reason": "Typo"}, id=drafted["id"])
    assert cancelled["phase"] == "void"
    assert (await department.document(order["id"]))["lines"][0]["quantity_received"] == "0"


async def test_a_receipt_may_count_in_another_unit_than_the_order(department: Department) -> None:
    item = await department.item("WIRE", unit="MTR")
    order = await department.order({"item": item, "unit": "KMT", "quantity": "2", "unit_price": "100.00"})
    line = order["lines"][0]["id"]
    drafted = await department.run(
        "procurement.goods_receipt.create",
        {"purchase_order": order["id"], "lines": [{"order_line": line, "quantity": "500", "unit": "MTR"}]},
    )
    assert drafted["lines"][0]["quantity_ordered_unit"] == "0.5"
    await department.run("procurement.goods_receipt.post", id=drafted["id"])
    shown = await department.document(order["id"])
    assert (shown["lines"][0]["quantity_received"], shown["lines"][0]["amount_received"]) == ("0.5", "50.00")
    moved = await department.value("SELECT sum(quantity) FROM inventory.move WHERE item_id = $1", UUID(item))
    assert moved == 500


async def test_goods_received_not_invoiced_equals_its_account_and_explains_itself(department: Department) -> None:
    supplier = await department.supplier()
    order = await department.order(described("Drill", "5", "20.01"), supplier=supplier)
    between = datetime.now(UTC)
    await department.received(order, "2")
    await department.received(order, "1", received_on=str(TODAY))
    report = await department.ask("GetGoodsReceivedNotInvoiced", explain=True)
    assert Decimal(report["total"]) == await grni_account(department)
    assert all(amounts(row["explain"]) == Decimal(row["amount"]) for row in report["rows"])
    own = await department.ask("GetGoodsReceivedNotInvoiced", supplier=UUID(supplier), explain=True)
    assert [(row["quantity"], row["amount"]) for row in own["rows"]] == [("3", "60.03")]
    assert [row["amount"] for row in own["rows"][0]["explain"]] == ["40.02", "20.01"]
    then = await department.ask("GetGoodsReceivedNotInvoiced", supplier=UUID(supplier), known_at=between)
    assert then["rows"] == []
    before = await department.ask(
        "GetGoodsReceivedNotInvoiced", supplier=UUID(supplier), as_of=TODAY - timedelta(days=1)
    )
    assert before["total"] == "0.00"


async def test_what_was_received_is_derived_as_of_a_day_and_as_known_at_an_instant(department: Department) -> None:
    first, second = date(TODAY.year, 3, 3), date(TODAY.year, 3, 5)
    order = await department.order(described("Drill", "5", "20.00"), order_date=f"{TODAY.year}-03-01")
    await department.received(order, "2", received_on=str(first))
    between = datetime.now(UTC)
    await department.received(order, "3", received_on=str(second))
    for times, received in (
        ({}, "5"),
        ({"as_of": second - timedelta(days=1)}, "2"),
        ({"as_of": first - timedelta(days=1)}, "0"),
        ({"known_at": between}, "2"),
    ):
        shown = await department.document(order["id"], explain=True, **times)
        assert shown["lines"][0]["quantity_received"] == received
        explained = shown["explain"]["/lines/0/quantity_received"]
        assert (explained["value"], amounts(explained["rows"])) == (received, Decimal(received))


async def test_totals_that_are_not_the_sum_of_their_lines_are_refused_by_the_database(
    department: Department, servers: Settings
) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    owner = await as_owner_of(department.tenant, servers)
    try:
        for statement in (
            "UPDATE procurement.purchase_order_line SET net_minor = net_minor + 1 WHERE document_id = $1",
            "UPDATE platform.document SET total_minor = total_minor + 1 WHERE id = $1",
        ):
            with pytest.raises(Exception, match="sum of its lines"):
                await owner.execute(statement, UUID(order["id"]))
        with pytest.raises(Exception, match="append-only"):
            await owner.execute("DELETE FROM procurement.commitment")
        with pytest.raises(Exception, match="append-only"):
            await owner.execute("UPDATE procurement.accrual SET quantity = 0")
    finally:
        await owner.close()


async def test_a_reversal_of_closed_books_counts_from_the_first_open_day_everywhere(department: Department) -> None:
    march, april = date(TODAY.year, 3, 10), date(TODAY.year, 4, 1)
    item = await department.item("LATE")
    order = await department.order(
        {"item": item, "quantity": "5", "unit_price": "20.00"}, order_date=str(march.replace(day=1))
    )
    receipt = await department.received(order, "2", received_on=str(march))
    period = await department.value(
        "SELECT id FROM ledger.period WHERE $1 BETWEEN starts_on AND ends_on AND company_id = $2",
        march,
        UUID(order["company"]),
    )
    await department.run("ledger.period.close", {"reason": "Done"}, id=str(period))
    try:
        await department.run("procurement.goods_receipt.reverse", {"reason": "Back"}, id=receipt["id"])
    finally:
        await department.run("ledger.period.reopen", {"reason": "Test"}, id=str(period))
    for table, column in (
        ("platform.line_link", "document_id"),
        ("procurement.accrual", "document_id"),
        ("inventory.move", "document_id"),
        ("ledger.entry", "document_id"),
    ):
        rows = await department.fetch(
            f"SELECT DISTINCT effective_on FROM {table} WHERE {column} = $1 ORDER BY 1", UUID(receipt["id"])
        )
        assert [row["effective_on"] for row in rows] == [march, april], table
    shown = await department.document(order["id"], as_of=march)
    assert shown["lines"][0]["quantity_received"] == "2"


async def test_a_receipt_and_an_amendment_at_once_never_leave_less_ordered_than_came(department: Department) -> None:
    for _ in range(5):
        order = await department.order(described("Drill", "10", "20.00"))
        drafted = await department.receipt(order, "8")
        lines = [{"id": order["lines"][0]["id"], "quantity": "5", "unit_price": "20.00"}]

        async def outcome(name: str, id: str, body: dict[str, object]) -> str:
            try:
                return str((await department.run(name, body, id=id))["phase"])
            except BusinessError as refusal:
                return refusal.code

        posted, amended = await asyncio.gather(
            outcome("procurement.goods_receipt.post", drafted["id"], {}),
            outcome("procurement.purchase_order.amend", order["id"], {"reason": "Less", "changes": {"lines": lines}}),
        )
        assert (posted, amended) in {("active", "BELOW_RECEIVED"), ("WRONG_PHASE", "review")}
