"""What every document has, whatever its type: timeline, audit, comments, links, actions; and everybody's inbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.postgres.platform import history
from adapters.postgres.tenant_reading import TenantReading
from adapters.postgres.views import Sight
from bizcore.documents import AnyDocumentType
from bizcore.documents.commands import AddComment, add_comment
from bizcore.documents.view import DocumentView
from bizcore.errors import PermissionDenied
from bizcore.fields import Field
from bizcore.records import RecordType
from bizcore.registry import Registered
from services.api import openapi
from services.api.answers import answer_json
from services.api.mounting import Endpoint, path_id, read_body, require_json, show_document
from services.api.parsing import ParsedBody, parse_body
from services.api.surface import answered, refuse_undeclared, surface


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    """What somebody said of a document."""

    id: Annotated[UUID, Field("Id")]
    document: Annotated[UUID, Field("Document")]
    body: Annotated[str, Field("Comment")]
    created_at: Annotated[str, Field("At")]
    created_by: Annotated[UUID, Field("By")]
    created_by_name: Annotated[str, Field("By")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to a document: a step, a comment, an attachment, an attempt to deliver an event."""

    id: Annotated[str, Field("Id")]
    kind: Annotated[str, Field("Kind", help="step, comment, attachment or delivery")]
    at: Annotated[str, Field("At")]
    actor: Annotated[UUID | None, Field("By")]
    actor_name: Annotated[str | None, Field("By")]
    content: Annotated[Mapping[str, object], Field("Content")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The history of a document for people, oldest first."""

    data: Annotated[tuple[TimelineEntry, ...], Field("Entries")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What one command changed, field by field; `sealed` once its hash is under a signed root."""

    id: Annotated[UUID, Field("Id")]
    entry_no: Annotated[int, Field("Number", help="Contiguous for each document: a hole is a removed entry")]
    at: Annotated[str, Field("At")]
    actor: Annotated[UUID, Field("By")]
    actor_name: Annotated[str | None, Field("By")]
    command: Annotated[str, Field("Command")]
    request_id: Annotated[str, Field("Request")]
    before: Annotated[Mapping[str, object], Field("Before")]
    after: Annotated[Mapping[str, object], Field("After")]
    sealed: Annotated[bool, Field("Sealed")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """The audit trail of a document, oldest first."""

    data: Annotated[tuple[AuditEntry, ...], Field("Entries")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What was said of a document, oldest first."""

    data: Annotated[tuple[CommentView, ...], Field("Comments")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDocument:
    """One document of a chain."""

    id: Annotated[UUID, Field("Id")]
    type: Annotated[str, Field("Type")]
    number: Annotated[str | None, Field("Number")]
    phase: Annotated[str, Field("Phase")]
    state: Annotated[str, Field("State")]
    date: Annotated[date, Field("Date")]
    currency: Annotated[str, Field("Currency")]
    total: Annotated[str, Field("Total")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """How two documents of a chain are tied."""

    kind: Annotated[str, Field("Kind")]
    source: Annotated[UUID, Field("From")]
    target: Annotated[UUID, Field("To")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain a document stands in, from its first predecessor to its last successor, as far as you may read it."""

    documents: Annotated[tuple[ChainDocument, ...], Field("Documents")]
    links: Annotated[tuple[ChainLink, ...], Field("Links")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """Whether an action is open to you now, and if not, why and what opens it."""

    action: Annotated[str, Field("Action")]
    label: Annotated[str, Field("Label")]
    allowed: Annotated[bool, Field("Allowed")]
    code: Annotated[str | None, Field("Code", help="The refusal you would get")]
    reason: Annotated[str | None, Field("Reason")]
    needs_reason: Annotated[bool, Field("Needs a reason")]
    approvals_given: Annotated[int, Field("Approvals given")]
    approvals_needed: Annotated[int, Field("Approvals needed")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """What you may do with a document now."""

    version: Annotated[int, Field("Version")]
    states: Annotated[tuple[Mapping[str, object], ...], Field("States", help="The workflow's states in order")]
    data: Annotated[tuple[ActionView, ...], Field("Actions")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A document that waits for you."""

    id: Annotated[UUID, Field("Id")]
    action: Annotated[str, Field("Action")]
    created_at: Annotated[str, Field("Waits since")]
    document: Annotated[UUID, Field("Document")]
    type: Annotated[str, Field("Type")]
    number: Annotated[str | None, Field("Number")]
    title: Annotated[str | None, Field("Title")]
    phase: Annotated[str, Field("Phase")]
    version: Annotated[int, Field("Version")]
    company_code: Annotated[str, Field("Company")]
    currency: Annotated[str, Field("Currency")]
    total: Annotated[str, Field("Total")]
    document_date: Annotated[date, Field("Date")]
    created_by: Annotated[UUID, Field("Created by")]
    created_by_name: Annotated[str, Field("Created by")]
    approvals_given: Annotated[int, Field("Approvals given")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """Your inbox, oldest first."""

    data: Annotated[tuple[TaskView, ...], Field("Tasks")]


COMMENT = RecordType("comment", "platform", "comments", "Comment", CommentView)
TASKS_SHOWN = 200

_COMMENT_BODY = Registered(
    AddComment, "platform.document.comment", "POST documents/{id}/comments", add_comment, COMMENT
)


def add_routes(router: APIRouter, types: Mapping[str, AnyDocumentType]) -> None:
    async def readable(read: TenantReading, request: Request) -> tuple[UUID, str]:
        """The document asked for and its type. Errors: NOT_FOUND, PERMISSION_DENIED for a type one may not read,
        MALFORMED."""
        id = path_id(request)
        code = await history.type_code(read, id)
        permission = types[code].permission("read")
        if not read.allows(permission):
            raise PermissionDenied(permission)
        refuse_undeclared(request)
        return id, code

    def get(path: str, name: str, summary: str, view: type, *, derived: bool = False) -> Callable[[Endpoint], Endpoint]:
        extra = openapi.read_operation(view, "platform.document.read", summary, derived=derived)
        return router.get(path, operation_id=f"documents.{name}", openapi_extra={**extra, "summary": summary})

    @get("/documents/{id}", "read", "A document of any type", DocumentView, derived=True)
    async def read_document(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, code = await readable(read, request)
            return await show_document(request, read, code, id)

    @get("/documents/{id}/timeline", "timeline", "What happened to a document", Timeline)
    async def timeline(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, _ = await readable(read, request)
            return answer_json({"data": await history.timeline(read, id)})

    @get("/documents/{id}/audit", "audit", "What changed in a document, field by field", AuditTrail)
    async def audit(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, _ = await readable(read, request)
            return answer_json({"data": await history.audit(read, id)})

    @get("/documents/{id}/comments", "comments", "What was said of a document", Comments)
    async def comments(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, _ = await readable(read, request)
            return answer_json({"data": await history.comments(read, id)})

    @get("/documents/{id}/links", "links", "The chain a document stands in", Chain)
    async def links(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, _ = await readable(read, request)
            return answer_json(await history.graph(read, id, Sight.of(read, types.values())))

    @get("/documents/{id}/actions", "actions", "What you may do with a document now", Actions)
    async def actions(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            id, _ = await readable(read, request)
            document, found = await history.actions(read, id, types)
        states = [{"code": s.code, "name": s.name, "phase": s.phase.value} for s in document.workflow.states.values()]
        return answer_json({"version": document.version, "states": states, "data": found})

    @router.get("/tasks", operation_id="tasks.list", openapi_extra=_tasks_operation())
    async def tasks(request: Request) -> Response:
        async with surface(request).reading(request, None) as read:
            refuse_undeclared(request)
            return answer_json({"data": await history.tasks(read, TASKS_SHOWN)})

    @router.post(
        "/documents/{id}/comments",
        operation_id="documents.comment",
        status_code=201,
        openapi_extra=openapi.command(_COMMENT_BODY),
    )
    async def comment(request: Request) -> Response:
        body = await read_body(request)
        async with surface(request).reading(request, None) as read:
            _, code = await readable(read, request)
        registered = Registered(
            AddComment, types[code].permission("comment"), "POST documents/{id}/comments", add_comment, COMMENT
        )

        def parse() -> ParsedBody:
            require_json(request, body)
            return parse_body(AddComment, body, {"id": path_id(request)})

        answer = await surface(request).run(request, registered, parse)
        return answered(answer, created=True)


def _tasks_operation() -> dict[str, Any]:
    replies = openapi.responses("200", openapi.answers(Tasks), ("400", "401", "429", "503"))
    return openapi.operation("What waits for you", "tasks", None, [], replies)
