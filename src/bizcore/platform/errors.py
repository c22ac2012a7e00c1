"""Refusals that every kind of master record shares."""

from bizcore.errors import BusinessError


class DuplicateCode(BusinessError):
    """Another record of the kind has this code."""

    code = "DUPLICATE_CODE"
