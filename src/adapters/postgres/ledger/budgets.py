"""Budgets in PostgreSQL: their rows, what their lines allow, and what has been taken of them."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from adapters.postgres.ledger import tables
from adapters.postgres.lists import d, header_columns, header_from, reference
from adapters.postgres.platform import tables as platform
from adapters.postgres.types import DocumentSql, LimitSql
from adapters.postgres.work import PostgresWork
from bizcore.documents import Document
from bizcore.values import Currency, Money
from contexts.ledger.domain.budget import Budget, BudgetControl, BudgetLine


class PostgresBudgets:
    """Implements `contexts.ledger.ports.Budgets`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    async def get(self, document_id: UUID) -> Budget:
        document = self._work.documents[document_id]
        row = self._work.loaded[document_id].aggregate
        return Budget(
            document=document,
            name=row["name"],
            fiscal_year_id=UUID(row["fiscal_year_id"]),
            control=BudgetControl(row["control"]),
            lines=[_line(line, document.total.currency) for line in row["lines"]],
        )

    def add(self, budget: Budget) -> None:
        document = budget.document
        self._work.insert(tables.budget, {"document_id": document.id, **_row(budget)}, of=document)
        for position, line in enumerate(budget.lines, start=1):
            self._add_line(document, position, line)

    def save(self, budget: Budget) -> None:
        document = budget.document
        earlier = self._work.loaded[document.id].aggregate
        before = {**earlier, "fiscal_year_id": UUID(earlier["fiscal_year_id"])}
        self._work.update(tables.budget, {"document_id": document.id}, before, _row(budget), of=document)
        known = {UUID(line["id"]): line for line in earlier["lines"]}
        for position, line in enumerate(budget.lines, start=1):
            if line.id in known:
                self._save_line(document, position, known[line.id], line)
            else:
                self._add_line(document, position, line)
        for id in known.keys() - {line.id for line in budget.lines}:
            self._remove_line(document, known[id])

    def _add_line(self, document: Document, position: int, line: BudgetLine) -> None:
        self._work.writes.insert(platform.line, {"id": line.id, "document_id": document.id, "position": position})
        values = {"id": line.id, "document_id": document.id, **_line_row(line)}
        self._work.insert(tables.budget_line, values, of=document, at=f"/lines/{line.id}")
        self._write_amounts(line, {})

    def _save_line(self, document: Document, position: int, earlier: dict[str, Any], line: BudgetLine) -> None:
        if position != earlier["position"]:
            self._work.writes.update(platform.line, {"id": line.id}, {"position": position})
        account = earlier["account_id"]
        before = {**earlier, "account_id": UUID(account) if account else None}
        self._work.update(
            tables.budget_line, {"id": line.id}, before, _line_row(line), of=document, at=f"/lines/{line.id}"
        )
        self._write_amounts(line, {UUID(id): minor for id, minor in earlier["amounts"].items()})

    def _remove_line(self, document: Document, earlier: dict[str, Any]) -> None:
        id = UUID(earlier["id"])
        for period_id in earlier["amounts"]:
            self._work.writes.delete(tables.budget_amount, {"line_id": id, "period_id": UUID(period_id)})
        before = {name: earlier[name] for name in ("code", "name", "amount_minor")}
        self._work.delete(tables.budget_line, {"id": id}, before, of=document, at=f"/lines/{id}")
        self._work.writes.delete(platform.line, {"id": id})

    def _write_amounts(self, line: BudgetLine, before: dict[UUID, int]) -> None:
        for period_id, amount in line.amounts.items():
            key = {"line_id": line.id, "period_id": period_id}
            if period_id not in before:
                self._work.writes.insert(tables.budget_amount, {**key, "amount_minor": amount.minor})
            elif before[period_id] != amount.minor:
                self._work.writes.update(tables.budget_amount, key, {"amount_minor": amount.minor})
        for period_id in before.keys() - line.amounts.keys():
            self._work.writes.delete(tables.budget_amount, {"line_id": line.id, "period_id": period_id})


def _row(budget: Budget) -> dict[str, Any]:
    return {"name": budget.name, "fiscal_year_id": budget.fiscal_year_id, "control": budget.control.value}


def _line_row(line: BudgetLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": line.name,
        "account_id": line.account_id,
        "dimensions": dict(line.dimensions),
        "amount_minor": line.amount.minor,
    }


def _line(row: dict[str, Any], currency: Currency) -> BudgetLine:
    return BudgetLine(
        id=UUID(row["id"]),
        code=row["code"],
        name=row["name"],
        account_id=UUID(row["account_id"]) if row["account_id"] else None,
        dimensions=row["dimensions"],
        amount=Money(row["amount_minor"], currency),
        amounts={UUID(id): Money(minor, currency) for id, minor in row["amounts"].items()},
    )


_AGGREGATE: Final = """(
    SELECT jsonb_build_object(
        'name', b.name, 'fiscal_year_id', b.fiscal_year_id, 'control', b.control,
        'lines', coalesce((
            SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                'position', pl.position,
                'amounts', (SELECT coalesce(jsonb_object_agg(a.period_id, a.amount_minor), '{}')
                            FROM ledger.budget_amount a WHERE a.line_id = l.id)) ORDER BY pl.position)
            FROM ledger.budget_line l JOIN platform.line pl ON pl.id = l.id WHERE l.document_id = d.id), '[]'))
    FROM ledger.budget b WHERE b.document_id = d.id)"""

# What a posting with a budget line counts as. A budget is decided for its whole year, so no day cuts it off.
MEMBER: Final = """CASE WHEN p.book = 'budget' THEN 'budgeted' WHEN p.book = 'actual' THEN 'actual'
    WHEN p.role = 'pre_encumbrance' THEN 'pre_encumbered' ELSE 'encumbered' END"""

COUNTS: Final = "e.recorded_at <= {known_at} AND (e.effective_on <= {as_of} OR e.book = 'budget')"
COUNTED: Final = f"""
    FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id WHERE p.budget_line_id = l.id AND {COUNTS}"""

STANDING: Final = f"""
    SELECT coalesce(sum(c.minor) FILTER (WHERE c.member = 'budgeted'), 0)::bigint AS budgeted,
           coalesce(sum(c.minor) FILTER (WHERE c.member = 'pre_encumbered'), 0)::bigint AS pre_encumbered,
           coalesce(sum(c.minor) FILTER (WHERE c.member = 'encumbered'), 0)::bigint AS encumbered,
           coalesce(sum(c.minor) FILTER (WHERE c.member = 'actual'), 0)::bigint AS actual
    FROM (SELECT {MEMBER} AS member, p.company_amount_minor AS minor {COUNTED}) c"""

_VIEW: Final = f"""(
    SELECT jsonb_build_object(
        'name', b.name, 'fiscal_year', b.fiscal_year_id, 'fiscal_year_name', y.name, 'control', b.control,
        'lines', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'id', l.id, 'position', pl.position, 'code', l.code, 'name', l.name,
                'account', l.account_id, 'account_code', a.code, 'dimensions', l.dimensions,
                'amount', platform.amount_text(l.amount_minor, d.currency),
                'amounts', (SELECT coalesce(jsonb_object_agg(t.name, platform.amount_text(m.amount_minor, d.currency)
                                                             ORDER BY t.starts_on), '{{}}')
                            FROM ledger.budget_amount m JOIN ledger.period t ON t.id = m.period_id
                            WHERE m.line_id = l.id),
                'budgeted', platform.amount_text(s.budgeted, d.currency),
                'pre_encumbered', platform.amount_text(s.pre_encumbered, d.currency),
                'encumbered', platform.amount_text(s.encumbered, d.currency),
                'actual', platform.amount_text(s.actual, d.currency),
                'remaining', platform.amount_text(
                    s.budgeted - s.pre_encumbered - s.encumbered - s.actual, d.currency)) ORDER BY pl.position)
            FROM ledger.budget_line l
            JOIN platform.line pl ON pl.id = l.id
            LEFT JOIN ledger.account a ON a.id = l.account_id
            CROSS JOIN LATERAL ({STANDING}) s
            WHERE l.document_id = d.id), '[]'))
    FROM ledger.budget b JOIN ledger.fiscal_year y ON y.id = b.fiscal_year_id WHERE b.document_id = d.id)"""

# `remaining` is what is budgeted less the three others, so their rows are its own with the sign turned.
_EXPLAIN: Final = f"""(
    SELECT jsonb_object_agg('/lines/' || l.index || '/' || m.member, jsonb_build_object(
        'value', platform.amount_text(coalesce(r.total, 0), d.currency), 'rows', coalesce(r.rows, '[]')))
    FROM (SELECT l.id, row_number() OVER (ORDER BY pl.position) - 1 AS index
          FROM ledger.budget_line l JOIN platform.line pl ON pl.id = l.id WHERE l.document_id = d.id) l
    CROSS JOIN (VALUES ('budgeted'), ('pre_encumbered'), ('encumbered'), ('actual'), ('remaining')) m(member)
    CROSS JOIN LATERAL (
        SELECT sum(c.minor) AS total, jsonb_agg(jsonb_build_object(
            'document', o.id, 'document_type', o.type, 'document_number', o.number, 'line', f.line_id,
            'entry', c.number, 'date', c.effective_on, 'recorded_at', platform.instant_text(c.recorded_at),
            'amount', platform.amount_text(c.minor, d.currency)) ORDER BY c.recorded_at, c.number, c.line_no) AS rows
        FROM (SELECT {MEMBER} AS member, e.document_id, e.number, e.effective_on, e.recorded_at, p.line_no, p.fact_id,
                     CASE WHEN m.member = 'remaining' AND p.book <> 'budget' THEN -p.company_amount_minor
                          ELSE p.company_amount_minor END AS minor {COUNTED}) c
        JOIN platform.document o ON o.id = c.document_id
        LEFT JOIN ledger.fact f ON f.id = c.fact_id
        WHERE m.member = 'remaining' OR c.member = m.member) r)"""

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    explain=_EXPLAIN,
    # The days of all its amounts: locked with the facts, so that approving needs no statement more.
    period_dates="""ARRAY(SELECT DISTINCT t.starts_on FROM ledger.budget_line l
        JOIN ledger.budget_amount m ON m.line_id = l.id JOIN ledger.period t ON t.id = m.period_id
        WHERE l.document_id = d.id)""",
    listing=select(
        *header_columns(),
        tables.budget.c.name.label("name"),
        reference("fiscal_year", tables.budget.c.fiscal_year_id, "fiscal_year"),
        tables.fiscal_year.c.name.label("fiscal_year_name"),
        tables.budget.c.control.label("control"),
    ).select_from(
        header_from()
        .join(tables.budget, tables.budget.c.document_id == d.c.id)
        .join(tables.fiscal_year, tables.fiscal_year.c.id == tables.budget.c.fiscal_year_id)
    ),
)

# In the lines' company currency. A line of a budget that is not approved yet allows nothing.
LIMIT: Final = LimitSql(
    sums="""
    SELECT l.id, coalesce(s.allowed, 0)::text AS allowed, coalesce(s.taken, 0)::text AS taken,
           jsonb_build_object('code', l.code, 'name', l.name, 'control', b.control, 'budget', d.number,
                              'budget_id', d.id) AS facts
    FROM ledger.budget_line l
    JOIN ledger.budget b ON b.document_id = l.document_id
    JOIN platform.document d ON d.id = l.document_id
    CROSS JOIN LATERAL (
        SELECT sum(p.company_amount_minor) FILTER (WHERE p.book = 'budget') AS allowed,
               sum(p.company_amount_minor) FILTER (WHERE p.book <> 'budget') AS taken
        FROM ledger.posting p WHERE p.budget_line_id = l.id) s
    WHERE l.id = ANY($ids)"""
)

# By id; or by code: the line of the fiscal year of the document that names it, of an approved budget or, while none is
# approved, of a draft.
REFERENCE: Final = """
    SELECT l.id, d.company_id, NULL::jsonb AS problem
    FROM ledger.budget_line l JOIN platform.document d ON d.id = l.document_id
    WHERE l.id = platform.uuid_or_null($given)
    UNION ALL
    (SELECT CASE WHEN cardinality(n.ids) = 1 THEN n.ids[1] END, n.company_id,
            CASE WHEN n.ids IS NULL THEN jsonb_build_object(
                     'code', 'NOT_IN_FISCAL_YEAR', 'allowed', n.years,
                     'message', CASE WHEN y.id IS NULL THEN format('No fiscal year covers %s.', n.on)
                                ELSE format('No budget of the fiscal year %s has a line %s.', y.name, $given) END)
                 WHEN cardinality(n.ids) > 1 THEN jsonb_build_object(
                     'code', 'AMBIGUOUS_REFERENCE', 'allowed', n.ids,
                     'message', format('Several budgets of the fiscal year %s have a line %s: name it by its id.',
                                       y.name, $given))
            END AS problem
     FROM (SELECT s.company_id, s.on, array_agg(DISTINCT s.year) FILTER (WHERE NOT s.of_year) AS years,
                  coalesce(array_agg(s.id) FILTER (WHERE s.of_year AND s.phase = 'active'),
                           array_agg(s.id) FILTER (WHERE s.of_year)) AS ids
           FROM (SELECT l.id, d.company_id, d.phase, t.on, y.name AS year,
                        t.on BETWEEN y.starts_on AND y.ends_on AS of_year
                 FROM ledger.budget_line l
                 JOIN platform.document d ON d.id = l.document_id AND d.phase <> 'void'
                 JOIN ledger.budget b ON b.document_id = l.document_id
                 JOIN ledger.fiscal_year y ON y.id = b.fiscal_year_id
                 JOIN platform.company c ON c.id = d.company_id
                 CROSS JOIN LATERAL (SELECT coalesce($on, ($at AT TIME ZONE c.timezone)::date) AS "on") t
                 WHERE l.code = $given) s
           GROUP BY s.company_id, s.on) n
     LEFT JOIN ledger.fiscal_year y ON y.company_id = n.company_id AND n.on BETWEEN y.starts_on AND y.ends_on
     ORDER BY cardinality(n.ids) = 1 DESC NULLS LAST, n.company_id)"""
