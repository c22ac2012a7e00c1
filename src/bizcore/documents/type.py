"""A document type: what a kind of business paper adds to what every document is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bizcore.documents.document import Document
from bizcore.documents.phase import Phase

W = TypeVar("W", contravariant=True)


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do to a document of the type. When and with which approvals, its workflow says."""

    code: str
    label: str


SUBMIT = Action("submit", "Submit")
APPROVE = Action("approve", "Approve")
REJECT = Action("reject", "Reject")
CANCEL = Action("cancel", "Cancel")
CLOSE = Action("close", "Close")
REOPEN = Action("reopen", "Reopen")
POST = Action("post", "Post")
REVERSE = Action("reverse", "Reverse")


@dataclass(frozen=True, slots=True)
class DocumentType(Generic[W]):
    """`on_enter` holds the effects of a phase: context code, run once whenever the phase changes to it.

    `view` is the dataclass that a document of the type answers as; `guarded` tells the facts of a document that
    guards and rules may read beside its header.
    """

    code: str
    context: str
    collection: str
    label: str
    actions: tuple[Action, ...]
    view: type
    on_enter: Mapping[Phase, Callable[[Document, W], Awaitable[None]]] = field(default_factory=dict)

    @property
    def route(self) -> str:
        return f"{self.context}/{self.collection}"

    def permission(self, action: str) -> str:
        return f"{self.context}.{self.code}.{action}"


AnyDocumentType = DocumentType[Any]
