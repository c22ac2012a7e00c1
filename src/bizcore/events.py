"""Events: what the world outside is told, in the past tense, complete enough not to call back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One published fact about one master record; those of documents follow from their steps.

    Fields are added to `data` later, never changed or taken away.

    `type` is `context.document.happened.vN`. A command publishes at most one event a subject: its `sequence` is the
    subject's entry_no at that command, so it grows, with gaps.
    """

    type: str
    subject_kind: str
    subject_type: str
    subject_id: UUID
    subject_number: str | None = None
    subject_version: int = 1
    data: Mapping[str, object] = field(default_factory=dict)
