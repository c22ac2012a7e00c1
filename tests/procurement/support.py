"""A buying department: one organization and its people, asking through the pipeline without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from adapters.identity.secrets import Secrets
from adapters.postgres.connection import TenantDatabase
from adapters.postgres.reading import reading
from adapters.postgres.session import Caller, PostgresUnit
from adapters.postgres.tenant_reading import TenantReading
from adapters.postgres.views import EVER, EVER_KNOWN, explain_document, render_document
from bizcore.call import Call
from bizcore.ids import new_id
from bizcore.pipeline import run
from bizcore.registry import Registered
from services.api.answers import encoded
from services.api.mounting import action_command
from services.api.parsing import parse_body
from services.composition import CONSUMERS, REGISTRIES, compose

COMMANDS: Mapping[str, Registered[Any, Any]] = {
    **{command.name: command for registry in REGISTRIES for command in registry.commands},
    **{
        type.permission(action.code): action_command(type, action)
        for registry in REGISTRIES
        for type in registry.document_types
        for action in type.actions
    },
}
QUERIES = {query.query.__name__: query for registry in REGISTRIES for query in registry.queries}

Body = Mapping[str, object]


@dataclass(slots=True)
class Department:
    tenant: TenantDatabase
    secrets: Secrets
    people: Mapping[str, UUID]
    clock_ahead: timedelta = timedelta(0)  # of the machine that runs the commands, to others' clocks

    def unit(self, by: str, *, dry_run: bool = False) -> PostgresUnit:
        async def wake(*_: object) -> None:
            return None

        call = Call(request_id=str(new_id()), at=datetime.now(UTC) + self.clock_ahead, dry_run=dry_run)
        return PostgresUnit(self.tenant, Caller(principal_id=self.people[by]), call, compose(self.secrets), wake)

    async def run(
        self, name: str, body: Body | None = None, *, by: str = "olga", dry_run: bool = False, **route: Any
    ) -> dict[str, Any]:
        """The answer of one command, given its JSON body and what its route and headers give."""
        registered = COMMANDS[name]
        given = {key: UUID(value) if key == "id" else value for key, value in route.items()}
        if registered.command.__name__ == "TakeAction":
            given |= {"action": name.rpartition(".")[2], "version": route.get("version")}
        answer = await run(
            registered,
            lambda: parse_body(registered.command, orjson.dumps(body or {}), given),
            lambda: self.unit(by, dry_run=dry_run),
            CONSUMERS,
            dry_run=dry_run,
        )
        found: dict[str, Any] = orjson.loads(answer.body)
        return found

    async def ask(self, name: str, **query: object) -> dict[str, Any]:
        registered = QUERIES[name]
        call = Call(request_id="test", at=datetime.now(UTC))
        catalogue = compose(self.secrets).catalogue
        caller = Caller(principal_id=self.people["olga"])
        async with reading(TenantReading, self.tenant, caller, call, catalogue) as read:
            answer = await registered.read(registered.query(**query), read)
        found: dict[str, Any] = orjson.loads(encoded(answer))
        return found

    async def document(
        self, id: str, *, as_of: date = EVER, known_at: datetime | None = None, explain: bool = False
    ) -> dict[str, Any]:
        catalogue = compose(self.secrets).catalogue
        known = known_at or EVER_KNOWN
        async with self.tenant.connection() as connection:
            code = await connection.fetchval("SELECT type FROM platform.document WHERE id = $1", UUID(id))
            found = await render_document(connection, catalogue, code, UUID(id), as_of=as_of, known_at=known)
            assert found is not None
            shown: dict[str, Any] = orjson.loads(found[0])
            if explain:
                shown["explain"] = await explain_document(
                    connection, catalogue, code, UUID(id), as_of=as_of, known_at=known
                )
        return shown

    async def fetch(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with self.tenant.connection() as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def value(self, query: str, *values: object) -> Any:
        return next(iter((await self.fetch(query, *values))[0].values()))

    # -- what most tests begin with --------------------------------------------------------------------------------

    async def policies(self, **policies: object) -> None:
        row = (await self.fetch("SELECT id, version FROM platform.company"))[0]
        await self.run("platform.company.update", {"policies": policies}, id=str(row["id"]), version=row["version"])

    async def supplier(self, **fields: object) -> str:
        body = {"name": "Supplier", "roles": ["supplier"], "country": "DE", **fields}
        return str((await self.run("parties.party.create", body))["id"])

    async def item(self, sku: str, **fields: object) -> str:
        body = {"sku": sku, "name": sku, "kind": "stock", "unit": "EA", "valuation": "fifo", **fields}
        return str((await self.run("catalog.item.create", body))["id"])

    async def budget(self, amount: str, *, control: str = "stop") -> str:
        """An approved budget of this year with one line; its id."""
        year = str(datetime.now(UTC).year)
        code = new_id().hex[-8:]
        body = {
            "name": code, "fiscal_year": year, "control": control, "lines": [{"code": code, "amount": amount}],
        }  # fmt: skip
        drafted = await self.run("ledger.budget.create", body)
        await self.run("ledger.budget.approve", id=drafted["id"], by="anna")
        return str(drafted["lines"][0]["id"])

    async def budget_standing(self, line_id: str) -> dict[str, str]:
        """pre_encumbered, encumbered, actual and remaining of a budget line."""
        budget = await self.value("SELECT document_id FROM ledger.budget_line WHERE id = $1", UUID(line_id))
        line = (await self.document(str(budget)))["lines"][0]
        return {name: line[name] for name in ("pre_encumbered", "encumbered", "actual", "remaining")}

    async def approved(self, type: str, drafted: Mapping[str, Any]) -> dict[str, Any]:
        """Submitted by its author, approved by as many as it takes."""
        await self.run(f"procurement.{type}.submit", id=drafted["id"])
        answer = await self.run(f"procurement.{type}.approve", id=drafted["id"], by="anna")
        if answer["phase"] == "review":
            answer = await self.run(f"procurement.{type}.approve", id=drafted["id"], by="axel")
        assert answer["phase"] == "active"
        return answer

    async def requisition(self, *lines: Body, **fields: object) -> dict[str, Any]:
        drafted = await self.run("procurement.requisition.create", {"lines": list(lines), **fields})
        return await self.approved("requisition", drafted)

    async def order(self, *lines: Body, **fields: object) -> dict[str, Any]:
        body = {"supplier": fields.pop("supplier", None) or await self.supplier(), "lines": list(lines), **fields}
        return await self.approved("purchase_order", await self.run("procurement.purchase_order.create", body))

    async def receipt(self, order: Mapping[str, Any], *quantities: str, **fields: object) -> dict[str, Any]:
        """A draft of so much of each line of the order, in their order; "0" leaves one out."""
        lines = [
            {"order_line": line["id"], "quantity": quantity}
            for line, quantity in zip(order["lines"], quantities, strict=False)
            if Decimal(quantity)
        ]
        body = {"purchase_order": order["id"], "lines": lines, **fields}
        return await self.run("procurement.goods_receipt.create", body)

    async def received(self, order: Mapping[str, Any], *quantities: str, **fields: object) -> dict[str, Any]:
        drafted = await self.receipt(order, *quantities, **fields)
        return await self.run("procurement.goods_receipt.post", id=drafted["id"])


def described(description: str, quantity: str, unit_price: str, **fields: object) -> dict[str, object]:
    return {"description": description, "quantity": quantity, "unit_price": unit_price, **fields}


def amounts(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal(0))
