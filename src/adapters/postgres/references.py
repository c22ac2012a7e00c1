"""References: ids and natural codes in the input, resolved in one statement before a handler sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from adapters.postgres.connection import Connection
from adapters.postgres.types import Catalogue
from bizcore.call import Scope
from bizcore.errors import FieldProblem, UnknownReference, ValidationFailed
from bizcore.pipeline import Occasion, Reference

_COMPANY: Final = "/company"


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference names; `company_id` is None where all companies share it."""

    id: UUID
    company_id: UUID | None


async def resolve(
    connection: Connection,
    catalogue: Catalogue,
    references: Sequence[Reference],
    scope: Scope,
    occasion: Occasion,
    *,
    at: datetime,
) -> Mapping[tuple[str, str], Found]:
    """What each (kind, given) names within `scope`; of companies that share a code, the one named beside comes first,
    else that of the occasion's document. `at` tells which day is today.

    Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED telling of every one that names nothing.
    """
    if not references:
        return {}
    kinds = sorted({reference.kind for reference in references})
    given = [sorted({r.given for r in references if r.kind == kind}) for kind in kinds]
    companies = list(scope.companies) if scope.companies is not None else None
    company = next((r.given for r in references if r.path == _COMPANY), None)
    rows = await connection.fetch(
        _statement(catalogue, kinds), companies, company, occasion.on, at, occasion.document_id, *given
    )
    found = {(row["kind"], row["given"]): Found(row["id"], row["company_id"]) for row in rows if row["id"] is not None}
    problems = {(row["kind"], row["given"]): row["problem"] for row in rows}
    unknown = [reference for reference in references if (reference.kind, reference.given) not in found]
    if not unknown:
        return found
    if len(unknown) == 1 and problems.get((unknown[0].kind, unknown[0].given)) is None:
        raise UnknownReference(unknown[0].path, unknown[0].given)
    told = [_problem(reference, problems.get((reference.kind, reference.given))) for reference in unknown]
    raise ValidationFailed(told[0].message if len(told) == 1 else "Some references name nothing.", fields=told)


def _problem(reference: Reference, why: str | None) -> FieldProblem:
    if why is None:
        message = f"Nothing is known as {reference.given}."
        return FieldProblem(reference.path, "UNKNOWN_REFERENCE", message, reference.given)
    told = orjson.loads(why)
    return FieldProblem(reference.path, told["code"], told["message"], reference.given, told["allowed"])


def _statement(catalogue: Catalogue, kinds: Sequence[str]) -> str:
    # The rows keep the order that their own SQL gave them, behind those of the company named.
    parts = " UNION ALL ".join(
        f"""SELECT '{kind}' AS kind, g.given, r.id, r.company_id, r.problem FROM unnest(${number}::text[]) AS g(given)
            JOIN LATERAL (
                SELECT s.id, s.company_id, to_jsonb(s) ->> 'problem' AS problem
                FROM (SELECT f.*, row_number() OVER () AS place
                      FROM ({_of(catalogue.references[kind])}) f) s
                WHERE s.company_id IS NULL OR $1::uuid[] IS NULL OR s.company_id = ANY($1)
                ORDER BY s.company_id = (SELECT id FROM company) DESC NULLS LAST, s.place LIMIT 1) r ON true"""
        for number, kind in enumerate(kinds, start=6)
    )
    return f"""
        WITH document AS MATERIALIZED (SELECT company_id, document_date FROM platform.document WHERE id = $5),
        company AS MATERIALIZED (
            SELECT coalesce((SELECT id FROM platform.company WHERE code = $2 OR id = platform.uuid_or_null($2)),
                            (SELECT company_id FROM document)) AS id),
        occasion AS MATERIALIZED (
            SELECT coalesce($3::date, (SELECT document_date FROM document)) AS "on", $4::timestamptz AS at)
        {parts}"""


def _of(reference: str) -> str:
    given = {"$given": "g.given", "$on": '(SELECT "on" FROM occasion)', "$at": "(SELECT at FROM occasion)"}
    for name, sql in given.items():
        reference = reference.replace(name, sql)
    return reference
