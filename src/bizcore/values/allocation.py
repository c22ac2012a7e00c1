"""The one way to split a total: taxes, landed cost, budget spreads, dimensions."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import ClassVar

from bizcore.errors import BusinessError, ErrorKind
from bizcore.values.exact import EXACT, Exact


class ZeroBasis(BusinessError):
    """Weights that add up to zero say nothing about where a total belongs."""

    code: ClassVar[str] = "ZERO_BASIS"
    kind = ErrorKind.INVALID


def allocate(total_minor: int, weights: Sequence[Exact]) -> list[int]:
    """Whole shares in proportion to `weights` that add up to `total_minor` exactly, by largest remainder.

    Each share is less than one unit from the exact one; equal remainders are served in the order given. The opposite
    total gives the opposite shares. Weights may have either sign (a discount among charges). Errors: ZERO_BASIS.
    """
    if any(isinstance(weight, float) for weight in weights):
        raise TypeError("floats never carry weights")
    exact = [Fraction(weight) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    whole = [weight.numerator * (scale // weight.denominator) for weight in exact]
    basis = sum(whole)
    if basis == 0:
        raise ZeroBasis("There is nothing to allocate by: the weights add up to zero.", total=total_minor)
    # Splitting the magnitude makes a reversal mirror its original to the last unit.
    direction = -1 if basis < 0 else 1
    divided = [divmod(abs(total_minor) * weight * direction, abs(basis)) for weight in whole]
    shares = [share for share, _ in divided]
    missing = abs(total_minor) - sum(shares)
    for position in sorted(range(len(divided)), key=lambda i: -divided[i][1])[:missing]:
        shares[position] += 1
    return shares if total_minor >= 0 else [-share for share in shares]


def allocate_quantity(total: Decimal, weights: Sequence[Exact], step: Decimal) -> list[Decimal]:
    """As `allocate`, in shares that are multiples of `step`; `total` must be one too. Errors: ZERO_BASIS."""
    if step <= 0:
        raise ValueError(f"a step is positive, not {step}")
    steps = Fraction(total) / Fraction(step)
    if steps.denominator != 1:
        raise ValueError(f"{total} is no multiple of {step}")
    return [EXACT.multiply(Decimal(share), step) for share in allocate(steps.numerator, weights)]
