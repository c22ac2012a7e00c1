"""Workflow: states, transitions and approvals as data. It decides purely; effects belong to the change of phase."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bizcore.documents.phase import Phase
from bizcore.errors import ValidationFailed
from bizcore.rules import Rule, compile_rule
from bizcore.values.exact import parse_decimal

_DECIMAL = {"type": "string", "format": "decimal"}

# What a guard may read of a document; amounts in major units.
GUARDED = {
    "type": "object",
    "properties": {
        "state": {"type": "string"},
        "phase": {"type": "string"},
        "currency": {"type": "string"},
        "total": _DECIMAL,
        "total_company": _DECIMAL,
        "attributes": {"type": "object"},
    },
}

APPROVE: Final = "approve"
MAX_APPROVALS: Final = 10

# The ways a phase may change, whatever a tenant's states are called; the database holds the same table.
WAYS: Final[Mapping[Phase, tuple[Phase, ...]]] = {
    Phase.DRAFT: (Phase.REVIEW, Phase.ACTIVE, Phase.VOID),
    Phase.REVIEW: (Phase.DRAFT, Phase.ACTIVE, Phase.VOID),
    Phase.ACTIVE: (Phase.REVIEW, Phase.DONE, Phase.VOID),
    Phase.DONE: (Phase.ACTIVE,),
    Phase.VOID: (),
}


@dataclass(frozen=True, slots=True)
class State:
    code: str
    name: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Band:
    """From `amount` (major units of the company currency) on, this many different people approve."""

    amount: Decimal
    approvals: int


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from some states to another. With bands, the last approval that is needed makes the change."""

    action: str
    sources: frozenset[str]
    target: str
    reason: bool = False
    bands: tuple[Band, ...] = ()
    guard: Rule | None = None

    def approvals_needed(self, amount: Decimal) -> int:
        """How many people must approve a document of `amount`, by its size whatever its sign; 0 where the transition is
        no approval."""
        return max((band.approvals for band in self.bands if abs(amount) >= band.amount), default=0)


@dataclass(frozen=True, slots=True)
class Workflow:
    """One version of a workflow; a running document keeps the version it began with."""

    id: UUID
    document_type: str
    version: int
    initial: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]

    def transition(self, action: str, state: str) -> Transition | None:
        return next((t for t in self.transitions if t.action == action and state in t.sources), None)

    @classmethod
    def parse(cls, id: UUID, document_type: str, version: int, definition: Mapping[str, Any]) -> "Workflow":
        """The workflow a definition describes.

        Errors: VALIDATION_FAILED naming the state or transition that does not fit and what would.
        """
        states: dict[str, State] = {}
        for index, given in enumerate(_items(definition, "states", "")):
            state = _state(given, f"/states/{index}")
            if state.code in states:
                raise ValidationFailed.at(f"/states/{index}/code", "DUPLICATE", "Two states have it.", given=state.code)
            states[state.code] = state
        initial = _text(definition, "initial", "")
        if initial not in states or states[initial].phase is not Phase.DRAFT:
            raise ValidationFailed.at(
                "/initial", "UNKNOWN_STATE", "A document begins in a draft state.", given=initial, allowed=list(states)
            )
        transitions: list[Transition] = []
        for index, given in enumerate(_items(definition, "transitions", "")):
            here = f"/transitions/{index}"
            transition = _transition(given, states, here)
            if any(t.action == transition.action and t.sources & transition.sources for t in transitions):
                raise ValidationFailed.at(here, "AMBIGUOUS", "Another transition takes this action from there.")
            transitions.append(transition)
        return cls(id, document_type, version, initial, states, tuple(transitions))


def _state(given: Any, here: str) -> State:
    code, name, phase = (_text(given, part, here) for part in ("code", "name", "phase"))
    phases = [p.value for p in Phase]
    if phase not in phases:
        raise ValidationFailed.at(f"{here}/phase", "UNKNOWN_PHASE", "No such phase.", given=phase, allowed=phases)
    return State(code, name, Phase(phase))


def _transition(given: Any, states: Mapping[str, State], here: str) -> Transition:
    action, target = _text(given, "action", here), _text(given, "to", here)
    sources = _items(given, "from", here)
    for state in (*sources, target):
        if state not in states:
            raise ValidationFailed.at(here, "UNKNOWN_STATE", "No such state.", given=state, allowed=list(states))
    for source in sources:
        before, after = states[source].phase, states[target].phase
        if before is not after and after not in WAYS[before]:
            raise ValidationFailed.at(
                here, "PHASE_OUT_OF_ORDER", f"No way leads from {before} to {after}.", given=after, allowed=WAYS[before]
            )
    if (action == APPROVE) is not ("bands" in given):
        raise ValidationFailed.at(here, "BANDS_ARE_APPROVALS", "Approve has bands, and no other action has.")
    guard = given.get("guard")
    try:
        rule = compile_rule(guard, GUARDED, result="boolean") if guard is not None else None
    except ValidationFailed as refusal:
        raise refusal.within(f"{here}/guard") from None
    return Transition(
        action,
        frozenset(sources),
        target,
        given.get("reason") is True,
        _bands(given, here) if "bands" in given else (),
        rule,
    )


def _bands(given: Mapping[str, Any], here: str) -> tuple[Band, ...]:
    bands = []
    for index, band in enumerate(given["bands"]):
        place = f"{here}/bands/{index}"
        written, approvals = _text(band, "from_amount", place, "NOT_A_DECIMAL"), band.get("approvals")
        try:
            amount = parse_decimal(written)
        except ValidationFailed as refusal:
            raise refusal.within(f"{place}/from_amount") from None
        if type(approvals) is not int or not 1 <= approvals <= MAX_APPROVALS:
            raise ValidationFailed.at(
                f"{place}/approvals",
                "OUT_OF_RANGE",
                "So many people cannot approve.",
                given=approvals,
                allowed=MAX_APPROVALS,
            )
        bands.append(Band(amount, approvals))
    if min((band.amount for band in bands), default=None) != 0:
        raise ValidationFailed.at(f"{here}/bands", "BANDS_START_AT_ZERO", "The lowest band starts at 0.", allowed="0")
    return tuple(bands)


def _text(given: Any, name: str, here: str, code: str = "REQUIRED") -> str:
    value = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(value, str) or not value:
        where = f"{here}/{name}" if isinstance(given, Mapping) else here
        raise ValidationFailed.at(where, code, "A text is needed here.", given=value)
    return value


def _items(given: Any, name: str, here: str) -> Sequence[Any]:
    value = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise ValidationFailed.at(f"{here}/{name}", "REQUIRED", "A list of at least one is needed here.")
    return value
