"""The stock of one item in one company: layers of what came in, and what each issue takes of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from bizcore.values import Money, decimal_text
from bizcore.values.exact import EXACT
from contexts.inventory.errors import InsufficientStock


class Valuation(StrEnum):
    """What an issue costs. Quantities leave the oldest layer first, whichever it is."""

    FIFO = "fifo"  # the value of the layers it takes
    AVERAGE = "average"  # its share of the whole value; a receipt's own while nothing but receipts went back
    STANDARD = "standard"  # the layers' value, which is the standard cost of the day they came in


@dataclass(frozen=True, slots=True)
class Layer:
    """What is left of one receipt. `line_id` is the receipt's line; `sequence` counts the layers of one stock."""

    id: UUID
    line_id: UUID | None
    sequence: int
    effective_on: date
    quantity: Decimal
    value: Money
    whole: bool = True  # nothing of it has left


@dataclass(frozen=True, slots=True)
class Consumption:
    """What an issue takes of one layer: facts, never calculated again."""

    layer_id: UUID
    quantity: Decimal
    value: Money


@dataclass(frozen=True, slots=True)
class Booked:
    """What a receipt's document booked for one of its lines when it came in, whatever the stock thought it worth."""

    quantity: Decimal
    value: Money

    def share(self, quantity: Decimal) -> Money:
        """Of so much of it, rounded half up."""
        part = Fraction(quantity) / Fraction(self.quantity)
        return Money.rounded(Fraction(self.value.amount) * part, self.value.currency)


@dataclass(slots=True, eq=False)
class Stock:
    """One item of one company as the lock found it; moves change it in memory, so that two lines see each other.

    `layers` have something left, in the order of effective date, then of sequence. `value` is the company's whole:
    under average it is not the sum of what the layers still show. Quantities are in the item's stock unit.
    """

    item_id: UUID
    sku: str
    unit: str
    valuation: Valuation
    standard_cost: Decimal | None
    layers: list[Layer]
    layers_made: int  # also those of which nothing is left
    value: Money
    at_location: dict[UUID, Decimal] = field(default_factory=dict)

    @property
    def quantity(self) -> Decimal:
        return _sum(layer.quantity for layer in self.layers)

    def receive(
        self, *, id: UUID, line_id: UUID | None, on: date, quantity: Decimal, location_id: UUID, value: Money
    ) -> Layer:
        """The layer that `quantity` makes: worth `value`, or under standard what it costs by standard."""
        if self.valuation is Valuation.STANDARD:
            assert self.standard_cost is not None
            value = Money.rounded(Fraction(self.standard_cost) * Fraction(quantity), value.currency)
        self.layers_made += 1
        layer = Layer(id, line_id, self.layers_made, on, quantity, value)
        later = [known.effective_on > on for known in self.layers]
        self.layers.insert(later.index(True) if True in later else len(later), layer)
        self.value += value
        self._put(location_id, quantity)
        return layer

    def issue(
        self, quantity: Decimal, *, on: date, location_id: UUID, first_line_id: UUID | None = None
    ) -> list[Consumption]:
        """Takes `quantity`, of the layers of `first_line_id` first, and tells what of which layer at which value.

        The last piece takes whatever value is left, so that nothing is worth nothing. Errors: INSUFFICIENT_STOCK.
        """
        # A layer of a later date stays untouched, or a report as of a day between would show less than nothing.
        eligible = [layer for layer in self.layers if layer.effective_on <= on]
        self._require(quantity, min(_sum(layer.quantity for layer in eligible), self._at(location_id)), location_id)
        eligible.sort(key=lambda layer: first_line_id is None or layer.line_id != first_line_id)
        taken = _take(eligible, quantity)
        if self.valuation is Valuation.AVERAGE and not self._takes_back(taken, first_line_id):
            taken = self._at_average(taken, quantity)
        left = {layer.id: layer for layer in self.layers}
        for part in taken:
            layer = left[part.layer_id]
            left[layer.id] = replace(
                layer,
                quantity=EXACT.subtract(layer.quantity, part.quantity),
                value=layer.value - part.value,
                whole=False,
            )
        self.layers = [layer for layer in left.values() if layer.quantity]
        self.value -= _worth(taken, self.value)
        self._put(location_id, -quantity)
        return taken

    def transfer(self, quantity: Decimal, *, from_location_id: UUID, to_location_id: UUID) -> None:
        """From one place of the company to another: the value stays where it is. Errors: INSUFFICIENT_STOCK."""
        self._require(quantity, self._at(from_location_id), from_location_id)
        self._put(from_location_id, -quantity)
        self._put(to_location_id, quantity)

    def _takes_back(self, taken: Sequence[Consumption], line_id: UUID | None) -> bool:
        """Whether it is all of `line_id`, in a stock that still is what other receipts brought: as if it never came.

        At an average of receipts that are dated later, a day before them would show goods worth less than nothing.
        """
        own = {layer.id for layer in self.layers if layer.line_id == line_id}
        return (
            line_id is not None
            and all(part.layer_id in own for part in taken)
            and all(layer.whole for layer in self.layers)
            and self.value == Money.total((layer.value for layer in self.layers), self.value.currency)
        )

    def _at_average(self, taken: Sequence[Consumption], quantity: Decimal) -> list[Consumption]:
        share = Fraction(quantity) / Fraction(self.quantity)
        cost = self.value if share == 1 else Money.rounded(Fraction(self.value.amount) * share, self.value.currency)
        parts = cost.allocate([part.quantity for part in taken])
        return [replace(part, value=value) for part, value in zip(taken, parts, strict=True)]

    def _at(self, location_id: UUID) -> Decimal:
        return self.at_location.get(location_id, Decimal(0))

    def _put(self, location_id: UUID, quantity: Decimal) -> None:
        self.at_location[location_id] = EXACT.add(self._at(location_id), quantity)

    def _require(self, quantity: Decimal, available: Decimal, location_id: UUID) -> None:
        if quantity > available:
            raise InsufficientStock(
                f"Of {self.sku} less lies there than would leave.",
                item=self.item_id,
                sku=self.sku,
                location=location_id,
                requested=decimal_text(quantity),
                available=decimal_text(available),
                unit=self.unit,
            )


def _take(layers: Sequence[Layer], quantity: Decimal) -> list[Consumption]:
    """`quantity` out of `layers` in their order; a part of a layer takes its share of the value, rounded half up."""
    taken: list[Consumption] = []
    for layer in layers:
        if not quantity:
            break
        part = min(quantity, layer.quantity)
        value = layer.value
        if part < layer.quantity:
            value = Money.rounded(Fraction(value.amount) * Fraction(part) / Fraction(layer.quantity), value.currency)
        taken.append(Consumption(layer.id, part, value))
        quantity = EXACT.subtract(quantity, part)
    return taken


def _worth(taken: Sequence[Consumption], like: Money) -> Money:
    return Money.total((part.value for part in taken), like.currency)


def _sum(quantities: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for quantity in quantities:
        total = EXACT.add(total, quantity)
    return total
