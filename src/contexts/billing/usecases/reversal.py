"""When a reversal counts."""

from datetime import date

from bizcore.documents import Document
from contexts.billing.ports import BillingWork


async def reversed_on(document: Document, work: BillingWork) -> date:
    """The document's own day or, when its books are closed, the first open day: where the ledger puts it too."""
    company_id, on = document.company.id, document.document_date
    period = (await work.journal.periods([(company_id, on)])).get((company_id, on))
    if period is None or period.open:
        return on
    following = await work.journal.first_open(company_id, period.ends_on)
    return following.starts_on if following is not None else on
