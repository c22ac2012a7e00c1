"""The pipeline: the one way every command takes, whatever surface it came from. Only here it begins and commits.

permission → idempotency key → references → handler (load and lock, decide, collect) → stock facts → accounting facts →
tasks, number, audit, outbox and key in one flush → answer → commit. A dry run is the same path, rolled back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from bizcore.access import Principal
from bizcore.errors import BusinessError, ErrorKind, IdempotencyKeyReused, PermissionDenied, Unavailable
from bizcore.registry import Registered

TRIES = 3


class TryAgain(Exception):
    """The transaction met another one (serialization, deadlock, a changed second read) and may simply run again."""


@dataclass(slots=True)
class AlreadyDone(Exception):
    """The command's idempotency key stands for a success already: of this subject, asked for in this body."""

    subject_id: UUID
    body_hash: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names something: `given` is an id or a natural code of the kind `kind`."""

    path: str
    kind: str
    given: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """By what names are understood that mean another thing in another company or year.

    The document that is changed, and the date that the document is to have; where the input says none, its own, else
    today.
    """

    document_id: UUID | None = None
    on: date | None = None


class Parsed(Protocol):
    """A command's input, its shape already checked, its references not yet."""

    @property
    def references(self) -> Sequence[Reference]: ...

    @property
    def occasion(self) -> Occasion: ...

    @property
    def body_hash(self) -> str:
        """Of what was asked, whatever its spelling."""

    def build(self, resolved: Mapping[tuple[str, str], UUID]) -> Any:
        """The command, each reference replaced by the id it resolves to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gives back: its subject as a read shows it."""

    subject_id: UUID
    version: int | None
    body: bytes
    created: bool
    replayed: bool = False


class Unit(Protocol):
    """One transaction of one command, as the pipeline drives it."""

    @property
    def work(self) -> Any:
        """The `Work` of the handler, its context's stores included."""

    @property
    def principal(self) -> Principal: ...

    async def open(self, command: str, *, loads_first: bool = False) -> None:
        """Begins, claims the idempotency key and reads principal and grants. With `loads_first` the key is looked up
        when the handler locks its document, in the same statement: a round trip less.

        Errors: UNAUTHENTICATED, IDEMPOTENCY_KEY_IN_USE.
        """

    def allows(self, permission: str) -> bool: ...

    async def refuse_repetition(self, command: str) -> None:
        """Errors: AlreadyDone when the key stands for a success already."""

    async def resolve(self, references: Sequence[Reference], occasion: Occasion) -> Mapping[tuple[str, str], UUID]:
        """Errors: UNKNOWN_REFERENCE, or why else it names nothing, at every path."""

    async def flush(self, registered: Registered[Any, Any], subject_id: UUID, body_hash: str) -> None: ...

    async def answer(
        self, registered: Registered[Any, Any], subject_id: UUID, *, replayed: bool = False
    ) -> tuple[bytes, int | None]:
        """The subject's body and version. Errors: NOT_FOUND for a replay of what has left the principal's scope."""

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...

    def translated(self, error: Exception) -> Exception:
        """What the database itself refuses in the domain's words; TryAgain where it met another transaction."""

    async def note_refusal(self, command: str, error: BusinessError) -> None:
        """One row in the audit's refusals, in a short transaction of its own."""


Begin = Callable[[], Unit]
Consumer = Callable[[Any], Awaitable[None]]

# A known principal was told no for a reason of rights or state; of the rest a log line is enough.
_NOTED = frozenset({ErrorKind.FORBIDDEN, ErrorKind.CONFLICT, ErrorKind.STALE})


async def run(
    registered: Registered[Any, Any],
    parse: Callable[[], Parsed],
    begin: Begin,
    consumers: Sequence[Consumer],
    *,
    dry_run: bool,
) -> Answer:
    """Carries out one command, again when it met another transaction. `consumers` take stock facts before accounting.

    Errors: every BusinessError of the handler; UNAVAILABLE when it met others `TRIES` times.
    """
    for attempt in range(1, TRIES + 1):
        unit = begin()
        try:
            return await _once(registered, parse, unit, consumers, dry_run=dry_run)
        except Exception as raised:
            await unit.rollback()
            error = unit.translated(raised)
            if isinstance(error, BusinessError):
                if error.kind in _NOTED and not dry_run:
                    await unit.note_refusal(registered.name, error)
            elif isinstance(error, TryAgain):
                if attempt < TRIES:
                    continue
                error = Unavailable("Too many changes met at one point; send it again.", retry_after=1)
            if error is raised:
                raise
            raise error from raised
        except BaseException:
            await unit.rollback()
            raise
    raise AssertionError("unreachable")


async def _once(
    registered: Registered[Any, Any],
    parse: Callable[[], Parsed],
    unit: Unit,
    consumers: Sequence[Consumer],
    *,
    dry_run: bool,
) -> Answer:
    await unit.open(registered.name, loads_first=registered.loads_first)
    if not unit.allows(registered.permission):
        raise PermissionDenied(registered.permission)
    parsed = parse()
    try:
        if not registered.loads_first:
            await unit.refuse_repetition(registered.name)
        command = parsed.build(await unit.resolve(parsed.references, parsed.occasion))
        subject_id = await registered.handle(command, unit.work)
    except AlreadyDone as done:
        if done.body_hash != parsed.body_hash:
            raise IdempotencyKeyReused("This Idempotency-Key was used for another request body.") from None
        body, version = await unit.answer(registered, done.subject_id, replayed=True)
        await unit.rollback()
        return Answer(done.subject_id, version, body, registered.creates, replayed=True)
    for consume in consumers:
        await consume(unit.work)
    await unit.flush(registered, subject_id, parsed.body_hash)
    body, version = await unit.answer(registered, subject_id)
    await (unit.rollback() if dry_run else unit.commit())
    return Answer(subject_id, version, body, registered.creates)
