"""How stock facts become moves, layers and costs: before the books, which need the cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from bizcore.facts import AccountingFact, StockFact
from bizcore.ids import new_id
from bizcore.limits import LimitKey
from bizcore.values import Money, decimal_text
from contexts.inventory.domain.stock import Booked, Stock
from contexts.inventory.ports import InventoryWork

ISSUED: Final = "inventory.stock_move.issued"  # the cost of what left the stock
REVALUED: Final = "inventory.stock_move.revalued"  # how far the stock's value is above what its document booked


def stock_key(fact: StockFact) -> LimitKey:
    """Moves of one item wait for each other, whatever company and place: its layers are read after the lock."""
    return LimitKey("stock", fact.item_id)


async def consume_stock(work: InventoryWork) -> None:
    """Record the command's stock moves in their order, and tell the books what only the valuation knows.

    What comes in from a supplier is booked by its own document at the value it told; the books hear of it from here
    only where the stock is worth another value. Errors: INSUFFICIENT_STOCK.
    """
    facts = work.stock_facts
    if not facts:
        return
    limits = await work.limits(stock_key(fact) for fact in facts)
    booked = await work.stock.booked({fact.reverses_line_id for fact in facts if fact.reverses_line_id})
    places = await _default_places(facts, work)
    stocks: dict[tuple[object, object], Stock] = {}
    for fact in facts:
        key = (fact.company_id, fact.item_id)
        if key not in stocks:
            stocks[key] = work.stock.stock(limits[stock_key(fact)], work.company(fact.company_id))
        placed = _placed(fact, places)
        value = _move(placed, stocks[key], booked, work)
        _tell_effect(placed, stocks[key], value, work)


def _names_no_place(fact: StockFact) -> bool:
    return fact.from_location_id is None and fact.to_location_id is None


async def _default_places(facts: Sequence[StockFact], work: InventoryWork) -> Mapping[UUID, UUID]:
    """The default location of each company that a move without a place is of."""
    companies = {fact.company_id for fact in facts if _names_no_place(fact)}
    return {company_id: await work.stock.default_location(company_id) for company_id in companies}


def _placed(fact: StockFact, places: Mapping[UUID, UUID]) -> StockFact:
    """The move with its place: one that names none comes into the company's default location or, without a value,
    leaves from there.
    """
    if not _names_no_place(fact):
        return fact
    place = places[fact.company_id]
    return replace(fact, to_location_id=place) if fact.value is not None else replace(fact, from_location_id=place)


def _move(fact: StockFact, stock: Stock, booked: Mapping[UUID, Booked], work: InventoryWork) -> Money:
    """Records one move and gives its value."""
    if fact.from_location_id is None:
        return _receive(fact, stock, work)
    if fact.to_location_id is None:
        return _issue(fact, stock, booked, work)
    stock.transfer(fact.quantity, from_location_id=fact.from_location_id, to_location_id=fact.to_location_id)
    value = Money.zero(stock.value.currency)
    work.stock.moved(fact, value)
    return value


def _receive(fact: StockFact, stock: Stock, work: InventoryWork) -> Money:
    if fact.value is None or fact.to_location_id is None:
        raise ValueError(f"{fact.kind} brings goods without a value")
    layer = stock.receive(
        id=fact.id,
        line_id=fact.line_id,
        on=fact.effective_on,
        quantity=fact.quantity,
        location_id=fact.to_location_id,
        value=fact.value,
    )
    work.stock.moved(fact, layer.value, layer=layer, booked=fact.value)
    _account(fact, REVALUED, layer.value - fact.value, work)
    return layer.value


def _issue(fact: StockFact, stock: Stock, booked: Mapping[UUID, Booked], work: InventoryWork) -> Money:
    assert fact.from_location_id is not None
    taken = stock.issue(
        fact.quantity,
        on=fact.effective_on,
        location_id=fact.from_location_id,
        first_line_id=fact.reverses_line_id,
    )
    cost = Money.total((part.value for part in taken), stock.value.currency)
    work.stock.moved(fact, cost, taken=taken)
    if fact.reverses_line_id is None:
        _account(fact, ISSUED, cost, work)
        return cost
    # A return takes back what the receipt booked; goods that cost something else leave the difference to variance.
    _account(fact, REVALUED, booked[fact.reverses_line_id].share(fact.quantity) - cost, work)
    return cost


def _account(fact: StockFact, kind: str, amount: Money, work: InventoryWork) -> None:
    if amount:
        work.account(
            AccountingFact(
                id=new_id(),
                kind=kind,
                company_id=fact.company_id,
                document_id=fact.document_id,
                line_id=fact.line_id,
                effective_on=fact.effective_on,
                amount=amount,
                company_amount=amount,
                item_id=fact.item_id,
                reverses_document=fact.reverses_line_id is not None,
            )
        )


def _tell_effect(fact: StockFact, stock: Stock, value: Money, work: InventoryWork) -> None:
    """What a dry run shows."""
    if work.call.dry_run:
        work.effects.setdefault("stock_moves", []).append(
            {
                "item": fact.item_id,
                "sku": stock.sku,
                "quantity": decimal_text(fact.quantity),
                "unit": stock.unit,
                "from_location": fact.from_location_id,
                "to_location": fact.to_location_id,
                "effective_on": fact.effective_on,
                "value": value.text(),
                "currency": value.currency.code,
            }
        )
