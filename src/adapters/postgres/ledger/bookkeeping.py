"""Chart, posting rules and tax codes: read once for each version of the configuration, then kept with the tenant."""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from adapters.postgres.configuration import cached
from adapters.postgres.connection import Connection
from adapters.postgres.work import PostgresWork
from bizcore.values import Percentage
from contexts.ledger.domain.account import Account, AccountType, Chart, Control, RoleKey
from contexts.ledger.domain.posting_rule import PostingRule
from contexts.ledger.domain.tax import TaxCode, TaxKind
from contexts.ledger.ports import Bookkeeping

_QUERY: Final = """
SELECT (SELECT coalesce(jsonb_agg(to_jsonb(a)), '[]') FROM ledger.account a)::text AS accounts,
       (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM ledger.account_role r)::text AS roles,
       (SELECT coalesce(jsonb_agg(to_jsonb(t) || jsonb_build_object('rate', t.rate::text)), '[]')
        FROM ledger.tax_code t)::text AS tax_codes,
       (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]')
        FROM (SELECT DISTINCT ON (fact_kind) * FROM ledger.posting_rule
              ORDER BY fact_kind, revision DESC) p)::text AS rules
"""


async def bookkeeping(work: PostgresWork) -> Bookkeeping:
    return await cached(work.tenant, work.connection, work.configuration.version, "ledger", _read)


async def _read(connection: Connection, version: int) -> Bookkeeping:
    row = await connection.fetchrow(_QUERY)
    assert row is not None
    tax_codes: list[dict[str, Any]] = orjson.loads(row["tax_codes"])
    accounts = [_account(account) for account in orjson.loads(row["accounts"])]
    return Bookkeeping(
        chart=Chart(
            accounts={account.id: account for account in accounts},
            roles={_role_key(role): UUID(role["account_id"]) for role in orjson.loads(row["roles"])},
            tax_accounts={
                (UUID(tax["id"]), role): UUID(tax[column])
                for tax in tax_codes
                for role, column in (("input_tax", "input_account_id"), ("output_tax", "output_account_id"))
                if tax[column] is not None
            },
        ),
        rules={
            rule["fact_kind"]: PostingRule.parse(
                UUID(rule["id"]), rule["fact_kind"], rule["revision"], rule["definition"]
            )
            for rule in orjson.loads(row["rules"])
        },
        tax_codes={tax.id: tax for tax in map(_tax_code, tax_codes)},
    )


def _account(row: dict[str, Any]) -> Account:
    return Account(
        id=UUID(row["id"]),
        code=row["code"],
        name=row["name"],
        type=AccountType(row["type"]),
        control=Control(row["control"]) if row["control"] else None,
        currency=row["currency"],
        active=row["active"],
    )


def _role_key(row: dict[str, Any]) -> RoleKey:
    whom = {name: UUID(row[name]) if row[name] else None for name in ("item_id", "party_id", "company_id")}
    return RoleKey(row["role"], item_category=row["item_category"], **whom)


def _tax_code(row: dict[str, Any]) -> TaxCode:
    return TaxCode(
        id=UUID(row["id"]),
        code=row["code"],
        name=row["name"],
        rate=Percentage(Decimal(row["rate"])),
        country=row["country"],
        kind=TaxKind(row["kind"]),
        active=row["active"],
    )
