"""What lines hold of their budgets and what receipts accrued, in PostgreSQL: append-only rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from adapters.postgres.procurement import tables
from adapters.postgres.procurement.rows import id_of
from adapters.postgres.work import PostgresWork
from bizcore.documents import Document
from bizcore.limits import Limit
from bizcore.values import Money
from contexts.procurement.domain.ordered_line import OrderedLine
from contexts.procurement.domain.value import Terms, Value
from contexts.procurement.ports import Accepted, Charged


class PostgresCommitments:
    """Implements `contexts.procurement.ports.Commitments`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def held(self, limit: Limit, *, like: Value) -> Mapping[UUID | None, Value]:
        rows = cast("list[dict[str, Any]]", limit.facts["committed"])
        return {
            id_of(row["budget_line"]): Value(
                Money(row["minor"], like.amount.currency), Money(row["company_minor"], like.company.currency)
            )
            for row in rows
        }

    def add(
        self, id: UUID, *, line_id: UUID, budget_line_id: UUID | None, by: Document, on: date, change: Value
    ) -> None:
        self._work.writes.insert(
            tables.commitment,
            {
                "id": id,
                "line_id": line_id,
                "budget_line_id": budget_line_id,
                "document_id": by.id,
                "amount_minor": change.amount.minor,
                "amount_company_minor": change.company.minor,
                "effective_on": on,
                "recorded_at": self._work.call.at,
            },
        )


class PostgresAccruals:
    """Implements `contexts.procurement.ports.Accruals`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def add(
        self,
        id: UUID,
        *,
        order_line_id: UUID,
        source_line_id: UUID,
        document_id: UUID,
        on: date,
        quantity: Decimal,
        unit_price: Decimal | None,
        value: Value,
        budget_line_id: UUID | None = None,
    ) -> None:
        self._work.writes.insert(
            tables.accrual,
            {
                "id": id,
                "order_line_id": order_line_id,
                "source_line_id": source_line_id,
                "document_id": document_id,
                "quantity": quantity,
                "unit_price": unit_price,
                "budget_line_id": budget_line_id,
                "amount_minor": value.amount.minor,
                "amount_company_minor": value.company.minor,
                "effective_on": on,
                "recorded_at": self._work.call.at,
            },
        )

    async def charged(self, order_line_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Charged]]:
        rows = await self._work.connection.fetch(
            """SELECT order_line_id, source_line_id, -sum(quantity) AS quantity,
                      (array_agg(budget_line_id ORDER BY id))[1] AS budget_line_id
               FROM procurement.accrual WHERE order_line_id = ANY($1) AND unit_price IS NULL
               GROUP BY order_line_id, source_line_id HAVING sum(quantity) <> 0
               ORDER BY (array_agg(id ORDER BY id))[1] DESC""",
            list(order_line_ids),
        )
        found: dict[UUID, list[Charged]] = {id: [] for id in order_line_ids}
        for row in rows:
            charged = Charged(row["source_line_id"], row["budget_line_id"], row["quantity"])
            found[row["order_line_id"]].append(charged)
        return found

    async def accepted(self, document_id: UUID, lines: Mapping[UUID, OrderedLine]) -> Sequence[Accepted]:
        rows = await self._work.connection.fetch(
            """SELECT source_line_id, order_line_id, unit_price, sum(quantity) AS quantity,
                      sum(amount_minor)::bigint AS minor, sum(amount_company_minor)::bigint AS company_minor
               FROM procurement.accrual
               WHERE document_id = $1 AND order_line_id = ANY($2) AND unit_price IS NOT NULL
               GROUP BY order_line_id, source_line_id, unit_price HAVING sum(quantity) <> 0
               ORDER BY order_line_id, source_line_id""",
            document_id,
            list(lines),
        )
        return [_accepted(dict(row), lines[row["order_line_id"]].terms) for row in rows]


def _accepted(row: Mapping[str, Any], terms: Terms) -> Accepted:
    value = Value(Money(row["minor"], terms.currency), Money(row["company_minor"], terms.conversion.own))
    return Accepted(row["source_line_id"], row["order_line_id"], row["quantity"], row["unit_price"], value)
