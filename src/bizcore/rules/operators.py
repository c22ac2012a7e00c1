"""The operators of JSONLogic (jsonlogic.com), each with how it evaluates and which types it takes.

Numbers are exact and a division that never ends stays a fraction. Where JavaScript answers NaN or Infinity the rule
fails instead, because a comparison with either is quietly false.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar, TypeVar, cast

from jsonlogic.core import Operator
from jsonlogic.json_schema.types import BinaryOp, UnsupportedOperation
from jsonlogic.registry import OperatorRegistry

from bizcore.rules import coercion
from bizcore.rules.context import MISSING, Evaluation, RuleFailed, TypeCheck
from bizcore.rules.limits import MAX_BITS, MAX_TEXT, pointer
from bizcore.rules.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Type, array_of, type_of_literal, union

OPERATORS: dict[str, type[RuleOperator]] = {}

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


_Class = TypeVar("_Class", bound=type[RuleOperator])


def _named(*names: str) -> Callable[[_Class], _Class]:
    def name(operator: _Class) -> _Class:
        OPERATORS.update(dict.fromkeys(names, operator))
        return operator

    return name


# Data


@_named("var")
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


@_named("missing")
class Missing(_Missing):
    """Those of the given fields that are absent, null or empty."""

    def result(self, context: Evaluation) -> object:
        keys = list(self.values(context))
        return self.absent(keys[0] if keys and isinstance(keys[0], list) else keys, context)

    def check(self, context: TypeCheck) -> Type:
        self.check_keys(self.arguments, context)
        return array_of(STRING)


@_named("missing_some")
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


# Logic


@_named("if", "?:")
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


@_named("and")
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


@_named("or")
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


@_named("!")
class Not(RuleOperator):
    most = 1

    def result(self, context: Evaluation) -> object:
        return not coercion.truthy(self.value(0, context))

    def check(self, context: TypeCheck) -> Type:
        self.type(0, context)
        return BOOLEAN


@_named("!!")
class Holds(Not):
    """The argument as true or false."""

    def result(self, context: Evaluation) -> object:
        return coercion.truthy(self.value(0, context))


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


@_named("==")
class Equal(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return coercion.loosely_equal(left, right)


@_named("!=")
class NotEqual(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return not coercion.loosely_equal(left, right)


@_named("===")
class StrictEqual(_Equality):
    def judge(self, left: object, right: object) -> bool:
        return coercion.strictly_equal(left, right)


@_named("!==")
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


@_named("<")
class Less(_Order):
    accepted = (-1,)


@_named("<=")
class LessOrEqual(_Order):
    accepted = (-1, 0)


@_named(">")
class Greater(_Order):
    accepted = (1,)


@_named(">=")
class GreaterOrEqual(_Order):
    accepted = (0, 1)


# Arithmetic


class _Arithmetic(RuleOperator):
    least = 1

    def numbers(self, context: Evaluation) -> list[Fraction]:
        numbers = []
        for position, value in enumerate(self.values(context)):
            number = None if value is None or value == "" else coercion.number(value)
            if number is None:
                raise self.fail("It needs numbers.", argument=position, given=_shown(value))
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


def _shown(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:40]}" if isinstance(value, str) else type(value).__name__


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


@_named("+")
class Add(_Fold):
    """The sum; of one argument the number it writes."""

    def step(self, total: Fraction, number: Fraction) -> Fraction:
        return total + number


@_named("*")
class Multiply(_Fold):
    def step(self, total: Fraction, number: Fraction) -> Fraction:
        return total * number


@_named("-")
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


@_named("/")
class Divide(_Division):
    def result(self, context: Evaluation) -> object:
        dividend, divisor = self.operands(context)
        return self.bounded(dividend / divisor)


@_named("%")
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


@_named("max")
class Maximum(_Extreme):
    pick = max


@_named("min")
class Minimum(_Extreme):
    pick = min


# Text


@_named("cat")
class Concatenate(RuleOperator):
    def result(self, context: Evaluation) -> object:
        joined = ""
        for position, value in enumerate(self.values(context)):
            part = self.text(value, context)
            if part is None:
                raise self.fail("It needs values that a text can show.", argument=position, given=_shown(value))
            joined += part
            if len(joined) > MAX_TEXT:
                raise self.fail(f"The text grows beyond {MAX_TEXT} characters.", limit=MAX_TEXT)
        return joined

    def check(self, context: TypeCheck) -> Type:
        for position, found in enumerate(self.types(context)):
            if "object" in found.kinds:
                self.mismatch(context, position, found, "string or number")
        return STRING


@_named("substr")
class Substring(RuleOperator):
    """So many characters from a position; a negative one counts from the end, a negative length leaves so many off."""

    least, most = 2, 3

    def result(self, context: Evaluation) -> object:
        text, start = self.text(self.value(0, context), context), coercion.number(self.value(1, context))
        length = coercion.number(self.value(2, context)) if len(self.arguments) == 3 else Fraction(MAX_TEXT)
        if text is None or start is None or length is None:
            raise self.fail("It needs a text and whole numbers.")
        begin = max(len(text) + int(start), 0) if start < 0 else int(start)
        rest = text[begin:]
        return rest[: int(length)] if length >= 0 else rest[: max(len(rest) + int(length), 0)]

    def check(self, context: TypeCheck) -> Type:
        text, *numbers = self.types(context)
        self.require(context, 0, text, "string")
        for position, found in enumerate(numbers, start=1):
            self.require(context, position, found, "number")
        return STRING


@_named("in")
class In(RuleOperator):
    """Whether a text is part of another, or a value one of an array."""

    least = most = 2

    def result(self, context: Evaluation) -> object:
        wanted, place = self.values(context)
        if isinstance(place, str):
            context.spend(coercion.size(place), self.path)
            part = self.text(wanted, context)
            return part is not None and part in place
        if not isinstance(place, list):
            return False
        context.spend(len(place) * coercion.size(wanted), self.path)
        return any(coercion.strictly_equal(wanted, item) for item in place)

    def check(self, context: TypeCheck) -> Type:
        wanted, place = self.types(context)
        if not place.is_any and not place.kinds <= {"string", "array", "null"}:
            self.mismatch(context, 1, place, "array or string")
        elif place.kinds == {"array"} and place.items is not None and not wanted.can_equal(place.items):
            self.mismatch(context, 0, wanted, place.items.name)
        elif place.kinds == {"string"}:
            self.require(context, 0, wanted, "string")
        return BOOLEAN


# Arrays


@_named("merge")
class Merge(RuleOperator):
    """One array of all: arrays give their elements, other values themselves."""

    def result(self, context: Evaluation) -> object:
        merged: list[object] = []
        for value in self.values(context):
            merged += value if isinstance(value, list) else [value]
            context.spend(len(value) if isinstance(value, list) else 1, self.path)
        return merged

    def check(self, context: TypeCheck) -> Type:
        elements: list[Type] = []
        for found in self.types(context):
            if found.is_any or ("array" in found.kinds and found.items is None):
                return array_of(None)
            if found.items is not None:
                elements.append(found.items)
            if scalars := found.kinds - {"array"}:
                elements.append(Type(scalars, properties=found.properties))
        return array_of(union(elements) if elements else None)


class _EachElement(RuleOperator):
    """Goes over the elements of an array, which are the data of its second argument. No array counts as empty."""

    least = most = 2

    def elements(self, context: Evaluation) -> Iterator[tuple[object, object]]:
        """Each element with the value of the second argument for it."""
        array = self.value(0, context)
        for element in array if isinstance(array, list) else []:
            context.spend(1, self.path)
            with context.data_stack.push(element):
                value = self.value(1, context)
            yield element, value

    def check_elements(self, context: TypeCheck) -> tuple[Type, Type]:
        """The types of an element and of the second argument for it."""
        array = self.type(0, context)
        if not array.is_any and not array.kinds <= {"array", "null"}:
            self.mismatch(context, 0, array, "array")
        element = ANY if array.is_any or array.items is None else array.items
        with context.data_stack.push(element):
            return element, self.type(1, context)

    def check(self, context: TypeCheck) -> Type:
        self.check_elements(context)
        return BOOLEAN


@_named("map")
class Map(_EachElement):
    def result(self, context: Evaluation) -> object:
        return [value for _, value in self.elements(context)]

    def check(self, context: TypeCheck) -> Type:
        return array_of(self.check_elements(context)[1])


@_named("filter")
class Filter(_EachElement):
    def result(self, context: Evaluation) -> object:
        return [element for element, value in self.elements(context) if coercion.truthy(value)]

    def check(self, context: TypeCheck) -> Type:
        return array_of(self.check_elements(context)[0])


@_named("all")
class All(_EachElement):
    """Whether it holds for every element, of which there must be one."""

    def result(self, context: Evaluation) -> object:
        some = False
        for _, value in self.elements(context):
            some = True
            if not coercion.truthy(value):
                return False
        return some


@_named("some")
class Some(_EachElement):
    def result(self, context: Evaluation) -> object:
        return any(coercion.truthy(value) for _, value in self.elements(context))


@_named("none")
class NoneOf(_EachElement):
    def result(self, context: Evaluation) -> object:
        return not any(coercion.truthy(value) for _, value in self.elements(context))


@_named("reduce")
class Reduce(RuleOperator):
    """The second argument over {current, accumulator} from element to element, beginning with the third."""

    least, most = 2, 3

    def result(self, context: Evaluation) -> object:
        array, accumulator = self.value(0, context), self.value(2, context)
        for current in array if isinstance(array, list) else []:
            context.spend(1, self.path)
            with context.data_stack.push({"current": current, "accumulator": accumulator}):
                accumulator = self.value(1, context)
        return accumulator

    def check(self, context: TypeCheck) -> Type:
        array, accumulator = self.type(0, context), self.type(2, context)
        if not array.is_any and not array.kinds <= {"array", "null"}:
            self.mismatch(context, 0, array, "array")
        current = ANY if array.is_any or array.items is None else array.items
        # Once with what it begins with, once with what one round makes of that.
        for _ in range(2):
            scope = Type(frozenset({"object"}), properties={"current": current, "accumulator": accumulator})
            with context.data_stack.push(scope):
                accumulator |= self.type(1, context)
        return accumulator


@_named("log")
class Log(RuleOperator):
    """Its argument, unchanged: a rule does nothing but answer."""

    most = 1

    def result(self, context: Evaluation) -> object:
        return self.value(0, context)

    def check(self, context: TypeCheck) -> Type:
        return self.type(0, context)


REGISTRY = OperatorRegistry().copy(extend=dict(OPERATORS))
