"""The lines that a command gives for those that a document has."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.ids import new_id


class Identified(Protocol):
    @property
    def id(self) -> UUID | None: ...


def line_ids(lines: Sequence[Identified], known: Collection[UUID] = ()) -> list[UUID]:
    """The id of each line: the given one, which keeps its identity, else a new one.

    Errors: UNKNOWN_REFERENCE for an id that is no line of the document, VALIDATION_FAILED for one given twice.
    """
    ids: list[UUID] = []
    for index, line in enumerate(lines):
        if line.id is not None and line.id not in known:
            raise UnknownReference(f"/lines/{index}/id", str(line.id))
        if line.id is not None and line.id in ids:
            raise ValidationFailed.at(f"/lines/{index}/id", "GIVEN_TWICE", "This line is given twice.", given=line.id)
        ids.append(line.id or new_id())
    return ids
