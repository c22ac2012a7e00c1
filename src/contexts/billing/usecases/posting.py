"""Posting a supplier invoice: matched with its orders, told to the books; and the same taken back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from bizcore.documents import Document, LineLink, LinkKind, Phase
from bizcore.ids import new_id
from bizcore.platform.policies import Policies
from bizcore.values import Money, Percentage
from contexts.billing.domain.match import Charge, MatchException, Tolerance
from contexts.billing.domain.supplier_invoice import InvoiceLine, OrderCharge, SupplierInvoice
from contexts.billing.errors import InvoiceSettled
from contexts.billing.ports import BillingWork, ChargedSoFar, open_item_key
from contexts.ledger.public import budget_key, facts, hold_budget_for, open_day, reversed_on, reversing_facts
from contexts.procurement.public import (
    BudgetLineMissing,
    OrderedLine,
    Value,
    accept_service,
    clear_accrual,
    ordered_lines,
    relieve,
    restore_accrual,
    settle,
    withdraw_services,
)


async def when_active(document: Document, work: BillingWork) -> None:
    """Posted, it is a claim on us, whether it matches or not: what differs blocks its payment, not its record.

    Of services it says itself that they were rendered, as far as they were ordered.
    Errors: WRONG_PHASE of an order, BUDGET_EXCEEDED, BUDGET_LINE_MISSING; what posting refuses.
    """
    invoice = work.supplier_invoices.get(document.id)
    ids = {line.order_line_id for line in invoice.lines if line.order_line_id is not None}
    before = await ordered_lines(work, ids, locked=True)
    ordered = dict(before)
    policies = await work.policies.of(document.company.id)
    so_far = dict.fromkeys(ids, ChargedSoFar(0, 0)) | dict(await work.supplier_invoices.charged_so_far(ids))
    found: list[dict[str, object]] = []
    for index, line in enumerate(invoice.lines):
        if line.order_line_id is None:
            continue
        order_line, earlier = ordered[line.order_line_id], so_far[line.order_line_id]
        invoice.refuse_foreign(order_line, f"/lines/{index}/order_line")
        ordered[order_line.id], charge = _charge(line, order_line, earlier, invoice, policies, work)
        so_far[order_line.id] = ChargedSoFar(charge.sequence, earlier.expected_minor + charge.expected.minor)
        exceptions = _compare(line, order_line, charge.expected, earlier, invoice, policies)
        work.supplier_invoices.charge(charge, exceptions, by=document, on=document.document_date)
        work.link(_bills(charge, document, document.document_date))
        found.extend({"line": line.id, **exception.plain()} for exception in exceptions)
    await _hold_budgets(invoice, policies, work)
    for fact in invoice.facts():
        work.account(fact)
    await relieve(work, _rendered(ordered, before), by=document, on=document.document_date)
    work.tell(
        document,
        {
            "supplier_reference": invoice.reference,
            "due_on": invoice.due_on,
            "net": invoice.net.amount.text(),
            "tax": invoice.tax.amount.text(),
            "price_exceptions": found,
        },
    )


def _charge(
    line: InvoiceLine,
    order_line: OrderedLine,
    earlier: ChargedSoFar,
    invoice: SupplierInvoice,
    policies: Policies,
    work: BillingWork,
) -> tuple[OrderedLine, OrderCharge]:
    """What posting the line does to its order line, and how that stands afterwards."""
    by, on = invoice.document, invoice.document.document_date
    rendered = accept_service(
        work,
        order_line,
        line.quantity,
        source_line_id=line.id,
        account_id=line.account_id,
        dimensions=line.dimensions,
        by=by,
        on=on,
    )
    id = new_id()
    cleared = clear_accrual(work, rendered, line.quantity, id=id, source_line_id=line.id, by=by, on=on)
    charge = OrderCharge(
        id=id,
        line_id=line.id,
        order_line_id=order_line.id,
        sequence=earlier.charges + 1,
        quantity=line.quantity,
        charged=line.net.amount,
        expected=order_line.terms.price(order_line.unit_price, line.quantity).amount,
        cleared=cleared,
        quantity_tolerance=policies.quantity_tolerance,
        budget_line_id=order_line.budget_line_id,
        accounts=order_line.accounts,
    )
    invoice.charges.append(charge)
    return rendered.charge(line.quantity, line.net.amount, cleared), charge


def _rendered(after: Mapping[UUID, OrderedLine], before: Mapping[UUID, OrderedLine]) -> list[OrderedLine]:
    """The order lines of which the invoice accepted a service."""
    return [line for id, line in after.items() if line.quantity_received != before[id].quantity_received]


async def _hold_budgets(invoice: SupplierInvoice, policies: Policies, work: BillingWork) -> None:
    """What nobody ordered was held by nobody before: its budget must have it now.

    What an order stands behind is not held again; a price above it blocks the payment, not the record.
    Errors: BUDGET_LINE_MISSING where the company wants one on every line, BUDGET_EXCEEDED.
    """
    unordered = [line for line in invoice.lines if line.order_line_id is None]
    without = [line.id for line in unordered if line.budget_line_id is None]
    if without and not policies.lines_without_budget:
        raise BudgetLineMissing("Every line names the budget that pays for it: so the company decided.", lines=without)
    charged = [(line.budget_line_id, line.net.company) for line in unordered if line.budget_line_id is not None]
    budgets = await work.limits({budget_key(id) for id, _ in charged})
    for budget_line_id, amount in charged:
        hold_budget_for(work, budgets, budget_line_id, amount, by=invoice.document)


def _compare(
    line: InvoiceLine,
    order_line: OrderedLine,
    expected: Money,
    earlier: ChargedSoFar,
    invoice: SupplierInvoice,
    policies: Policies,
) -> list[MatchException]:
    conversion, charged = invoice.terms.conversion, order_line.amount_invoiced
    own, so_far = conversion.own, Money(earlier.expected_minor, expected.currency)
    tolerance = Tolerance(Percentage(policies.price_tolerance), Money.rounded(policies.price_tolerance_amount, own))
    return Charge(
        ordered_price=order_line.unit_price,
        charged_price=line.unit_price,
        expected=expected,
        charged=line.net.amount,
        excess=conversion.convert(line.net.amount - expected),
        earlier_expected=so_far,
        earlier_charged=charged,
        total_excess=conversion.convert(charged + line.net.amount - so_far - expected),
    ).exceptions(tolerance)


def _bills(charge: OrderCharge, document: Document, on: date) -> LineLink:
    return LineLink(
        kind=LinkKind.BILLS,
        source_line_id=charge.line_id,
        target_line_id=charge.order_line_id,
        document_id=document.id,
        effective_on=on,
        quantity=charge.quantity,
        amount_minor=charge.charged.minor,
    )


async def when_void(document: Document, work: BillingWork) -> None:
    """Its number is free again; posted, everything it did is done once more with its sign turned.

    Errors: INVOICE_SETTLED while payments settle a part of it.
    """
    invoice = work.supplier_invoices.get(document.id)
    work.supplier_invoices.free_reference(invoice)
    assert document.new_step is not None
    if document.new_step.from_phase is not Phase.ACTIVE:
        return
    key = open_item_key(document.id)
    item = work.payments.open_item((await work.limits([key]))[key])
    if item.balance.amount != document.total:
        raise InvoiceSettled(
            "Payments have settled a part of it: unallocate or reverse them first.",
            total=document.total.text(),
            balance=item.balance.amount.text(),
            currency=document.currency,
        )
    ordered = await ordered_lines(work, {charge.order_line_id for charge in invoice.charges}, locked=True)
    on = await reversed_on(work.journal, document)
    for charge in invoice.charges:
        order_line, back = ordered[charge.order_line_id], _taken_back(charge)
        restore_accrual(
            work, order_line, charge.quantity, charge.cleared, source_line_id=charge.line_id, by=document, on=on
        )
        work.link(_bills(back, document, on))
        work.supplier_invoices.charge(back, (), by=document, on=on, reverses=charge.id)
        settled = order_line.settled.get(charge.line_id)
        if settled is not None:
            # The order agreed to another price since: that counted from then on, not before.
            day = await open_day(work.journal, document.company.id, max(on, settled.on))
            line_id, bearer = charge.line_id, charge.budget_line_id
            settle(work, order_line, -settled.value, source_line_id=line_id, budget_line_id=bearer, on=day)
    await withdraw_services(work, ordered, by=document, on=on)
    for fact in await reversing_facts(work.journal, document):
        if fact.kind != facts.ORDER_RELIEVED:
            work.account(fact)


def _taken_back(charge: OrderCharge) -> OrderCharge:
    return replace(
        charge,
        id=new_id(),
        quantity=-charge.quantity,
        charged=-charge.charged,
        expected=-charge.expected,
        cleared=Value(-charge.cleared.amount, -charge.cleared.company),
    )
