"""The search over everything: documents and master records, as far as the reader may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Protocol
from uuid import UUID

from bizcore.fields import Field
from bizcore.registry import RegisteredQuery, Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Find documents by number and title, master records by code and name."""

    q: Annotated[
        str, Field("Words", help="All are found, also as the beginning of longer ones", min_length=1, max_length=200)
    ]
    limit: Annotated[
        int, Field("Limit", help="1 to 50, of documents and of records each", minimum=Decimal(1), maximum=Decimal(50))
    ] = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found."""

    kind: Annotated[str, Field("Kind", help="document or record")]
    type: Annotated[str, Field("Type", help="Of the document, or the kind of record", example="purchase_order")]
    route: Annotated[str, Field("Route", help="Its collection", example="procurement/purchase-orders")]
    id: Annotated[UUID, Field("Id")]
    number: Annotated[str | None, Field("Number or code")]
    title: Annotated[str | None, Field("Title or name")]
    phase: Annotated[str | None, Field("Phase", help="Of a document")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """What was found: records by code, then documents, the newest first."""

    data: Annotated[tuple[Hit, ...], Field("Hits")]


@dataclass(frozen=True, slots=True)
class Found:
    """One document or record; `type` is its document type or its kind."""

    type: str
    id: UUID
    number: str | None
    title: str | None
    phase: str | None = None


class SearchPort(Protocol):
    async def records(self, words: str, kinds: Sequence[str], limit: int) -> Sequence[Found]:
        """Master records of these kinds by code and name, within the reader's scope, in the order of their codes."""

    async def documents(self, words: str, types: Sequence[str], limit: int) -> Sequence[Found]:
        """Documents of these types, within the reader's scope, the newest first."""


class SearchReading(Protocol):
    @property
    def search(self) -> SearchPort: ...

    def allows(self, permission: str) -> bool: ...


def search_over(registries: Iterable[Registry]) -> RegisteredQuery[Search, SearchReading]:
    """The search over every document type and kind of record in `registries`; who may not read one does not find it."""
    given = tuple(registries)
    documents = {type.code: type for registry in given for type in registry.document_types}
    kinds = {record.kind: record for registry in given for record in registry.record_types}

    async def search(query: Search, reading: SearchReading) -> SearchAnswer:
        readable = [code for code, type in documents.items() if reading.allows(type.permission("read"))]
        visible = [kind for kind, of in kinds.items() if reading.allows(f"{of.context}.{kind}.read")]
        records = await reading.search.records(query.q, visible, query.limit)
        papers = await reading.search.documents(query.q, readable, query.limit)
        hits: list[Any] = [_hit("record", found, kinds[found.type].route) for found in records]
        hits += [_hit("document", found, documents[found.type].route) for found in papers]
        return SearchAnswer(data=tuple(hits))

    # Every role reads the companies, so everybody may search; what is found is what each may read.
    return RegisteredQuery(Search, "platform.company.read", "GET search", search, SearchAnswer)


def _hit(kind: str, found: Found, route: str) -> Hit:
    return Hit(
        kind=kind, type=found.type, route=route, id=found.id, number=found.number, title=found.title, phase=found.phase
    )
