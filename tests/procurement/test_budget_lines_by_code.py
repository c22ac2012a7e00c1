"""A code names the budget line of the fiscal year in which the document counts, whichever budget is the newest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bizcore.errors import ValidationFailed
from bizcore.ids import new_id
from tests.procurement.support import Department, described

YEAR = datetime.now(UTC).year
THIS, NEXT = date(YEAR, 3, 1), date(YEAR + 1, 3, 1)


async def budget(department: Department, code: str, year: int, *, approve: bool = True) -> str:
    """Of a line with the code; its id."""
    if not await department.value("SELECT count(*) FROM ledger.fiscal_year WHERE name = $1", str(year)):
        await department.run("ledger.fiscal_year.create", {"year": year})
    body = {"name": f"{code} {year}", "fiscal_year": str(year), "lines": [{"code": code, "amount": "1000.00"}]}
    drafted = await department.run("ledger.budget.create", body)
    if approve:
        await department.run("ledger.budget.approve", id=drafted["id"], by="anna")
    return str(drafted["lines"][0]["id"])


def code() -> str:
    return new_id().hex[-8:]


async def taken(department: Department, budget_line: str, *, on: date | None) -> str:
    """The budget line of a requisition of that day."""
    body: dict[str, Any] = {"lines": [described("Desk", "1", "5.00", budget_line=budget_line)]}
    if on is not None:
        body["requested_on"] = str(on)
    return str((await department.run("procurement.requisition.create", body))["lines"][0]["budget_line"])


async def test_the_line_is_that_of_the_documents_year_and_not_the_newest(department: Department) -> None:
    it = code()
    this = await budget(department, it, YEAR)
    following = await budget(department, it, YEAR + 1)
    assert await taken(department, it, on=THIS) == this
    assert await taken(department, it, on=NEXT) == following
    assert await taken(department, it, on=None) == this  # today
    order = {"supplier": await department.supplier(), "order_date": str(NEXT)}
    body = order | {"lines": [described("Desk", "1", "5.00", budget_line=it)]}
    assert (await department.run("procurement.purchase_order.create", body))["lines"][0]["budget_line"] == following


async def test_a_change_goes_by_the_date_that_the_document_has_or_gets(department: Department) -> None:
    it = code()
    this, following = await budget(department, it, YEAR), await budget(department, it, YEAR + 1)
    lines = [described("Desk", "1", "5.00")]
    body = {"supplier": await department.supplier(), "order_date": str(NEXT), "lines": lines}
    order = await department.run("procurement.purchase_order.create", body)

    async def changed(**changes: object) -> Any:
        nonlocal order
        again = changes | {"lines": [described("Desk", "1", "5.00", budget_line=it)]}
        order = await department.run(
            "procurement.purchase_order.update", again, id=order["id"], version=order["version"]
        )
        return order["lines"][0]["budget_line"]

    assert await changed() == following
    assert await changed(order_date=str(THIS)) == this


async def test_a_year_without_it_is_named_with_those_that_have_one(department: Department) -> None:
    it = code()
    await budget(department, it, YEAR)
    await department.run("ledger.fiscal_year.create", {"year": YEAR + 2})
    before = await department.value("SELECT count(*) FROM platform.document")
    with pytest.raises(ValidationFailed) as refused:
        await taken(department, it, on=date(YEAR + 2, 1, 1))
    (problem,) = refused.value.fields
    assert (problem.path, problem.code, problem.given) == ("/lines/0/budget_line", "NOT_IN_FISCAL_YEAR", it)
    assert problem.message == f"No budget of the fiscal year {YEAR + 2} has a line {it}."
    assert problem.allowed == [str(YEAR)]
    with pytest.raises(ValidationFailed) as refused:
        await taken(department, it, on=date(YEAR + 7, 1, 1))
    assert refused.value.fields[0].message == f"No fiscal year covers {YEAR + 7}-01-01."
    with pytest.raises(ValidationFailed) as refused:
        await taken(department, "nowhere", on=THIS)
    assert refused.value.fields[0].code == "UNKNOWN_REFERENCE"
    assert await department.value("SELECT count(*) FROM platform.document") == before


async def test_two_budgets_of_a_year_make_it_ambiguous_and_the_id_decides(department: Department) -> None:
    it = code()
    first, second = await budget(department, it, YEAR), await budget(department, it, YEAR)
    with pytest.raises(ValidationFailed) as refused:
        await taken(department, it, on=THIS)
    (problem,) = refused.value.fields
    assert problem.code == "AMBIGUOUS_REFERENCE"
    assert isinstance(problem.allowed, list)
    assert sorted(problem.allowed) == sorted([first, second])
    assert await taken(department, second, on=THIS) == second


async def test_an_approved_budget_goes_before_a_draft_and_a_cancelled_one_is_none(department: Department) -> None:
    it = code()
    drafted = await budget(department, it, YEAR, approve=False)
    assert await taken(department, it, on=THIS) == drafted
    approved = await budget(department, it, YEAR)
    assert await taken(department, it, on=THIS) == approved
    other = code()
    cancelled = await budget(department, other, YEAR, approve=False)
    document = await department.value("SELECT document_id::text FROM ledger.budget_line WHERE id::text = $1", cancelled)
    await department.run("ledger.budget.cancel", {"reason": "Not now"}, id=document)
    with pytest.raises(ValidationFailed):
        await taken(department, other, on=THIS)
