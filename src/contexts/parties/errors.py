"""Refusals of parties."""

from bizcore.errors import BusinessError


class PartyInactive(BusinessError):
    """Nothing new may name a party that is out of use."""

    code = "PARTY_INACTIVE"


class WrongPartyRole(BusinessError):
    """A supplier is asked for and the party is none, or a customer."""

    code = "WRONG_PARTY_ROLE"
