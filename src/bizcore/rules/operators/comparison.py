"""Whether two values are equal, and in which order they stand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar, Final, cast

from jsonlogic.json_schema.types import BinaryOp, UnsupportedOperation

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.operators.base import RuleOperator
from bizcore.rules.types import BOOLEAN, Type


class _Equality(RuleOperator):
    least = most = 2

    def result(self, context: Evaluation) -> object:
        left, right = self.values(context)
        if isinstance(left, list | dict):
            context.spend(coercion.size(left), self.path)
        return self.judge(left, right)

    @abstractmethod
    def judge(self, left: object, right: object) -> bool:
        """Whether the operator holds between the two."""

    def check(self, context: TypeCheck) -> Type:
        left, right = self.types(context)
        if not left.can_equal(right) and None not in self.arguments:
            self.mismatch(context, 1, right, left.name)
        return BOOLEAN


class Equal(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return coercion.loosely_equal(left, right)


class NotEqual(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return not coercion.loosely_equal(left, right)


class StrictEqual(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return coercion.strictly_equal(left, right)


class StrictNotEqual(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return not coercion.strictly_equal(left, right)


class _Order(RuleOperator):
    """Numbers, dates or texts in order; false where the two have none. With three arguments: a value between two."""

    least, most = 2, 3
    accepted: ClassVar[tuple[int, ...]]

    def result(self, context: Evaluation) -> object:
        values = list(self.values(context))
        return all(coercion.compare(*pair) in self.accepted for pair in pairwise(values))

    def check(self, context: TypeCheck) -> Type:
        types = self.types(context)
        for position in range(1, len(types)):
            try:
                types[position - 1].binary_op(types[position], cast(BinaryOp, self.operator))
            except UnsupportedOperation:
                blamed = position - 1 if "null" in types[position - 1].kinds else position
                other = types[2 * position - 1 - blamed]
                self.mismatch(context, blamed, types[blamed], other.without_null().name)
        return BOOLEAN


class Less(_Order):
    accepted = (-1,)


class LessOrEqual(_Order):
    accepted = (-1, 0)


class Greater(_Order):
    accepted = (1,)


class GreaterOrEqual(_Order):
    accepted = (0, 1)


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "==": Equal,
    "!=": NotEqual,
    "===": StrictEqual,
    "!==": StrictNotEqual,
    "<": Less,
    "<=": LessOrEqual,
    ">": Greater,
    ">=": GreaterOrEqual,
}
