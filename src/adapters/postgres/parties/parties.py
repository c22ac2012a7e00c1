"""Parties on PostgreSQL."""

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from adapters.postgres import numbering
from adapters.postgres.parties import tables
from adapters.postgres.records import add_record, destroy_key, load_record, save_record
from adapters.postgres.work import PostgresWork
from contexts.parties.domain.party import Address, Party

_KIND: Final = "party"
PERSONAL: Final = frozenset({"name", "tax_id", "email", "iban", "addresses"})


class PostgresParties:
    """Implements `contexts.parties.ports.Parties`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work
        self._loaded: dict[UUID, dict[str, Any]] = {}

    async def add(self, party: Party) -> None:
        code = party.code or await self._next_code() or str(party.id)
        values = {**_to_row(party), "id": party.id, "code": code}
        add_record(self._work, _KIND, tables.party, values, personal=PERSONAL)

    async def get(self, id: UUID, *, version: int | None) -> Party:
        row = await load_record(self._work, _KIND, tables.party, id, version)
        self._loaded[id] = row
        return _from_row(row)

    def save(self, party: Party, *, happened: str = "changed") -> None:
        before = self._loaded[party.id]
        save_record(self._work, _KIND, tables.party, before, _to_row(party), personal=PERSONAL, happened=happened)

    def erase(self, party: Party, reason: str) -> None:
        before = self._loaded[party.id]
        self.save(party, happened="erased")
        if party.id in self._work.subjects:
            self._work.subjects[party.id].after["/reason"] = reason
            destroy_key(self._work, before)

    async def _next_code(self) -> str | None:
        """The next free code of the series, which is the organization's: it counts with the oldest company."""
        work = self._work
        if work.call.dry_run:
            return None
        series = work.configuration.series[_KIND]
        key = numbering.series_key(series, min(work.configuration.companies), work.call.at.date())
        while True:
            drawn = await work.draw.next(work.tenant, work.connection, series, key)
            code = numbering.number_text(series, key, drawn)
            # Somebody may have given this one by hand.
            if not await work.connection.fetchval("SELECT true FROM parties.party WHERE code = $1", code):
                return code


def _to_row(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "roles": list(party.roles),
        "country": party.country,
        "currency": party.currency,
        "tax_id": party.tax_id,
        "tax_code_id": party.tax_code,
        "payment_terms_id": party.payment_terms,
        "email": party.email,
        "iban": party.iban,
        "addresses": [asdict(address) for address in party.addresses],
        "attributes": dict(party.attributes),
        "active": party.active,
    }


def _from_row(row: dict[str, Any]) -> Party:
    return Party(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        roles=tuple(row["roles"]),
        country=row["country"],
        currency=row["currency"],
        tax_id=row["tax_id"],
        tax_code=row["tax_code_id"],
        payment_terms=row["payment_terms_id"],
        email=row["email"],
        iban=row["iban"],
        addresses=tuple(Address(**address) for address in row["addresses"]),
        attributes=row["attributes"],
        active=row["active"],
    )
