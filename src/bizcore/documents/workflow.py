"""Workflow: states, transitions and approvals as data. It decides purely; effects belong to the change of phase."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bizcore.documents.phase import Phase
from bizcore.errors import ValidationFailed
from bizcore.rules import Rule, compile_rule

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
        """How many people must approve a document of `amount`; 0 where the transition is no approval."""
        return max((band.approvals for band in self.bands if amount >= band.amount), default=0)


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
        states = {s["code"]: State(s["code"], s["name"], Phase(s["phase"])) for s in definition["states"]}
        if definition["initial"] not in states or states[definition["initial"]].phase is not Phase.DRAFT:
            raise ValidationFailed.at("/initial", "UNKNOWN_STATE", "A document begins in a draft state.", allowed=list(states))
        transitions = []
        for index, given in enumerate(definition["transitions"]):
            for state in (*given["from"], given["to"]):
                if state not in states:
                    raise ValidationFailed.at(
                        f"/transitions/{index}", "UNKNOWN_STATE", "No such state.", given=state, allowed=list(states)
                    )
            bands = tuple(Band(Decimal(b["from_amount"]), b["approvals"]) for b in given.get("bands", ()))
            guard = compile_rule(given["guard"], GUARDED, result="boolean") if given.get("guard") is not None else None
            transitions.append(
                Transition(
                    given["action"], frozenset(given["from"]), given["to"], given.get("reason", False), bands, guard
                )
            )
        return cls(id, document_type, version, definition["initial"], states, tuple(transitions))
