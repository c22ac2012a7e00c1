"""What taking a document back means to the books, and when."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from bizcore.documents import Document
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from contexts.ledger.ports import Journal


async def reversed_on(journal: Journal, document: Document) -> date:
    """The document's own day or, when its books are closed, the first open day: where `post` puts its reversal too."""
    return await open_day(journal, document.company.id, document.document_date)


async def open_day(journal: Journal, company_id: UUID, on: date) -> date:
    """`on` or, when the books of that day are closed, the first open day."""
    period = (await journal.periods([(company_id, on)])).get((company_id, on))
    if period is None or period.open:
        return on
    following = await journal.first_open(company_id, period.ends_on)
    return following.starts_on if following is not None else on


async def reversing_facts(journal: Journal, document: Document) -> list[AccountingFact]:
    """All that the document told the books, with its sign turned, each fact on the day that it counted from.

    What falls into closed books is moved when it is posted, and keeps the day that was meant.
    """
    return [
        replace(fact, id=new_id(), amount=-fact.amount, company_amount=-fact.company_amount, reverses_document=True)
        for fact in await journal.facts_of(document.id)
    ]
