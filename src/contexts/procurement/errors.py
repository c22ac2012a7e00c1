"""What procurement refuses."""

from bizcore.errors import BusinessError, ErrorKind


class RequisitionOverOrdered(BusinessError):
    """Orders would take up more of a requisition line than was asked for."""

    code = "REQUISITION_OVER_ORDERED"


class BelowOrdered(BusinessError):
    """A requisition line would fall below what orders have taken up of it."""

    code = "BELOW_ORDERED"


class BudgetLineMissing(BusinessError):
    """The company wants every ordered line to name a budget, and this one does not."""

    code = "BUDGET_LINE_MISSING"


class OverReceipt(BusinessError):
    """More would have come than was ordered and its tolerance allows."""

    code = "OVER_RECEIPT"


class BelowReceived(BusinessError):
    """An order line would fall below what was received of it."""

    code = "BELOW_RECEIVED"


class BelowInvoiced(BusinessError):
    """An order line or its receipts would fall below what was invoiced."""

    code = "BELOW_INVOICED"


class AnotherCompany(BusinessError):
    """An order takes up requisition lines of its own company alone."""

    code = "ANOTHER_COMPANY"
    kind = ErrorKind.INVALID
