"""Where a paper that binds stands in its life."""

from datetime import date

from bizcore.documents import Document, Phase
from contexts.procurement.ports import ProcurementWork


def was_active(document: Document) -> bool:
    """Whether it ever bound us: then links and commitments may name its lines."""
    return any(step.to_phase is Phase.ACTIVE for step in document.steps)


def binds_anew(document: Document) -> bool:
    """Whether the present step makes it bind us, as an earlier one did: amended and approved again, or reopened."""
    return document.phase is Phase.ACTIVE and _approvals(document) > 1


def effective_on(document: Document, work: ProcurementWork) -> date:
    """When what the present step binds or frees counts: a first approval on the document's date, the rest today."""
    if document.phase is Phase.ACTIVE and _approvals(document) == 1:
        return document.document_date
    return max(document.document_date, work.today(document.company))


def _approvals(document: Document) -> int:
    return sum(step.phase_changed and step.to_phase is Phase.ACTIVE for step in document.steps)
