"""What lines hold of their budgets, in PostgreSQL: append-only rows, and the limit that their lines are."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from adapters.postgres.procurement import tables
from adapters.postgres.procurement.rows import id_of
from adapters.postgres.types import LimitSql
from adapters.postgres.work import PostgresWork
from bizcore.documents import Document
from bizcore.limits import Limit
from bizcore.values import Money
from contexts.procurement.domain.value import Value


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


_COMMITTED: Final = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'budget_line', k.budget_line_id, 'minor', k.minor, 'company_minor', k.company)), '[]')
    FROM (SELECT budget_line_id, sum(amount_minor)::bigint AS minor, sum(amount_company_minor)::bigint AS company
          FROM procurement.commitment WHERE line_id = l.id GROUP BY budget_line_id) k)"""

# Of a requisition line orders take up what was asked for.
REQUISITION_LINES: Final = f"""
    SELECT l.id, l.quantity::text AS allowed,
           (SELECT coalesce(sum(k.quantity), 0) FROM platform.line_link k
            WHERE k.target_line_id = l.id AND k.kind = 'originates')::text AS taken,
           jsonb_build_object('committed', {_COMMITTED}) AS facts
    FROM procurement.requisition_line l WHERE l.id = ANY($ids)"""

ORDER_LINE: Final = LimitSql(sums=REQUISITION_LINES)
