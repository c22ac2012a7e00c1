"""What an order that is approved again agrees to: its prices, also for what was charged ahead of its goods."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from bizcore.documents import Document
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from contexts.ledger.public import facts
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.purchase_order import PurchaseOrder
from contexts.procurement.domain.value import Value
from contexts.procurement.ports import BuyingWork, ProcurementWork


def agree_prices(order: PurchaseOrder, lines: Iterable[OrderedLine], work: ProcurementWork, *, on: date) -> None:
    """The prices of `order` count from now on, for what was charged too; `lines` are its lines, read locked."""
    work.purchase_orders.agree(order, on=on)
    settle_clearing(lines, order.document, work, on=on)


def settle_clearing(lines: Iterable[OrderedLine], document: Document, work: BuyingWork, *, on: date) -> None:
    """Invoices clear of the accrual what the order says by now; `lines` were read locked.

    Goods that were charged ahead will come at the present price: what of it was a price difference is none any more.
    A reversal gives back what its invoice had cleared, at the price of then: where as much is charged as came, or
    nothing any more, nothing remains.
    """
    for line in lines:
        if line.quantity_invoiced >= line.quantity_received or not line.quantity_invoiced:
            _clear(line, line.clear(Decimal(0)), document, work, on=on)


def _clear(line: OrderedLine, more: Value, document: Document, work: BuyingWork, *, on: date) -> None:
    if not more:
        return
    cleared = new_id()
    work.accruals.add(
        cleared,
        order_line_id=line.id,
        source_line_id=line.id,
        by=document,
        on=on,
        quantity=Decimal(0),
        unit_price=None,
        value=-more,
    )
    for id, kind, value in (
        (cleared, facts.INVOICE_MATCHED, more),
        (new_id(), facts.INVOICE_PRICE_DIFFERENCE, -more),
    ):
        work.account(
            AccountingFact(
                id=id,
                kind=kind,
                company_id=document.company.id,
                document_id=document.id,
                line_id=line.id,
                effective_on=on,
                amount=value.amount,
                company_amount=value.company,
                party_id=document.party_id,
                item_id=line.item_id,
                accounts=line.accounts,
                budget_line_id=line.budget_line_id if kind == facts.INVOICE_PRICE_DIFFERENCE else None,
                dimensions=line.dimensions,
            )
        )
