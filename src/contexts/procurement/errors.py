"""What procurement refuses."""

from bizcore.errors import BusinessError


class RequisitionOverOrdered(BusinessError):
    """Orders would take up more of a requisition line than was asked for."""

    code = "REQUISITION_OVER_ORDERED"


class BelowOrdered(BusinessError):
    """A requisition line would fall below what orders have taken up of it."""

    code = "BELOW_ORDERED"
