"""What billing refuses."""

from bizcore.errors import BusinessError, ErrorKind


class DuplicateSupplierReference(BusinessError):
    """The supplier's invoice of this number is here already; cases, spaces and separators make no difference."""

    code = "DUPLICATE_SUPPLIER_REFERENCE"


class CurrencyMismatch(BusinessError):
    """Two papers of different currencies meet where nobody has said at which rate."""

    code = "CURRENCY_MISMATCH"
    kind = ErrorKind.INVALID


class PaymentExceedsBalance(BusinessError):
    """More would be settled than is open."""

    code = "PAYMENT_EXCEEDS_BALANCE"


class PaymentBlocked(BusinessError):
    """The invoice does not match its order and receipts, and nobody has released it."""

    code = "PAYMENT_BLOCKED"


class NothingBlocked(BusinessError):
    """The invoice has no payment block to release."""

    code = "NOTHING_BLOCKED"


class InvoiceSettled(BusinessError):
    """Payments have settled a part of the invoice: they are taken back first."""

    code = "INVOICE_SETTLED"


class AllocationNotFound(BusinessError):
    """The payment has settled less of the invoice than would be taken back."""

    code = "ALLOCATION_NOT_FOUND"


class PaymentGivenBack(BusinessError):
    """Money that came back settles a part of the payment: that is taken back first."""

    code = "PAYMENT_GIVEN_BACK"
