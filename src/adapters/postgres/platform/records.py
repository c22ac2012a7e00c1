"""Companies and their policies on PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select

from adapters.postgres.configuration import cached
from adapters.postgres.connection import Connection
from adapters.postgres.lists import words
from adapters.postgres.platform import tables
from adapters.postgres.records import announce_added, load_record, save_record
from adapters.postgres.types import Part, RecordSql, named
from adapters.postgres.work import PostgresWork
from bizcore.documents.document import Company
from bizcore.errors import plain
from bizcore.platform.companies import CompanyRecord
from bizcore.platform.errors import DuplicateCode
from bizcore.platform.policies import Policies
from bizcore.values import decimal_text

_KIND: Final = "company"
_DEFAULTS: Final = orjson.dumps(
    {name: decimal_text(value) if isinstance(value, Decimal) else value for name, value in asdict(Policies()).items()}
).decode()


async def bump_configuration(work: PostgresWork) -> None:
    """Tell every process that what it keeps of the configuration is old, from the commit of this command on."""
    # Locked, so that two commands never arrive at one version.
    version = await work.connection.fetchval("SELECT version FROM platform.configuration FOR NO KEY UPDATE")
    work.writes.update(tables.configuration, {"only": True}, {"version": version + 1})


FirstSteps = Callable[[Connection, Company], Awaitable[None]]

_INSERT: Final = """
INSERT INTO platform.company (id, code, name, country, currency, timezone, attributes, version, entry_no, created_at,
                              updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (code) DO NOTHING RETURNING true
"""


class PostgresCompanies:
    """Implements `bizcore.platform.companies.Companies`; `first_steps` give a new one what it begins with."""

    def __init__(self, work: PostgresWork, first_steps: Sequence[FirstSteps]) -> None:
        self._work, self._first_steps = work, first_steps
        self._loaded: dict[UUID, dict[str, Any]] = {}

    async def add(self, record: CompanyRecord) -> None:
        company, work = record.company, self._work
        row: dict[str, Any] = {
            "id": company.id,
            "code": company.code,
            "name": company.name,
            "country": company.country,
            "currency": company.currency,
            "timezone": company.timezone,
            "attributes": dict(record.attributes),
            "version": 1,
            "entry_no": 1,
            "created_at": work.call.at,
            "updated_at": work.call.at,
        }
        # At once and not at the flush: the rows of the first steps refer to it.
        values = {**row, "attributes": orjson.dumps(row["attributes"]).decode()}
        if not await work.connection.fetchval(_INSERT, *values.values()):
            raise DuplicateCode("Another company has this code.", field="/code")
        announce_added(work, _KIND, tables.company, row)
        for first_steps in self._first_steps:
            await first_steps(work.connection, company)
        if record.policies != Policies():
            decided = _to_json(record.policies)
            work.writes.insert(tables.setting, {"key": _key(company.id), "value": decided})
            work.subjects[company.id].after |= {f"/policies/{name}": value for name, value in decided.items()}
        await bump_configuration(work)

    async def get(self, id: UUID, *, version: int | None) -> CompanyRecord:
        row = await load_record(self._work, _KIND, tables.company, id, version)
        # Not from the cache: the row's lock keeps two changes of one company's policies in order.
        kept = await self._work.connection.fetchval("SELECT value::text FROM platform.setting WHERE key = $1", _key(id))
        row["policies"] = orjson.loads(kept) if kept is not None else None
        self._loaded[id] = row
        company = Company(id, row["code"], row["name"], row["country"], row["currency"], row["timezone"])
        return CompanyRecord(company, _from_json(row["policies"] or {}), row["attributes"])

    async def save(self, record: CompanyRecord) -> None:
        company, work = record.company, self._work
        before = self._loaded[company.id]
        changes = {"name": company.name, "timezone": company.timezone, "attributes": dict(record.attributes)}
        decided, old = _to_json(record.policies), _to_json(_from_json(before["policies"] or {}))
        different = [name for name in decided if decided[name] != old[name]]
        if different:
            self._write_policies(company.id, decided, exists=before["policies"] is not None)
        save_record(work, _KIND, tables.company, before, changes, touched=bool(different))
        if company.id in work.subjects:
            subject = work.subjects[company.id]
            subject.before |= {f"/policies/{name}": old[name] for name in different}
            subject.after |= {f"/policies/{name}": decided[name] for name in different}
            await bump_configuration(work)

    def _write_policies(self, id: UUID, decided: Mapping[str, object], *, exists: bool) -> None:
        key = {"key": _key(id)}
        if exists:
            self._work.writes.update(tables.setting, key, {"value": decided})
        else:
            self._work.writes.insert(tables.setting, {**key, "value": decided})


class PostgresPolicies:
    """Implements `bizcore.platform.policies.CompanyPolicies`, from what is kept of this configuration version."""

    def __init__(self, work: PostgresWork) -> None:
        self._work = work

    async def of(self, company_id: UUID) -> Policies:
        work = self._work
        found = await cached(work.tenant, work.connection, work.configuration.version, "policies", _read_policies)
        return found.get(company_id, Policies())


async def _read_policies(connection: Connection, version: int) -> dict[UUID, Policies]:
    rows = await connection.fetch(
        "SELECT c.id, s.value::text FROM platform.company c JOIN platform.setting s ON s.key = 'policies/' || c.id"
    )
    return {row["id"]: _from_json(orjson.loads(row["value"])) for row in rows}


def _key(company_id: UUID) -> str:
    return f"policies/{company_id}"


def _to_json(policies: Policies) -> dict[str, object]:
    return {
        name: decimal_text(value) if isinstance(value, Decimal) else plain(value)
        for name, value in asdict(policies).items()
    }


def _from_json(kept: Mapping[str, Any]) -> Policies:
    """A policy that is younger than what is kept has its default."""
    known = {item.name for item in fields(Policies)} & kept.keys()
    values: dict[str, Any] = {name: kept[name] for name in known}
    values |= {name: Decimal(value) for name, value in values.items() if isinstance(value, str)}
    return Policies(**values)


_c = tables.company.alias("r")

_COMPANY: Final = RecordSql(
    table="platform.company",
    code="code",
    company="id",
    view=f"""jsonb_build_object(
            'id', r.id, 'code', r.code, 'name', r.name, 'country', r.country, 'currency', r.currency,
            'timezone', r.timezone,
            'policies', '{_DEFAULTS}'::jsonb || coalesce(
                (SELECT s.value FROM platform.setting s WHERE s.key = 'policies/' || r.id), '{{}}'),
            'attributes', r.attributes, 'version', r.version,
            'created_at', platform.instant_text(r.created_at), 'updated_at', platform.instant_text(r.updated_at))""",
    listing=select(
        *(
            _c.c[name].label(name)
            for name in (
                "id",
                "code",
                "name",
                "country",
                "currency",
                "timezone",
                "attributes",
                "version",
                "created_at",
                "updated_at",
            )
        ),
        words("to_tsvector('simple', r.code || ' ' || r.name)"),
    ),
)

PART: Final = Part(
    records={_KIND: _COMPANY},
    references={_KIND: named("platform.company", company="id")},
)
