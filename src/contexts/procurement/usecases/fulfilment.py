"""What comes of an order line: goods by a receipt, a service by the invoice that charges it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from bizcore.documents import Document, LineLink, LinkKind
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from contexts.ledger.public import facts
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Value
from contexts.procurement.ports import BuyingWork
from contexts.procurement.usecases.commitments import relieve


def fulfil(
    work: BuyingWork,
    line: OrderedLine,
    quantity: Decimal,
    value: Value,
    *,
    unit_price: Decimal,
    source_line_id: UUID,
    by: Document,
    on: date,
) -> UUID:
    """Link and accrual of what came, both negative when it is taken back; the id of the accrual."""
    work.link(
        LineLink(
            kind=LinkKind.FULFILS,
            source_line_id=source_line_id,
            target_line_id=line.id,
            document_id=by.id,
            effective_on=on,
            quantity=quantity,
            amount_minor=value.amount.minor,
        )
    )
    id = new_id()
    work.accruals.add(
        id,
        order_line_id=line.id,
        source_line_id=source_line_id,
        document_id=by.id,
        on=on,
        quantity=quantity,
        unit_price=unit_price,
        value=value,
    )
    return id


def accept_service(
    work: BuyingWork,
    line: OrderedLine,
    quantity: Decimal,
    *,
    source_line_id: UUID,
    account_id: UUID | None,
    dimensions: Mapping[str, str],
    by: Document,
    on: date,
) -> OrderedLine:
    """The line after an invoice line over `quantity` accepted what it charges of a service; goods are left alone.

    It fulfils the order and is expensed at its price, on `account_id` where one is given. `line` was read locked. Pass
    all lines that changed to `relieve` when the last of them is done.
    """
    accepted = line.accepted_by_invoice(quantity)
    if not accepted:
        return line
    value = line.value_of(accepted)
    id = fulfil(work, line, accepted, value, unit_price=line.unit_price, source_line_id=source_line_id, by=by, on=on)
    work.account(
        AccountingFact(
            id=id,
            kind=facts.SERVICE_RECEIVED,
            company_id=by.company.id,
            document_id=by.id,
            line_id=source_line_id,
            effective_on=on,
            amount=value.amount,
            company_amount=value.company,
            party_id=by.party_id,
            item_id=line.item_id,
            account_id=account_id,
            accounts=line.accounts,
            budget_line_id=line.budget_line_id,
            dimensions=dimensions,
        )
    )
    return line.receive(accepted, value)


async def withdraw_services(work: BuyingWork, lines: Mapping[UUID, OrderedLine], *, by: Document, on: date) -> None:
    """What `by` accepted of `lines` is open again, and their budgets hold it again, when `by` is reversed.

    What it told the books the caller takes back, but for the commitments: an order that was closed or amended since
    holds another amount than before.
    """
    changed: dict[UUID, OrderedLine] = {}
    for accepted in await work.accruals.accepted(by.id, lines):
        quantity, value, unit_price = accepted.quantity, accepted.value, accepted.unit_price
        line = changed.get(accepted.order_line_id, lines[accepted.order_line_id])
        changed[line.id] = line.withdraw(quantity, value, unit_price=unit_price)
        source = accepted.source_line_id
        fulfil(work, line, -quantity, -value, unit_price=unit_price, source_line_id=source, by=by, on=on)
    await relieve(work, changed.values(), by=by, on=on, reverses=True)
