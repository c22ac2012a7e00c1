"""The kinds of accounting facts that package `standard` has posting rules for, and what their amounts mean.

Amounts are positive for what the name says. Taking it back is the same kind with the amount negated and
`reverses_document` set.
"""

from typing import Final

# Commitment book, net of tax, at the document's rate; each needs a budget line.
REQUISITION_REQUESTED: Final = "procurement.requisition.requested"  # the budget is asked for: pre-encumbered
REQUISITION_RELIEVED: Final = "procurement.requisition.relieved"  # an order took it over, or it was given up
ORDER_ORDERED: Final = "procurement.purchase_order.ordered"  # we are bound: encumbered
ORDER_RELIEVED: Final = "procurement.purchase_order.relieved"  # the actual posting took it over, or it was cancelled

# Actual book.
GOODS_RECEIVED: Final = "procurement.goods_receipt.received"  # into stock; with an account, into that one instead
SERVICE_RECEIVED: Final = "procurement.goods_receipt.consumed"  # services and description lines: expense at once
INVOICE_MATCHED: Final = "billing.supplier_invoice.matched"  # what the receipt credited to GRNI, now charged
INVOICE_CHARGED: Final = "billing.supplier_invoice.charged"  # net of lines without a receipt
INVOICE_PRICE_DIFFERENCE: Final = "billing.supplier_invoice.price_difference"  # charged beyond what GRNI holds
INVOICE_TAX: Final = "billing.supplier_invoice.tax"
INVOICE_PAYABLE: Final = "billing.supplier_invoice.payable"  # gross; opens the open item
PAYMENT_PAID: Final = "billing.payment.paid"  # leaves the bank; the account is the bank account's
PAYMENT_SETTLED: Final = "billing.payment.settled"  # of one open item, at the company amount that it was opened with
PAYMENT_ADVANCE: Final = "billing.payment.advance"  # not allocated to an invoice yet; opens the payment's own item
PAYMENT_RECEIVED: Final = "billing.payment.received"  # comes into the bank; the account is the bank account's
PAYMENT_REFUNDED: Final = "billing.payment.refunded"  # a supplier gives back: an advance, or its own item until then
PAYMENT_PREPAID: Final = "billing.payment.prepaid"  # a customer's money that settles nothing yet; its own item
STOCK_ISSUED: Final = "inventory.stock_move.issued"  # cost of what left the stock
STOCK_ADJUSTED: Final = "inventory.stock_move.adjusted"  # value found (positive) or lost
STOCK_REVALUED: Final = "inventory.stock_move.revalued"  # price differences and late costs put on stock

# The role of the account that receipts credit and invoices clear.
ACCRUED: Final = "goods_received_not_invoiced"

# Budget book.
BUDGET_APPROVED: Final = "ledger.budget.approved"  # of one line and period
