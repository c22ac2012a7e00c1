"""What other contexts are told of a party."""

from uuid import UUID

import pytest

from bizcore.ids import new_id
from contexts.parties.public import PartyFacts, PartyInactive, WrongPartyRole, customer, supplier


class OneParty:
    """A directory that knows one party."""

    def __init__(self, **changes):
        known = {
            "id": new_id(),
            "code": "PAPERS",
            "name": "Papers",
            "roles": frozenset({"supplier"}),
            "country": "DE",
            "currency": None,
            "payment_terms_id": None,
            "tax_code_id": None,
            "active": True,
        }
        self.facts = PartyFacts(**{**known, **changes})
        self.party_directory = self

    async def party(self, id: UUID) -> PartyFacts:
        return self.facts


async def test_a_supplier_is_told_to_who_buys_and_refused_to_who_sells():
    work = OneParty()
    assert await supplier(work.facts.id, work) == work.facts
    with pytest.raises(WrongPartyRole) as refusal:
        await customer(work.facts.id, work)
    assert refusal.value.details["expected"] == "customer"


async def test_a_party_out_of_use_is_refused():
    work = OneParty(active=False)
    with pytest.raises(PartyInactive) as refusal:
        await supplier(work.facts.id, work)
    assert refusal.value.details == {"party": "PAPERS"}
