"""What other contexts may ask of procurement: order lines as they stand, and their accruals."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from bizcore.documents import Document
from bizcore.ids import new_id
from bizcore.limits import LimitKey
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.errors import BelowInvoiced, BudgetLineMissing
from contexts.procurement.ports import BuyingWork
from contexts.procurement.usecases.agreed_prices import settle
from contexts.procurement.usecases.commitments import relieve
from contexts.procurement.usecases.fulfilment import accept_service, withdraw_services

__all__ = [
    "BelowInvoiced",
    "BudgetLineMissing",
    "BuyingWork",
    "OrderedLine",
    "Terms",
    "Value",
    "accept_service",
    "clear_accrual",
    "order_line_key",
    "ordered_lines",
    "relieve",
    "restore_accrual",
    "settle",
    "withdraw_services",
]


def order_line_key(order_line_id: UUID) -> LimitKey:
    """The limit to lock before something is received or charged; `DocumentSql.limit_keys` names it alike."""
    return LimitKey("order_line", order_line_id)


async def ordered_lines(work: BuyingWork, ids: Iterable[UUID], *, locked: bool) -> dict[UUID, OrderedLine]:
    """Order lines as they stand. Whoever decides by them reads them `locked`: then they stand still until the end."""
    if not locked:
        return dict(await work.purchase_orders.lines(line_ids=ids))
    limits = await work.limits(map(order_line_key, ids))
    return {key.id: work.purchase_orders.line(limit) for key, limit in limits.items()}


def clear_accrual(
    work: BuyingWork, line: OrderedLine, quantity: Decimal, *, id: UUID, source_line_id: UUID, by: Document, on: date
) -> Value:
    """Takes out of goods received not invoiced what an invoice line over `quantity` answers for, and tells how much.

    Post it as the fact INVOICE_MATCHED of that `id`, on the accounts of `line`; what the supplier charged beyond it is
    the price difference. `line` was read locked; where two invoice lines meet one order line, hand the second
    `line.charge(...)` of the first.
    """
    value = line.clear(quantity)
    work.accruals.add(
        id,
        order_line_id=line.id,
        source_line_id=source_line_id,
        document_id=by.id,
        on=on,
        quantity=-quantity,
        unit_price=None,
        value=-value,
        budget_line_id=line.budget_line_id,
    )
    return value


def restore_accrual(
    work: BuyingWork,
    line: OrderedLine,
    quantity: Decimal,
    value: Value,
    *,
    source_line_id: UUID,
    by: Document,
    on: date,
) -> None:
    """Puts back what an invoice line cleared, when the invoice is reversed: the same `quantity` and `value`."""
    work.accruals.add(
        new_id(),
        order_line_id=line.id,
        source_line_id=source_line_id,
        document_id=by.id,
        on=on,
        quantity=quantity,
        unit_price=None,
        value=value,
    )
