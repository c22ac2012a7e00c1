"""What a rule may look like, checked before anything else reads it: rules come from tenants."""

from collections.abc import Collection
from decimal import Decimal

from bizcore.errors import ValidationFailed

MAX_DEPTH = 64
MAX_NODES = 1_000
MAX_CHARACTERS = 20_000  # of all texts and operator names together
MAX_STEPS = 10_000  # operators and elements of arrays visited by one evaluation
CHARACTERS_A_STEP = 100  # that reading or writing a text counts for
MAX_TEXT = 10_000  # characters that one operator may return
MAX_BITS = 512  # of a number's numerator and denominator
MAX_DIGITS = 60  # of a number as it is written
FLOAT_DIGITS = 15  # what a binary double keeps of any decimal


def pointer(parent: str, step: str | int) -> str:
    """The JSON pointer (RFC 6901) of a member of `parent`."""
    return f"{parent}/{str(step).replace('~', '~0').replace('/', '~1')}"


def check_shape(rule: object, operators: Collection[str]) -> None:
    """Refuse a rule that is too large, too deep or no rule at all, without recursion and without reading on.

    Errors: TOO_LARGE, TOO_DEEP, NOT_ONE_OPERATOR, UNKNOWN_OPERATOR, INEXACT_NUMBER, NOT_JSON.
    """
    nodes = characters = 0
    open_nodes: list[tuple[object, str, int]] = [(rule, "", 1)]
    while open_nodes:
        node, path, depth = open_nodes.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise ValidationFailed.at(path, "TOO_LARGE", f"A rule has at most {MAX_NODES} nodes.", allowed=MAX_NODES)
        if depth > MAX_DEPTH:
            raise ValidationFailed.at(path, "TOO_DEEP", f"A rule is at most {MAX_DEPTH} deep.", allowed=MAX_DEPTH)
        if isinstance(node, dict):
            if len(node) != 1:
                raise ValidationFailed.at(
                    path,
                    "NOT_ONE_OPERATOR",
                    "An object of a rule has exactly one key, its operator.",
                    given=[str(key)[:40] for key in list(node)[:5]],
                    allowed='{"operator": [arguments]}',
                )
            ((operator, arguments),) = node.items()
            if operator not in operators:
                raise ValidationFailed.at(
                    path,
                    "UNKNOWN_OPERATOR",
                    "No operator has this name.",
                    given=str(operator)[:40],
                    allowed=sorted(operators),
                )
            characters += len(operator)
            inside = pointer(path, operator)
            if isinstance(arguments, list):
                node, path = arguments, inside
            else:
                open_nodes.append((arguments, inside, depth + 1))
        if isinstance(node, list):
            if nodes + len(open_nodes) + len(node) > MAX_NODES:
                raise ValidationFailed.at(
                    path, "TOO_LARGE", f"A rule has at most {MAX_NODES} nodes.", allowed=MAX_NODES
                )
            open_nodes += [(item, pointer(path, position), depth + 1) for position, item in enumerate(node)]
        elif isinstance(node, str):
            characters += len(node)
        elif not isinstance(node, dict):
            _check_scalar(node, path)
        if characters > MAX_CHARACTERS:
            raise ValidationFailed.at(
                path, "TOO_LARGE", f"A rule has at most {MAX_CHARACTERS} characters.", allowed=MAX_CHARACTERS
            )


def _check_scalar(scalar: object, path: str) -> None:
    if scalar is None or isinstance(scalar, bool):
        return
    if not isinstance(scalar, int | float | Decimal):
        raise ValidationFailed.at(path, "NOT_JSON", "A rule is JSON.", given=type(scalar).__name__)
    # A JSON parser may have made a float of what was written; up to 15 digits that can be undone.
    number = Decimal(repr(scalar)) if isinstance(scalar, float) else Decimal(scalar)
    digits = FLOAT_DIGITS if isinstance(scalar, float) else MAX_DIGITS
    if not number.is_finite() or len(number.as_tuple().digits) > digits or abs(number.adjusted()) > MAX_DIGITS:
        raise ValidationFailed.at(
            path,
            "INEXACT_NUMBER",
            f"A number has at most {digits} digits here: write it as text, in quotes.",
            given=str(number)[:80],
            allowed='"1234.50"',
        )
