"""What the lines of requisitions and orders share: identity and units; and the merging of attributes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from bizcore.errors import UnknownReference, ValidationFailed
from bizcore.fields import Unset
from bizcore.ids import new_id
from contexts.procurement.domain.goods import Goods
from contexts.procurement.ports import ProcurementWork


class LineInput(Protocol):
    @property
    def id(self) -> UUID | None: ...
    @property
    def item(self) -> UUID | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def unit(self) -> UUID | None: ...


def line_ids(lines: Sequence[LineInput], known: Collection[UUID] = ()) -> list[UUID]:
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


def merged(current: Mapping[str, object], patch: Mapping[str, object] | Unset | None) -> dict[str, object]:
    """Attributes after a merge patch (RFC 7396): null takes one away, null for the whole takes all."""
    if isinstance(patch, Unset):
        return dict(current)
    if patch is None:
        return {}
    together = {**current, **patch}
    return {name: value for name, value in together.items() if value is not None}


async def goods_of(lines: Sequence[LineInput], work: ProcurementWork) -> Goods:
    """The items and units that the lines name. Errors: VALIDATION_FAILED for a line that says neither what it is."""
    for index, line in enumerate(lines):
        if line.item is None and line.description is None:
            raise ValidationFailed.at(f"/lines/{index}", "REQUIRED", "Name an item or describe what is meant.")
    return await work.goods(
        items={line.item for line in lines if line.item is not None},
        units={line.unit for line in lines if line.unit is not None},
    )
