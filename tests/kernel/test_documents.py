"""What a document decides, whatever its type."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from bizcore.documents import Phase, availabilities
from bizcore.documents.commands import guard_facts
from bizcore.documents.document import Document, GuardNotMet
from bizcore.errors import BusinessError, SeparationOfDuties, ValidationFailed, VersionConflict, WrongPhase
from tests.kernel.papers import AT, PROMISE, change, draft, next_command, person, take

ALICE, BOB, CAROL, DAVE = (person(name) for name in ("Alice", "Bob", "Carol", "Dave"))


def submitted(total: int = 100_00) -> Document:
    document = draft(ALICE, total=total)
    take(document, "submit", ALICE)
    return document


def standing(document: Document) -> tuple[str, int, int, int]:
    return document.state, document.version, document.entry_no, len(document.steps)


def refused(document: Document, action: str, actor: Any, reason: str | None = None) -> BusinessError:
    """The refusal of `action`, which left the document as it was."""
    next_command(document)
    before = standing(document)
    with pytest.raises(BusinessError) as refusal:
        document.decide(action, actor, AT, reason, guard_facts(document))
    assert standing(document) == before
    return refusal.value


def test_a_new_document_is_a_draft_with_one_step_one_version_and_one_entry() -> None:
    document = draft(ALICE)
    assert (document.phase, document.version, document.entry_no, document.round) == (Phase.DRAFT, 1, 1, 0)
    (step,) = document.steps
    assert (step.action, step.from_state, step.from_phase, step.to_state, step.happened) == (
        "create", None, None, "draft", "created",
    )  # fmt: skip


def test_below_ten_thousand_one_colleague_approves() -> None:
    document = submitted(9_999_99)
    assert document.round == 1
    take(document, "approve", BOB)
    assert (document.phase, document.version, document.entry_no) == (Phase.ACTIVE, 3, 3)
    assert [step.happened for step in document.steps] == ["created", "submitted", "activated"]


def test_from_ten_thousand_on_two_different_colleagues_approve() -> None:
    document = submitted(10_000_00)
    take(document, "approve", BOB)
    assert (document.phase, document.steps[-1].happened) == (Phase.REVIEW, "approved")
    twice = refused(document, "approve", BOB)
    assert (type(twice), twice.details) == (SeparationOfDuties, {"rule": "approved_once"})
    take(document, "approve", CAROL)
    assert (document.phase, document.steps[-1].happened) == (Phase.ACTIVE, "activated")


def test_the_size_of_a_negative_amount_counts_for_its_approvals() -> None:
    document = submitted(-10_000_00)
    assert document.decide("approve", BOB, AT, None, {}).to_phase is Phase.REVIEW
    assert refused(document, "approve", ALICE).code == "SEPARATION_OF_DUTIES"


def test_a_paper_without_a_draft_is_active_by_its_creation() -> None:
    document = draft(ALICE)
    document.begin_active()
    assert document.phase is Phase.ACTIVE
    (step,) = document.steps
    assert document.new_step is step
    assert (step.action, step.from_phase, step.to_phase, step.happened) == ("create", None, Phase.ACTIVE, "activated")


def test_what_had_a_draft_does_not_begin_active() -> None:
    document = draft(ALICE)
    change(document, ALICE)
    with pytest.raises(ValueError, match="creation"):
        document.begin_active()


def test_nobody_approves_what_they_created_submitted_or_changed() -> None:
    document = draft(ALICE)
    change(document, BOB)
    take(document, "submit", CAROL)
    for contributor in (ALICE, BOB, CAROL):
        refusal = refused(document, "approve", contributor)
        assert (type(refusal), refusal.details) == (SeparationOfDuties, {"rule": "contributor"})
    take(document, "approve", DAVE)
    assert document.phase is Phase.ACTIVE


def test_a_contributor_of_an_earlier_round_still_may_not_approve() -> None:
    document = draft(ALICE)
    change(document, BOB)
    take(document, "submit", ALICE)
    take(document, "reject", CAROL, "Which cost centre?")
    take(document, "submit", ALICE)
    assert document.round == 2
    assert refused(document, "approve", BOB).details == {"rule": "contributor"}


def test_who_amends_an_active_document_may_not_approve_the_amendment() -> None:
    document = submitted()
    take(document, "approve", BOB)
    next_command(document)
    step = document.record_change("amend", CAROL.id, AT, "Price rose", state=document.review_state().code)
    assert (document.phase, document.round, step.happened) == (Phase.REVIEW, 2, "amended")
    assert refused(document, "approve", CAROL).details == {"rule": "contributor"}
    take(document, "approve", BOB)  # a new round: what was approved then is not what stands here now
    assert document.phase is Phase.ACTIVE


def test_approvals_count_within_one_round_only() -> None:
    document = submitted(20_000_00)
    take(document, "approve", BOB)
    take(document, "reject", CAROL, "Too expensive")
    assert (document.phase, document.steps[-1].happened) == (Phase.DRAFT, "returned")
    take(document, "submit", ALICE)
    assert document.approvals(document.workflow.transition("approve", "review")) == (0, 2)
    take(document, "approve", BOB)
    assert document.phase is Phase.REVIEW
    take(document, "approve", CAROL)
    assert document.phase is Phase.ACTIVE


def test_a_change_after_an_approval_takes_the_approval_back() -> None:
    definition = copy.deepcopy(dict(PROMISE))
    for way in definition["transitions"]:
        if way["action"] == "approve":
            way |= {"from": ["draft"], "bands": [{"from_amount": "0", "approvals": 2}]}
    document = draft(ALICE, definition=definition)
    take(document, "approve", BOB)
    change(document, ALICE)
    take(document, "approve", CAROL)
    assert document.phase is Phase.DRAFT
    take(document, "approve", BOB)
    assert document.phase is Phase.ACTIVE


@pytest.mark.parametrize("reason", [None, "", "  \t"])
def test_a_transition_that_needs_a_reason_refuses_none(reason: str | None) -> None:
    refusal = refused(submitted(), "reject", BOB, reason)
    assert isinstance(refusal, ValidationFailed)
    assert [(problem.path, problem.code) for problem in refusal.fields] == [("/reason", "REQUIRED")]


def test_an_action_out_of_its_state_says_where_it_is_possible() -> None:
    refusal = refused(draft(ALICE), "close", BOB, "done")
    assert isinstance(refusal, WrongPhase)
    assert refusal.details == {"phase": Phase.DRAFT, "allowed": ["active"]}


def test_an_action_that_no_workflow_knows_is_refused() -> None:
    assert refused(draft(ALICE), "explode", BOB).details == {"phase": Phase.DRAFT, "allowed": []}


def test_a_guard_that_does_not_hold_refuses_and_one_that_holds_lets_pass() -> None:
    definition = copy.deepcopy(dict(PROMISE))
    definition["transitions"][0]["guard"] = {">=": [{"var": "total_company"}, "50.00"]}
    refusal = refused(draft(ALICE, total=49_99, definition=definition), "submit", ALICE)
    assert (type(refusal), refusal.details) == (GuardNotMet, {"action": "submit"})
    document = draft(ALICE, total=50_00, definition=definition)
    take(document, "submit", ALICE)
    assert document.phase is Phase.REVIEW


def test_the_version_and_the_entry_move_once_a_command_however_much_changes() -> None:
    document = draft(ALICE)
    next_command(document)
    document.changed(ALICE.id, AT)
    document.noted()
    document.record_change("change", ALICE.id, AT)
    document.changed(ALICE.id, AT)
    assert (document.version, document.entry_no) == (2, 2)


def test_a_comment_moves_the_entry_and_not_the_version() -> None:
    document = draft(ALICE)
    next_command(document)
    assert not document.touched
    document.noted()
    document.noted()
    assert (document.version, document.entry_no, document.touched) == (1, 2, True)


def test_a_second_step_in_one_command_is_our_bug_and_changes_nothing() -> None:
    document = draft(ALICE)
    before = standing(document)
    with pytest.raises(ValueError, match="one step"):
        document.apply(document.decide("submit", ALICE, AT, None, {}))
    assert standing(document) == before


def test_an_older_version_is_refused_and_none_is_not_compared() -> None:
    document = submitted()
    document.expect(2)
    document.expect(None)
    with pytest.raises(VersionConflict) as refusal:
        document.expect(1)
    assert refusal.value.details == {"given": 1, "current": 2}


def test_a_change_of_content_is_for_drafts() -> None:
    with pytest.raises(WrongPhase) as refusal:
        submitted().require(Phase.DRAFT, doing="changed")
    assert refusal.value.details == {"phase": Phase.REVIEW, "allowed": (Phase.DRAFT,)}


def test_a_closed_document_that_opens_again_says_reopened() -> None:
    document = submitted()
    take(document, "approve", BOB)
    take(document, "close", ALICE, "All received")
    take(document, "reopen", ALICE, "A late delivery")
    assert [step.happened for step in document.steps[-3:]] == ["activated", "closed", "reopened"]
    assert document.phase is Phase.ACTIVE


def test_an_amendment_needs_a_workflow_with_a_review() -> None:
    definition = {
        "initial": "draft",
        "states": [{"code": c, "name": c, "phase": c} for c in ("draft", "active")],
        "transitions": [{"action": "post", "from": ["draft"], "to": "active"}],
    }
    document = draft(ALICE, definition=definition)
    with pytest.raises(WrongPhase, match="no review"):
        document.review_state()


def test_each_action_is_shown_open_or_with_what_closes_it() -> None:
    document = submitted(10_000_00)
    actions = [(code, code.title(), f"procurement.requisition.{code}") for code in ("submit", "approve", "reject")]
    found = availabilities(document, ALICE, actions, lambda permission: "reject" not in permission, {})
    assert [(a.action, a.allowed, a.code, a.needs_reason, a.approvals_given, a.approvals_needed) for a in found] == [
        ("submit", False, "WRONG_PHASE", False, 0, 0),
        ("approve", False, "SEPARATION_OF_DUTIES", False, 0, 2),
        ("reject", False, "PERMISSION_DENIED", True, 0, 0),
    ]
    (approve,) = availabilities(document, BOB, actions[1:2], lambda permission: True, {})
    assert approve == replace(approve, allowed=True, code=None, reason=None)
