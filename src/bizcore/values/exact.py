"""Exact decimal arithmetic: nothing is rounded unless a function says so in its name."""

import re
from decimal import Context, Decimal, DivisionByZero, FloatOperation, Inexact, InvalidOperation, Overflow
from fractions import Fraction

from bizcore.errors import ValidationFailed

INTEGER_DIGITS = 15
DECIMALS = 12  # an ounce is exactly 0.028349523125 kg

# Room for the product of seven values of 27 digits; an operation that would round raises instead.
EXACT = Context(prec=200, traps=[DivisionByZero, FloatOperation, Inexact, InvalidOperation, Overflow])

Exact = int | Decimal | Fraction

_WRITTEN = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def parse_decimal(given: str | int | Decimal, *, decimals: int = DECIMALS) -> Decimal:
    """The number that `given` writes out, without exponent, thousands separators or spaces.

    Trailing zeros count as decimals: where "1.000" has too many it may be somebody's thousand.
    Errors: NOT_A_DECIMAL, VALUE_TOO_PRECISE, VALUE_OUT_OF_RANGE.
    """
    if isinstance(given, bool | float):
        raise TypeError(f"a decimal comes as text or a whole number, not as {type(given).__name__}")
    number = Decimal(given) if not isinstance(given, str) or _WRITTEN.fullmatch(given) else Decimal("NaN")
    shown = str(given if isinstance(given, str) else number)[:100]
    if not number.is_finite():
        raise ValidationFailed.at(
            "", "NOT_A_DECIMAL", "Expected a decimal number such as 1234.50.", given=shown, allowed="-1234.50"
        )
    if _decimals(number) > decimals:
        raise ValidationFailed.at(
            "", "VALUE_TOO_PRECISE", f"At most {decimals} decimals are allowed.", given=shown, allowed=decimals
        )
    if not number:
        return Decimal(0)
    if number.adjusted() >= INTEGER_DIGITS:
        raise ValidationFailed.at(
            "",
            "VALUE_OUT_OF_RANGE",
            f"At most {INTEGER_DIGITS} digits before the decimal point are allowed.",
            given=shown,
            allowed=INTEGER_DIGITS,
        )
    return number


def decimal_text(number: Decimal) -> str:
    """The shortest way to write `number` without an exponent: 12.50 is "12.5", 1E+3 is "1000"."""
    return format(number.normalize(EXACT) + 0, "f") if number else "0"


def as_decimal(exact: Exact) -> Decimal | None:
    """`exact` as a decimal, or None when its decimal expansion never ends."""
    if isinstance(exact, Decimal):
        return exact
    fraction = Fraction(exact)
    rest, places = fraction.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        places = max(places, power)
    if rest != 1:
        return None
    return EXACT.scaleb(Decimal(int(fraction * 10**places)), -places)


def round_half_up(exact: Exact, decimals: int = 0) -> Decimal:
    """`exact` with so many decimals, ties away from zero: 0.125 is 0.13 and -0.125 is -0.13."""
    return EXACT.scaleb(Decimal(half_up(Fraction(exact) * 10**decimals)), -decimals)


def half_up(exact: Fraction) -> int:
    """The nearest whole number, ties away from zero."""
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
