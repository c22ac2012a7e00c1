"""Rules that tenants write: compiled once, checked against the data they will meet, evaluated exactly and in bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from jsonlogic.core import JSONLogicExpression, Operator

from bizcore.errors import ValidationFailed
from bizcore.rules.coercion import plain_data, truthy
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.limits import check_shape, pointer
from bizcore.rules.operators import OPERATORS, REGISTRY, RuleOperator, type_of, value_of
from bizcore.rules.types import Type, cast, from_schema


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. It holds no state: one may serve every request."""

    source: object
    data_type: Type = field(repr=False)
    _root: Any = field(repr=False)

    def evaluate(self, data: object) -> object:
        """The value for `data`: null, a boolean, number, text, date, array or object.

        Texts that the schema calls decimals or dates are read as such. A number is an int or a Decimal, or a Fraction
        where a division never ends, so that whoever needs an amount rounds once. Errors: RULE_FAILED.
        """
        return value_of(self._root, Evaluation(cast(plain_data(data), self.data_type)))

    def holds(self, data: object) -> bool:
        """Whether the value counts as true: not null, false, zero, "" or []. Errors: RULE_FAILED."""
        return truthy(self.evaluate(data))


def compile_rule(rule: object, schema: Mapping[str, Any], *, result: str | None = None) -> Rule:
    """The rule, ready for data that `schema` (JSON Schema; {} knows nothing) describes.

    `result` ("boolean", "number", "string") is the kind that its value must have. Every problem names its place in the
    rule by JSON pointer. Errors: VALIDATION_FAILED with TOO_LARGE, TOO_DEEP, NOT_ONE_OPERATOR, UNKNOWN_OPERATOR,
    INEXACT_NUMBER, WRONG_ARGUMENT_COUNT, UNKNOWN_FIELD, TYPE_MISMATCH.
    """
    check_shape(rule, OPERATORS)
    exact = _with_exact_numbers(rule)
    # Any JSON is a rule, the library takes objects only: `log` is the identity.
    (root,) = _operator_tree({"log": [exact]}).arguments
    _set_paths(root, exact, "")
    data_type = from_schema(schema)
    check = TypeCheck(data_type)
    found = type_of(root, check)
    if result is not None and not found.is_only(result):
        check.refuse("", "TYPE_MISMATCH", f"The rule must give {result}.", given=found.name, allowed=result)
    if check.problems:
        raise ValidationFailed("The rule does not fit its data.", fields=list(check.problems.values()))
    return Rule(rule, data_type, root)


def _operator_tree(expression: dict[str, Any]) -> RuleOperator:
    tree = JSONLogicExpression.from_json(expression).as_operator_tree(REGISTRY)
    assert isinstance(tree, RuleOperator)
    return tree


def _with_exact_numbers(rule: object) -> Any:
    if isinstance(rule, float):
        return Decimal(repr(rule))
    if isinstance(rule, list):
        return [_with_exact_numbers(item) for item in rule]
    if isinstance(rule, dict):
        return {key: _with_exact_numbers(value) for key, value in rule.items()}
    return rule


def _set_paths(node: object, source: Any, path: str) -> None:
    """Tell every operator its place, walking the tree beside its source."""
    if isinstance(node, RuleOperator):
        ((operator, arguments),) = source.items()
        node.path = path
        inside = pointer(path, operator)
        if isinstance(arguments, list):
            _set_paths(node.arguments, arguments, inside)
        else:
            _set_paths(node.arguments[0], arguments, inside)
    elif isinstance(node, list):
        for position, item in enumerate(node):
            _set_paths(item, source[position], pointer(path, position))
    else:
        assert not isinstance(node, Operator)
