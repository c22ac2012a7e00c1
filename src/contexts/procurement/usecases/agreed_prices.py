"""What an order that is approved again agrees to: its prices, also for what was charged ahead of its goods."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from contexts.ledger.public import facts
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.purchase_order import PurchaseOrder
from contexts.procurement.domain.value import Value
from contexts.procurement.ports import BuyingWork, Charged, ProcurementWork


async def agree_prices(order: PurchaseOrder, lines: Iterable[OrderedLine], work: ProcurementWork, *, on: date) -> None:
    """The prices of `order` count from now on, for what was charged too; `lines` are its lines, read locked.

    Goods that were charged ahead will come at the present price: what of it was a price difference is none any more.
    """
    work.purchase_orders.agree(order, on=on)
    ahead_of_goods = [line for line in lines if line.quantity_invoiced > line.quantity_received]
    owed = [(line, more) for line in ahead_of_goods if (more := line.clear(Decimal(0)))]
    charged = await work.accruals.charged([line.id for line, _ in owed]) if owed else {}
    for line, more in owed:
        ahead = line.quantity_invoiced - line.quantity_received
        for charge, part in _shared(more, charged[line.id], ahead):
            source, bearer = charge.source_line_id, charge.budget_line_id
            settle(work, line, part, source_line_id=source, budget_line_id=bearer, on=on)


def _shared(more: Value, charged: Sequence[Charged], ahead: Decimal) -> Iterator[tuple[Charged, Value]]:
    """`more` over the invoice lines that `ahead` consists of: goods answer the earliest, so the latest ones wait."""
    waiting = []
    for charge in charged:
        waiting.append(min(charge.quantity, ahead))
        ahead -= waiting[-1]
    shares = zip(more.amount.allocate(waiting), more.company.allocate(waiting), strict=True)
    return zip(charged, (Value(*share) for share in shares), strict=True)


def settle(
    work: BuyingWork,
    line: OrderedLine,
    more: Value,
    *,
    source_line_id: UUID,
    budget_line_id: UUID | None,
    on: date,
) -> None:
    """Lets an invoice line clear so much `more` of the accrual, and have so much less of a price difference.

    The order says so, and takes it back when the invoice is reversed. `budget_line_id` is the one that bears the
    difference.
    """
    if not more:
        return
    cleared = new_id()
    work.accruals.add(
        cleared,
        order_line_id=line.id,
        source_line_id=source_line_id,
        document_id=line.order_id,
        on=on,
        quantity=Decimal(0),
        unit_price=None,
        value=-more,
    )
    for id, kind, value, bearer in (
        (cleared, facts.INVOICE_MATCHED, more, None),
        (new_id(), facts.INVOICE_PRICE_DIFFERENCE, -more, budget_line_id),
    ):
        work.account(
            AccountingFact(
                id=id,
                kind=kind,
                company_id=line.company_id,
                document_id=line.order_id,
                line_id=line.id,
                effective_on=on,
                amount=value.amount,
                company_amount=value.company,
                party_id=line.supplier_id,
                item_id=line.item_id,
                accounts=line.accounts,
                budget_line_id=bearer,
                dimensions=line.dimensions,
            )
        )
