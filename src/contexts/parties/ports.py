"""What parties need from outside."""

from typing import Protocol
from uuid import UUID

from bizcore.work import Work
from contexts.parties.domain.party import Party
from contexts.parties.domain.payment_terms import PaymentTerms


class Parties(Protocol):
    async def add(self, party: Party) -> None:
        """Collected; a party without a code gets the next of its series, none in a dry run.

        Errors, at the flush: DUPLICATE_CODE.
        """

    async def get(self, id: UUID, *, version: int | None) -> Party:
        """Locked. Errors: NOT_FOUND, VERSION_CONFLICT."""

    def save(self, party: Party, *, happened: str = "changed") -> None:
        """Collects what differs from what `get` read; `happened` is how the event calls it."""

    def erase(self, party: Party, reason: str) -> None:
        """Saves the erased party and destroys the key under which the audit trail holds what it was before."""


class PaymentTermsStore(Protocol):
    def add(self, id: UUID, terms: PaymentTerms) -> None:
        """Errors, at the flush: DUPLICATE_CODE."""

    async def get(self, id: UUID, *, version: int | None) -> PaymentTerms:
        """Locked. Errors: NOT_FOUND, VERSION_CONFLICT."""

    def save(self, id: UUID, terms: PaymentTerms, *, active: bool | None = None) -> None:
        """Collects what differs from what `get` read; `active` None leaves it as it is."""


class PartiesWork(Work, Protocol):
    @property
    def parties(self) -> Parties: ...

    @property
    def payment_terms(self) -> PaymentTermsStore: ...
