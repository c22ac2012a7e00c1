"""Manual journal entries: documents that are posted at once and corrected by their reversal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from bizcore.documents import Document, Phase
from bizcore.documents.type import REVERSE, DocumentType
from bizcore.errors import BusinessError, FieldProblem, ValidationFailed
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.platform.changes import at
from bizcore.values import Currency, Money
from contexts.ledger.consume import post
from contexts.ledger.domain.conversion import Conversion
from contexts.ledger.domain.journal_entry import Book, JournalEntry, Posting
from contexts.ledger.ports import LedgerWork
from contexts.ledger.public import conversion
from contexts.ledger.usecases.fields import CompanyRef, CurrencyCode
from contexts.ledger.views import JournalEntryView

Amount = Annotated[Decimal, Field("Amount", above=Decimal(0))]
MAX_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLineInput:
    """A debit or a credit: exactly one of the two. Not on control accounts, which only their documents post to."""

    account: Annotated[UUID, Field("Account", ref="account", example="6110")]
    debit: Annotated[Decimal, Field("Debit", above=Decimal(0))] | None = None
    credit: Annotated[Decimal, Field("Credit", above=Decimal(0))] | None = None
    party: Annotated[UUID, Field("Party", help="Whom it concerns", ref="party")] | None = None
    dimensions: Annotated[Mapping[str, str], Field("Dimensions")] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJournalEntry:
    """Post a journal entry by hand, in one currency."""

    company: CompanyRef | None = None
    book: Annotated[Literal["actual", "budget", "commitment"], Field("Book")] = "actual"
    entry_date: Annotated[date, Field("Date", help="When it counts")]
    currency: CurrencyCode | None = None
    description: Annotated[str, Field("Description", min_length=1, max_length=500)]
    lines: Annotated[tuple[JournalLineInput, ...], Field("Lines", help="Debits equal credits", min_length=2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateJournalEntries:
    """Post many journal entries, all or none unless `atomic` is false."""

    atomic: Annotated[bool, Field("All or none")] = True
    entries: Annotated[tuple[CreateJournalEntry, ...], Field("Entries", min_length=1, max_length=MAX_BATCH)]


async def create_journal_entry(command: CreateJournalEntry, work: LedgerWork) -> UUID:
    entry = await _entry(command, work)
    await post([entry], work)
    return entry.document_id


async def create_journal_entries(command: CreateJournalEntries, work: LedgerWork) -> list[UUID]:
    """Every entry in this one transaction. Errors: as of a single one, with its place in `entries`."""
    entries = []
    for index, given in enumerate(command.entries):
        path = f"/entries/{index}"
        try:
            entries.append(await _entry(given, work))
        except ValidationFailed as refusal:
            raise refusal.within(path) from None
        except BusinessError as refusal:
            refusal.details = {**refusal.details, "path": path}
            raise
    await post(entries, work)
    return [entry.document_id for entry in entries]


async def _entry(command: CreateJournalEntry, work: LedgerWork) -> JournalEntry:
    """The entry with its document, ready to be posted."""
    company = work.company(command.company)
    with at("/currency"):
        currency = Currency.of(command.currency or company.currency)
    amounts = [_amount(line, index, currency) for index, line in enumerate(command.lines)]
    chart = (await work.journal.bookkeeping()).chart
    for index, line in enumerate(command.lines):
        account = chart.accounts[line.account]
        account.admit_direct_posting(f"/lines/{index}/account")
        if account.currency not in (None, currency.code):
            raise ValidationFailed.at(
                f"/lines/{index}/account", "WRONG_CURRENCY", f"Account {account.code} is kept in another currency.",
                given=currency.code, allowed=account.currency,
            )  # fmt: skip
    valued = _valued(amounts, await conversion(work, currency.code, company, command.entry_date))
    document = work.new_document(
        JOURNAL_ENTRY,
        company=company,
        currency=currency.code,
        document_date=command.entry_date,
        title=command.description,
    )
    entry = JournalEntry(
        id=new_id(),
        company=company,
        book=Book(command.book),
        effective_on=command.entry_date,
        currency=currency,
        document_id=document.id,
        description=command.description,
        postings=tuple(
            Posting(
                account_id=line.account,
                amount=amount,
                company_amount=own,
                party_id=line.party,
                dimensions=dict(line.dimensions),
            )
            for line, amount, own in zip(command.lines, amounts, valued, strict=True)
        ),
    )
    document.total = Money.total((amount for amount in amounts if amount.minor > 0), currency)
    document.total_company = Money.total((own for own in valued if own.minor > 0), Currency.of(company.currency))
    document.begin_active()
    return entry


def _amount(line: JournalLineInput, index: int, currency: Currency) -> Money:
    """Debit positive. Errors: VALIDATION_FAILED where a line has both sides or none, or too many decimals."""
    if (line.debit is None) == (line.credit is None):
        problem = FieldProblem(f"/lines/{index}", "DEBIT_OR_CREDIT", "A line has a debit or a credit, and not both.")
        raise ValidationFailed(problem.message, fields=[problem])
    side, given = ("debit", line.debit) if line.debit is not None else ("credit", line.credit)
    assert given is not None
    with at(f"/lines/{index}/{side}"):
        amount = Money.parse(given, currency)
    return amount if side == "debit" else -amount


def _valued(amounts: Sequence[Money], convert: Conversion) -> list[Money]:
    """The amounts in the company's currency. Both sides share out one converted total, so that they stay equal."""
    total = Money.total((amount for amount in amounts if amount.minor > 0), amounts[0].currency)
    shares = {}
    for sign in (1, -1):
        side = [index for index, amount in enumerate(amounts) if amount.minor * sign > 0]
        if side:
            valued = convert.convert(total).allocate([abs(amounts[index].minor) for index in side])
            shares.update({index: share if sign > 0 else -share for index, share in zip(side, valued, strict=True)})
    return [shares[index] for index in range(len(amounts))]


async def when_void(document: Document, work: LedgerWork) -> None:
    """A reversal takes the entry back, on its own day or the first open one. Errors: FISCAL_YEAR_MISSING."""
    standing = await work.journal.standing([document.id])
    reversals = [entry.reversal(new_id(), entry.effective_on) for entry in standing]
    await post(reversals, work, movable={document.id})


JOURNAL_ENTRY: DocumentType[LedgerWork] = DocumentType(
    code="journal_entry",
    context="ledger",
    collection="journal-entries",
    label="Journal entry",
    actions=(REVERSE,),
    view=JournalEntryView,
    on_enter={Phase.VOID: when_void},
)
