"""Payments in PostgreSQL."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from adapters.postgres.billing import tables
from adapters.postgres.billing.open_items import explained_balance, open_item, read_open_items
from adapters.postgres.ledger.tables import bank_account
from adapters.postgres.lists import amount, d, header_columns, header_from, reference
from adapters.postgres.parties.tables import party
from adapters.postgres.procurement.rows import terms_of_row, terms_row
from adapters.postgres.types import DocumentSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore.limits import Limit
from bizcore.values import Money
from contexts.billing.domain.open_item import Direction, OpenItem, Side
from contexts.billing.domain.payment import Allocation, BankAccount, Payment
from contexts.procurement.public import Terms, Value


class PostgresPayments:
    """Implements `contexts.billing.ports.Payments`."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    def get(self, id: UUID) -> Payment:
        document = self._work.documents[id]
        row = self._work.loaded[id].aggregate
        terms = terms_of_row(row, document.currency, document.company.currency)
        bank = row["bank"]
        return Payment(
            document=document,
            direction=Direction(row["direction"]),
            side=Side(row["side"]),
            terms=terms,
            bank=BankAccount(UUID(bank["id"]), UUID(bank["account_id"]), UUID(bank["company_id"]), bank["currency"]),
            allocations=[
                Allocation(UUID(given["open_item_id"]), Money(given["amount_minor"], terms.currency))
                for given in row["allocations"] or ()
            ],
            settled={UUID(part["open_item_id"]): _value(part, terms) for part in row["settled"] or ()},
            related={UUID(target) for target in row["related"] or ()},
        )

    def add(self, payment: Payment) -> None:
        document = payment.document
        values = {"id": document.id, "direction": payment.direction.value, **_row(payment)}
        self._work.insert(tables.payment, values, of=document)
        for key, row in _allocation_rows(payment).items():
            self._work.insert(tables.payment_allocation, row, of=document, at=f"/allocations/{key}")

    def save(self, payment: Payment) -> None:
        document = payment.document
        earlier = self.get(document.id)
        self._work.update(tables.payment, {"id": document.id}, _row(earlier), _row(payment), of=document)
        before, after = _allocation_rows(earlier), _allocation_rows(payment)
        for item_id in before | after:
            at = f"/allocations/{item_id}"
            key = {"payment_id": document.id, "open_item_id": item_id}
            if item_id not in before:
                self._work.insert(tables.payment_allocation, after[item_id], of=document, at=at)
            elif item_id not in after:
                self._work.delete(tables.payment_allocation, key, before[item_id], of=document, at=at)
            else:
                changes = {name: value for name, value in after[item_id].items() if name not in key}
                self._work.update(tables.payment_allocation, key, before[item_id], changes, of=document, at=at)

    def open_item(self, limit: Limit) -> OpenItem:
        return open_item(limit)

    async def open_items(self, ids: Iterable[UUID]) -> Mapping[UUID, OpenItem]:
        return await read_open_items(self._work, ids)

    async def bank_account(self, company_id: UUID, id: UUID | None) -> BankAccount | None:
        row = await self._work.connection.fetchrow(
            """SELECT id, account_id, company_id, currency FROM ledger.bank_account
               WHERE company_id = $1 AND active AND CASE WHEN $2::uuid IS NULL THEN is_default ELSE id = $2 END""",
            company_id,
            id,
        )
        return None if row is None else BankAccount(**dict(row))


def _row(payment: Payment) -> dict[str, Any]:
    return {"side": payment.side.value, "bank_account_id": payment.bank.id, **terms_row(payment.terms)}


def _allocation_rows(payment: Payment) -> dict[UUID, dict[str, Any]]:
    return {
        allocation.open_item_id: {
            "payment_id": payment.document.id,
            "open_item_id": allocation.open_item_id,
            "position": position,
            "amount_minor": allocation.amount.minor,
        }
        for position, allocation in enumerate(payment.allocations, start=1)
    }


def _value(row: Mapping[str, Any], terms: Terms) -> Value:
    return Value(Money(row["minor"], terms.currency), Money(row["company_minor"], terms.conversion.own))


# Money that leaves settles by debits, money that comes in by credits: with this sign both are positive.
_SIGN: Final = "(CASE y.direction WHEN 'incoming' THEN -1 ELSE 1 END)"

_AGGREGATE: Final = f"""(
    SELECT jsonb_build_object(
        'direction', y.direction, 'side', y.side, 'rate_base', y.rate_base, 'rate', y.rate::text,
        'bank', jsonb_build_object(
            'id', b.id, 'account_id', b.account_id, 'company_id', b.company_id, 'currency', b.currency),
        'allocations', (
            SELECT jsonb_agg(to_jsonb(a) ORDER BY a.position)
            FROM billing.payment_allocation a WHERE a.payment_id = d.id),
        'settled', (
            SELECT jsonb_agg(to_jsonb(s)) FROM (
                SELECT p.open_item_id, ({_SIGN} * sum(p.amount_minor))::bigint AS minor,
                       ({_SIGN} * sum(p.company_amount_minor))::bigint AS company_minor
                FROM ledger.entry e JOIN ledger.posting p ON p.entry_id = e.id
                WHERE e.document_id = d.id AND p.open_item_id <> d.id
                GROUP BY p.open_item_id HAVING sum(p.amount_minor) <> 0) s),
        'related', (
            SELECT jsonb_agg(k.target_id) FROM platform.document_link k
            WHERE k.source_id = d.id AND k.kind = 'settles'))
    FROM billing.payment y JOIN ledger.bank_account b ON b.id = y.bank_account_id WHERE y.id = d.id)"""

_LIMIT_KEYS: Final = f"""
    SELECT {lock_text("open_item", "a.open_item_id")} FROM billing.payment_allocation a WHERE a.payment_id = d.id
    UNION ALL
    SELECT {lock_text("open_item", "d.id")}"""

# Of a posted payment the books say what it settles; until then it is what was asked for.
_ALLOCATIONS: Final = f"""
    SELECT a.open_item_id, a.amount_minor, a.position::bigint AS position
    FROM billing.payment_allocation a
    WHERE a.payment_id = d.id AND NOT EXISTS (
        SELECT FROM ledger.entry e WHERE e.document_id = d.id AND e.recorded_at <= {{known_at}})
    UNION ALL
    SELECT s.open_item_id, {_SIGN} * s.amount_minor, row_number() OVER (ORDER BY s.first, s.open_item_id)
    FROM (SELECT p.open_item_id, sum(p.amount_minor) AS amount_minor, min(e.recorded_at) AS first
          FROM ledger.entry e JOIN ledger.posting p ON p.entry_id = e.id
          WHERE e.document_id = d.id AND p.open_item_id <> d.id
            AND p.effective_on <= {{as_of}} AND e.recorded_at <= {{known_at}}
          GROUP BY p.open_item_id HAVING sum(p.amount_minor) <> 0) s"""

_VIEW: Final = f"""(
    SELECT jsonb_build_object(
        'direction', y.direction, 'side', y.side, 'party', d.party_id, 'party_code', p.code, 'party_name', p.name,
        'amount', platform.amount_text(d.total_minor, d.currency), 'paid_on', d.document_date,
        'bank_account', b.id, 'bank_account_code', b.code,
        'allocations', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'invoice', s.id, 'invoice_number', CASE WHEN s.id IS NOT NULL THEN o.number END,
                'supplier_reference', s.supplier_reference,
                'payment', g.id, 'payment_number', CASE WHEN g.id IS NOT NULL THEN o.number END,
                'amount', platform.amount_text(a.amount_minor, d.currency)) ORDER BY a.position)
            FROM ({_ALLOCATIONS}) a
            JOIN platform.document o ON o.id = a.open_item_id
            LEFT JOIN billing.supplier_invoice s ON s.id = a.open_item_id
            LEFT JOIN billing.payment g ON g.id = a.open_item_id), '[]'),
        'unallocated', platform.amount_text(
            -{_SIGN} * billing.balance(d.id, {{as_of}}, {{known_at}}), d.currency))
    FROM billing.payment y
    JOIN ledger.bank_account b ON b.id = y.bank_account_id
    JOIN parties.party p ON p.id = d.party_id
    WHERE y.id = d.id)"""

SQL: Final = DocumentSql(
    aggregate=_AGGREGATE,
    view=_VIEW,
    explain=explained_balance("/unallocated", f"(SELECT {_SIGN} FROM billing.payment y WHERE y.id = d.id) * "),
    limit_keys=_LIMIT_KEYS,
    period_dates="ARRAY[d.document_date]",
    listing=select(
        *header_columns(),
        party.c.name.label("party_name"),
        tables.payment.c.direction.label("direction"),
        tables.payment.c.side.label("side"),
        d.c.document_date.label("paid_on"),
        amount("amount", d.c.total_minor, d.c.currency),
        reference("bank_account", tables.payment.c.bank_account_id, "bank_account"),
        bank_account.c.code.label("bank_account_code"),
    ).select_from(
        header_from()
        .join(tables.payment, tables.payment.c.id == d.c.id)
        .join(bank_account, bank_account.c.id == tables.payment.c.bank_account_id)
        .join(party, party.c.id == d.c.party_id)
    ),
)
