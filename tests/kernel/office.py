"""A context of two document types that need nothing but the kernel: papers, which are approved and drawn from a pot of
money, and bills, which are posted and numbered without gaps."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.lists import header_columns, header_from
from adapters.postgres.metadata import metadata
from adapters.postgres.platform.notes import PART as NOTES
from adapters.postgres.platform.standard import WORKFLOWS
from adapters.postgres.session import Caller, Composition, PostgresUnit
from adapters.postgres.tenancy.grants import import_tables
from adapters.postgres.types import Catalogue, DocumentSql, LimitSql, lock_text
from adapters.postgres.work import PostgresWork
from bizcore import pipeline
from bizcore.call import Call
from bizcore.documents import Document, DocumentType, Phase
from bizcore.documents.commands import AddComment, TakeAction, add_comment
from bizcore.documents.type import APPROVE, CANCEL, POST, REJECT, REVERSE, SUBMIT
from bizcore.documents.view import DocumentView
from bizcore.errors import BusinessError, SeparationOfDuties
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.limits import LimitKey
from bizcore.pipeline import Answer, Occasion, Reference
from bizcore.records import RecordType
from bizcore.registry import Registered
from bizcore.values import Currency, Money
from services.api.mounting import action_command

import_tables()

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class PotEmpty(BusinessError):
    """More than is left in the pot."""

    code = "POT_EMPTY"


@dataclass(frozen=True, kw_only=True)
class Create:
    """Write a paper, or several alike."""

    type: Annotated[str, Field("Type")] = "paper"
    total: Annotated[int, Field("Total", help="In cents")] = 100_00
    title: Annotated[str, Field("Title")] = "Coal"
    pot: Annotated[UUID, Field("Pot")] | None = None
    on: Annotated[date, Field("Date")] | None = None
    copies: Annotated[int, Field("Copies")] = 1


@dataclass(frozen=True, kw_only=True)
class Change:
    """Change a paper."""

    id: Annotated[UUID, Field("Paper")]
    version: Annotated[int, Field("Version")] | None = None
    total: Annotated[int, Field("Total", help="In cents")]


async def create(command: Create, work: PostgresWork) -> UUID:
    document = None
    for _ in range(command.copies):
        document = work.new_document(
            TYPES[command.type],
            company=work.company(),
            title=command.title,
            document_date=command.on,
            attributes={"pot": str(command.pot)} if command.pot else {},
        )
        document.total = document.total_company = Money(command.total, Currency.of("EUR"))
    assert document is not None
    return document.id


async def change(command: Change, work: PostgresWork) -> UUID:
    document = await work.load(command.id, version=command.version)
    document.require(Phase.DRAFT, doing="changed")
    document.total = document.total_company = Money(command.total, Currency.of("EUR"))
    document.record_change("change", work.principal.id, work.call.at)
    return document.id


async def when_active(document: Document, work: PostgresWork) -> None:
    pot = document.attributes.get("pot")
    if isinstance(pot, str):
        key = LimitKey("budget", UUID(pot))
        limit = (await work.limits([key]))[key]
        if document.total.minor > limit.available:
            raise PotEmpty("Too little is left.", requested=document.total.minor, available=limit.available)
        limit.take(Decimal(document.total.minor))
        work.tell(document, {"pot": pot})


PAPER: DocumentType[Any] = DocumentType(
    "paper", "office", "papers", "Paper", (SUBMIT, APPROVE, REJECT, CANCEL), DocumentView, {Phase.ACTIVE: when_active}
)
BILL: DocumentType[Any] = DocumentType("bill", "office", "bills", "Bill", (POST, CANCEL, REVERSE), DocumentView)
TYPES = {"paper": PAPER, "bill": BILL}
COMMENT = RecordType("comment", "platform", "comments", "Comment", DocumentView)

_LISTING = select(*header_columns()).select_from(header_from())
# A paper names its pot itself, or a setting says it for the paper: so what is limited may change beside the document.
_POT = """SELECT (d.attributes ->> 'pot')::uuid AS id WHERE d.attributes ? 'pot'
          UNION SELECT (s.value #>> '{}')::uuid FROM platform.setting s WHERE s.key = 'pot of:' || d.id"""

# What a pot allows is a setting; what is taken is the sum of the active papers that name it.
_SUMS = """
SELECT p.id, (SELECT s.value #>> '{}' FROM platform.setting s WHERE s.key = 'pot:' || p.id) AS allowed,
       (SELECT coalesce(sum(d.total_minor), 0) FROM platform.document d
        WHERE d.attributes @> jsonb_build_object('pot', p.id) AND d.phase IN ('active', 'done'))::text AS taken,
       '{}'::jsonb AS facts
FROM unnest($ids::uuid[]) AS p(id)
"""

CATALOGUE = Catalogue(
    documents={
        "paper": DocumentSql(
            aggregate="'{}'::jsonb",
            view="'{}'::jsonb",
            listing=_LISTING,
            limit_keys=f"SELECT {lock_text('budget', 'p.id')} FROM ({_POT}) p",
        ),
        "bill": DocumentSql(aggregate="'{}'::jsonb", view="'{}'::jsonb", listing=_LISTING),
    },
    records=NOTES.records,
    limits={"budget": LimitSql(_SUMS)},
)


@dataclass(frozen=True, slots=True)
class Given:
    """An input that has been judged already."""

    command: Any
    body_hash: str
    references: tuple[Reference, ...] = ()
    occasion: Occasion = field(default_factory=Occasion)

    def build(self, resolved: object) -> Any:
        return self.command


CREATE = {
    code: Registered(Create, f"office.{code}.create", f"POST office/{code}s", create, type)
    for code, type in TYPES.items()
}
CHANGE = Registered(Change, "office.paper.update", "PATCH office/papers/{id}", change, PAPER)
SAY = Registered(AddComment, "office.paper.comment", "POST office/papers/{id}/comments", add_comment, COMMENT)
ACTIONS = {(code, a.code): action_command(type, a) for code, type in TYPES.items() for a in type.actions}


@dataclass(slots=True)
class Office:
    """One organization's documents, commanded as the surfaces do it."""

    tenant: TenantDatabase
    woken: list[UUID] = field(default_factory=list)
    begun: int = 0

    async def person(self, name: str, *roles: str) -> UUID:
        """A new member's principal."""
        id = new_id()
        async with self.tenant.connection() as connection:
            await connection.execute(
                """WITH p AS (INSERT INTO platform.principal (id, kind, name, created_at, updated_at)
                              VALUES ($1, 'user', $2, now(), now()))
                   SELECT 1""",
                id,
                name,
            )
            await connection.execute(
                """INSERT INTO platform.role_grant (principal_id, role_id)
                   SELECT $1, id FROM platform.role WHERE code = ANY($2)""",
                id,
                list(roles or ("owner",)),
            )
        return id

    async def run(
        self,
        who: UUID,
        command: Any,
        *,
        key: str | None = None,
        dry_run: bool = False,
        registered: Registered[Any, Any] | None = None,
    ) -> Answer:
        """One command through the pipeline, as `registered` where that is not what its class and subject say."""
        call = Call(request_id="request", at=datetime.now(UTC), ip="192.0.2.1", key=key, dry_run=dry_run)
        return await pipeline.run(
            registered or await self.registered(command),
            lambda: Given(command, repr(command)),
            lambda: self._begin(who, call),
            (),
            dry_run=dry_run,
        )

    async def take(
        self, who: UUID, action: str, id: UUID, *, version: int | None = None, reason: str | None = "Why", **how: Any
    ) -> Answer:
        return await self.run(who, self.action(action, id, version=version, reason=reason), **how)

    def action(self, action: str, id: UUID, *, version: int | None = None, reason: str | None = "Why") -> TakeAction:
        return TakeAction(id=id, action=action, version=version, reason=reason)

    async def registered(self, command: Any) -> Registered[Any, Any]:
        match command:
            case Create():
                return CREATE[command.type]
            case Change():
                return CHANGE
            case AddComment():
                return SAY
        return ACTIONS[
            await self.fetchval("SELECT type FROM platform.document WHERE id = $1", command.id), command.action
        ]

    async def fetchval(self, query: str, *values: object) -> Any:
        async with self.tenant.connection() as connection:
            return await connection.fetchval(query, *values)

    async def fetch(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.tenant.connection() as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def rows(self) -> dict[str, int]:
        """How many rows each table has, and where each count of numbers stands."""
        found = {}
        async with self.tenant.connection() as connection:
            for table in sorted(metadata.tables):
                found[table] = await connection.fetchval(f"SELECT count(*) FROM {table}")
            for row in await connection.fetch(
                "SELECT document_type, company_id, next_value FROM platform.number_counter"
            ):
                found[f"{row[0]} {row[1]}"] = row[2]
        return found

    def _begin(self, who: UUID, call: Call) -> PostgresUnit:
        self.begun += 1
        return PostgresUnit(self.tenant, Caller(principal_id=who), call, COMPOSITION, self._wake)

    async def _wake(self, organization_id: UUID) -> None:
        self.woken.append(organization_id)


def _separation() -> BusinessError:
    return SeparationOfDuties("Not you.")


COMPOSITION = Composition(
    catalogue=CATALOGUE,
    types=TYPES,
    work=PostgresWork,
    secrets=Secrets.of(KEY),
    refusals={"separation_of_duties": _separation},
)


async def open_office(tenant: TenantDatabase) -> Office:
    """Its series and workflows are configuration, as any tenant's own types would be."""
    async with tenant.connection() as connection:
        for code, gapless, pattern, shipped in (
            ("paper", False, "P-{year}-{number:03}", "requisition"),
            ("bill", True, "B-{year}-{number:03}", "payment"),
        ):
            await connection.execute(
                "INSERT INTO platform.number_series VALUES ($1, $2, $3, 'year')",
                code,
                "gapless" if gapless else "fast",
                pattern,
            )
            await connection.execute(
                """INSERT INTO platform.workflow (id, document_type, version, definition, created_at)
                   VALUES ($1, $2, 1, $3, now())""",
                new_id(),
                code,
                json.dumps(WORKFLOWS[shipped]),
            )
        await connection.execute("UPDATE platform.configuration SET version = version + 1")
    return Office(tenant)


async def pot(office: Office, allowed: int) -> UUID:
    """A new pot that holds so many cents."""
    id = new_id()
    async with office.tenant.connection() as connection:
        await connection.execute("INSERT INTO platform.setting VALUES ($1, $2)", f"pot:{id}", json.dumps(str(allowed)))
    return id
