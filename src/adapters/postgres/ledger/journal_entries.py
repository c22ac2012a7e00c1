"""Manual journal entries as documents: their content is the entry itself."""

from typing import Final

from sqlalchemy import and_, select

from adapters.postgres.ledger import tables
from adapters.postgres.lists import d, header_columns, header_from
from adapters.postgres.types import DocumentSql

_VIEW: Final = """(
    SELECT jsonb_build_object(
        'book', e.book, 'entry_date', d.document_date, 'description', e.description, 'entry_number', e.number,
        'reversed_on', (SELECT r.effective_on FROM ledger.entry r WHERE r.reverses_entry_id = e.id),
        'lines', (
            SELECT jsonb_agg(jsonb_build_object(
                'position', p.line_no, 'account', p.account_id, 'account_code', a.code, 'account_name', a.name,
                'debit', CASE WHEN p.amount_minor > 0 THEN platform.amount_text(p.amount_minor, e.currency) END,
                'credit', CASE WHEN p.amount_minor < 0 THEN platform.amount_text(-p.amount_minor, e.currency) END,
                'company_amount', platform.amount_text(p.company_amount_minor, c.currency),
                'party', p.party_id, 'dimensions', p.dimensions) ORDER BY p.line_no)
            FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id WHERE p.entry_id = e.id))
    FROM ledger.entry e WHERE e.document_id = d.id AND e.reverses_entry_id IS NULL)"""

SQL: Final = DocumentSql(
    aggregate="'{}'::jsonb",
    view=_VIEW,
    period_dates="ARRAY[d.document_date]",
    listing=select(
        *header_columns(),
        tables.entry.c.book.label("book"),
        tables.entry.c.number.label("entry_number"),
        tables.entry.c.description.label("description"),
    ).select_from(
        header_from().join(
            tables.entry,
            and_(tables.entry.c.document_id == d.c.id, tables.entry.c.reverses_entry_id.is_(None)),
        )
    ),
)
