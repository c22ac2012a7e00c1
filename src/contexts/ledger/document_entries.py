"""What a document has done to the books: its journal entries, posting by posting."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from bizcore.fields import Field
from bizcore.values import Currency, Money
from contexts.ledger.ports import BookedEntry, BookedPosting, LedgerReading


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDocumentEntries:
    """The journal entries that a document has caused, in every book."""

    id: Annotated[UUID, Field("Document")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPosting:
    """One line of an entry; debit and credit in the company's currency."""

    line: Annotated[int, Field("Line of the entry")]
    account: Annotated[str, Field("Account")]
    name: Annotated[str, Field("Name")]
    role: Annotated[str | None, Field("Role", help="What the posting rule asked an account for")]
    party: Annotated[UUID | None, Field("Party", ref="party")]
    amount: Annotated[str, Field("Amount in the entry's currency", help="Debit positive")]
    debit: Annotated[str | None, Field("Debit")]
    credit: Annotated[str | None, Field("Credit")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A balanced entry of one book."""

    id: Annotated[UUID, Field("Id")]
    number: Annotated[str, Field("Number", help="Without gaps in each book and year")]
    book: Annotated[str, Field("Book")]
    date: Annotated[date, Field("Date")]
    recorded_at: Annotated[str, Field("Recorded at")]
    recorded_by_name: Annotated[str, Field("Recorded by")]
    description: Annotated[str | None, Field("Description")]
    currency: Annotated[str, Field("Entry currency")]
    reverses: Annotated[UUID | None, Field("The entry that it reverses")]
    postings: Annotated[tuple[EntryPosting, ...], Field("Postings")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntries:
    """In the order in which they were recorded."""

    document: Annotated[UUID, Field("Document")]
    document_type: Annotated[str, Field("Document type")]
    document_number: Annotated[str | None, Field("Document number")]
    company: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency", help="Of debits and credits")]
    data: Annotated[tuple[DocumentEntry, ...], Field("Entries")]


async def document_entries(query: GetDocumentEntries, reading: LedgerReading) -> DocumentEntries:
    document = await reading.ledger.booked_document(query.id)
    company = reading.ledger.company(document.company_id)
    own = Currency.of(company.currency)
    return DocumentEntries(
        document=document.id,
        document_type=document.type,
        document_number=document.number,
        company=company.code,
        currency=company.currency,
        data=tuple(_entry(entry, own) for entry in await reading.ledger.entries_of(document.id)),
    )


def _entry(entry: BookedEntry, own: Currency) -> DocumentEntry:
    currency = Currency.of(entry.currency)
    return DocumentEntry(
        id=entry.id,
        number=entry.number,
        book=entry.book,
        date=entry.effective_on,
        recorded_at=entry.recorded_at,
        recorded_by_name=entry.recorded_by_name,
        description=entry.description,
        currency=entry.currency,
        reverses=entry.reverses_entry_id,
        postings=tuple(_posting(posting, currency, own) for posting in entry.postings),
    )


def _posting(posting: BookedPosting, currency: Currency, own: Currency) -> EntryPosting:
    minor = posting.company_amount_minor
    return EntryPosting(
        line=posting.line_no,
        account=posting.account_code,
        name=posting.account_name,
        role=posting.role,
        party=posting.party_id,
        amount=Money(posting.amount_minor, currency).text(),
        debit=Money(minor, own).text() if minor > 0 else None,
        credit=Money(-minor, own).text() if minor < 0 else None,
    )
