"""Arrays: joined, changed, judged, and folded element by element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.operators.base import RuleOperator
from bizcore.rules.types import ANY, BOOLEAN, Type, array_of, union


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


class Map(_EachElement):
    def result(self, context: Evaluation) -> object:
        return [value for _, value in self.elements(context)]

    def check(self, context: TypeCheck) -> Type:
        return array_of(self.check_elements(context)[1])


class Filter(_EachElement):
    def result(self, context: Evaluation) -> object:
        return [element for element, value in self.elements(context) if coercion.truthy(value)]

    def check(self, context: TypeCheck) -> Type:
        return array_of(self.check_elements(context)[0])


class All(_EachElement):
    """Whether it holds for every element, of which there must be one."""

    def result(self, context: Evaluation) -> object:
        some = False
        for _, value in self.elements(context):
            some = True
            if not coercion.truthy(value):
                return False
        return some


class Some(_EachElement):
    def result(self, context: Evaluation) -> object:
        return any(coercion.truthy(value) for _, value in self.elements(context))


class NoneOf(_EachElement):
    def result(self, context: Evaluation) -> object:
        return not any(coercion.truthy(value) for _, value in self.elements(context))


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


class Log(RuleOperator):
    """Its argument, unchanged: a rule does nothing but answer."""

    most = 1

    def result(self, context: Evaluation) -> object:
        return self.value(0, context)

    def check(self, context: TypeCheck) -> Type:
        return self.type(0, context)


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "merge": Merge,
    "map": Map,
    "filter": Filter,
    "all": All,
    "some": Some,
    "none": NoneOf,
    "reduce": Reduce,
    "log": Log,
}
