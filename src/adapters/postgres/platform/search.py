"""The search over documents and master records on PostgreSQL."""

from collections.abc import Sequence

from adapters.postgres.lists import words_query
from adapters.postgres.reading import PostgresReading
from bizcore.platform.search import Found

_DOCUMENTS = """
SELECT d.type, d.id, d.number, d.title, d.phase FROM platform.document d
WHERE to_tsvector('simple', coalesce(d.number, '') || ' ' || coalesce(d.title, '')) @@ to_tsquery('simple', $1)
  AND d.type = ANY($2) AND ($3::uuid[] IS NULL OR d.company_id = ANY($3))
ORDER BY d.id DESC LIMIT $4
"""


class PostgresSearch:
    """Implements `bizcore.platform.search.SearchPort`; a kind of record has a column `name` beside its code."""

    def __init__(self, reading: PostgresReading) -> None:
        self._reading = reading

    async def records(self, words: str, kinds: Sequence[str], limit: int) -> Sequence[Found]:
        query = words_query(words.split())
        if not query or not kinds:
            return ()
        records = self._reading.catalogue.records
        parts = " UNION ALL ".join(
            f"""SELECT '{kind}' AS type, r.id, r.{records[kind].code} AS code, r.name FROM {records[kind].table} r
                WHERE to_tsvector('simple', r.{records[kind].code} || ' ' || r.name) @@ to_tsquery('simple', $1)"""
            for kind in kinds
        )
        rows = await self._reading.connection.fetch(f"{parts} ORDER BY code, type LIMIT $2", query, limit)
        return [Found(row["type"], row["id"], row["code"], row["name"]) for row in rows]

    async def documents(self, words: str, types: Sequence[str], limit: int) -> Sequence[Found]:
        query = words_query(words.split())
        if not query or not types:
            return ()
        companies = self._reading.scope.companies
        rows = await self._reading.connection.fetch(
            _DOCUMENTS, query, list(types), None if companies is None else list(companies), limit
        )
        return [Found(row["type"], row["id"], row["number"], row["title"], row["phase"]) for row in rows]
