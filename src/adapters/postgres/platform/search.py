"""The search over documents and master records on PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from adapters.postgres.lists import WORDS, words_query
from adapters.postgres.reading import PostgresReading
from adapters.postgres.types import RecordSql
from bizcore.platform.search import Found

_DOCUMENTS = """
SELECT d.type, d.id::text, d.number, d.title, d.phase FROM platform.document d
WHERE to_tsvector('simple', coalesce(d.number, '') || ' ' || coalesce(d.title, '')) @@ to_tsquery('simple', $1)
  AND d.type = ANY($2) AND ($3::uuid[] IS NULL OR d.company_id = ANY($3))
ORDER BY d.id DESC LIMIT $4
"""


class PostgresSearch:
    """Implements `bizcore.platform.search.SearchPort`.

    A kind of record is found if its list can be searched; the words are those of its code and its `name` then.
    """

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    async def records(self, words: str, kinds: Sequence[str], limit: int) -> Sequence[Found]:
        query = words_query(words.split())
        records = self._reading.catalogue.records
        searched = [kind for kind in kinds if _is_searched(records[kind])]
        if not query or not searched:
            return ()
        parts = " UNION ALL ".join(
            f"""SELECT '{kind}' AS type, r.id::text, r.{records[kind].code} AS code, r.name FROM {records[kind].table} r
                WHERE to_tsvector('simple', r.{records[kind].code} || ' ' || r.name) @@ to_tsquery('simple', $1)
                  AND ($3::uuid[] IS NULL OR {_is_shared_or_own(records[kind])})"""
            for kind in searched
        )
        rows = await self._reading.connection.fetch(
            f"{parts} ORDER BY code, type LIMIT $2", query, limit, self._companies()
        )
        return [Found(row["type"], UUID(row["id"]), row["code"], row["name"]) for row in rows]

    async def documents(self, words: str, types: Sequence[str], limit: int) -> Sequence[Found]:
        query = words_query(words.split())
        if not query or not types:
            return ()
        rows = await self._reading.connection.fetch(_DOCUMENTS, query, list(types), self._companies(), limit)
        return [Found(row["type"], UUID(row["id"]), row["number"], row["title"], row["phase"]) for row in rows]

    def _companies(self) -> list[UUID] | None:
        """Those in the reader's scope; None is all."""
        companies = self._reading.scope.companies
        return None if companies is None else list(companies)


def _is_shared_or_own(record: RecordSql) -> str:
    return f"r.{record.company} = ANY($3)" if record.company else "true"


def _is_searched(record: RecordSql) -> bool:
    return record.listing is not None and WORDS in record.listing.selected_columns
