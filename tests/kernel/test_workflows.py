"""Which workflow definitions are taken, and what is said of the others."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.postgres.platform.standard import WORKFLOWS
from bizcore.documents import Workflow
from bizcore.errors import ValidationFailed
from tests.kernel.papers import PROMISE, workflow


@pytest.mark.parametrize("document_type", sorted(WORKFLOWS))
def test_every_shipped_workflow_is_read(document_type: str) -> None:
    parsed = workflow(WORKFLOWS[document_type])
    assert parsed.initial == "draft"
    assert {way.action for way in parsed.transitions} == {
        way["action"] for way in WORKFLOWS[document_type]["transitions"]
    }


@pytest.mark.parametrize(
    ("amount", "people"), [("0", 1), ("9999.99", 1), ("10000", 2), ("-9999.99", 1), ("-10000", 2), ("1E+15", 2)]
)
def test_the_highest_band_that_the_amount_reaches_says_how_many_approve(amount: str, people: int) -> None:
    way = workflow().transition("approve", "review")
    assert way is not None
    assert way.approvals_needed(Decimal(amount)) == people


def _with(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(definition: dict[str, Any]) -> None:
        *way, last = path.strip("/").split("/")
        place: Any = definition
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        if value is ...:
            del place[last]
        else:
            place[int(last) if last.isdigit() else last] = value

    return change


REFUSED: list[tuple[Callable[[dict[str, Any]], None], str, str]] = [
    (_with("/states", ...), "/states", "REQUIRED"),
    (_with("/states", []), "/states", "REQUIRED"),
    (_with("/initial", ...), "/initial", "REQUIRED"),
    (_with("/transitions", ...), "/transitions", "REQUIRED"),
    (_with("/states/1/phase", "limbo"), "/states/1/phase", "UNKNOWN_PHASE"),
    (_with("/states/1/code", ...), "/states/1/code", "REQUIRED"),
    (_with("/states/1/name", 7), "/states/1/name", "REQUIRED"),
    (_with("/states/1/code", "draft"), "/states/1/code", "DUPLICATE"),
    (_with("/states/1", "review"), "/states/1", "REQUIRED"),
    (_with("/initial", "review"), "/initial", "UNKNOWN_STATE"),
    (_with("/initial", "nowhere"), "/initial", "UNKNOWN_STATE"),
    (_with("/transitions/0/to", "nowhere"), "/transitions/0", "UNKNOWN_STATE"),
    (_with("/transitions/0/from", ["nowhere"]), "/transitions/0", "UNKNOWN_STATE"),
    (_with("/transitions/0/from", []), "/transitions/0/from", "REQUIRED"),
    (_with("/transitions/0/from", "draft"), "/transitions/0/from", "REQUIRED"),
    (_with("/transitions/0/action", ...), "/transitions/0/action", "REQUIRED"),
    (_with("/transitions/0/to", "done"), "/transitions/0", "PHASE_OUT_OF_ORDER"),
    (_with("/transitions/5/from", ["void"]), "/transitions/5", "PHASE_OUT_OF_ORDER"),
    (_with("/transitions/4/action", "cancel"), "/transitions/4", "AMBIGUOUS"),
    (_with("/transitions/1/bands", ...), "/transitions/1", "BANDS_ARE_APPROVALS"),
    (_with("/transitions/1/action", "release"), "/transitions/1", "BANDS_ARE_APPROVALS"),
    (_with("/transitions/1/bands/0/from_amount", "1"), "/transitions/1/bands", "BANDS_START_AT_ZERO"),
    (_with("/transitions/1/bands", []), "/transitions/1/bands", "BANDS_START_AT_ZERO"),
    (_with("/transitions/1/bands/1/from_amount", "10,000"), "/transitions/1/bands/1/from_amount", "NOT_A_DECIMAL"),
    (_with("/transitions/1/bands/1/from_amount", 0.5), "/transitions/1/bands/1/from_amount", "NOT_A_DECIMAL"),
    (_with("/transitions/1/bands/1/approvals", 0), "/transitions/1/bands/1/approvals", "OUT_OF_RANGE"),
    (_with("/transitions/1/bands/1/approvals", "2"), "/transitions/1/bands/1/approvals", "OUT_OF_RANGE"),
    (_with("/transitions/1/bands/1/approvals", True), "/transitions/1/bands/1/approvals", "OUT_OF_RANGE"),
]


@pytest.mark.parametrize(("change", "path", "code"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_a_definition_that_does_not_fit_is_refused_at_its_place(
    change: Callable[[dict[str, Any]], None], path: str, code: str
) -> None:
    definition = copy.deepcopy(dict(PROMISE))
    change(definition)
    with pytest.raises(ValidationFailed) as refusal:
        workflow(definition)
    assert [(problem.path, problem.code) for problem in refusal.value.fields] == [(path, code)]


def test_a_guard_that_reads_what_no_document_has_is_refused_at_its_place() -> None:
    definition = copy.deepcopy(dict(PROMISE))
    definition["transitions"][0]["guard"] = {"==": [{"var": "supplier_mood"}, "good"]}
    with pytest.raises(ValidationFailed) as refusal:
        workflow(definition)
    (problem,) = refusal.value.fields
    assert problem.path.startswith("/transitions/0/guard")
    assert problem.given == "supplier_mood"


def test_a_transition_is_found_by_action_and_state() -> None:
    parsed: Workflow = workflow()
    cancel = parsed.transition("cancel", "review")
    assert cancel is not None
    assert (cancel.target, cancel.reason) == ("void", True)
    assert parsed.transition("cancel", "done") is None
    assert parsed.transition("paint", "draft") is None
