"""The work of one command: what a handler reads now and what it collects for the flush."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol
from uuid import UUID

from bizcore.access import Principal
from bizcore.call import Call
from bizcore.documents.document import Company, Document
from bizcore.documents.links import LineLink, LinkKind
from bizcore.documents.type import AnyDocumentType
from bizcore.events import Event
from bizcore.facts import AccountingFact, StockFact
from bizcore.limits import Limit, LimitKey


class Work(Protocol):
    """Each context adds its own small Protocol of stores. Only the pipeline begins, flushes and ends it."""

    call: Call
    principal: Principal

    def allows(self, permission: str) -> bool:
        """Whether the principal's roles carry it."""

    def company(self, id: UUID | None = None) -> Company:
        """The company meant: the given one, else the only one within the principal's scope.

        Errors: UNKNOWN_REFERENCE; VALIDATION_FAILED listing the choices when there are several.
        """

    def require_own(self, company: Company, id: UUID, path: str) -> None:
        """What the command refers to at `path` is the company's own, or shared by all. Errors: UNKNOWN_REFERENCE."""

    def today(self, company: Company) -> date:
        """The calendar date where the company is."""

    def type_of(self, document: Document) -> AnyDocumentType: ...

    def new_document(
        self,
        type: AnyDocumentType,
        *,
        company: Company,
        currency: str | None = None,
        party_id: UUID | None = None,
        document_date: date | None = None,
        title: str | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> Document:
        """A new draft under the type's current workflow, its creation recorded, its number drawn at the flush."""

    async def load(self, id: UUID, *, type: AnyDocumentType | None = None, version: int | None = None) -> Document:
        """The document, locked, with the limits its type declares locked and summed too.

        Errors: NOT_FOUND (also out of scope, or of another type), VERSION_CONFLICT.
        """

    async def limits(self, keys: Iterable[LimitKey]) -> Mapping[LimitKey, Limit]:
        """Locks all keys in one statement and sums them in the next, once a command; then reduced in memory."""

    def link(self, link: LineLink) -> None: ...

    def relate(self, kind: LinkKind, *, source: UUID, target: UUID) -> None:
        """Ties two documents in the graph that people follow."""

    def move(self, fact: StockFact) -> None:
        """Tells inventory, which consumes it before the flush."""

    def account(self, fact: AccountingFact) -> None:
        """Tells the ledger, whose posting rules consume it after stock and before the flush."""

    def publish(self, event: Event) -> None:
        """To the outbox; nothing inside reacts to it."""

    def tell(self, document: Document, data: Mapping[str, object]) -> None:
        """Adds `data` to the event that the flush publishes for the document's step."""

    def comment(self, document: Document, body: str) -> UUID: ...

    def attach(
        self, document: Document, *, object_key: str, sha256: str, size: int, media_type: str, name: str
    ) -> UUID: ...
