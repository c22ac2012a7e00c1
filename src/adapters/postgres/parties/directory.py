"""What other contexts ask of parties, on PostgreSQL."""

from uuid import UUID

import orjson

from adapters.postgres.connection import Connection
from adapters.postgres.parties.payment_terms import parts_from_json
from bizcore.errors import NotFound
from contexts.parties.public import PartyFacts, PaymentTerms

_PARTY = """
SELECT id, code, name, roles::text, country, currency, payment_terms_id, tax_code_id, active
FROM parties.party WHERE id = $1
"""
_TERMS = "SELECT code, name, parts::text FROM parties.payment_terms WHERE id = $1"


class PostgresPartyDirectory:
    """Implements `contexts.parties.public.PartyDirectory`; a command asks for a party once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parties: dict[UUID, PartyFacts] = {}

    async def party(self, id: UUID) -> PartyFacts:
        if id not in self._parties:
            row = await self._connection.fetchrow(_PARTY, id)
            if row is None:
                raise NotFound("No such party.")
            facts = dict(row)
            self._parties[id] = PartyFacts(**{**facts, "roles": frozenset(orjson.loads(facts["roles"]))})
        return self._parties[id]

    async def terms(self, id: UUID) -> PaymentTerms:
        row = await self._connection.fetchrow(_TERMS, id)
        if row is None:
            raise NotFound("No such payment terms.")
        return PaymentTerms(row["code"], row["name"], parts_from_json(orjson.loads(row["parts"])))
