"""Conditions, and what a value is worth as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.operators.base import RuleOperator
from bizcore.rules.types import BOOLEAN, NULL, Type, union


class If(RuleOperator):
    """Condition, value, condition, value, …, value otherwise; null when nothing applies."""

    def result(self, context: Evaluation) -> object:
        for position in range(0, len(self.arguments) - 1, 2):
            if coercion.truthy(self.value(position, context)):
                return self.value(position + 1, context)
        return self.value(len(self.arguments) - 1, context) if len(self.arguments) % 2 else None

    def check(self, context: TypeCheck) -> Type:
        types = self.types(context)
        return union([*types[1::2], types[-1] if len(types) % 2 else NULL])


class And(RuleOperator):
    """The first argument that does not hold, else the last."""

    def result(self, context: Evaluation) -> object:
        value: object = None
        for value in self.values(context):
            if not coercion.truthy(value):
                break
        return value

    def check(self, context: TypeCheck) -> Type:
        return union(self.types(context) or [NULL])


class Or(RuleOperator):
    """The first argument that holds, else the last."""

    def result(self, context: Evaluation) -> object:
        value: object = None
        for value in self.values(context):
            if coercion.truthy(value):
                break
        return value

    def check(self, context: TypeCheck) -> Type:
        return union(self.types(context) or [NULL])


class Not(RuleOperator):
    most = 1

    def result(self, context: Evaluation) -> object:
        return not coercion.truthy(self.value(0, context))

    def check(self, context: TypeCheck) -> Type:
        self.type(0, context)
        return BOOLEAN


class Holds(Not):
    """The argument as true or false."""

    def result(self, context: Evaluation) -> object:
        return coercion.truthy(self.value(0, context))


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "if": If,
    "?:": If,
    "and": And,
    "or": Or,
    "!": Not,
    "!!": Holds,
}
