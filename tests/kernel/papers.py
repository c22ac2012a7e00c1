"""Documents as objects, for tests that need no database."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from adapters.postgres.platform.standard import WORKFLOWS
from bizcore.access import Principal
from bizcore.documents import Company, Document, Workflow
from bizcore.documents.commands import guard_facts
from bizcore.ids import new_id
from bizcore.values import Currency, Money

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
COMPANY = Company(id=UUID(int=1), code="MAIN", name="Acme", country="DE", currency="EUR", timezone="Europe/Berlin")
PROMISE = WORKFLOWS["requisition"]


def person(name: str) -> Principal:
    return Principal(new_id(), name, frozenset({"approver"}), 1)


def workflow(definition: Mapping[str, Any] = PROMISE) -> Workflow:
    return Workflow.parse(UUID(int=2), "requisition", 1, definition)


def draft(creator: Principal, *, total: int = 100_00, definition: Mapping[str, Any] = PROMISE) -> Document:
    """A new document of so many cents, as a create command leaves it."""
    way = workflow(definition)
    amount = Money(total, Currency.of("EUR"))
    document = Document(
        id=new_id(),
        type="requisition",
        company=COMPANY,
        workflow=way,
        currency="EUR",
        document_date=date(2026, 3, 1),
        state=way.initial,
        created_at=AT,
        created_by=creator.id,
        updated_at=AT,
        updated_by=creator.id,
        total=amount,
        total_company=amount,
    )
    document.record_change("create", creator.id, AT)
    return document


def next_command(document: Document) -> None:
    """As if the document was flushed and loaded again by the next command."""
    document.new_step = None
    document._history_moved = document._content_moved = False


def take(document: Document, action: str, actor: Principal, reason: str | None = None) -> None:
    """One action as one command of its own."""
    next_command(document)
    document.apply(document.decide(action, actor, AT, reason, guard_facts(document)))


def change(document: Document, actor: Principal) -> None:
    """One change of content as one command of its own."""
    next_command(document)
    document.record_change("change", actor.id, AT)
