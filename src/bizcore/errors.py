"""Refusals: what a caller asked for and may not have, with what would pass. Only our own bugs are other exceptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import ClassVar, Final, Protocol, Self, runtime_checkable
from uuid import UUID


class ErrorKind(Enum):
    """What sort of refusal it is. A surface maps it to its own vocabulary (HTTP status, exit code)."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    PRECONDITION = "precondition"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


class BusinessError(Exception):
    """A refusal with a stable `code` for programs, a `message` for people and `details` to translate or act upon.

    Most refusals contradict the state of the books, so CONFLICT is the kind unless a class says otherwise.
    """

    code: ClassVar[str]
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT

    def __init__(self, message: str, /, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, object] = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotFound(BusinessError):
    """It does not exist, or the caller may not know that it does."""

    code = "NOT_FOUND"
    kind = ErrorKind.NOT_FOUND

    def __init__(self, message: str = "Not found.", /, **details: object) -> None:
        super().__init__(message, **details)


class Unauthenticated(BusinessError):
    code = "UNAUTHENTICATED"
    kind = ErrorKind.UNAUTHENTICATED


class PermissionDenied(BusinessError):
    code = "PERMISSION_DENIED"
    kind = ErrorKind.FORBIDDEN

    def __init__(self, permission: str, /, **details: object) -> None:
        super().__init__(f"This needs the permission {permission}.", permission=permission, **details)


class SeparationOfDuties(BusinessError):
    """The permission is there, but the same person already had another part in this document."""

    code = "SEPARATION_OF_DUTIES"
    kind = ErrorKind.FORBIDDEN


class WrongPhase(BusinessError):
    code = "WRONG_PHASE"

    def __init__(self, message: str, /, *, phase: object, allowed: Sequence[object] = (), **details: object) -> None:
        super().__init__(message, phase=phase, allowed=allowed, **details)


class VersionConflict(BusinessError):
    """Somebody changed it since the caller read it."""

    code = "VERSION_CONFLICT"
    kind = ErrorKind.STALE

    def __init__(self, *, given: int, current: int, **details: object) -> None:
        super().__init__(
            f"It is at version {current}, not {given}: read it again.", given=given, current=current, **details
        )


class PreconditionRequired(BusinessError):
    code = "PRECONDITION_REQUIRED"
    kind = ErrorKind.PRECONDITION


class IdempotencyKeyReused(BusinessError):
    """The key belongs to a request with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"
    kind = ErrorKind.INVALID


class IdempotencyKeyInUse(BusinessError):
    """The first request with this key is still running."""

    code = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self, message: str, /, *, retry_after: int, **details: object) -> None:
        """`retry_after` in seconds."""
        super().__init__(message, retry_after=retry_after, **details)


class Malformed(BusinessError):
    """The question itself cannot be read: an unknown field of a query, a broken cursor."""

    code = "MALFORMED"
    kind = ErrorKind.MALFORMED


class LimitExceeded(BusinessError):
    """More than one request may carry: lines, depth, size."""

    code = "LIMIT_EXCEEDED"
    kind = ErrorKind.INVALID

    def __init__(self, message: str, /, *, limit: int, given: int, **details: object) -> None:
        super().__init__(message, limit=limit, given=given, **details)


class RateLimited(BusinessError):
    """More requests than allowed in a time."""

    code = "RATE_LIMITED"
    kind = ErrorKind.LIMITED

    def __init__(self, message: str, /, *, retry_after: int, **details: object) -> None:
        """`retry_after` in seconds."""
        super().__init__(message, retry_after=retry_after, **details)


class Unavailable(BusinessError):
    code = "UNAVAILABLE"
    kind = ErrorKind.UNAVAILABLE

    def __init__(self, message: str, /, *, retry_after: int, **details: object) -> None:
        """`retry_after` in seconds."""
        super().__init__(message, retry_after=retry_after, **details)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field. `path` is a JSON pointer (RFC 6901) into the input, "" the whole of it."""

    path: str
    code: str
    message: str
    given: object = None
    allowed: object = None

    def plain(self) -> dict[str, object]:
        return {
            "path": self.path,
            "code": self.code,
            "message": self.message,
            "given": plain(self.given),
            "allowed": plain(self.allowed),
        }


class ValidationFailed(BusinessError):
    """The input breaks its own rules, whatever the state of the books."""

    code = "VALIDATION_FAILED"
    kind = ErrorKind.INVALID

    def __init__(self, message: str = "The input is not valid.", /, *, fields: Sequence[FieldProblem]) -> None:
        self.fields = tuple(fields)
        super().__init__(message, fields=self.fields)

    @classmethod
    def at(cls, path: str, code: str, message: str, *, given: object = None, allowed: object = None) -> Self:
        """The refusal of a single field."""
        return cls(message, fields=[FieldProblem(path, code, message, given, allowed)])

    def within(self, path: str) -> "ValidationFailed":
        """The same refusal where the judged value sits at `path` of a larger input."""
        return ValidationFailed(
            self.message, fields=[replace(problem, path=path + problem.path) for problem in self.fields]
        )


class UnknownReference(ValidationFailed):
    """An id or code in the input names nothing that the caller may see."""

    def __init__(self, path: str, given: object, *, allowed: object = None) -> None:
        message = f"Nothing is known as {given}."
        super().__init__(message, fields=[FieldProblem(path, "UNKNOWN_REFERENCE", message, given, allowed)])


@runtime_checkable
class HasPlain(Protocol):
    """A value that knows its own JSON form."""

    def plain(self) -> object: ...


_PLAIN: Final = frozenset({str, int, bool, type(None)})


def plain(value: object) -> object:
    """`value` as what JSON can carry exactly: decimals, dates and ids as strings, instants with their offset.

    A float is our bug and a ValueError; so is any type that has no agreed form.
    """
    if type(value) in _PLAIN:
        return value
    match value:
        case Enum():
            return plain(value.value)
        case int() | str():
            return value
        case UUID():
            return str(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case Fraction():  # this and a protocol last, for they are slow to ask for
            return str(value)
        case HasPlain():
            return value.plain()
    raise ValueError(f"{type(value).__name__} has no plain form")
