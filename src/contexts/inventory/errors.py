"""What inventory refuses."""

from bizcore.errors import BusinessError


class InsufficientStock(BusinessError):
    """Less lies there than would leave. What comes in on a later date does not count."""

    code = "INSUFFICIENT_STOCK"
