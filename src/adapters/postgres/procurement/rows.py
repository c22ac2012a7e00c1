"""What the stores of requisitions and orders share: rows of lines, and the rate of a header."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from adapters.postgres.platform import tables as platform
from adapters.postgres.work import PostgresWork
from bizcore.documents import Document
from bizcore.values import Currency, ExchangeRate
from contexts.ledger.public import Conversion
from contexts.procurement.domain.requisition import RequisitionLine
from contexts.procurement.domain.value import Terms


def id_of(given: str | None) -> UUID | None:
    return UUID(given) if given is not None else None


def decimal_of(given: str | None) -> Decimal | None:
    return Decimal(given) if given is not None else None


def terms_row(terms: Terms) -> dict[str, Any]:
    rate = terms.conversion.rate
    return {"rate_base": rate.base.code if rate else None, "rate": rate.rate if rate else None}


def terms_of_row(row: Mapping[str, Any], currency: str, company_currency: str) -> Terms:
    """The terms that `terms_row` kept, of a document in `currency` of a company that keeps `company_currency`."""
    given, own = Currency.of(currency), Currency.of(company_currency)
    if row["rate"] is None:
        return Terms(given, Conversion(own))
    base = Currency.of(row["rate_base"])
    quote = own if base == given else given
    return Terms(given, Conversion(own, ExchangeRate(base, quote, Decimal(row["rate"]))))


def requisition_line_of(row: dict[str, Any]) -> RequisitionLine:
    return RequisitionLine(
        id=UUID(row["id"]),
        item_id=id_of(row["item_id"]),
        description=row["description"],
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        unit_price=decimal_of(row["unit_price"]),
        budget_line_id=id_of(row["budget_line_id"]),
        supplier_id=id_of(row["supplier_id"]),
        dimensions=row["dimensions"],
    )


def write_lines(
    work: PostgresWork,
    table: Table,
    of: Document,
    before: Mapping[UUID, dict[str, Any]],
    after: Mapping[UUID, dict[str, Any]],
) -> None:
    """Collect the lines that are new, differ or are gone. Their order is their position."""
    positions = {id: position for position, id in enumerate(before, start=1)}
    for position, (id, row) in enumerate(after.items(), start=1):
        at = f"/lines/{id}"
        if id not in before:
            work.writes.insert(platform.line, {"id": id, "document_id": of.id, "position": position})
            work.insert(table, {"id": id, "document_id": of.id, **row}, of=of, at=at)
            continue
        if positions[id] != position:
            work.writes.update(platform.line, {"id": id}, {"position": position})
        work.update(table, {"id": id}, before[id], row, of=of, at=at)
    for id in before.keys() - after.keys():
        work.delete(table, {"id": id}, before[id], of=of, at=f"/lines/{id}")
        work.writes.delete(platform.line, {"id": id})
