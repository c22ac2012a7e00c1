"""The posting rules of package `standard`: one for each kind of fact from requisition to payment."""

from typing import Final

from contexts.ledger import facts
from contexts.ledger.domain.journal_entry import Book
from contexts.ledger.domain.posting_rule import RuleLine, Side


def _debit(role: str, *, own_account: bool = False, budget_line: bool = False, open_item: bool = False) -> RuleLine:
    return RuleLine(side=Side.DEBIT, role=role, own_account=own_account, budget_line=budget_line, open_item=open_item)


def _credit(role: str, *, own_account: bool = False, budget_line: bool = False, open_item: bool = False) -> RuleLine:
    return RuleLine(side=Side.CREDIT, role=role, own_account=own_account, budget_line=budget_line, open_item=open_item)


_ASKED = _debit("pre_encumbrance", budget_line=True)
_BOUND = _debit("encumbrance", budget_line=True)
_CONTROL = _credit("commitment_control")
_RECEIVED = _credit("goods_received_not_invoiced")

RULES: Final[dict[str, tuple[Book, tuple[RuleLine, ...]]]] = {
    facts.REQUISITION_REQUESTED: (Book.COMMITMENT, (_ASKED, _CONTROL)),
    facts.REQUISITION_RELIEVED: (
        Book.COMMITMENT,
        (_credit("pre_encumbrance", budget_line=True), _debit("commitment_control")),
    ),
    facts.ORDER_ORDERED: (Book.COMMITMENT, (_BOUND, _CONTROL)),
    facts.ORDER_RELIEVED: (
        Book.COMMITMENT,
        (_credit("encumbrance", budget_line=True), _debit("commitment_control")),
    ),
    facts.GOODS_RECEIVED: (Book.ACTUAL, (_debit("inventory", own_account=True, budget_line=True), _RECEIVED)),
    facts.SERVICE_RECEIVED: (Book.ACTUAL, (_debit("expense", own_account=True, budget_line=True), _RECEIVED)),
    facts.INVOICE_MATCHED: (Book.ACTUAL, (_debit("goods_received_not_invoiced"),)),
    facts.INVOICE_CHARGED: (Book.ACTUAL, (_debit("expense", own_account=True, budget_line=True),)),
    facts.INVOICE_PRICE_DIFFERENCE: (
        Book.ACTUAL,
        (_debit("price_difference", own_account=True, budget_line=True),),
    ),
    facts.INVOICE_TAX: (Book.ACTUAL, (_debit("input_tax", own_account=True),)),
    facts.INVOICE_PAYABLE: (Book.ACTUAL, (_credit("payable", own_account=True, open_item=True),)),
    facts.PAYMENT_PAID: (Book.ACTUAL, (_credit("bank", own_account=True),)),
    facts.PAYMENT_SETTLED: (Book.ACTUAL, (_debit("payable", own_account=True, open_item=True),)),
    facts.PAYMENT_ADVANCE: (Book.ACTUAL, (_debit("supplier_advance", own_account=True, open_item=True),)),
    facts.PAYMENT_RECEIVED: (Book.ACTUAL, (_debit("bank", own_account=True),)),
    facts.PAYMENT_REFUNDED: (Book.ACTUAL, (_credit("supplier_advance", own_account=True, open_item=True),)),
    facts.PAYMENT_PREPAID: (Book.ACTUAL, (_credit("customer_advance", own_account=True, open_item=True),)),
    facts.STOCK_ISSUED: (
        Book.ACTUAL,
        (_debit("cost_of_goods_sold", own_account=True, budget_line=True), _credit("inventory")),
    ),
    facts.STOCK_ADJUSTED: (Book.ACTUAL, (_debit("inventory"), _credit("stock_adjustment", own_account=True))),
    facts.STOCK_REVALUED: (Book.ACTUAL, (_debit("inventory"), _credit("price_difference", own_account=True))),
    facts.BUDGET_APPROVED: (Book.BUDGET, (_debit("budget", budget_line=True), _credit("budget_control"))),
}
