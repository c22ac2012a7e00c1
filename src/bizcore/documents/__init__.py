"""Documents: what every business paper inherits."""

from bizcore.documents.document import Availability, Company, Document, Step, availabilities
from bizcore.documents.links import LineLink, LinkKind
from bizcore.documents.phase import Phase
from bizcore.documents.type import Action, AnyDocumentType, DocumentType
from bizcore.documents.workflow import Workflow

__all__ = [
    "Action",
    "AnyDocumentType",
    "Availability",
    "Company",
    "Document",
    "DocumentType",
    "LineLink",
    "LinkKind",
    "Phase",
    "Step",
    "Workflow",
    "availabilities",
]
