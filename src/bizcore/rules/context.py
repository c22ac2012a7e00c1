"""What operators are evaluated and checked in: the data in sight, the budget left, the problems found."""

from collections.abc import Sequence

from jsonlogic.evaluation import EvaluationContext
from jsonlogic.resolving import DotReferenceParser
from jsonlogic.typechecking import TypecheckContext
from jsonlogic.utils import DataStack

from bizcore.errors import BusinessError, ErrorKind, FieldProblem, ValidationFailed
from bizcore.rules.limits import MAX_STEPS
from bizcore.rules.types import ANY, NULL, Type, nearest

MISSING = object()


class RuleFailed(BusinessError):
    """The rule cannot be applied to this data: `path` is the JSON pointer of the operator that could not."""

    code = "RULE_FAILED"
    kind = ErrorKind.INVALID


class Evaluation(EvaluationContext):
    """One evaluation over one datum, in a bounded number of steps."""

    def __init__(self, data: object) -> None:
        super().__init__(None, None, {"reference_parser": DotReferenceParser()})
        self.data_stack: DataStack[object] = DataStack(data)  # type: ignore[assignment]
        self._steps = 0

    def spend(self, steps: int, path: str) -> None:
        """Errors: RULE_FAILED when the rule did more than it may."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise RuleFailed(f"The rule takes more than {MAX_STEPS} steps on this data.", path=path, limit=MAX_STEPS)

    def find(self, reference: str) -> object:
        """What "lines.0.quantity" names in the current data, "total@1" in the data around it; else MISSING."""
        try:
            parsed, scope = self.settings.reference_parser(reference)
            found = self.data_stack.get(scope)
        except (ValueError, IndexError):
            return MISSING
        for segment in parsed.segments:
            if isinstance(found, dict):
                found = found.get(segment, MISSING)
            elif isinstance(found, list) and _is_index(segment) and int(segment) < len(found):
                found = found[int(segment)]
            else:
                return MISSING
        return found


class TypeCheck(TypecheckContext):
    """One check of a rule against the type of its data. Problems are collected, so that all are told at once."""

    def __init__(self, data: Type) -> None:
        super().__init__({}, {"reference_parser": DotReferenceParser()})
        self.data_stack: DataStack[Type] = DataStack(data)  # type: ignore[assignment]
        self.problems: dict[tuple[str, str], FieldProblem] = {}
        self._steps = 0

    def visit(self, path: str) -> None:
        """Count one operator: the body of a reduce is visited twice, that of the n-th inside another 2^n times.

        Errors: VALIDATION_FAILED with TOO_LARGE.
        """
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ValidationFailed.at(
                path, "TOO_LARGE", f"The rule takes more than {MAX_STEPS} steps to check.", allowed=MAX_STEPS
            )

    def refuse(self, path: str, code: str, message: str, *, given: object = None, allowed: object = None) -> None:
        # The body of a reduce is checked twice; a problem at one place is told once.
        self.problems.setdefault((path, code), FieldProblem(path, code, message, given, allowed))

    def find(self, reference: str, path: str) -> Type:
        """The type of what a reference names; what the schema does not know is a problem and of any type."""
        try:
            parsed, scope = self.settings.reference_parser(reference)
            found = self.data_stack.get(scope)
        except (ValueError, IndexError):
            self.refuse(path, "UNKNOWN_FIELD", "There is no data so far around this place.", given=reference[:80])
            return ANY
        optional = False
        for segment in parsed.segments:
            optional |= "null" in found.kinds
            if "array" in found.kinds and _is_index(segment):
                found, optional = found.items or ANY, True
            elif "object" in found.kinds and found.properties is not None:
                if segment not in found.properties:
                    self._refuse_unknown(reference, path, segment, list(found.properties))
                    return ANY
                found = found.properties[segment]
            elif found.is_any or "object" in found.kinds:
                return ANY
            else:
                self._refuse_unknown(reference, path, segment, [])
                return ANY
        return found | NULL if optional else found

    def _refuse_unknown(self, reference: str, path: str, segment: str, known: Sequence[str]) -> None:
        self.refuse(
            path,
            "UNKNOWN_FIELD",
            f"The data has no field {segment[:40]!r} here.",
            given=reference[:80],
            allowed=nearest(segment[:40], known),
        )


def _is_index(segment: str) -> bool:
    return segment.isascii() and segment.isdigit() and len(segment) <= 9
