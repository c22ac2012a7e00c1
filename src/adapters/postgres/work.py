"""The work of one command on PostgreSQL: what handlers read, and the rows they collect for the flush."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Table

from adapters.identity.secrets import Secrets
from adapters.postgres.configuration import Configuration
from adapters.postgres.connection import Connection, TenantDatabase
from adapters.postgres.flush import Writes
from adapters.postgres.numbering import Draw, SeriesKey
from adapters.postgres.platform import tables
from adapters.postgres.types import Catalogue
from bizcore.access import AccessPolicy, Principal
from bizcore.call import Call, Scope
from bizcore.documents import Company, Document, LineLink, LinkKind, Phase, Step
from bizcore.documents.type import AnyDocumentType
from bizcore.errors import NotFound, UnknownReference, VersionConflict
from bizcore.events import Event
from bizcore.facts import AccountingFact, StockFact
from bizcore.faults import fault
from bizcore.ids import new_id
from bizcore.limits import Limit, LimitKey
from bizcore.pipeline import AlreadyDone, TryAgain
from bizcore.values import Currency, Money

# What every row carries for its keeping, and no reader of the audit trail asks for.
_UNAUDITED = frozenset(
    {"id", "document_id", "version", "entry_no", "created_at", "created_by", "updated_at", "updated_by", "type"}
)


@dataclass(slots=True)
class Subject:
    """One document or master record that the command touches, with what its audit entry will say."""

    kind: str
    entry_no: int
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Loaded:
    """What the lock and the facts statement brought of a document beside its header."""

    header: dict[str, Any]
    aggregate: dict[str, Any]
    tasks: list[dict[str, Any]]


@dataclass(slots=True, eq=False)
class PostgresWork:
    """Implements `bizcore.work.Work`; each context's stores hang on a subclass that services compose."""

    tenant: TenantDatabase
    connection: Connection
    call: Call
    principal: Principal
    scope: Scope
    policy: AccessPolicy
    configuration: Configuration
    catalogue: Catalogue
    types: Mapping[str, AnyDocumentType]
    secrets: Secrets
    claim: tuple[UUID, str, str] | None = None  # principal, command and key, to be looked up with the document's lock
    owners: dict[UUID, UUID | None] = field(default_factory=dict)  # the companies of what the command refers to
    writes: Writes = field(default_factory=Writes)
    documents: dict[UUID, Document] = field(default_factory=dict)
    loaded: dict[UUID, Loaded] = field(default_factory=dict)
    subjects: dict[UUID, Subject] = field(default_factory=dict)
    held: dict[LimitKey, Limit] = field(default_factory=dict)
    open_periods: dict[tuple[UUID, date], dict[str, Any]] = field(default_factory=dict)
    stock_facts: list[StockFact] = field(default_factory=list)
    accounting_facts: list[AccountingFact] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    told: dict[UUID, dict[str, object]] = field(default_factory=dict)
    effects: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    draw: Draw = field(default_factory=Draw)
    to_number: list[tuple[Table, dict[str, Any], SeriesKey]] = field(default_factory=list)
    published: bool = False

    # -- what a handler may ask ------------------------------------------------------------------------------------

    def allows(self, permission: str) -> bool:
        return self.policy.allows(self.principal.roles, permission)

    def company(self, id: UUID | None = None) -> Company:
        return self.configuration.company(id, self.scope)

    def require_own(self, company: Company, id: UUID, path: str) -> None:
        if self.owners.get(id, company.id) not in (company.id, None):
            raise UnknownReference(path, str(id))

    def today(self, company: Company) -> date:
        return self.call.at.astimezone(ZoneInfo(company.timezone)).date()

    def type_of(self, document: Document) -> AnyDocumentType:
        return self.types[document.type]

    # -- documents -------------------------------------------------------------------------------------------------

    def new_document(
        self,
        type: AnyDocumentType,
        *,
        company: Company,
        currency: str | None = None,
        party_id: UUID | None = None,
        document_date: date | None = None,
        title: str | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> Document:
        workflow = self.configuration.current_workflow[type.code]
        code = currency or company.currency
        document = Document(
            id=new_id(),
            type=type.code,
            company=company,
            workflow=workflow,
            currency=code,
            document_date=document_date or self.today(company),
            state=workflow.initial,
            created_at=self.call.at,
            created_by=self.principal.id,
            updated_at=self.call.at,
            updated_by=self.principal.id,
            total=Money.zero(Currency.of(code)),
            total_company=Money.zero(Currency.of(company.currency)),
            party_id=party_id,
            title=title,
            attributes=dict(attributes or {}),
        )
        document.record_change("create", self.principal.id, self.call.at)
        self.documents[document.id] = document
        return document

    async def load(self, id: UUID, *, type: AnyDocumentType | None = None, version: int | None = None) -> Document:
        document = self.documents.get(id)
        if document is None:
            document = await self._read(await self._lock(id, type))
            self.documents[id] = document
            try:
                document.expect(version)
            except VersionConflict:
                missed = document.version - (version or 0)
                changes = orjson.loads(await self.connection.fetchval(_CHANGED_SINCE, id, max(missed, 0)))
                raise VersionConflict(given=version or 0, current=document.version, changes=changes) from None
        return document

    async def _lock(self, id: UUID, type: AnyDocumentType | None) -> dict[str, Any]:
        """Locks the document, then the limits its actions may need, in one statement."""
        keys = self.catalogue.documents[type.code].limit_keys if type is not None else None
        claim, self.claim = self.claim or (None, None, None), None
        row = await self.connection.fetchrow(_lock_statement(keys), id, type.code if type is not None else None, *claim)
        fault("pipeline.after_lock")
        if row is None:
            raise NotFound("No such document.")
        header: dict[str, Any] = orjson.loads(row["header"])
        if not self.scope.covers(UUID(header["company_id"])):
            raise NotFound("No such document.")
        if row["body_hash"] is not None:
            raise AlreadyDone(id, row["body_hash"])
        return {"header": header, "keys": row["keys"] or [], "typed": type is not None}

    async def _read(self, locked: dict[str, Any]) -> Document:
        """The facts of a locked document: aggregate, steps, tasks and the sums of its limits, under a new snapshot."""
        header = locked["header"]
        sql = self.catalogue.documents[header["type"]]
        keys = sorted(locked["keys"])
        query = _facts_statement(
            sql.aggregate,
            sql.limit_keys if locked["typed"] else None,
            sql.period_dates if locked["typed"] else None,
            tuple((kind, self.catalogue.limits[kind].sums) for kind in sorted({key.split(":")[1] for key in keys})),
        )
        by_kind: dict[str, list[UUID]] = {}
        for key in keys:
            _, kind, id = key.split(":")
            by_kind.setdefault(kind, []).append(UUID(id))
        row = await self.connection.fetchrow(query, UUID(header["id"]), *(by_kind[kind] for kind in sorted(by_kind)))
        assert row is not None
        if locked["typed"] and sorted(row["keys"] or []) != keys:
            raise TryAgain
        for kind in by_kind:
            self._hold(kind, orjson.loads(row[f"limit_{kind}"] or b"[]"))
        for period in orjson.loads(row["periods"] or b"[]"):
            self.open_periods[UUID(header["company_id"]), date.fromisoformat(period["on"])] = period
        document = document_of(self.configuration, header, orjson.loads(row["steps"] or b"[]"))
        self.loaded[document.id] = Loaded(
            header, orjson.loads(row["aggregate"] or b"{}"), orjson.loads(row["tasks"] or b"[]")
        )
        return document

    # -- limits ----------------------------------------------------------------------------------------------------

    async def limits(self, keys: Iterable[LimitKey]) -> Mapping[LimitKey, Limit]:
        wanted = set(keys)
        missing = sorted(wanted - self.held.keys(), key=lambda key: key.lock)
        if missing:
            # Two statements: one that locks and sums at once would read the sum as it was before the lock was given.
            await self.connection.execute(_LOCK_KEYS, [key.lock for key in missing])
            for kind in sorted({key.kind for key in missing}):
                ids = [key.id for key in missing if key.kind == kind]
                sums = self.catalogue.limits[kind].sums.replace("$ids", "$1")
                rows = await self.connection.fetchval(f"SELECT jsonb_agg(to_jsonb(s)) FROM ({sums}) s", ids)
                self._hold(kind, orjson.loads(rows or b"[]"))
        return {key: self.held[key] for key in wanted if key in self.held}

    def _hold(self, kind: str, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            key = LimitKey(kind, UUID(row["id"]))
            self.held[key] = Limit(key, Decimal(str(row["allowed"])), Decimal(str(row["taken"])), row["facts"] or {})

    # -- what a handler leaves for the flush -----------------------------------------------------------------------

    def link(self, link: LineLink) -> None:
        self.writes.insert(
            tables.line_link,
            {
                "id": new_id(),
                "kind": link.kind.value,
                "source_line_id": link.source_line_id,
                "target_line_id": link.target_line_id,
                "document_id": link.document_id,
                "quantity": link.quantity,
                "amount_minor": link.amount_minor,
                "effective_on": link.effective_on,
                "recorded_at": self.call.at,
            },
        )

    def relate(self, kind: LinkKind, *, source: UUID, target: UUID) -> None:
        self.writes.insert(
            tables.document_link,
            {"id": new_id(), "kind": kind.value, "source_id": source, "target_id": target, "created_at": self.call.at},
        )

    def move(self, fact: StockFact) -> None:
        self.stock_facts.append(fact)

    def account(self, fact: AccountingFact) -> None:
        self.accounting_facts.append(fact)

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def tell(self, document: Document, data: Mapping[str, object]) -> None:
        self.told.setdefault(document.id, {}).update(data)

    def comment(self, document: Document, body: str) -> UUID:
        document.noted()
        return self._note(tables.comment, document, {"body": body})

    def attach(
        self, document: Document, *, object_key: str, sha256: str, size: int, media_type: str, name: str
    ) -> UUID:
        document.noted()
        values = {"object_key": object_key, "sha256": sha256, "size": size, "media_type": media_type, "name": name}
        return self._note(tables.attachment, document, values)

    def _note(self, table: Table, document: Document, values: dict[str, Any]) -> UUID:
        id = new_id()
        own = {"id": id, "document_id": document.id, "created_at": self.call.at, "created_by": self.principal.id}
        self.insert(table, {**own, **values}, of=document, at=f"/{table.name}s/{id}")
        return id

    # -- rows with their trace in the audit trail ------------------------------------------------------------------

    def insert(self, table: Table, values: Mapping[str, Any], *, of: Document, at: str = "") -> None:
        """A new row of a document's own. `at` is where the audit trail shows it, "" for the header's."""
        self.writes.insert(table, values)
        self.trace(of, {}, self._audited(of, values, at))

    def insert_numbered(self, table: Table, values: Mapping[str, Any], key: SeriesKey) -> None:
        """A new row whose column `number` the flush fills from a gapless series, with the numbers of the documents."""
        self.to_number.append((table, dict(values), key))

    def update(
        self,
        table: Table,
        key: Mapping[str, Any],
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        of: Document,
        at: str = "",
    ) -> None:
        """The columns of a row that differ between `before` and `after`; nothing when none does."""
        changes = {name: value for name, value in after.items() if before.get(name) != value}
        if changes:
            self.writes.update(table, key, changes)
            old = {name: before.get(name) for name in changes}
            self.trace(of, self._audited(of, old, at), self._audited(of, changes, at))

    def delete(self, table: Table, key: Mapping[str, Any], before: Mapping[str, Any], *, of: Document, at: str) -> None:
        self.writes.delete(table, key)
        self.trace(of, self._audited(of, before, at), {})

    def trace(self, document: Document, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        subject = self.subjects.setdefault(document.id, Subject("document", 0))
        subject.before.update(before)
        subject.after.update(after)

    def _audited(self, document: Document, values: Mapping[str, Any], at: str) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in values.items():
            if name in _UNAUDITED or value is None:
                continue
            if name.endswith("_minor"):
                code = document.company.currency if name.endswith("_company_minor") else document.currency
                found[f"{at}/{name.removesuffix('_minor')}"] = Money(value, Currency.of(code)).text()
            else:
                found[f"{at}/{name}"] = value
        return found


def document_of(configuration: Configuration, header: dict[str, Any], steps: list[dict[str, Any]]) -> Document:
    """The document that a header row and its steps, both as PostgreSQL's JSON, describe."""
    company = configuration.companies[UUID(header["company_id"])]
    return Document(
        id=UUID(header["id"]),
        type=header["type"],
        company=company,
        workflow=configuration.workflows[UUID(header["workflow_id"])],
        currency=header["currency"],
        document_date=date.fromisoformat(header["document_date"]),
        state=header["state"],
        created_at=datetime.fromisoformat(header["created_at"]),
        created_by=UUID(header["created_by"]),
        updated_at=datetime.fromisoformat(header["updated_at"]),
        updated_by=UUID(header["updated_by"]),
        total=Money(header["total_minor"], Currency.of(header["currency"])),
        total_company=Money(header["total_company_minor"], Currency.of(company.currency)),
        number=header["number"],
        party_id=UUID(header["party_id"]) if header["party_id"] else None,
        title=header["title"],
        attributes=header["attributes"],
        version=header["version"],
        entry_no=header["entry_no"],
        steps=[_step(step) for step in steps],
    )


def _step(row: dict[str, Any]) -> Step:
    return Step(
        action=row["action"],
        actor_id=UUID(row["actor_id"]),
        at=datetime.fromisoformat(row["at"]),
        from_state=row["from_state"],
        to_state=row["to_state"],
        from_phase=Phase(row["from_phase"]) if row["from_phase"] else None,
        to_phase=Phase(row["to_phase"]),
        round=row["round"],
        reason=row["reason"],
    )


# The last steps of a document, as many as its version moved: what a caller with an older one has not seen.
_CHANGED_SINCE = """
SELECT coalesce(jsonb_agg(change ORDER BY entry_no), '[]')::text FROM (
    SELECT s.entry_no, jsonb_build_object(
        'at', platform.instant_text(s.at), 'by', p.name, 'action', s.action,
        'fields', (SELECT jsonb_agg(f ORDER BY f) FROM jsonb_object_keys(e.before || e.after) AS f)) AS change
    FROM platform.document_step s JOIN platform.principal p ON p.id = s.actor_id
    JOIN audit.entry e ON e.subject_id = s.document_id AND e.entry_no = s.entry_no
    WHERE s.document_id = $1 ORDER BY s.entry_no DESC LIMIT $2) AS last"""

_LOCK_KEYS = "SELECT pg_advisory_xact_lock(hashtextextended(k, 0)) FROM unnest($1::text[]) AS k"


def _keys(limit_keys: str | None) -> str:
    """The lock texts of a type's limits as a text[] expression; the order of kinds is `bizcore.limits.KINDS`."""
    if limit_keys is None:
        return "NULL::text[]"
    return f"(SELECT array_agg(DISTINCT k.lock ORDER BY k.lock) FROM ({limit_keys}) AS k(lock))"


_REPEATED = """
    SELECT k.body_hash FROM platform.idempotency_key k
    WHERE k.principal_id = $3::uuid AND k.command = $4::text AND k.key = $5::text"""


def _lock_statement(limit_keys: str | None) -> str:
    # FOR NO KEY UPDATE: a flush that links the document takes a key share on it, which FOR UPDATE would deadlock with.
    locked = """
        WITH d AS MATERIALIZED (
            SELECT * FROM platform.document WHERE id = $1 AND ($2::text IS NULL OR type = $2) FOR NO KEY UPDATE)"""
    shown = f"to_jsonb(d)::text AS header, ({_REPEATED}) AS body_hash"
    if limit_keys is None:
        return f"{locked} SELECT {shown}, NULL::text[] AS keys FROM d"
    return f"""{locked},
        wanted AS MATERIALIZED (SELECT unnest({_keys(limit_keys)}) AS lock FROM d),
        taken AS MATERIALIZED (
            SELECT lock, pg_advisory_xact_lock(hashtextextended(lock, 0))
            FROM (SELECT lock FROM wanted ORDER BY lock) o)
        SELECT {shown}, (SELECT array_agg(lock) FROM taken) AS keys FROM d"""


def _facts_statement(
    aggregate: str, limit_keys: str | None, period_dates: str | None, sums: tuple[tuple[str, str], ...]
) -> str:
    periods = "NULL"
    if period_dates is not None:
        periods = f"""(
            SELECT jsonb_agg(to_jsonb(p)) FROM (
                SELECT p.id, p.state, p.starts_on, p.ends_on, v."on" FROM unnest({period_dates}) AS v("on")
                JOIN ledger.period p ON p.company_id = d.company_id AND v."on" BETWEEN p.starts_on AND p.ends_on
                ORDER BY p.id FOR SHARE OF p) p)"""
    limits = "".join(
        f", (SELECT jsonb_agg(to_jsonb(s)) FROM ({text.replace('$ids', f'${number}')}) s)::text AS limit_{kind}"
        for number, (kind, text) in enumerate(sums, start=2)
    )
    return f"""
        SELECT ({aggregate})::text AS aggregate,
               (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.entry_no) FROM platform.document_step s
                WHERE s.document_id = d.id)::text AS steps,
               (SELECT jsonb_agg(to_jsonb(t)) FROM platform.task t
                WHERE t.document_id = d.id AND t.closed_at IS NULL)::text AS tasks,
               {_keys(limit_keys)} AS keys, ({periods})::text AS periods{limits}
        FROM platform.document d WHERE d.id = $1"""
