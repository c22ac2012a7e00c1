"""The registry: a plain list of each context's commands, queries and types, from which every surface is made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, is_dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from bizcore.access import is_permission
from bizcore.documents.type import AnyDocumentType
from bizcore.fields import check_declaration
from bizcore.records import RecordType

C = TypeVar("C")
W = TypeVar("W", contravariant=True)
R = TypeVar("R")


def _check(declaration: type, permission: str, route: str, methods: frozenset[str]) -> None:
    if not is_dataclass(declaration):
        raise ValueError(f"{declaration.__name__} is not a dataclass")
    check_declaration(declaration)
    if not is_permission(permission):
        raise ValueError(f"{declaration.__name__}: {permission!r} is not a permission 'context.type.action'")
    method, _, path = route.partition(" ")
    if method not in methods or not path or path.startswith("/"):
        raise ValueError(f"{declaration.__name__}: {route!r} is not a route 'METHOD path'")


@dataclass(frozen=True, slots=True)
class Registered(Generic[C, W]):
    """One command: what may be asked, with which permission, at which route, and who carries it out.

    `subject` is what it creates or changes; its view is the answer. In the route `{id}` is the subject's id, handed to
    the command as its field `id`; a field `version` takes If-Match.
    """

    command: type[C]
    permission: str
    route: str
    handle: Callable[[C, W], Awaitable[UUID]]
    subject: AnyDocumentType | RecordType
    loads_first: bool = False  # its handler begins with `work.load`, which then looks the idempotency key up too
    name: str = ""  # of the operation, unique: `procurement.requisition.create`; the permission where left out

    def __post_init__(self) -> None:
        _check(self.command, self.permission, self.route, frozenset({"POST", "PATCH", "DELETE"}))
        if not self.name:
            object.__setattr__(self, "name", self.permission)

    @property
    def creates(self) -> bool:
        return self.route.startswith("POST ") and "{id}" not in self.route


@dataclass(frozen=True, slots=True)
class RegisteredQuery(Generic[C, R]):
    """One query. Its fields are the query string; `answers` is the dataclass of what it gives."""

    query: type[C]
    permission: str
    route: str
    read: Callable[[C, R], Awaitable[object]]
    answers: type

    def __post_init__(self) -> None:
        _check(self.query, self.permission, self.route, frozenset({"GET"}))


@dataclass(frozen=True, slots=True)
class Registry:
    """One context's whole surface."""

    context: str
    document_types: tuple[AnyDocumentType, ...] = ()
    record_types: tuple[RecordType, ...] = ()
    commands: tuple[Registered[Any, Any], ...] = ()
    queries: tuple[RegisteredQuery[Any, Any], ...] = ()
