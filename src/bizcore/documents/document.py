"""The document: what every business paper is, whatever its type. It decides and records; its type's effects act."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from bizcore.access import Principal
from bizcore.documents.phase import Phase
from bizcore.documents.workflow import APPROVE, State, Transition, Workflow
from bizcore.errors import (
    BusinessError,
    PermissionDenied,
    SeparationOfDuties,
    ValidationFailed,
    VersionConflict,
    WrongPhase,
)
from bizcore.values import Money

# Whoever took one of these steps made the document what it is, and so may not approve it.
CONTRIBUTIONS = frozenset({"create", "change", "submit", "amend"})


class GuardNotMet(BusinessError):
    """A rule of the workflow does not hold for the document as it stands."""

    code = "GUARD_NOT_MET"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to a document once, by whom. The phase is the fold of the steps."""

    action: str
    actor_id: UUID
    at: datetime
    from_state: str | None
    to_state: str
    from_phase: Phase | None
    to_phase: Phase
    round: int
    reason: str | None = None

    @property
    def phase_changed(self) -> bool:
        return self.from_phase is not self.to_phase

    @property
    def happened(self) -> str:
        """The step in the past tense, as events name it."""
        if self.phase_changed:
            if self.to_phase is Phase.DRAFT:
                return "created" if self.from_phase is None else "returned"
            if self.from_phase is Phase.DONE:
                return "reopened"
            if self.action != "amend":
                return _ENTERED[self.to_phase]
        return {"approve": "approved", "amend": "amended"}.get(self.action, "changed")


_ENTERED = {Phase.REVIEW: "submitted", Phase.ACTIVE: "activated", Phase.DONE: "closed", Phase.VOID: "voided"}


@dataclass(frozen=True, slots=True)
class Company:
    id: UUID
    code: str
    name: str
    country: str
    currency: str
    timezone: str


@dataclass(slots=True, eq=False)
class Document:
    """The header of one document. `version` moves with content and state, `entry_no` with every entry of its history.

    `total` is in the document's currency, `total_company` the same in the company's at the document's rate; approval
    bands compare with the latter.
    """

    id: UUID
    type: str
    company: Company
    workflow: Workflow
    currency: str
    document_date: date
    state: str
    created_at: datetime
    created_by: UUID
    updated_at: datetime
    updated_by: UUID
    total: Money
    total_company: Money
    number: str | None = None
    party_id: UUID | None = None
    title: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    version: int = 0
    entry_no: int = 0
    steps: list[Step] = field(default_factory=list)
    new_step: Step | None = None
    _history_moved: bool = False
    _content_moved: bool = False

    @property
    def phase(self) -> Phase:
        return self.workflow.states[self.state].phase

    @property
    def round(self) -> int:
        """How often it was sent to review; approvals count within one round."""
        return self.steps[-1].round if self.steps else 0

    def expect(self, version: int | None) -> None:
        """Refuse a caller who read an older version. Errors: VERSION_CONFLICT."""
        if version is not None and version != self.version:
            raise VersionConflict(given=version, current=self.version)

    def require(self, *phases: Phase, doing: str) -> None:
        """Errors: WRONG_PHASE."""
        if self.phase not in phases:
            raise WrongPhase(
                f"A document that is “{self.workflow.states[self.state].name}” cannot be {doing}.",
                phase=self.phase,
                allowed=phases,
            )

    def decide(
        self, action: str, actor: Principal, at: datetime, reason: str | None, facts: Mapping[str, object]
    ) -> Step:
        """The step that `action` would be; changes nothing.

        `facts` is the document as guards see it. Errors: WRONG_PHASE, GUARD_NOT_MET, SEPARATION_OF_DUTIES, and
        VALIDATION_FAILED for a missing reason.
        """
        transition = self.workflow.transition(action, self.state)
        if transition is None:
            allowed = sorted({s for t in self.workflow.transitions if t.action == action for s in t.sources})
            raise WrongPhase(
                f"Not possible while the document is “{self.workflow.states[self.state].name}”.",
                phase=self.phase,
                allowed=allowed,
            )
        if transition.reason and not (reason and reason.strip()):
            raise ValidationFailed.at("/reason", "REQUIRED", "A reason is needed here.")
        if transition.guard is not None and not transition.guard.holds(facts):
            raise GuardNotMet(f"The workflow does not allow {action} for this document as it stands.", action=action)
        target = transition.target
        needed = transition.approvals_needed(self.total_company.amount)
        if needed:
            self.refuse_approval_by_contributor(actor.id)
            if len(self._approvers()) + 1 < needed:
                target = self.state
        return self._step(
            action,
            actor.id,
            at,
            target,
            reason,
            new_round=self.workflow.states[target].phase is Phase.REVIEW and self.phase is not Phase.REVIEW,
        )

    def refuse_approval_by_contributor(self, actor_id: UUID) -> None:
        """Separation of duties: who made it what it is does not approve it, and nobody twice."""
        if actor_id == self.created_by or any(s.actor_id == actor_id and s.action in CONTRIBUTIONS for s in self.steps):
            raise SeparationOfDuties(
                "Who created, changed or submitted a document may not approve it. Ask a colleague with the approver "
                "role; under Members you can invite one.",
                rule="contributor",
            )
        if actor_id in self._approvers():
            raise SeparationOfDuties("You have approved it already; a second person has to.", rule="approved_once")

    def approvals(self, transition: Transition) -> tuple[int, int]:
        """(given, needed) in this round."""
        return len(self._approvers()), transition.approvals_needed(self.total_company.amount)

    def apply(self, step: Step) -> None:
        if self.new_step is not None:
            raise ValueError("a command takes one step of a document")
        self.changed(step.actor_id, step.at)
        self.new_step = step
        self.steps.append(step)
        self.state = step.to_state

    def record_change(
        self, action: str, actor_id: UUID, at: datetime, reason: str | None = None, state: str | None = None
    ) -> Step:
        """The step of a change of content: create, change, amend. `state` where it also moves (amend to review)."""
        target = state or self.state
        # What was approved was the content as it stood: a new one is approved anew.
        stale = action == "amend" or bool(self._approvers())
        step = self._step(action, actor_id, at, target, reason, new_round=stale)
        self.apply(step)
        return step

    def begin_active(self) -> None:
        """A paper without a draft: its creation, in this command, is the step that makes it active.

        Its type's effects do not run; whoever creates it does what it means.
        """
        created = self.steps[-1]
        if len(self.steps) != 1 or self.new_step is not created:
            raise ValueError("only a document's creation begins it")
        state = self._state_in(Phase.ACTIVE)
        assert state is not None
        self.steps[-1] = self.new_step = replace(created, to_state=state.code, to_phase=state.phase)
        self.state = state.code

    def changed(self, actor_id: UUID, at: datetime) -> None:
        """Content or state moves: the version too, once a command."""
        if not self._content_moved:
            self._content_moved = True
            self.version += 1
            self.updated_at, self.updated_by = at, actor_id
        self.noted()

    def noted(self) -> None:
        """Its history moves: a change, a comment, an attachment. Once a command."""
        if not self._history_moved:
            self._history_moved = True
            self.entry_no += 1

    @property
    def touched(self) -> bool:
        return self._history_moved

    def review_state(self) -> State:
        """The state in which an amended document waits for approval. Errors: WRONG_PHASE."""
        found = self._state_in(Phase.REVIEW)
        if found is None:
            raise WrongPhase("Its workflow has no review to go back to.", phase=self.phase)
        return found

    def _state_in(self, phase: Phase) -> State | None:
        return next((state for state in self.workflow.states.values() if state.phase is phase), None)

    def _approvers(self) -> set[UUID]:
        return {s.actor_id for s in self.steps if s.action == APPROVE and s.round == self.round}

    def _step(
        self, action: str, actor_id: UUID, at: datetime, target: str, reason: str | None, *, new_round: bool
    ) -> Step:
        created = not self.steps and action == "create"
        return Step(
            action=action,
            actor_id=actor_id,
            at=at,
            from_state=None if created else self.state,
            to_state=target,
            from_phase=None if created else self.phase,
            to_phase=self.workflow.states[target].phase,
            round=self.round + new_round,
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an action is open to somebody now, and if not, why and what opens it."""

    action: str
    label: str
    allowed: bool
    reason: str | None = None
    code: str | None = None
    needs_reason: bool = False
    approvals_given: int = 0
    approvals_needed: int = 0


def availabilities(
    document: Document,
    actor: Principal,
    actions: Sequence[tuple[str, str, str]],
    allows: Callable[[str], bool],
    facts: Mapping[str, object],
) -> list[Availability]:
    """Each of the type's `actions` (code, label, permission) as it stands for `actor`."""
    found = []
    for action, label, permission in actions:
        transition = document.workflow.transition(action, document.state)
        given, needed = document.approvals(transition) if transition else (0, 0)
        refusal: BusinessError | None = None
        try:
            document.decide(action, actor, document.updated_at, "-", facts)
        except BusinessError as error:
            refusal = error
        code, why = (None, None) if refusal is None else (refusal.code, refusal.message)
        if not allows(permission):
            code, why = PermissionDenied.code, f"You need the permission {permission}."
        found.append(
            Availability(
                action=action,
                label=label,
                allowed=code is None,
                reason=why,
                code=code,
                needs_reason=transition.reason if transition else False,
                approvals_given=given,
                approvals_needed=needed,
            )
        )
    return found
