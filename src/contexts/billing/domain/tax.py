"""Tax of an invoice: rounded once for each tax code, then shared out to the lines."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bizcore.values import Money, Percentage


@dataclass(frozen=True, slots=True)
class Taxed:
    """The net of one line and the tax code it bears."""

    group: Hashable
    rate: Percentage
    net: Money


def line_taxes(lines: Sequence[Taxed]) -> list[Money]:
    """The tax of each line. Those of one group add up to the group's net by its rate, rounded half up.

    Shares follow the nets by largest remainder: a group's tax is never a sum of roundings. Source: EN 16931, BR-CO-17.
    """
    taxes: dict[int, Money] = {}
    for group in dict.fromkeys(line.group for line in lines):
        members = [(index, line) for index, line in enumerate(lines) if line.group == group]
        currency, rate = members[0][1].net.currency, members[0][1].rate
        net = Money.total((line.net for _, line in members), currency)
        tax = Money.rounded(Fraction(net.amount) * Fraction(rate.factor), currency)
        weights = [line.net.minor for _, line in members]
        shares = tax.allocate(weights) if tax else [Money.zero(currency)] * len(members)
        taxes.update({index: share for (index, _), share in zip(members, shares, strict=True)})
    return [taxes[index] for index in range(len(lines))]
