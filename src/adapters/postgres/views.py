"""The answer of a document or master record: one query whose JSON text is the body."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, Protocol
from uuid import UUID

import orjson

from adapters.postgres.connection import Connection
from adapters.postgres.types import Catalogue
from bizcore.call import Scope
from bizcore.documents.type import AnyDocumentType

# What a reader may know of, as `Sight.given` passes it; of a document that is called {of}.
_SEEN = """($4::text[] IS NULL OR {of}.type = ANY($4)) AND ($5::uuid[] IS NULL OR {of}.company_id = ANY($5))"""

# The members every document has. Names stand beside ids, never instead of them.
HEADER = f"""jsonb_build_object(
    'id', d.id, 'type', d.type, 'number', d.number, 'title', d.title,
    'company', d.company_id, 'company_code', c.code,
    'currency', d.currency, 'document_date', d.document_date,
    'state', d.state, 'phase', d.phase, 'version', d.version,
    'total', platform.amount_text(d.total_minor, d.currency),
    'created_at', platform.instant_text(d.created_at), 'created_by', d.created_by, 'created_by_name', cp.name,
    'updated_at', platform.instant_text(d.updated_at), 'updated_by', d.updated_by, 'updated_by_name', up.name,
    'attributes', d.attributes,
    'links', coalesce((
        SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'direction', l.direction, 'document', o.id,
                                            'type', o.type, 'number', o.number, 'phase', o.phase) ORDER BY l.id)
        FROM (SELECT id, kind, 'to' AS direction, target_id AS other FROM platform.document_link WHERE source_id = d.id
              UNION ALL
              SELECT id, kind, 'from', source_id FROM platform.document_link WHERE target_id = d.id) l
        JOIN platform.document o ON o.id = l.other AND {_SEEN.format(of="o")}), '[]'))"""

FROM_HEADER = """platform.document d
    JOIN platform.company c ON c.id = d.company_id
    JOIN platform.principal cp ON cp.id = d.created_by
    JOIN platform.principal up ON up.id = d.updated_by"""

# What a view may ask of time: rows effective by {as_of} and recorded by {known_at}.
AS_OF = "$2::date"
KNOWN_AT = "$3::timestamptz"


@lru_cache(maxsize=256)
def document_query(view: str) -> str:
    own = view.replace("{as_of}", AS_OF).replace("{known_at}", KNOWN_AT)
    return f"""
        SELECT ({HEADER} || ({own}))::text AS body, d.version, d.type, d.company_id FROM {FROM_HEADER}
        WHERE d.id = $1 AND {AS_OF} IS NOT NULL AND {KNOWN_AT} IS NOT NULL"""


@lru_cache(maxsize=256)
def record_query(table: str, view: str, company: str) -> str:
    return f"""SELECT ({view})::text AS body, (to_jsonb(r) ->> 'version')::int AS version, {company} AS company_id
        FROM {table} r WHERE r.id = $1"""


EVERYTHING = Scope()


class Reader(Protocol):
    """Who asks: in a command or in a query."""

    @property
    def scope(self) -> Scope: ...

    def allows(self, permission: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Sight:
    """Which documents a reader may know of: those of these types in this scope. None is every type."""

    types: tuple[str, ...] | None = None
    scope: Scope = EVERYTHING

    @classmethod
    def of(cls, reader: Reader, types: Iterable[AnyDocumentType]) -> "Sight":
        every = tuple(types)
        seen = tuple(type.code for type in every if reader.allows(type.permission("read")))
        return cls(None if len(seen) == len(every) else seen, reader.scope)

    def unnamed(self, explained: Any) -> Any:
        """The same rows, which add up as before, without the numbers of documents that are not in sight."""
        match explained:
            case list():
                return [self.unnamed(each) for each in explained]
            case {"document_type": type, "document_number": _} if self.types is not None and type not in self.types:
                return {**explained, "document_number": None}
            case dict():
                return {name: self.unnamed(of) for name, of in explained.items()}
        return explained

    @property
    def given(self) -> tuple[list[str] | None, list[UUID] | None]:
        """As parameters of a statement."""
        companies = self.scope.companies
        return None if self.types is None else [*self.types], None if companies is None else [*companies]


ALL: Final = Sight()
EVER = date(9999, 12, 31)
# All that is recorded: compared with a clock's now, what another machine recorded a moment ahead would be missing.
EVER_KNOWN = datetime(9999, 12, 31, tzinfo=UTC)


async def render_document(
    connection: Connection,
    catalogue: Catalogue,
    type_code: str,
    id: UUID,
    *,
    as_of: date = EVER,
    known_at: datetime = EVER_KNOWN,
    sight: Sight = ALL,
) -> tuple[bytes, int] | None:
    """The document's body and version, its derived members as of a date and known at an instant.

    Its links name what is in `sight`. None where there is no such document in its scope.
    """
    query = document_query(catalogue.documents[type_code].view)
    row = await connection.fetchrow(query, id, as_of, known_at, *sight.given)
    if row is None or row["type"] != type_code or not sight.scope.covers(row["company_id"]):
        return None
    return row["body"].encode(), row["version"]


async def explain_document(
    connection: Connection, catalogue: Catalogue, type_code: str, id: UUID, *, as_of: date, known_at: datetime
) -> dict[str, Any]:
    """{value, rows} of each derived member, by its JSON pointer into the answer."""
    explain = catalogue.documents[type_code].explain
    if explain is None:
        return {}
    text = explain.replace("{as_of}", AS_OF).replace("{known_at}", KNOWN_AT)
    found = await connection.fetchval(
        f"""SELECT ({text})::text FROM {FROM_HEADER}
            WHERE d.id = $1 AND {AS_OF} IS NOT NULL AND {KNOWN_AT} IS NOT NULL""",
        id,
        as_of,
        known_at,
    )
    explained: dict[str, Any] = orjson.loads(found or b"{}")
    return explained


async def render_record(
    connection: Connection, catalogue: Catalogue, kind: str, id: UUID, scope: Scope = EVERYTHING
) -> tuple[bytes, int | None] | None:
    """The record's body and version; None where there is none in `scope`."""
    sql = catalogue.records[kind]
    company = f"r.{sql.company}" if sql.company else "NULL"
    row = await connection.fetchrow(record_query(sql.table, sql.view, company), id)
    if row is None or (row["company_id"] is not None and not scope.covers(row["company_id"])):
        return None
    return row["body"].encode(), row["version"]
