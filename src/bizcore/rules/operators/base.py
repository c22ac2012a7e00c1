"""What all operators share: their place in the rule, their arguments, what they cost and how they fail."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from jsonlogic.core import Operator

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, RuleFailed, TypeCheck
from bizcore.rules.limits import pointer
from bizcore.rules.types import ANY, NULL, Type, array_of, type_of_literal, union

Argument = Any  # an operator, a list of arguments, or a JSON scalar


@dataclass
class RuleOperator(Operator):
    """An operator that knows its place in the rule, a JSON pointer, and how many arguments it takes."""

    arguments: list[Argument]
    path: str = field(default="", init=False)

    least: ClassVar[int] = 0
    most: ClassVar[int] = 1_000

    @classmethod
    def from_expression(cls, operator: str, arguments: list[Argument]) -> RuleOperator:
        return cls(operator, arguments)

    def evaluate(self, context: Any) -> object:
        context.spend(1, self.path)
        return self.result(context)

    def typecheck(self, context: Any) -> Type:
        context.visit(self.path)
        count = len(self.arguments)
        if not self.least <= count <= self.most:
            context.refuse(
                self.path,
                "WRONG_ARGUMENT_COUNT",
                f"{self.operator!r} takes {_range(self.least, self.most)}, not {count}.",
                given=count,
                allowed=_range(self.least, self.most),
            )
            return ANY
        return self.check(context)

    @abstractmethod
    def result(self, context: Evaluation) -> object:
        """The value of the operator in the data of `context`."""

    @abstractmethod
    def check(self, context: TypeCheck) -> Type:
        """The type of its value; what does not fit is a problem of `context`."""

    def value(self, position: int, context: Evaluation) -> object:
        """The value of one argument, null where there is none."""
        return value_of(self.arguments[position], context) if position < len(self.arguments) else None

    def values(self, context: Evaluation) -> Iterator[object]:
        """The values of all arguments, each evaluated when it is asked for."""
        return (value_of(argument, context) for argument in self.arguments)

    def type(self, position: int, context: TypeCheck) -> Type:
        return type_of(self.arguments[position], context) if position < len(self.arguments) else NULL

    def types(self, context: TypeCheck) -> list[Type]:
        return [type_of(argument, context) for argument in self.arguments]

    def text(self, value: object, context: Evaluation) -> str | None:
        """The value as text; the longer the more steps."""
        context.spend(coercion.size(value) - 1, self.path)
        return coercion.text(value)

    def find(self, key: object, context: Evaluation) -> object:
        return context.find(self.text(key, context) or "")

    def place(self, position: int) -> str:
        return pointer(pointer(self.path, self.operator), position)

    def fail(self, message: str, **details: object) -> RuleFailed:
        return RuleFailed(message, path=self.path, operator=self.operator, **details)

    def require(self, context: TypeCheck, position: int, found: Type, kind: str) -> None:
        """A problem unless the argument can only be of this kind."""
        if not found.is_only(kind):
            self.mismatch(context, position, found, kind)

    def mismatch(self, context: TypeCheck, position: int, found: Type, allowed: str) -> None:
        hint = ' (a field that may be empty needs a default: {"var": ["field", 0]})' if "null" in found.kinds else ""
        context.refuse(
            self.place(position),
            "TYPE_MISMATCH",
            f"{self.operator!r} needs {allowed} here, not {found.name}{hint}.",
            given=found.name,
            allowed=allowed,
        )


def value_of(argument: Argument, context: Evaluation) -> object:
    if isinstance(argument, Operator):
        return argument.evaluate(context)
    if isinstance(argument, list):
        return [value_of(item, context) for item in argument]
    return argument


def type_of(argument: Argument, context: TypeCheck) -> Type:
    if isinstance(argument, Operator):
        return cast(Type, argument.typecheck(context))
    if isinstance(argument, list):
        return array_of(union(type_of(item, context) for item in argument) if argument else None)
    return type_of_literal(argument)


def _range(least: int, most: int) -> str:
    if least == most:
        return f"{least} argument{'s' * (least != 1)}"
    return f"at least {least} arguments" if most == RuleOperator.most else f"{least} to {most} arguments"


def shown(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:40]}" if isinstance(value, str) else type(value).__name__
