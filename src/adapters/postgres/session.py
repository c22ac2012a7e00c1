"""One transaction of one command, on a driver connection of the tenant's pool, from its first read to its commit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from adapters.access.policy import CasbinPolicy
from adapters.identity.secrets import Secrets
from adapters.postgres import numbering
from adapters.postgres.configuration import cached, configuration
from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.flush import RowCountMismatch
from adapters.postgres.platform import tables
from adapters.postgres.references import resolve
from adapters.postgres.types import Catalogue
from adapters.postgres.views import EVERYTHING, Sight, render_document, render_record
from adapters.postgres.work import PostgresWork
from bizcore.access import AccessPolicy, Principal
from bizcore.call import EFFECTS, Call, Scope
from bizcore.documents import Document, DocumentType, Phase
from bizcore.documents.type import AnyDocumentType
from bizcore.errors import (
    BusinessError,
    IdempotencyKeyInUse,
    NotFound,
    Unauthenticated,
    plain,
)
from bizcore.faults import fault
from bizcore.ids import new_id
from bizcore.pipeline import AlreadyDone, Occasion, Reference, TryAgain
from bizcore.registry import Registered

# A command's statements find few rows by key, whichever: planning them anew for each value took longer than running
# them. Reads keep the planner's own choice, for what a report finds does depend on its dates.
BEGIN = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan"

_FIRST_READ = """
SELECT p.id, p.name, p.active, c.version, c.grants_version,
       (SELECT jsonb_agg(jsonb_build_object('code', r.code, 'scope', g.scope))
        FROM platform.role_grant g JOIN platform.role r ON r.id = g.role_id WHERE g.principal_id = p.id) AS grants,
       CASE WHEN $3::text IS NULL THEN true
            ELSE pg_try_advisory_xact_lock(hashtextextended(p.id::text || $3, 0)) END AS claimed
FROM platform.principal p CROSS JOIN platform.configuration c
WHERE p.user_id = $1 OR p.id = $2
"""

_EARLIER = """
SELECT subject_id, body_hash FROM platform.idempotency_key WHERE principal_id = $1 AND command = $2 AND key = $3
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the token named: a user, or a machine's principal."""

    user_id: UUID | None = None
    principal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What services put together once: the declared SQL, the document types, the context's stores, the refusals."""

    catalogue: Catalogue
    types: Mapping[str, AnyDocumentType]
    work: Callable[..., PostgresWork]
    secrets: Secrets
    refusals: Mapping[str, Callable[[], BusinessError]]  # by the name of the constraint that speaks


@dataclass(frozen=True, slots=True)
class FirstRead:
    """Who asks, with which rights, as of now."""

    principal: Principal
    scope: Scope
    policy: AccessPolicy
    configuration_version: int
    claimed: bool


async def first_read(
    tenant: TenantDatabase, connection: Connection, caller: Caller, claim: str | None = None
) -> FirstRead:
    """The principal with the grants as they are now, so that a change acts at once. Errors: UNAUTHENTICATED."""
    row = await connection.fetchrow(_FIRST_READ, caller.user_id, caller.principal_id, claim)
    if row is None or not row["active"]:
        raise Unauthenticated("You are not a member of this organization.")
    grants = orjson.loads(row["grants"] or b"[]")
    roles = frozenset(grant["code"] for grant in grants)
    policy = await cached(tenant, connection, row["grants_version"], "access", _read_policy)
    return FirstRead(
        principal=Principal(row["id"], row["name"], roles, row["grants_version"]),
        scope=_scope(grants),
        policy=policy,
        configuration_version=row["version"],
        claimed=row["claimed"],
    )


def _scope(grants: Sequence[Mapping[str, Any]]) -> Scope:
    """The union of what the grants cover; a grant without companies covers all."""
    companies: set[UUID] = set()
    for grant in grants:
        named = (grant["scope"] or {}).get("companies")
        if named is None:
            return Scope()
        companies.update(UUID(company) for company in named)
    return Scope(frozenset(companies)) if grants else Scope()


async def _read_policy(connection: Connection, version: int) -> CasbinPolicy:
    rows = await connection.fetch("SELECT code, permissions FROM platform.role")
    return CasbinPolicy({row["code"]: orjson.loads(row["permissions"]) for row in rows})


@dataclass(slots=True, eq=False)
class PostgresUnit:
    """Implements `bizcore.pipeline.Unit`."""

    tenant: TenantDatabase
    caller: Caller
    call: Call
    composition: Composition
    wake: Callable[[UUID], Awaitable[None]]
    _scope: AbstractAsyncContextManager[Connection] | None = field(default=None, init=False)
    _connection: Connection | None = field(default=None, init=False)
    _work: PostgresWork | None = field(default=None, init=False)
    _first: FirstRead | None = field(default=None, init=False)

    @property
    def work(self) -> PostgresWork:
        assert self._work is not None, "open() comes first"
        return self._work

    @property
    def principal(self) -> Principal:
        return self.work.principal

    async def open(self, command: str, *, loads_first: bool = False) -> None:
        self._scope = self.tenant.connection()
        self._connection = await self._scope.__aenter__()
        await self._connection.execute(BEGIN)
        fault("pipeline.before_claim")
        claim = f":{command}:{self.call.key}" if self.call.key else None
        self._first = first = await first_read(self.tenant, self._connection, self.caller, claim)
        if not first.claimed:
            raise IdempotencyKeyInUse("The first request with this Idempotency-Key is still running.", retry_after=1)
        fault("pipeline.after_claim")
        self._work = self.composition.work(
            tenant=self.tenant,
            connection=self._connection,
            call=self.call,
            principal=first.principal,
            scope=first.scope,
            policy=first.policy,
            configuration=await configuration(self.tenant, self._connection, first.configuration_version),
            catalogue=self.composition.catalogue,
            types=self.composition.types,
            secrets=self.composition.secrets,
            claim=(first.principal.id, command, self.call.key) if loads_first and self.call.key else None,
        )

    def allows(self, permission: str) -> bool:
        return self.work.allows(permission)

    async def refuse_repetition(self, command: str) -> None:
        if self.call.key is None:
            return
        row = await self.work.connection.fetchrow(_EARLIER, self.principal.id, command, self.call.key)
        if row is not None:
            raise AlreadyDone(row["subject_id"], row["body_hash"])

    async def resolve(self, references: Sequence[Reference], occasion: Occasion) -> Mapping[tuple[str, str], UUID]:
        work = self.work
        found = await resolve(work.connection, work.catalogue, references, work.scope, occasion, at=self.call.at)
        work.owners.update({named.id: named.company_id for named in found.values()})
        return {reference: named.id for reference, named in found.items()}

    async def flush(self, registered: Registered[Any, Any], subject_id: UUID, body_hash: str) -> None:
        work = self.work
        await self._draw_numbers()
        for document in work.documents.values():
            if document.touched:
                self._write_document(document)
        _write_tasks(work)
        _write_history(work, registered.name)
        if self.call.key is not None:
            work.writes.insert(
                tables.idempotency_key,
                {
                    "principal_id": work.principal.id,
                    "command": registered.name,
                    "key": self.call.key,
                    "body_hash": body_hash,
                    "status": 201 if registered.creates else 200,
                    "subject_id": subject_id,
                    "created_at": self.call.at,
                },
            )
        fault("pipeline.before_flush")
        await work.writes.flush(work.connection)
        fault("pipeline.after_flush")

    async def _draw_numbers(self) -> None:
        """Fast numbers at creation, gapless ones when a document becomes active and for rows with a number of their
        own: these in one statement, for their series' rows are where everybody meets. None in a dry run."""
        work, dry_run = self.work, self.call.dry_run
        gapless: list[tuple[Document, numbering.SeriesKey]] = []
        fast: list[tuple[Document, numbering.SeriesKey]] = []
        for document in work.documents.values() if not dry_run else ():
            if document.number is not None:
                continue
            series = work.configuration.series[document.type]
            key = numbering.series_key(series, document.company.id, document.document_date)
            if not series.gapless:
                fast.append((document, key))
            elif document.phase is Phase.ACTIVE:
                gapless.append((document, key))
        for document, key in sorted(fast, key=itemgetter(1)):
            series = work.configuration.series[document.type]
            value = await work.draw.next(self.tenant, work.connection, series, key)
            document.number = numbering.number_text(series, key, value)
        keys = [*(key for _, key in gapless), *(key for _, _, key in work.to_number)]
        values = await numbering.allocate(work.connection, keys) if keys and not dry_run else {}

        def number(key: numbering.SeriesKey) -> str | None:
            series = work.configuration.series[key.document_type]
            return numbering.number_text(series, key, values[key].pop(0)) if not dry_run else None

        for document, key in gapless:
            document.number = number(key)
        for table, row, key in work.to_number:
            work.writes.insert(table, {**row, "number": number(key)})
        if values:
            fault("pipeline.after_number")

    def _write_document(self, document: Document) -> None:
        work = self.work
        values = {
            "number": document.number,
            "party_id": document.party_id,
            "currency": document.currency,
            "document_date": document.document_date,
            "title": document.title,
            "state": document.state,
            "phase": document.phase.value,
            "version": document.version,
            "entry_no": document.entry_no,
            "total_minor": document.total.minor,
            "total_company_minor": document.total_company.minor,
            "attributes": plain(document.attributes),
            "updated_at": document.updated_at,
            "updated_by": document.updated_by,
        }
        loaded = work.loaded.get(document.id)
        if loaded is None:
            fixed = {
                "id": document.id,
                "type": document.type,
                "company_id": document.company.id,
                "workflow_id": document.workflow.id,
                "created_at": document.created_at,
                "created_by": document.created_by,
            }
            work.insert(tables.document, {**fixed, **values}, of=document)
        else:
            before = {name: _as_stored(name, loaded.header[name]) for name in values}
            work.update(tables.document, {"id": document.id}, before, values, of=document)
        if (step := document.new_step) is not None:
            work.writes.insert(
                tables.document_step,
                {
                    "document_id": document.id,
                    "entry_no": document.entry_no,
                    "action": step.action,
                    "actor_id": step.actor_id,
                    "at": step.at,
                    "from_state": step.from_state,
                    "to_state": step.to_state,
                    "from_phase": step.from_phase.value if step.from_phase else None,
                    "to_phase": step.to_phase.value,
                    "round": step.round,
                    "reason": step.reason,
                },
            )
            if step.reason:
                work.trace(document, {}, {"/reason": step.reason})

    def translated(self, error: Exception) -> Exception:
        """What no rule of ours explains stays as it is."""
        constraint = getattr(error, "constraint_name", None)
        if isinstance(error, RowCountMismatch | asyncpg.SerializationError | asyncpg.DeadlockDetectedError):
            return TryAgain()
        if isinstance(error, asyncpg.UniqueViolationError) and constraint == "idempotency_key_pkey":
            return TryAgain()
        refusal = self.composition.refusals.get(constraint or "")
        return refusal() if refusal is not None else error

    async def answer(
        self, registered: Registered[Any, Any], subject_id: UUID, *, replayed: bool = False
    ) -> tuple[bytes, int | None]:
        work, subject = self.work, registered.subject
        found: tuple[bytes, int | None] | None
        if isinstance(subject, DocumentType):
            sight = Sight.of(work, work.types.values())
            found = await render_document(work.connection, work.catalogue, subject.code, subject_id, sight=sight)
        else:
            # A new company is in nobody's scope yet, its founder's neither.
            scope = work.scope if replayed else EVERYTHING
            found = await render_record(work.connection, work.catalogue, subject.kind, subject_id, scope)
        if found is None:
            assert replayed, f"{registered.name} answered with a subject that does not exist"
            raise NotFound("It is not for you to see any more.")
        body, version = found
        if self.call.dry_run:
            body = orjson.dumps({**orjson.loads(body), "effects": plain(_effects(work))})
        return body, version

    async def commit(self) -> None:
        assert self._connection is not None
        fault("pipeline.before_commit")
        await self._connection.execute("COMMIT")
        fault("pipeline.after_commit")
        self.work.draw.settle(self.tenant, committed=True)
        await self._leave()
        if self.work.published:
            await self.wake(self.tenant.organization_id)

    async def rollback(self) -> None:
        """Leaving the connection rolls back what was not committed."""
        if self._work is not None:
            self._work.draw.settle(self.tenant, committed=False)
        await self._leave()

    async def _leave(self) -> None:
        if self._scope is not None:
            scope, self._scope = self._scope, None
            await scope.__aexit__(None, None, None)

    async def note_refusal(self, command: str, error: BusinessError) -> None:
        if self._first is None:
            return
        subject_id = next(iter(self._work.loaded), None) if self._work is not None else None
        await note_refusal(self.tenant, self.call, self._first.principal.id, command, error, subject_id)


async def note_refusal(
    tenant: TenantDatabase,
    call: Call,
    principal_id: UUID,
    command: str,
    error: BusinessError,
    subject_id: UUID | None = None,
) -> None:
    """One row in the audit's refusals, in a short transaction of its own."""
    async with tenant.connection() as connection:
        await connection.execute(
            """INSERT INTO audit.refusal
                   (id, at, actor_id, command, code, message, details, subject_id, request_id, ip)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            new_id(),
            call.at,
            principal_id,
            command,
            error.code,
            error.message,
            orjson.dumps(plain(error.details)).decode(),
            subject_id,
            call.request_id,
            call.ip,
        )


def _as_stored(name: str, value: Any) -> Any:
    """A header's value as the lock statement's JSON shows it, in the type the flush would write."""
    if value is None:
        return None
    match name:
        case "party_id" | "updated_by":
            return UUID(value)
        case "document_date":
            return datetime.fromisoformat(value).date()
        case "updated_at":
            return datetime.fromisoformat(value)
    return value


def _write_tasks(work: PostgresWork) -> None:
    """Opens a task where a document now waits for approval, closes it where it no longer does."""
    for document in work.documents.values():
        step = document.new_step
        if step is None:
            continue
        waits = document.workflow.transition("approve", document.state) is not None
        loaded = work.loaded.get(document.id)
        open_tasks = loaded.tasks if loaded is not None else []
        if waits and not open_tasks:
            permission = work.type_of(document).permission("approve")
            values = {
                "id": new_id(),
                "document_id": document.id,
                "action": "approve",
                "permission": permission,
                "round": step.round,
                "created_at": work.call.at,
            }
            work.writes.insert(tables.task, values)
            work.effects.setdefault("tasks", []).append({"action": "approve", "permission": permission})
        elif not waits:
            for task in open_tasks:
                closed = {"closed_at": work.call.at, "closed_by": work.principal.id, "outcome": step.action}
                work.writes.update(tables.task, {"id": UUID(task["id"])}, closed)


def _write_history(work: PostgresWork, command: str) -> None:
    """One audit entry for each subject, and the events: those of the documents' steps, and those published beside."""
    for document in work.documents.values():
        if not document.touched:
            continue
        subject = work.subjects[document.id]
        subject.entry_no = document.entry_no
        step = document.new_step
        if step is not None:
            type = work.type_of(document)
            data = {
                "company": document.company.code,
                "party": document.party_id,
                "date": document.document_date,
                "currency": document.currency,
                "total": document.total.text(),
                "state": document.state,
                "phase": document.phase,
                "reason": step.reason,
                **work.told.get(document.id, {}),
            }
            _write_event(
                work,
                type=f"{type.context}.{type.code}.{step.happened}.v1",
                kind="document",
                subject_type=type.code,
                subject_id=document.id,
                number=document.number,
                version=document.version,
                sequence=document.entry_no,
                data=data,
            )
    for event in work.events:
        record = work.subjects[event.subject_id]
        _write_event(
            work,
            type=event.type,
            kind=event.subject_kind,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            number=event.subject_number,
            version=event.subject_version,
            sequence=record.entry_no,
            data=event.data,
        )
    for id, subject in work.subjects.items():
        entry_id = new_id()
        work.writes.insert(
            tables.audit_entry,
            {
                "id": entry_id,
                "subject_kind": subject.kind,
                "subject_id": id,
                "entry_no": subject.entry_no,
                "at": work.call.at,
                "actor_id": work.principal.id,
                "ip": work.call.ip,
                "request_id": work.call.request_id,
                "command": command,
                "before": plain(subject.before),
                "after": plain(subject.after),
            },
        )
        work.writes.insert(tables.audit_unsealed, {"entry_id": entry_id})


def _write_event(
    work: PostgresWork,
    *,
    type: str,
    kind: str,
    subject_type: str,
    subject_id: UUID,
    number: str | None,
    version: int,
    sequence: int,
    data: Mapping[str, object],
) -> None:
    id = new_id()
    work.writes.insert(
        tables.outbox_event,
        {
            "id": id,
            "type": type,
            "occurred_at": work.call.at,
            "subject_kind": kind,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "subject_number": number,
            "subject_version": version,
            "sequence": sequence,
            "data": plain(data),
            "request_id": work.call.request_id,
            "traceparent": work.call.traceparent,
        },
    )
    work.writes.insert(tables.outbox_due, {"event_id": id})
    work.published = True
    work.effects.setdefault("events", []).append({"type": type, "subject": subject_id, "data": data})


def _effects(work: PostgresWork) -> dict[str, object]:
    return {name: work.effects.get(name, []) for name in EFFECTS}
