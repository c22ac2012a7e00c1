"""Payment terms on PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from adapters.postgres.parties import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.work import PostgresWork
from bizcore.values import decimal_text
from contexts.parties.domain.payment_terms import PaymentPart, PaymentTerms

_KIND: Final = "payment_terms"


class PostgresPaymentTerms:
    """Implements `contexts.parties.ports.PaymentTermsStore`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work
        self._loaded: dict[UUID, dict[str, Any]] = {}

    def add(self, id: UUID, terms: PaymentTerms) -> None:
        values = {"id": id, "code": terms.code, "name": terms.name, "parts": parts_to_json(terms.parts)}
        add_record(self._work, _KIND, tables.payment_terms, values)

    async def get(self, id: UUID, *, version: int | None) -> PaymentTerms:
        row = await load_record(self._work, _KIND, tables.payment_terms, id, version)
        self._loaded[id] = row
        return PaymentTerms(row["code"], row["name"], parts_from_json(row["parts"]))

    def save(self, id: UUID, terms: PaymentTerms, *, active: bool | None = None) -> None:
        before = self._loaded[id]
        changes = {
            "name": terms.name,
            "parts": parts_to_json(terms.parts),
            "active": before["active"] if active is None else active,
        }
        save_record(self._work, _KIND, tables.payment_terms, before, changes)


def parts_to_json(parts: Sequence[PaymentPart]) -> list[dict[str, object]]:
    return [
        {name: decimal_text(value) if isinstance(value, Decimal) else value for name, value in asdict(part).items()}
        for part in parts
    ]


def parts_from_json(given: Sequence[dict[str, Any]]) -> tuple[PaymentPart, ...]:
    return tuple(
        PaymentPart(**{**part, "percent": Decimal(part["percent"]) if part.get("percent") is not None else None})
        for part in given
    )
