"""The books of one organization through the pipeline, as every surface runs it, without HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
from sqlalchemy import select

from adapters.identity.secrets import Secrets
from adapters.postgres import ledger
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.list_request import parse_list_request
from adapters.postgres.lists import header_columns, header_from, list_fields, list_page
from adapters.postgres.reading import reading
from adapters.postgres.session import Caller, Composition, PostgresUnit
from adapters.postgres.tenant_reading import TenantReading
from adapters.postgres.tenant_work import TenantWork
from adapters.postgres.types import Catalogue, DocumentSql, named
from adapters.postgres.views import EVER, explain_document, render_document
from bizcore.call import Call
from bizcore.documents import DocumentType
from bizcore.documents.view import DocumentView
from bizcore.facts import AccountingFact
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.registry import Registered
from bizcore.values import Currency, Money
from contexts.ledger.consume import consume_accounting
from contexts.ledger.domain.budget import budget_key, hold_budget
from contexts.ledger.registry import REGISTRY
from services.api.answers import encoded
from services.api.mounting import action_command
from services.api.parsing import parse_body

EUR = Currency.of("EUR")
YEAR = datetime.now(UTC).year
CONFIGURATION = "INSERT INTO platform.{table} ({columns}) VALUES ({values})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFacts:
    """What a document of another context does: hold a budget, then tell the books."""

    facts: Annotated[tuple[str, ...], Field("Facts")] = ()


PAPER: DocumentType[Any] = DocumentType(
    code="paper", context="ledger", collection="papers", label="Paper", actions=(), view=DocumentView
)
PAPER_SQL = DocumentSql(
    aggregate="'{}'::jsonb", view="'{}'::jsonb", listing=select(*header_columns()).select_from(header_from())
)
COMMANDS: Mapping[str, Registered[Any, Any]] = {
    **{command.name: command for command in REGISTRY.commands},
    **{
        f"ledger.{type.code}.{action.code}": action_command(type, action)
        for type in REGISTRY.document_types
        for action in type.actions
    },
}
QUERIES = {query.query.__name__: query for query in REGISTRY.queries}


def composition(secrets: Secrets) -> Composition:
    part = ledger.PART
    return Composition(
        catalogue=Catalogue(
            documents={**part.documents, "paper": PAPER_SQL},
            records=part.records,
            limits=part.limits,
            references={
                **part.references,
                "company": named("platform.company", company="id"),
                "party": named("parties.party"),
                "item": named("catalog.item", code="sku"),
            },
        ),
        types={**{type.code: type for type in REGISTRY.document_types}, "paper": PAPER},
        work=TenantWork,
        secrets=secrets,
        refusals=part.refusals,
    )


@dataclass(slots=True)
class Told:
    """One fact of a test's paper; minor units of its currency and the company's."""

    kind: str
    minor: int
    own: int | None = None
    budget_line_id: UUID | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Books:
    """One organization, and one of its people asking."""

    tenant: TenantDatabase
    caller: Caller
    secrets: Secrets
    company_id: UUID

    def unit(self, *, dry_run: bool = False) -> PostgresUnit:
        async def wake(*_: object) -> None:
            return None

        call = Call(request_id=str(new_id()), at=datetime.now(UTC), dry_run=dry_run)
        return PostgresUnit(self.tenant, self.caller, call, composition(self.secrets), wake)

    async def run(
        self, name: str, body: Mapping[str, object] | None = None, *, dry_run: bool = False, **route: object
    ) -> dict[str, Any]:
        """The answer of one command, given its JSON body and what its route and headers give."""
        registered = COMMANDS[name]
        given = dict(route)
        if registered.command.__name__ == "TakeAction":
            given |= {"action": name.rpartition(".")[2], "version": route.get("version")}
        answer = await run(
            registered,
            lambda: parse_body(registered.command, orjson.dumps(body or {}), given),
            lambda: self.unit(dry_run=dry_run),
            (consume_accounting,),
            dry_run=dry_run,
        )
        found: dict[str, Any] = orjson.loads(answer.body)
        return found

    async def post(self, *lines: tuple[str, str, str], on: date | None = None, **fields: object) -> dict[str, Any]:
        """A manual entry of (account, "debit" or "credit", amount)."""
        body = {
            "entry_date": (on or date(YEAR, 3, 15)).isoformat(),
            "description": "Test",
            "lines": [{"account": account, side: amount} for account, side, amount in lines],
        }
        return await self.run("ledger.journal_entry.create", {**body, **fields})

    async def tell(
        self,
        *facts: Told,
        on: date | None = None,
        dry_run: bool = False,
        document_id: UUID | None = None,
        reverses: bool = False,
        currency: str = "EUR",
        hold: bool = True,
    ) -> dict[str, Any]:
        """A paper whose facts are consumed; positive amounts with a budget line are held against it first."""

        async def handle(command: TellFacts, work: Any) -> UUID:
            company = work.company(None)
            if document_id is not None:
                document = await work.load(document_id, type=PAPER)
                document.record_change("change", work.principal.id, work.call.at)
            else:
                document = work.new_document(PAPER, company=company, currency=currency)
            limits = await work.limits(budget_key(f.budget_line_id) for f in facts if f.budget_line_id and hold)
            for told in facts:
                amount = Money(told.minor, Currency.of(currency))
                own = Money(told.minor if told.own is None else told.own, EUR)
                if told.budget_line_id and hold:
                    hold_budget(limits, told.budget_line_id, own)
                work.account(
                    AccountingFact(
                        id=new_id(),
                        kind=told.kind,
                        company_id=company.id,
                        document_id=document.id,
                        line_id=None,
                        effective_on=on or date(YEAR, 3, 15),
                        amount=amount,
                        company_amount=own,
                        budget_line_id=told.budget_line_id,
                        reverses_document=reverses,
                        **told.options,
                    )
                )
            return UUID(str(document.id))

        registered = Registered(TellFacts, "ledger.paper.create", "POST ledger/papers", handle, PAPER)
        answer = await run(
            registered,
            lambda: parse_body(TellFacts, b"{}", {}),
            lambda: self.unit(dry_run=dry_run),
            (consume_accounting,),
            dry_run=dry_run,
        )
        found: dict[str, Any] = orjson.loads(answer.body)
        return found

    async def ask(self, name: str, **query: object) -> dict[str, Any]:
        """The answer of a query; references as ids."""
        registered = QUERIES[name]
        call = Call(request_id="test", at=datetime.now(UTC))
        async with reading(TenantReading, self.tenant, self.caller, call, composition(self.secrets).catalogue) as read:
            answer = await registered.read(registered.query(**query), read)
        found: dict[str, Any] = orjson.loads(encoded(answer))
        return found

    async def balance(self, code: str, **query: object) -> str:
        return str((await self.ask("GetAccountBalance", code=code, **query))["balance"])

    async def document(self, id: str, **times: Any) -> dict[str, Any]:
        catalogue = composition(self.secrets).catalogue
        async with self.tenant.connection() as connection:
            code = await connection.fetchval("SELECT type FROM platform.document WHERE id = $1", UUID(id))
            found = await render_document(connection, catalogue, code, UUID(id), **times)
        assert found is not None
        shown: dict[str, Any] = orjson.loads(found[0])
        return shown

    async def explain(self, id: str, **times: Any) -> dict[str, Any]:
        catalogue = composition(self.secrets).catalogue
        async with self.tenant.connection() as connection:
            code = await connection.fetchval("SELECT type FROM platform.document WHERE id = $1", UUID(id))
            given = {"as_of": EVER, "known_at": datetime.now(UTC), **times}
            return await explain_document(connection, catalogue, code, UUID(id), **given)

    async def listed(self, kind: str, *parameters: tuple[str, str]) -> list[dict[str, Any]]:
        catalogue = composition(self.secrets).catalogue
        sql = catalogue.records.get(kind) or catalogue.documents[kind]
        assert sql.listing is not None
        request = parse_list_request(parameters, list_fields(sql.listing))
        async with reading(TenantReading, self.tenant, self.caller, self.unit().call, catalogue) as read:
            scope = read.scope
        async with self.tenant.engine.connect() as connection:
            page = await list_page(connection, sql.listing, request, scope=scope, references=catalogue.references)
        return page.data

    async def fetch(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.tenant.connection() as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def value(self, query: str, *values: object) -> Any:
        return next(iter((await self.fetch(query, *values))[0].values()))

    async def period(self, month: int, year: int = YEAR) -> dict[str, Any]:
        return (await self.listed("period", ("name", f"{year}-{month:02}")))[0]

    async def budget(
        self, lines: Sequence[Mapping[str, object]], *, approver: "Books", control: str = "stop"
    ) -> dict[str, Any]:
        """A budget of this year, approved by somebody else."""
        drafted = await self.run(
            "ledger.budget.create",
            {"name": "Test", "fiscal_year": str(YEAR), "control": control, "lines": list(lines)},
        )
        return await approver.run("ledger.budget.approve", id=UUID(drafted["id"]))


def sums(rows: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))
