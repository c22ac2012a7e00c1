"""How a command or view describes its fields: one declaration for HTTP schema, form, command line and import column."""

from dataclasses import KW_ONLY, MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints


class Unset(Enum):
    """What a field holds that the caller left out: absent is not null."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Field:
    """What a person and a program must know of a field beside its type. `label` is what stands beside it in a form."""

    label: str
    _: KW_ONLY
    help: str = ""
    example: object = None
    ref: str | None = None  # the kind of thing referred to: its id or its natural code is accepted
    document_date: bool = False  # the date of the command's document: what is named anew each year is that year's
    personal: bool = False  # personal data: encrypted in the audit trail under its subject's key
    above: Decimal | None = None  # exclusive
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None  # characters of a text, items of a sequence
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """One field of a declaration: its type apart from its description."""

    name: str
    type: Any
    info: Field
    required: bool
    nullable: bool


def describe(declaration: type) -> tuple[Described, ...]:
    """The described fields of a dataclass. A field without a description is a ValueError, found at import."""
    hints = get_type_hints(declaration, include_extras=True)
    return tuple(_described(declaration, item, hints[item.name]) for item in fields(declaration))


def check_declaration(declaration: type) -> None:
    """Refuse at import what a surface could not render: an undescribed field, at any depth."""
    for item in describe(declaration):
        nested = element(item.type)
        if isinstance(nested, type) and is_dataclass(nested):
            check_declaration(nested)


def element(bare: Any) -> Any:
    """The type of the items when `bare` is a tuple of them, else `bare` itself."""
    return _split(get_args(bare)[0])[0] if get_origin(bare) is tuple else bare


def _described(declaration: type, item: Any, hint: Any) -> Described:
    bare, info = _split(hint)
    if info is None:
        raise ValueError(f"{declaration.__name__}.{item.name} has no Field(...) to describe it")
    options = get_args(bare) if get_origin(bare) in (Union, UnionType) else (bare,)
    kept = [_split(option)[0] for option in options if option not in (NoneType, Unset)]
    return Described(
        name=item.name,
        type=kept[0] if len(kept) == 1 else Union[tuple(kept)],  # noqa: UP007 - a union built at run time
        info=info,
        required=item.default is MISSING and item.default_factory is MISSING,
        nullable=NoneType in options,
    )


def _split(hint: Any) -> tuple[Any, Field | None]:
    """The type below `Annotated` and the nearest description, also where only a member of a union carries it."""
    if get_origin(hint) is Annotated:
        bare, *notes = get_args(hint)
        info = next((note for note in reversed(notes) if isinstance(note, Field)), None)
        return (bare, info) if info is not None else _split(bare)
    if get_origin(hint) in (Union, UnionType):
        found = (_split(option)[1] for option in get_args(hint) if option not in (NoneType, Unset))
        return hint, next((info for info in found if info is not None), None)
    return hint, None


Reason = Annotated[
    str, Field("Reason", help="Why, in words the next reader understands", min_length=1, max_length=1000)
]
