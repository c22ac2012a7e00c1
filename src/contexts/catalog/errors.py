"""Refusals of the catalog."""

from bizcore.errors import BusinessError


class ItemInactive(BusinessError):
    """Nothing new may name an item that is out of use."""

    code = "ITEM_INACTIVE"
