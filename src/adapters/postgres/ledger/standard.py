"""What the template holds of the ledger, and what sign-up adds for each company."""

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.postgres.connection import Connection
from adapters.postgres.ledger.calendar import period_rows
from bizcore.documents import Company
from bizcore.ids import new_id
from contexts.ledger.domain.period import FiscalYear
from contexts.ledger.domain.posting_rule import PostingRule
from contexts.ledger.standard.chart import CHART, ROLES
from contexts.ledger.standard.rules import RULES
from contexts.ledger.standard.taxes import TAXES

_DRAFT: Final = {"code": "draft", "name": "Draft", "phase": "draft"}
_VOID: Final = {"code": "void", "name": "Void", "phase": "void"}

WORKFLOWS: Final[dict[str, dict[str, Any]]] = {
    # A manual entry is born in its second state; the first is what every workflow begins with.
    "journal_entry": {
        "initial": "draft",
        "states": [_DRAFT, {"code": "posted", "name": "Posted", "phase": "active"}, _VOID],
        "transitions": [{"action": "reverse", "from": ["posted"], "to": "void", "reason": True}],
    },
    "budget": {
        "initial": "draft",
        "states": [_DRAFT, {"code": "approved", "name": "Approved", "phase": "active"}, _VOID],
        "transitions": [
            {
                "action": "approve",
                "from": ["draft"],
                "to": "approved",
                "bands": [{"from_amount": "0", "approvals": 1}],
            },
            {"action": "cancel", "from": ["draft"], "to": "void", "reason": True},
        ],
    },
}

SERIES: Final = (
    ("journal_entry", "gapless", "JE-{year}-{number:05}", "year"),
    ("budget", "fast", "BUD-{year}-{number:05}", "year"),
    ("entry:actual", "gapless", "A-{year}-{number:06}", "year"),
    ("entry:budget", "gapless", "B-{year}-{number:06}", "year"),
    ("entry:commitment", "gapless", "C-{year}-{number:06}", "year"),
)


async def load_standard(connection: Connection) -> None:
    """Chart, roles, posting rules, workflows and number series of package `standard`."""
    now = datetime.now(UTC)
    await connection.executemany(
        "INSERT INTO platform.workflow (id, document_type, version, definition, created_at) VALUES ($1, $2, 1, $3, $4)",
        [(new_id(), type, json.dumps(definition), now) for type, definition in WORKFLOWS.items()],
    )
    await connection.executemany(
        "INSERT INTO platform.number_series (document_type, class, pattern, reset) VALUES ($1, $2, $3, $4)", SERIES
    )
    ids = {account.code: new_id() for account in CHART}
    await connection.executemany(
        """INSERT INTO ledger.account (id, code, name, type, control, parent_id, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
        [
            (ids[a.code], a.code, a.name, a.type.value, a.control, ids[a.parent] if a.parent else None, now)
            for a in CHART
        ],
    )
    await connection.executemany(
        "INSERT INTO ledger.account_role (id, role, account_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
        [(new_id(), role, ids[code], now) for role, code in ROLES.items()],
    )
    rules = [PostingRule(new_id(), kind, 1, book, lines) for kind, (book, lines) in RULES.items()]
    await connection.executemany(
        """INSERT INTO ledger.posting_rule (id, fact_kind, revision, definition, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $5)""",
        [(rule.id, rule.fact_kind, rule.revision, json.dumps(rule.definition()), now) for rule in rules],
    )


async def first_steps(connection: Connection, company: Company) -> None:
    """The current fiscal year, the country's taxes and a bank account."""
    now = datetime.now(UTC)
    here = now.astimezone(ZoneInfo(company.timezone))
    await _open_year(connection, company.id, FiscalYear.of(here.year), now)
    await connection.executemany(
        """INSERT INTO ledger.tax_code (id, code, name, rate, country, kind, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, 'both', $6, $6) ON CONFLICT (code) DO NOTHING""",
        [(new_id(), tax.code, tax.name, tax.rate, company.country, now) for tax in TAXES.get(company.country, ())],
    )
    await connection.execute(
        """INSERT INTO ledger.bank_account (id, code, name, company_id, account_id, currency, is_default,
                                            created_at, updated_at)
           SELECT $1, $2, 'Current account', $3, r.account_id, $4, true, $5, $5
           FROM ledger.account_role r
           WHERE r.role = 'bank' AND num_nonnulls(r.company_id, r.party_id, r.item_id, r.item_category) = 0""",
        new_id(),
        f"BANK-{company.code}",
        company.id,
        company.currency,
        now,
    )


async def _open_year(connection: Connection, company_id: UUID, year: FiscalYear, now: datetime) -> None:
    year_id = new_id()
    await connection.execute(
        """INSERT INTO ledger.fiscal_year (id, company_id, name, starts_on, ends_on, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)""",
        year_id,
        company_id,
        str(year.year),
        year.starts_on,
        year.ends_on,
        now,
    )
    await connection.executemany(
        """INSERT INTO ledger.period (id, company_id, fiscal_year_id, name, starts_on, ends_on, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
        [
            (row["id"], company_id, year_id, row["name"], row["starts_on"], row["ends_on"], now)
            for row in period_rows(company_id, year_id, year)
        ],
    )
