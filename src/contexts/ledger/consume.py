"""How entries come into the books: facts by posting rules, each into an open period."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from bizcore.facts import AccountingFact
from bizcore.values import Money
from contexts.ledger.domain.account import Chart
from contexts.ledger.domain.journal_entry import JournalEntry
from contexts.ledger.domain.period import Period
from contexts.ledger.domain.posting_rule import journalise
from contexts.ledger.domain.taking_back import Precedent, precedents, take_back
from contexts.ledger.errors import FiscalYearMissing
from contexts.ledger.ports import LedgerWork

_BUDGET_MEMBERS = {"budget": "budgeted", "pre_encumbrance": "pre_encumbered", "encumbrance": "encumbered"}


async def consume_accounting(work: LedgerWork) -> None:
    """Make entries of the command's facts, one for each document, book, date and currency; those that take others back
    name them and post to their accounts.

    Errors: FACT_NOT_COVERED, ROLE_WITHOUT_ACCOUNT, PERIOD_CLOSED, FISCAL_YEAR_MISSING, UNBALANCED_ENTRY.
    """
    facts = work.accounting_facts
    if not facts:
        return
    books = await work.journal.bookkeeping()
    companies = {company_id: work.company(company_id) for company_id in {fact.company_id for fact in facts}}
    work.journal.add_facts(facts)
    reversing = [fact for fact in facts if fact.reverses_document]
    found = await _precedents(reversing, work)
    entries = take_back([fact for fact in reversing if fact.id in found], found, books.chart)
    told = [fact for fact in facts if fact.id not in found]
    entries += journalise(told, books.rules, await _with_categories(books.chart, told, work), companies)
    await post(entries, work, movable={fact.document_id for fact in reversing})


async def _with_categories(chart: Chart, facts: Sequence[AccountingFact], work: LedgerWork) -> Chart:
    """The chart with the categories of the items that `facts` name, where an assignment asks for them."""
    items = {fact.item_id for fact in facts if fact.item_id is not None}
    if not items or not chart.tells_categories_apart:
        return chart
    return replace(chart, categories=await work.journal.categories(items))


async def _precedents(reversing: Sequence[AccountingFact], work: LedgerWork) -> dict[UUID, Precedent]:
    documents = sorted({fact.document_id for fact in reversing})
    if not documents:
        return {}
    told = [fact for document_id in documents for fact in await work.journal.facts_of(document_id)]
    return precedents(reversing, told, await work.journal.standing(documents))


async def post(entries: Sequence[JournalEntry], work: LedgerWork, *, movable: Collection[UUID] = ()) -> None:
    """Leave entries for the flush. Those of `movable` documents, being reversals, go to the first open day instead of
    being refused when their period is closed.

    Errors: PERIOD_CLOSED, FISCAL_YEAR_MISSING.
    """
    if not entries:
        return
    periods = await work.journal.periods((entry.company.id, entry.effective_on) for entry in entries)
    placed = []
    for entry in entries:
        period = periods.get((entry.company.id, entry.effective_on))
        placed.append(await _placed(entry, period, work, movable=entry.document_id in movable))
    await work.journal.add(placed)
    await _tell_effects([entry for entry, _ in placed], work)


async def _placed(
    entry: JournalEntry, period: Period | None, work: LedgerWork, *, movable: bool
) -> tuple[JournalEntry, Period]:
    on = entry.effective_on
    if period is None:
        raise FiscalYearMissing(
            f"No fiscal year covers {on}: open one under Ledger, Fiscal years.", date=on, company=entry.company.code
        )
    if entry.book.closes and not period.open:
        following = await work.journal.first_open(entry.company.id, period.ends_on) if movable else None
        if following is not None:
            return entry.moved_to(following.starts_on), following
        period.refuse_if_closed(on, await work.journal.next_open_day(entry.company.id, on))
    return entry, period


async def _tell_effects(entries: Sequence[JournalEntry], work: LedgerWork) -> None:
    """What a dry run shows: the entries, and what they take from budgets."""
    if not work.call.dry_run:
        return
    accounts = (await work.journal.bookkeeping()).chart.accounts
    taken: dict[tuple[str, str], Money] = {}
    for entry in entries:
        lines = []
        for posting in entry.postings:
            account = accounts[posting.account_id]
            side = "debit" if posting.amount.minor >= 0 else "credit"
            lines.append({"account": account.code, "account_name": account.name, side: abs(posting.amount).text()})
            if posting.budget_line_id is not None:
                key = (str(posting.budget_line_id), _BUDGET_MEMBERS.get(posting.role or "", "actual"))
                taken[key] = taken[key] + posting.company_amount if key in taken else posting.company_amount
        work.effects.setdefault("journal_entries", []).append(
            {
                "book": entry.book,
                "company": entry.company.code,
                "effective_on": entry.effective_on,
                "original_on": entry.original_on,
                "currency": entry.currency.code,
                "lines": lines,
            }
        )
    for (line_id, member), amount in taken.items():
        work.effects.setdefault("budget", []).append({"budget_line": line_id, member: amount.text()})
