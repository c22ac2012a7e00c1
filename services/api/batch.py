"""Many journal entries in one request: all or none in one transaction, or each for itself with its own outcome."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.postgres.platform import tables
from adapters.postgres.session import PostgresUnit
from adapters.postgres.tenant_work import TenantWork
from bizcore import pipeline
from bizcore.errors import BusinessError, PermissionDenied, plain
from bizcore.fields import Field
from bizcore.registry import Registered
from contexts.ledger.usecases.journal_entries import (
    JOURNAL_ENTRY,
    CreateJournalEntries,
    CreateJournalEntry,
    create_journal_entries,
    create_journal_entry,
)
from services.api import openapi
from services.api.answers import answer_json
from services.api.errors import STATUS
from services.api.mounting import read_body, require_json
from services.api.parsing import ParsedBody, parse_body
from services.api.surface import surface

PERMISSION = "ledger.journal_entry.create"
NAME = "ledger.journal_entry.batch"
ITEM = "ledger.journal_entry.batch.item"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItemView:
    """What became of one entry of a batch."""

    index: Annotated[int, Field("Index", help="Its place in the request")]
    status: Annotated[int, Field("Status", help="As it would be of a request of its own")]
    id: Annotated[UUID | None, Field("Id")]
    error: Annotated[dict[str, object] | None, Field("Error", help="code, message and details of a refusal")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """What became of each entry, in the order given."""

    data: Annotated[tuple[BatchItemView, ...], Field("Outcomes")]


def add_routes(router: APIRouter) -> None:
    @router.post(
        "/ledger/journal-entries/batch",
        operation_id=NAME,
        openapi_extra=openapi.batch(CreateJournalEntries, BatchView, PERMISSION),
    )
    async def batch(request: Request) -> Response:
        body = await read_body(request)
        given = await _parsed(request, body)
        if given.model.model_dump().get("atomic") is False:
            return answer_json({"data": await _each(request, orjson.loads(body)["entries"])})
        ids, answer = await _all(request, body)
        shown = [{"index": index, "status": 201, "id": id, "error": None} for index, id in enumerate(ids)]
        return answer_json({"data": shown}, headers={"Idempotency-Replayed": "true"} if answer.replayed else None)


async def _parsed(request: Request, body: bytes) -> ParsedBody:
    """The body judged, after the permission."""
    async with surface(request).reading(request, PERMISSION):
        require_json(request, body)
        return parse_body(CreateJournalEntries, body, {})


async def _all(request: Request, body: bytes) -> tuple[list[UUID], pipeline.Answer]:
    """One transaction. Each entry leaves a key of its own beside the batch's, by which a replay finds them again."""
    ids: list[UUID] = []

    async def handle(command: CreateJournalEntries, work: TenantWork) -> UUID:
        ids[:] = await create_journal_entries(command, work)
        if work.call.key is not None:
            for index, id in enumerate(ids):
                work.writes.insert(
                    tables.idempotency_key,
                    {
                        "principal_id": work.principal.id,
                        "command": ITEM,
                        "key": _item_key(work.call.key, index),
                        "body_hash": "",
                        "status": 201,
                        "subject_id": id,
                        "created_at": work.call.at,
                    },
                )
        return ids[0]

    registered = _registered(CreateJournalEntries, handle, NAME)
    answer = await surface(request).run(request, registered, lambda: parse_body(CreateJournalEntries, body, {}))
    if answer.replayed:
        async with surface(request).reading(request, PERMISSION) as read:
            rows = await read.connection.fetch(
                """SELECT subject_id FROM platform.idempotency_key
                   WHERE principal_id = $1 AND command = $2 AND key = ANY($3) ORDER BY key""",
                read.principal.id,
                ITEM,
                [_item_key(request.headers["Idempotency-Key"], n) for n in range(len(orjson.loads(body)["entries"]))],
            )
            ids[:] = [row["subject_id"] for row in rows]
    return ids, answer


async def _each(request: Request, entries: list[Any]) -> list[dict[str, object]]:
    """Each entry through the pipeline by itself, under the batch's key and its place."""
    own = surface(request)
    tenant, caller = await own.enter(request)
    call = own.call(request, command=True)
    registered = _registered(CreateJournalEntry, create_journal_entry, ITEM)
    outcomes: list[dict[str, object]] = []
    for index, entry in enumerate(entries):
        asked = replace(call, key=None if call.key is None else _item_key(call.key, index))
        outcome: dict[str, object] = {"index": index, "status": 201, "id": None, "error": None}
        try:
            answer = await pipeline.run(
                registered,
                partial(parse_body, CreateJournalEntry, orjson.dumps(entry), {}),
                partial(PostgresUnit, tenant, caller, asked, own.composition, own.wake),
                own.consumers,
                dry_run=call.dry_run,
            )
            outcome["id"] = answer.subject_id
        except PermissionDenied:
            raise
        except BusinessError as error:
            shown = {"code": error.code, "message": error.message, "details": plain(error.details)}
            outcome |= {"status": STATUS[error.kind], "error": shown}
        outcomes.append(outcome)
    return outcomes


def _item_key(key: str, index: int) -> str:
    return f"{key}:{index:05}"


def _registered(command: type, handle: Callable[..., Any], name: str) -> Registered[Any, Any]:
    return Registered(command, PERMISSION, "POST ledger/journal-entries/batch", handle, JOURNAL_ENTRY, name=name)
