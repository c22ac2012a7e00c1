"""Sums, products, extremes: exact, or refused."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar, Final

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.limits import MAX_BITS
from bizcore.rules.operators.base import RuleOperator, shown
from bizcore.rules.types import NULL, NUMBER, Type


class _Arithmetic(RuleOperator):
    least = 1

    def numbers(self, context: Evaluation) -> list[Fraction]:
        numbers = []
        for position, value in enumerate(self.values(context)):
            number = None if value is None or value == "" else coercion.number(value)
            if number is None:
                raise self.fail("It needs numbers.", argument=position, given=shown(value))
            numbers.append(number)
        return numbers

    def bounded(self, exact: Fraction) -> object:
        if exact.numerator.bit_length() > MAX_BITS or exact.denominator.bit_length() > MAX_BITS:
            raise self.fail("The number grows beyond all business.")
        return coercion.exact(exact)

    def check(self, context: TypeCheck) -> Type:
        for position, found in enumerate(self.types(context)):
            self.require(context, position, found, "number")
        return NUMBER


class _Fold(_Arithmetic):
    @abstractmethod
    def step(self, total: Fraction, number: Fraction) -> Fraction:
        """One more number taken into the total."""

    def result(self, context: Evaluation) -> object:
        total, *rest = self.numbers(context)
        for number in rest:
            total = self.step(total, number)
            self.bounded(total)
        return self.bounded(total)


class Add(_Fold):
    """The sum; of one argument the number it writes."""

    def step(self, total: Fraction, number: Fraction) -> Fraction:
        return total + number


class Multiply(_Fold):
    def step(self, total: Fraction, number: Fraction) -> Fraction:
        return total * number


class Subtract(_Fold):
    """The difference; of one argument the opposite."""

    most = 2

    def step(self, total: Fraction, number: Fraction) -> Fraction:
        return total - number

    def result(self, context: Evaluation) -> object:
        if len(self.arguments) == 1:
            return self.bounded(-self.numbers(context)[0])
        return super().result(context)


class _Division(_Arithmetic):
    least = most = 2

    def operands(self, context: Evaluation) -> tuple[Fraction, Fraction]:
        dividend, divisor = self.numbers(context)
        if divisor == 0:
            raise self.fail("It cannot divide by zero.", argument=1)
        return dividend, divisor


class Divide(_Division):
    def result(self, context: Evaluation) -> object:
        dividend, divisor = self.operands(context)
        return self.bounded(dividend / divisor)


class Remainder(_Division):
    """What a division by whole times leaves, with the sign of the dividend."""

    def result(self, context: Evaluation) -> object:
        dividend, divisor = self.operands(context)
        return self.bounded(dividend - divisor * int(dividend / divisor))


class _Extreme(_Arithmetic):
    least = 0
    pick: ClassVar[Callable[..., Any]]

    def result(self, context: Evaluation) -> object:
        values = list(self.values(context))
        if values and all(isinstance(value, date) for value in values):
            try:
                return type(self).pick(values)
            except TypeError:
                raise self.fail("It cannot order dates among instants.") from None
        numbers = self.numbers(context)
        return coercion.exact(type(self).pick(numbers)) if numbers else None

    def check(self, context: TypeCheck) -> Type:
        types = self.types(context)
        for kind in ("date", "date-time"):
            if types and all(found.kinds == {kind} for found in types):
                return types[0]
        return super().check(context) if types else NULL


class Maximum(_Extreme):
    pick = max


class Minimum(_Extreme):
    pick = min


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "+": Add,
    "*": Multiply,
    "-": Subtract,
    "/": Divide,
    "%": Remainder,
    "max": Maximum,
    "min": Minimum,
}
