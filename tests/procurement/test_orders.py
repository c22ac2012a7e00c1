"""Purchase orders on a real database, through the pipeline."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from adapters.postgres.connection import TenantDatabase
from bizcore.errors import ValidationFailed, WrongPhase
from contexts.ledger.public import BudgetExceeded, ExchangeRateMissing
from contexts.procurement.errors import BelowReceived, BudgetLineMissing, RequisitionOverOrdered
from tests.procurement.support import Department, amounts, described

TODAY = datetime.now(UTC).date()


def standing(pre: str, encumbered: str, actual: str, remaining: str) -> dict[str, str]:
    return {"pre_encumbered": pre, "encumbered": encumbered, "actual": actual, "remaining": remaining}


async def traces(department: Department, id: str) -> tuple[int, int, int]:
    """How many commitments, links and events a document left."""
    counts = [
        await department.value(f"SELECT count(*) FROM {table} WHERE {column} = $1", UUID(id))
        for table, column in (
            ("procurement.commitment", "document_id"),
            ("platform.line_link", "document_id"),
            ("outbox.event", "subject_id"),
        )
    ]
    return counts[0], counts[1], counts[2]


async def test_the_budget_passes_from_requisition_to_order_to_receipt(department: Department) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "10", "10.00", budget_line=budget))
    order = await department.order(
        {"requisition_line": asked["lines"][0]["id"], "quantity": "6", "unit_price": "11.00"}
    )
    assert (order["lines"][0]["description"], order["lines"][0]["budget_line"]) == ("Workbench", budget)
    assert await department.budget_standing(budget) == standing("40.00", "66.00", "0.00", "894.00")
    await department.received(order, "4")
    assert await department.budget_standing(budget) == standing("40.00", "22.00", "44.00", "894.00")
    shown = await department.document(order["id"])
    assert (shown["lines"][0]["quantity_received"], shown["receipt_status"]) == ("4", "partial")
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "6"


async def test_an_order_beyond_its_budget_stays_in_review(department: Department) -> None:
    budget = await department.budget("100.00")
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [described("Vice", "3", "33.34", budget_line=budget)]},
    )
    await department.run("procurement.purchase_order.submit", id=drafted["id"])
    before = await traces(department, drafted["id"])
    with pytest.raises(BudgetExceeded) as refusal:
        await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna")
    assert refusal.value.details["requested"] == "100.02"
    assert refusal.value.details["available"] == "100.00"
    assert (await department.document(drafted["id"]))["phase"] == "review"
    assert await traces(department, drafted["id"]) == before
    assert (await department.budget_standing(budget))["encumbered"] == "0.00"


async def test_a_budget_that_only_warns_lets_the_order_pass_and_says_so(department: Department) -> None:
    budget = await department.budget("50.00", control="warn")
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [described("Vice", "2", "30.00", budget_line=budget)]},
    )
    await department.run("procurement.purchase_order.submit", id=drafted["id"])
    tried = await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna", dry_run=True)
    warnings = [effect for effect in tried["effects"]["budget"] if effect.get("warning") == "BUDGET_EXCEEDED"]
    assert [(warning["requested"], warning["available"]) for warning in warnings] == [("60.00", "50.00")]
    approved = await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna")
    assert approved["phase"] == "active"
    assert (await department.budget_standing(budget))["remaining"] == "-10.00"


async def test_orders_from_ten_thousand_on_need_a_second_approval(department: Department) -> None:
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [described("Lathe", "1", "10000.00")]},
    )
    await department.run("procurement.purchase_order.submit", id=drafted["id"])
    first = await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna")
    assert first["phase"] == "review"
    second = await department.run("procurement.purchase_order.approve", id=drafted["id"], by="axel")
    assert second["phase"] == "active"


async def test_two_orders_never_take_up_more_than_was_asked_for(department: Department) -> None:
    asked = await department.requisition(described("Cable", "10", "2.00"))
    line = {"requisition_line": asked["lines"][0]["id"], "quantity": "6", "unit_price": "2.00"}
    body = {"supplier": await department.supplier(), "lines": [line]}
    first = await department.run("procurement.purchase_order.create", body)
    second = await department.run("procurement.purchase_order.create", body)
    await department.approved("purchase_order", first)
    with pytest.raises(RequisitionOverOrdered) as refusal:
        await department.approved("purchase_order", second)
    assert refusal.value.details["available"] == "4"
    assert (await department.document(second["id"]))["phase"] == "review"
    with pytest.raises(RequisitionOverOrdered):
        await department.run("procurement.purchase_order.create", body)
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "6"


async def test_a_requisition_is_ordered_from_only_when_it_is_approved(department: Department) -> None:
    drafted = await department.run("procurement.requisition.create", {"lines": [described("Cable", "10", "2.00")]})
    line = {"requisition_line": drafted["lines"][0]["id"], "quantity": "6", "unit_price": "2.00"}
    with pytest.raises(WrongPhase):
        await department.run(
            "procurement.purchase_order.create", {"supplier": await department.supplier(), "lines": [line]}
        )


async def test_a_cancelled_order_gives_budget_and_need_back(department: Department) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "10", "10.00", budget_line=budget))
    order = await department.order(
        {"requisition_line": asked["lines"][0]["id"], "quantity": "10", "unit_price": "12.00"}
    )
    assert await department.budget_standing(budget) == standing("0.00", "120.00", "0.00", "880.00")
    await department.run("procurement.purchase_order.cancel", {"reason": "Too dear"}, id=order["id"])
    assert await department.budget_standing(budget) == standing("100.00", "0.00", "0.00", "900.00")
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "0"


async def test_what_came_cannot_be_cancelled(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    await department.received(order, "1")
    before = await traces(department, order["id"])
    with pytest.raises(BelowReceived):
        await department.run("procurement.purchase_order.cancel", {"reason": "No"}, id=order["id"])
    assert (await department.document(order["id"]))["phase"] == "active"
    assert await traces(department, order["id"]) == before


async def test_closing_frees_the_rest_and_stops_receipts_until_it_is_reopened(department: Department) -> None:
    budget = await department.budget("1000.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=budget))
    await department.received(order, "2")
    waiting = await department.receipt(order, "3")
    await department.run("procurement.purchase_order.close", {"reason": "Delivered as far as it goes"}, id=order["id"])
    assert await department.budget_standing(budget) == standing("0.00", "0.00", "40.00", "960.00")
    with pytest.raises(WrongPhase):
        await department.run("procurement.goods_receipt.post", id=waiting["id"])
    await department.run("procurement.purchase_order.reopen", {"reason": "There is more"}, id=order["id"])
    assert await department.budget_standing(budget) == standing("0.00", "60.00", "40.00", "900.00")
    await department.run("procurement.goods_receipt.post", id=waiting["id"])
    assert await department.budget_standing(budget) == standing("0.00", "0.00", "100.00", "900.00")


async def amend(department: Department, order: dict[str, Any], *lines: dict[str, object]) -> dict[str, Any]:
    body = {"changes": {"lines": list(lines)}, "reason": "The supplier asked"}
    return await department.run("procurement.purchase_order.amend", body, id=order["id"], version=None)


async def test_an_amended_order_returns_to_review_and_books_the_difference(department: Department) -> None:
    budget = await department.budget("1000.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=budget), described("Bit", "9", "1.00"))
    drill = order["lines"][0]["id"]
    await department.received(order, "2")
    waiting = await department.receipt(order, "1")
    amended = await amend(department, order, {"id": drill, **described("Drill", "8", "21.00", budget_line=budget)})
    assert (amended["phase"], amended["total"]) == ("review", "168.00")
    assert [line["id"] for line in amended["lines"]] == [drill]
    assert await department.budget_standing(budget) == standing("0.00", "60.00", "40.00", "900.00")
    with pytest.raises(WrongPhase):
        await department.run("procurement.goods_receipt.post", id=waiting["id"])
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    # Two came at 20; six more will come at 21.
    assert await department.budget_standing(budget) == standing("0.00", "126.00", "40.00", "834.00")
    await department.run("procurement.goods_receipt.post", id=waiting["id"])
    await department.received(order, "5")
    assert await department.budget_standing(budget) == standing("0.00", "0.00", "166.00", "834.00")


async def test_an_amendment_below_what_came_is_refused(department: Department) -> None:
    order = await department.order(described("Drill", "5", "20.00"))
    await department.received(order, "3")
    with pytest.raises(BelowReceived) as refusal:
        await amend(department, order, {"id": order["lines"][0]["id"], **described("Drill", "2", "20.00")})
    assert (refusal.value.details["received"], refusal.value.details["requested"]) == ("3", "2")
    with pytest.raises(BelowReceived):
        await amend(department, order, described("Something else", "1", "1.00"))
    shown = await department.document(order["id"])
    assert (shown["phase"], shown["version"], shown["lines"][0]["quantity"]) == ("active", 3, "5")


async def test_an_amended_order_that_is_rejected_keeps_what_it_held_until_it_is_settled(department: Department) -> None:
    budget = await department.budget("1000.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=budget))
    line = {"id": order["lines"][0]["id"], **described("Drill", "2", "20.00", budget_line=budget)}
    await amend(department, order, line)
    rejected = await department.run("procurement.purchase_order.reject", {"reason": "No"}, id=order["id"], by="anna")
    assert rejected["phase"] == "draft"
    assert (await department.budget_standing(budget))["encumbered"] == "100.00"
    await department.run("procurement.purchase_order.cancel", {"reason": "Then not"}, id=order["id"])
    assert (await department.budget_standing(budget))["encumbered"] == "0.00"


async def test_a_line_that_an_amendment_leaves_out_gives_its_need_back(department: Department) -> None:
    asked = await department.requisition(described("Cable", "10", "2.00"))
    need = asked["lines"][0]["id"]
    order = await department.order(
        {"requisition_line": need, "quantity": "7", "unit_price": "2.00"}, described("Bit", "1", "1.00")
    )
    await amend(department, order, {"id": order["lines"][1]["id"], **described("Bit", "1", "1.00")})
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "0"


async def test_a_draft_keeps_the_identity_of_its_lines(department: Department) -> None:
    drafted = await department.run(
        "procurement.purchase_order.create",
        {
            "supplier": await department.supplier(),
            "lines": [described("Drill", "5", "20.00"), described("Bit", "9", "1.00"), described("Oil", "1", "3.00")],
        },
    )
    first, second, third = (line["id"] for line in drafted["lines"])
    changed = await department.run(
        "procurement.purchase_order.update",
        {
            "attributes": {"urgent": True},
            "lines": [
                {"id": third, **described("Oil", "2", "3.00")},
                described("Rag", "4", "0.50"),
                {"id": first, **described("Drill", "5", "20.00")},
            ],
        },
        id=drafted["id"],
        version=drafted["version"],
    )
    assert [(line["id"] in (first, third), line["description"]) for line in changed["lines"]] == [
        (True, "Oil"), (False, "Rag"), (True, "Drill"),
    ]  # fmt: skip
    assert (changed["total"], changed["attributes"]) == ("108.00", {"urgent": True})
    assert await department.value("SELECT count(*) FROM platform.line WHERE id = $1", UUID(second)) == 0
    with pytest.raises(ValidationFailed):
        await department.run(
            "procurement.purchase_order.update",
            {"lines": [{"id": second, **described("Bit", "9", "1.00")}]},
            id=drafted["id"],
            version=changed["version"],
        )


async def test_a_foreign_order_counts_at_the_rate_of_its_date(department: Department) -> None:
    budget = await department.budget("1000.00")
    supplier = await department.supplier(currency="USD")
    body = {"supplier": supplier, "lines": [described("Chip", "3", "10.05", budget_line=budget)]}
    with pytest.raises(ExchangeRateMissing) as refusal:
        await department.run("procurement.purchase_order.create", {**body, "currency": "CHF"})
    assert (refusal.value.details["base"], refusal.value.details["quote"]) == ("CHF", "EUR")
    await department.run(
        "ledger.exchange_rate.create", {"base": "EUR", "quote": "USD", "rate": "1.25", "valid_on": str(TODAY)}
    )
    order = await department.approved("purchase_order", await department.run("procurement.purchase_order.create", body))
    assert (order["currency"], order["total"], order["exchange_rate"]) == ("USD", "30.15", "1.25")
    assert (await department.budget_standing(budget))["encumbered"] == "24.12"
    for quantity, encumbered in (("1", "16.08"), ("1", "8.04"), ("1", "0.00")):
        await department.received(order, quantity)
        assert (await department.budget_standing(budget))["encumbered"] == encumbered
    assert (await department.budget_standing(budget))["actual"] == "24.12"


async def test_commitments_explain_themselves_as_of_a_day_and_as_known_at_an_instant(department: Department) -> None:
    budget = await department.budget("1000.00")
    order = await department.order(described("Drill", "5", "20.00", budget_line=budget))
    between = datetime.now(UTC)
    await department.received(order, "2")
    now = await department.ask("GetCommitments", budget_line=UUID(budget), explain=True)
    assert (now["encumbered"], now["total"], len(now["rows"])) == ("60.00", "60.00", 1)
    assert [movement["amount"] for movement in now["rows"][0]["explain"]] == ["100.00", "-40.00"]
    assert amounts(now["rows"][0]["explain"]) == Decimal(now["total"])
    then = await department.ask("GetCommitments", budget_line=UUID(budget), known_at=between)
    assert then["total"] == "100.00"
    before = await department.ask("GetCommitments", budget_line=UUID(budget), as_of=date(TODAY.year - 1, 12, 31))
    assert before["total"] == "0.00"


async def test_an_approval_costs_at_most_eight_round_trips(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = await department.budget("1000.00")
    asked = await department.requisition(described("Workbench", "10", "10.00", budget_line=budget))
    line = {"requisition_line": asked["lines"][0]["id"], "unit_price": "11.00"}
    await department.order({**line, "quantity": "1"})  # configuration and statements are warm
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [{**line, "quantity": "2"}]},
    )
    await department.run("procurement.purchase_order.submit", id=drafted["id"])
    trips = await counted(department.tenant, monkeypatch)
    await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna")
    assert [trips[0][:5], trips[-1]] == ["BEGIN", "COMMIT"]
    assert len(trips) <= 8, trips


async def counted(tenant: TenantDatabase, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements sent from now on, a word or two of each."""
    trips: list[str] = []
    async with tenant.connection() as connection:
        kind = type(connection)
    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        original = getattr(kind, name)

        def watched(self: Any, query: str, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            trips.append(" ".join(query.split())[:60])
            return _original(self, query, *args, **kwargs)

        monkeypatch.setattr(kind, name, watched)
    return trips


async def test_a_line_that_names_a_present_one_stays_what_it_was(department: Department) -> None:
    item = await department.item("KEEP", unit="MTR")
    asked = await department.requisition({"item": item, "quantity": "10", "unit": "MTR"})
    need = asked["lines"][0]["id"]
    order = await department.order({"requisition_line": need, "quantity": "4", "unit_price": "2.00"})
    amended = await amend(department, order, {"id": order["lines"][0]["id"], "quantity": "9", "unit_price": "2.00"})
    line = amended["lines"][0]
    assert (line["item_sku"], line["unit"], line["requisition_line"], line["net_amount"]) == (
        "KEEP",
        "MTR",
        need,
        "18.00",
    )
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    assert (await department.document(asked["id"]))["lines"][0]["quantity_ordered"] == "9"


async def test_what_one_line_of_an_amendment_gives_back_another_may_take(department: Department) -> None:
    asked = await department.requisition(described("Cable", "10", "2.00"))
    need = asked["lines"][0]["id"]
    line = {"requisition_line": need, "unit_price": "2.00"}
    order = await department.order({**line, "quantity": "4"}, {**line, "quantity": "6"})
    first, second = (shown["id"] for shown in order["lines"])
    await amend(department, order, {"id": first, **line, "quantity": "7"}, {"id": second, **line, "quantity": "3"})
    await department.run("procurement.purchase_order.approve", id=order["id"], by="anna")
    shown = await department.document(asked["id"], explain=True)
    assert shown["lines"][0]["quantity_ordered"] == "10"
    rows = shown["explain"]["/lines/0/quantity_ordered"]["rows"]
    assert sorted(row["amount"] for row in rows) == ["-3", "3", "4", "6"]


async def test_a_company_may_want_a_budget_for_every_line(department: Department) -> None:
    drafted = await department.run(
        "procurement.purchase_order.create",
        {"supplier": await department.supplier(), "lines": [described("Drill", "5", "20.00")]},
    )
    await department.policies(lines_without_budget=False)
    try:
        with pytest.raises(BudgetLineMissing) as refusal:
            await department.approved("purchase_order", drafted)
        assert [str(line) for line in refusal.value.details["lines"]] == [drafted["lines"][0]["id"]]  # type: ignore[attr-defined]
    finally:
        await department.policies(lines_without_budget=True)
    approved = await department.run("procurement.purchase_order.approve", id=drafted["id"], by="anna")
    assert approved["phase"] == "active"
