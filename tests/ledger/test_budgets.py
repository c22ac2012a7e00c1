"""Budgets on PostgreSQL: approval, what they allow, and what is taken of them."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from bizcore.errors import SeparationOfDuties, UnknownReference, ValidationFailed, WrongPhase
from contexts.ledger import facts
from contexts.ledger.errors import BudgetExceeded
from tests.ledger.support import YEAR, Books, Told, sums


def draft(**changes: object) -> dict[str, object]:
    lines = [{"code": "IT", "amount": "1000.00"}, {"code": "OPS", "amounts": {f"{YEAR}-02": "10.00"}}]
    return {"name": "Plan", "fiscal_year": str(YEAR), "control": "stop", "lines": lines, **changes}


async def line_of(books: Books, approver: Books, amount: str = "1000.00", control: str = "stop") -> UUID:
    budget = await books.budget([{"code": "LINE", "amount": amount}], approver=approver, control=control)
    return UUID(budget["lines"][0]["id"])


async def standing(books: Books, line: UUID) -> tuple[str, ...]:
    rows = (await books.ask("GetBudgetVersusActual"))["rows"]
    row = next(row for row in rows if row["budget_line"] == str(line))
    return tuple(row[name] for name in ("budgeted", "pre_encumbered", "encumbered", "actual", "remaining"))


async def test_a_draft_allows_nothing_yet(books: Books) -> None:
    drafted = await books.run("ledger.budget.create", draft())
    assert (drafted["phase"], drafted["total"], drafted["fiscal_year_name"]) == ("draft", "1010.00", str(YEAR))
    first, second = drafted["lines"]
    assert (first["amount"], first["budgeted"], first["remaining"]) == ("1000.00", "0.00", "0.00")
    assert first["amounts"][f"{YEAR}-01"] == "83.34"
    assert first["amounts"][f"{YEAR}-12"] == "83.33"
    assert second["amounts"] == {f"{YEAR}-02": "10.00"}


async def test_whoever_drafted_it_does_not_approve_it(books: Books, approver: Books) -> None:
    drafted = await books.run("ledger.budget.create", draft())
    with pytest.raises(SeparationOfDuties):
        await books.run("ledger.budget.approve", id=UUID(drafted["id"]))
    assert (await books.document(drafted["id"]))["phase"] == "draft"
    approved = await approver.run("ledger.budget.approve", id=UUID(drafted["id"]))
    assert (approved["phase"], approved["lines"][0]["budgeted"], approved["lines"][0]["remaining"]) == (
        "active",
        "1000.00",
        "1000.00",
    )
    months = await books.fetch(
        """SELECT e.effective_on, sum(p.company_amount_minor)::int AS minor FROM ledger.entry e
           JOIN ledger.posting p ON p.entry_id = e.id WHERE e.document_id = $1 AND p.role = 'budget'
           GROUP BY 1 ORDER BY 1""",
        UUID(drafted["id"]),
    )
    assert [row["minor"] for row in months] == [83_34, 93_34, 83_34, 83_34] + [83_33] * 8


async def test_a_draft_is_changed_line_by_line(books: Books) -> None:
    drafted = await books.run("ledger.budget.create", draft())
    kept = drafted["lines"][1]["id"]
    changed = await books.run(
        "ledger.budget.update",
        {"name": "Plan B", "lines": [{"code": "HR", "amount": "5.00"}, {"id": kept, "code": "OPS", "amount": "24.00"}]},
        id=UUID(drafted["id"]),
        version=drafted["version"],
    )
    assert (changed["name"], changed["total"], changed["version"]) == ("Plan B", "29.00", 2)
    assert [(line["code"], line["amount"]) for line in changed["lines"]] == [("HR", "5.00"), ("OPS", "24.00")]
    assert changed["lines"][1]["id"] == kept


async def test_an_approved_budget_is_not_changed(books: Books, approver: Books) -> None:
    approved = await books.budget([{"code": "X", "amount": "1.00"}], approver=approver)
    with pytest.raises(WrongPhase):
        await books.run("ledger.budget.update", {"name": "Later"}, id=UUID(approved["id"]), version=2)


@pytest.mark.parametrize(
    ("lines", "path", "code"),
    [
        ([{"code": "A"}], "/lines/0", "AMOUNT_OR_AMOUNTS"),
        ([{"code": "A", "amount": "1"}, {"code": "A", "amount": "1"}], "/lines/1/code", "NOT_UNIQUE"),
        ([{"code": "A", "amount": "1.001"}], "/lines/0/amount", "VALUE_TOO_PRECISE"),
        ([{"code": "A", "amounts": {"1999-01": "1"}}], "/lines/0/amounts/1999-01", "UNKNOWN_PERIOD"),
        (
            [{"code": "A", "amounts": {f"{YEAR}-01": "9", f"{YEAR}-02": "-5.00"}}],
            f"/lines/0/amounts/{YEAR}-02",
            "VALUE_OUT_OF_RANGE",
        ),
    ],
)
async def test_a_wrong_line_is_named(books: Books, lines: list[object], path: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.budget.create", draft(lines=lines))
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [(path, code)]


async def test_an_unknown_year_is_refused_and_a_number_is_a_year_too(books: Books) -> None:
    with pytest.raises(UnknownReference):
        await books.run("ledger.budget.create", draft(fiscal_year=1999))
    assert (await books.run("ledger.budget.create", draft(fiscal_year=YEAR)))["fiscal_year_name"] == str(YEAR)


async def test_from_request_to_receipt_the_budget_shrinks_as_it_should(books: Books, approver: Books) -> None:
    line = await line_of(books, approver)
    assert await standing(books, line) == ("1000.00", "0.00", "0.00", "0.00", "1000.00")
    await books.tell(Told(facts.REQUISITION_REQUESTED, 400_00, budget_line_id=line))
    assert await standing(books, line) == ("1000.00", "400.00", "0.00", "0.00", "600.00")
    await books.tell(
        Told(facts.REQUISITION_RELIEVED, 400_00, budget_line_id=line),
        Told(facts.ORDER_ORDERED, 420_00, budget_line_id=line),
        hold=False,
    )
    assert await standing(books, line) == ("1000.00", "0.00", "420.00", "0.00", "580.00")
    await books.tell(
        Told(facts.ORDER_RELIEVED, 210_00, budget_line_id=line),
        Told(facts.GOODS_RECEIVED, 210_00, budget_line_id=line),
        hold=False,
    )
    assert await standing(books, line) == ("1000.00", "0.00", "210.00", "210.00", "580.00")


async def test_beyond_the_budget_nothing_happens(books: Books, approver: Books) -> None:
    line = await line_of(books, approver, "100.00")
    before = await books.value("SELECT count(*) FROM ledger.fact")
    with pytest.raises(BudgetExceeded) as refused:
        await books.tell(Told(facts.ORDER_ORDERED, 100_01, budget_line_id=line))
    assert (refused.value.details["requested"], refused.value.details["available"]) == ("100.01", "100.00")
    assert await books.value("SELECT count(*) FROM ledger.fact") == before
    await books.tell(Told(facts.ORDER_ORDERED, 100_00, budget_line_id=line))


async def test_a_line_of_a_draft_allows_nothing(books: Books) -> None:
    drafted = await books.run("ledger.budget.create", draft())
    with pytest.raises(BudgetExceeded) as refused:
        await books.tell(Told(facts.ORDER_ORDERED, 1, budget_line_id=UUID(drafted["lines"][0]["id"])))
    assert refused.value.details["available"] == "0.00"


@pytest.mark.parametrize("control", ["warn", "none"])
async def test_without_stop_the_line_may_be_overdrawn(books: Books, approver: Books, control: str) -> None:
    line = await line_of(books, approver, "100.00", control)
    await books.tell(Told(facts.ORDER_ORDERED, 150_00, budget_line_id=line))
    assert await standing(books, line) == ("100.00", "0.00", "150.00", "0.00", "-50.00")


async def test_a_dry_run_shows_what_it_would_take(books: Books, approver: Books) -> None:
    line = await line_of(books, approver)
    shown = await books.tell(Told(facts.ORDER_ORDERED, 42_00, budget_line_id=line), dry_run=True)
    assert shown["effects"]["budget"] == [{"budget_line": str(line), "encumbered": "42.00"}]
    assert await standing(books, line) == ("1000.00", "0.00", "0.00", "0.00", "1000.00")


async def test_every_number_of_a_line_is_explained_by_rows_that_add_up(books: Books, approver: Books) -> None:
    budget = await books.budget([{"code": "EXPLAINED", "amount": "1000.00"}], approver=approver)
    line = UUID(budget["lines"][0]["id"])
    await books.tell(Told(facts.REQUISITION_REQUESTED, 30_00, budget_line_id=line))
    await books.tell(Told(facts.ORDER_ORDERED, 20_00, budget_line_id=line))
    await books.tell(Told(facts.GOODS_RECEIVED, 10_00, budget_line_id=line))
    shown = (await books.document(budget["id"]))["lines"][0]
    explained = await books.explain(budget["id"])
    expected = {"budgeted": 12, "pre_encumbered": 1, "encumbered": 1, "actual": 1, "remaining": 15}
    for member, rows in expected.items():
        explanation = explained[f"/lines/0/{member}"]
        assert explanation["value"] == shown[member]
        assert sums(explanation["rows"]) == Decimal(shown[member])
        assert len(explanation["rows"]) == rows
    assert shown["remaining"] == "940.00"
    (row,) = (await books.ask("GetBudgetVersusActual", budget=UUID(budget["id"]), explain=True))["rows"]
    for member, rows in expected.items():
        explanation = row["explain"][member]
        assert sums(explanation["rows"]) == Decimal(explanation["value"]) == Decimal(row[member])
        assert (row[member], len(explanation["rows"])) == (shown[member], rows)


async def test_a_budget_of_nothing_is_in_the_report_from_its_approval_on(books: Books, approver: Books) -> None:
    """It allows nothing and stops whoever would spend, so whoever asks why must find it."""
    drafted = await books.run("ledger.budget.create", draft(lines=[{"code": "NOTHING", "amount": "0"}]))
    before = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await approver.run("ledger.budget.approve", id=UUID(drafted["id"]))
    report = await books.ask("GetBudgetVersusActual", budget=UUID(drafted["id"]), explain=True)
    assert [(row["code"], row["budgeted"], row["remaining"]) for row in report["rows"]] == [("NOTHING", "0.00", "0.00")]
    assert report["rows"][0]["explain"]["remaining"] == {"value": "0.00", "rows": []}
    assert (await books.ask("GetBudgetVersusActual", budget=UUID(drafted["id"]), known_at=before))["rows"] == []


async def test_a_line_is_read_as_of_a_day_and_as_known_at_an_instant(books: Books, approver: Books) -> None:
    budget = await books.budget([{"code": "TIME", "amount": "1000.00"}], approver=approver)
    line = UUID(budget["lines"][0]["id"])
    await books.tell(Told(facts.GOODS_RECEIVED, 10_00, budget_line_id=line), on=date(YEAR, 2, 1))
    between = datetime.now(UTC)
    await asyncio.sleep(0.01)
    await books.tell(Told(facts.GOODS_RECEIVED, 5_00, budget_line_id=line), on=date(YEAR, 1, 1))

    async def actual(**times: object) -> str:
        return str((await books.document(budget["id"], **times))["lines"][0]["actual"])

    assert await actual() == "15.00"
    assert await actual(as_of=date(YEAR, 1, 31)) == "5.00"
    assert await actual(known_at=between) == "10.00"
    assert await actual(as_of=date(YEAR, 1, 31), known_at=between) == "0.00"
    report = await books.ask("GetBudgetVersusActual", budget=UUID(budget["id"]), known_at=between)
    assert [row["actual"] for row in report["rows"]] == ["10.00"]


async def test_a_budget_may_be_decided_after_its_first_month_was_closed(books: Books, approver: Books) -> None:
    period = await books.period(1)
    await books.run("ledger.period.close", {"reason": "Month end"}, id=UUID(period["id"]))
    line = await line_of(books, approver, "120.00")
    assert await standing(books, line) == ("120.00", "0.00", "0.00", "0.00", "120.00")
