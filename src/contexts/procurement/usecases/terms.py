"""The currencies of a new paper."""

from bizcore.documents import Document
from bizcore.values import Currency
from contexts.ledger.public import conversion
from contexts.procurement.domain.value import Terms
from contexts.procurement.ports import ProcurementWork


async def terms_of(document: Document, work: ProcurementWork) -> Terms:
    """Its currency and the rate of its date. Errors: EXCHANGE_RATE_MISSING."""
    rate = await conversion(work, document.currency, document.company, document.document_date)
    return Terms(Currency.of(document.currency), rate)
