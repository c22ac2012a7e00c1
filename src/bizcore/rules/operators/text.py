"""Texts joined and cut, and what they contain."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from bizcore.rules import coercion
from bizcore.rules.context import Evaluation, TypeCheck
from bizcore.rules.limits import MAX_TEXT
from bizcore.rules.operators.base import RuleOperator, shown
from bizcore.rules.types import BOOLEAN, STRING, Type


class Concatenate(RuleOperator):
    def result(self, context: Evaluation) -> object:
        joined = ""
        for position, value in enumerate(self.values(context)):
            part = self.text(value, context)
            if part is None:
                raise self.fail("It needs values that a text can show.", argument=position, given=shown(value))
            joined += part
            if len(joined) > MAX_TEXT:
                raise self.fail(f"The text grows beyond {MAX_TEXT} characters.", limit=MAX_TEXT)
        return joined

    def check(self, context: TypeCheck) -> Type:
        for position, found in enumerate(self.types(context)):
            if "object" in found.kinds:
                self.mismatch(context, position, found, "string or number")
        return STRING


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


OPERATORS: Final[Mapping[str, type[RuleOperator]]] = {
    "cat": Concatenate,
    "substr": Substring,
    "in": In,
}
