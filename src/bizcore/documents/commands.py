"""What may be done to any document: its actions, comments, attachments."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from bizcore.documents.document import Document
from bizcore.documents.type import AnyDocumentType
from bizcore.fields import Field, Reason
from bizcore.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAction:
    """Move a document along its workflow."""

    id: Annotated[UUID, Field("Document")]
    action: Annotated[str, Field("Action")]
    version: Annotated[int | None, Field("Version", help="The version it was read at")] = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment:
    """Say something about a document."""

    id: Annotated[UUID, Field("Document")]
    body: Annotated[str, Field("Comment", min_length=1, max_length=4000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachFile:
    """Keep a file, already stored under `object_key`, with a document."""

    id: Annotated[UUID, Field("Document")]
    object_key: Annotated[str, Field("Object key")]
    sha256: Annotated[str, Field("SHA-256", pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field("Size", help="In bytes")]
    media_type: Annotated[str, Field("Media type")]
    name: Annotated[str, Field("File name", min_length=1, max_length=255)]


async def take_action(command: TakeAction, work: Work, type: AnyDocumentType) -> UUID:
    """Decide, record the step, and run the effects when the phase changed."""
    document = await work.load(command.id, type=type, version=command.version)
    step = document.decide(command.action, work.principal, work.call.at, command.reason, guard_facts(document))
    document.apply(step)
    await run_effects(document, work)
    return document.id


async def run_effects(document: Document, work: Work) -> None:
    """The effects of the phase that the document's new step entered, if it entered one."""
    step = document.new_step
    if step is None or not step.phase_changed:
        return
    effect = work.type_of(document).on_enter.get(step.to_phase)
    if effect is not None:
        await effect(document, work)


def guard_facts(document: Document) -> dict[str, object]:
    """The document as guards see it: decimals stay exact."""
    return {
        "state": document.state,
        "phase": document.phase.value,
        "currency": document.currency,
        "total": document.total.amount,
        "total_company": document.total_company.amount,
        "attributes": dict(document.attributes),
    }


async def add_comment(command: AddComment, work: Work) -> UUID:
    document = await work.load(command.id)
    return work.comment(document, command.body)


async def attach_file(command: AttachFile, work: Work) -> UUID:
    document = await work.load(command.id)
    return work.attach(
        document,
        object_key=command.object_key,
        sha256=command.sha256,
        size=command.size,
        media_type=command.media_type,
        name=command.name,
    )
