"""Fields of the data, and which of them are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from jsonlogic.core import Operator

from bizcore.rules import coercion
from bizcore.rules.context import MISSING, Evaluation, TypeCheck
from bizcore.rules.operators.base import Argument, RuleOperator, type_of
from bizcore.rules.types import ANY, STRING, Type, array_of


class Var(RuleOperator):
    """A field of the data by its dotted path; the default stands in where it is absent or null."""

    most = 2

    def result(self, context: Evaluation) -> object:
        found = self.find(self.value(0, context), context)
        return self.value(1, context) if found is MISSING or found is None else found

    def check(self, context: TypeCheck) -> Type:
        key = self.arguments[0] if self.arguments else ""
        default = self.type(1, context)
        if isinstance(key, Operator | list):
            self.require(context, 0, type_of(key, context), "string")
            return ANY
        found = context.find(coercion.text(key) or "", self.path)
        return found.without_null() | default if len(self.arguments) == 2 and "null" in found.kinds else found


class _Missing(RuleOperator):
    def absent(self, keys: Sequence[object], context: Evaluation) -> list[object]:
        context.spend(len(keys), self.path)
        return [key for key in keys if self.find(key, context) in (MISSING, None, "")]

    def check_keys(self, arguments: Sequence[Argument], context: TypeCheck) -> None:
        for argument in arguments:
            if isinstance(argument, list):
                self.check_keys(argument, context)
            elif isinstance(argument, Operator):
                argument.typecheck(context)
            else:
                context.find(coercion.text(argument) or "", self.path)


class Missing(_Missing):
    """Those of the given fields that are absent, null or empty."""

    def result(self, context: Evaluation) -> object:
        keys = list(self.values(context))
        return self.absent(keys[0] if keys and isinstance(keys[0], list) else keys, context)

    def check(self, context: TypeCheck) -> Type:
        self.check_keys(self.arguments, context)
        return array_of(STRING)


class MissingSome(_Missing):
    """Nothing when at least so many of the fields are there, else those that are not."""

    least = most = 2

    def result(self, context: Evaluation) -> object:
        needed, keys = coercion.number(self.value(0, context)), self.value(1, context)
        if needed is None or not isinstance(keys, list):
            raise self.fail("It needs a number and an array of fields.")
        absent = self.absent(keys, context)
        return [] if len(keys) - len(absent) >= needed else absent

    def check(self, context: TypeCheck) -> Type:
        self.require(context, 0, self.type(0, context), "number")
        self.require(context, 1, self.type(1, context), "array")
        self.check_keys(self.arguments[1:], context)
        return array_of(STRING)


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "var": Var,
    "missing": Missing,
    "missing_some": MissingSome,
}
