"""Open items in PostgreSQL: balances are sums of postings, their limit is the document they belong to."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from uuid import UUID

import orjson

from adapters.postgres.types import LimitSql
from adapters.postgres.work import PostgresWork
from bizcore.limits import Limit
from bizcore.values import Currency, Money
from contexts.billing.domain.open_item import OpenItem
from contexts.procurement.public import Value

# What somebody decides by is all that counts, on whatever day, as known now.
_NOW: Final = "'9999-12-31', 'infinity'"

OPEN_ITEM: Final = LimitSql(
    sums=f"""
    SELECT d.id, b.minor::text AS allowed, '0' AS taken,
           jsonb_build_object(
               'number', d.number, 'company', d.company_id, 'party', d.party_id,
               'currency', d.currency, 'company_currency', c.currency,
               'minor', b.minor, 'company_minor', b.company_minor, 'account', b.account_id,
               'blocked_by', CASE WHEN d.type = 'supplier_invoice' THEN billing.payment_block(d.id, {_NOW})
                                  ELSE '[]' END) AS facts
    FROM platform.document d JOIN platform.company c ON c.id = d.company_id
    CROSS JOIN LATERAL (
        SELECT coalesce(-sum(p.amount_minor), 0)::bigint AS minor,
               coalesce(-sum(p.company_amount_minor), 0)::bigint AS company_minor,
               any_value(p.account_id) AS account_id  -- an item is settled where it was opened
        FROM ledger.posting p WHERE p.open_item_id = d.id) b
    WHERE d.id = ANY($ids)"""
)


def open_item(limit: Limit) -> OpenItem:
    return _item(limit.key.id, cast("dict[str, Any]", limit.facts))


async def read_open_items(work: PostgresWork, ids: Iterable[UUID]) -> Mapping[UUID, OpenItem]:
    """Unlocked."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await work.connection.fetch(OPEN_ITEM.sums.replace("$ids", "$1"), wanted)
    return {row["id"]: _item(row["id"], orjson.loads(row["facts"])) for row in rows}


def _item(id: UUID, facts: Mapping[str, Any]) -> OpenItem:
    return OpenItem(
        id=id,
        number=facts["number"],
        company_id=UUID(facts["company"]),
        party_id=UUID(facts["party"]) if facts["party"] else None,
        balance=Value(
            Money(facts["minor"], Currency.of(facts["currency"])),
            Money(facts["company_minor"], Currency.of(facts["company_currency"])),
        ),
        account_id=UUID(facts["account"]) if facts["account"] else None,
        blocked_by=facts["blocked_by"],
    )


def explained_balance(pointer: str, sign: str) -> str:
    """The SQL of {pointer: {value, rows}} of a document's open item; each amount is put behind `sign`."""
    return f"""jsonb_build_object('{pointer}', (
        SELECT jsonb_build_object(
            'value', platform.amount_text(coalesce(sum({sign}r.amount_minor), 0), d.currency),
            'rows', coalesce(jsonb_agg(jsonb_build_object(
                'document', r.document_id, 'document_type', r.type, 'document_number', r.number, 'line', NULL,
                'date', r.effective_on, 'recorded_at', platform.instant_text(r.recorded_at),
                'amount', platform.amount_text({sign}r.amount_minor, d.currency)) ORDER BY r.recorded_at, r.line_no),
                '[]'))
        FROM (SELECT p.amount_minor, p.line_no, p.effective_on, e.recorded_at, e.document_id, o.type, o.number
              FROM ledger.posting p JOIN ledger.entry e ON e.id = p.entry_id
              JOIN platform.document o ON o.id = e.document_id
              WHERE p.open_item_id = d.id AND p.effective_on <= {{as_of}} AND e.recorded_at <= {{known_at}}) r))"""
