"""What a requisition holds of its budget, and what orders take up of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bizcore.documents import Phase
from bizcore.errors import WrongPhase
from bizcore.ids import new_id
from contexts.procurement.domain.requisition import Need, Requisition, RequisitionLine
from contexts.procurement.errors import BelowOrdered, RequisitionOverOrdered
from tests.contexts.procurement.support import IN_EUR, euros


def line(quantity: str, unit_price: str | None) -> RequisitionLine:
    price = Decimal(unit_price) if unit_price is not None else None
    return RequisitionLine(id=new_id(), quantity=Decimal(quantity), unit="EA", description="Drill", unit_price=price)


def need(of: RequisitionLine, *, phase: Phase = Phase.ACTIVE, ordered: str = "0") -> Need:
    return Need(
        line=of,
        requisition_id=new_id(),
        requisition_number="PR-2026-00001",
        company_id=new_id(),
        phase=phase,
        requested_on=date(2026, 3, 2),
        terms=IN_EUR,
        quantity_ordered=Decimal(ordered),
    )


class Header:
    """As much of a document as totals need."""

    total: Any = None
    total_company: Any = None


def requisition(*lines: RequisitionLine) -> Requisition:
    return Requisition(Header(), IN_EUR, None, list(lines))  # type: ignore[arg-type]


def test_what_orders_take_up_is_held_no_more() -> None:
    asked = line("3", "3.335")
    assert asked.net(IN_EUR) == euros(1001)
    held = [asked.pre_encumbrance(IN_EUR, ordered=Decimal(ordered)) for ordered in ("0", "1", "2", "3")]
    assert held == [euros(1001), euros(667), euros(334), euros(0)]


def test_a_line_without_a_price_holds_nothing() -> None:
    assert line("3", None).pre_encumbrance(IN_EUR, ordered=Decimal(1)) == euros(0)


def test_orders_take_up_no_more_than_was_asked_for() -> None:
    asked = need(line("10", "1.00"), ordered="6")
    asked.refuse_taking(Decimal(4))
    with pytest.raises(RequisitionOverOrdered) as refusal:
        asked.refuse_taking(Decimal("4.01"))
    assert refusal.value.details["available"] == "4"
    assert asked.take(Decimal(4)).pre_encumbrance == euros(0)


def test_orders_take_up_approved_requisitions_only() -> None:
    with pytest.raises(WrongPhase):
        need(line("10", "1.00"), phase=Phase.REVIEW).refuse_taking(Decimal(1))


def test_an_amendment_keeps_what_it_leaves_out_at_nothing() -> None:
    first, second = line("2", "10.00"), line("1", "5.00")
    paper = requisition(first, second)
    paper.rewrite([second], ordered={}, binding=True)
    assert [(kept.id, kept.quantity) for kept in paper.lines] == [(second.id, Decimal(1)), (first.id, Decimal(0))]
    assert paper.document.total.minor == 500


def test_a_draft_simply_loses_what_it_leaves_out() -> None:
    first, second = line("2", "10.00"), line("1", "5.00")
    paper = requisition(first, second)
    paper.rewrite([second], ordered={}, binding=False)
    assert [kept.id for kept in paper.lines] == [second.id]


def test_a_line_does_not_shrink_below_what_was_ordered() -> None:
    first = line("5", "10.00")
    paper = requisition(first)
    smaller = RequisitionLine(id=first.id, quantity=Decimal(2), unit="EA", description="Drill")
    with pytest.raises(BelowOrdered) as refusal:
        paper.rewrite([smaller], ordered={first.id: Decimal(3)}, binding=True)
    assert (refusal.value.details["ordered"], refusal.value.details["requested"]) == ("3", "2")
    assert paper.lines == [first]
