"""References: ids and natural codes in the input, resolved in one statement before a handler sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.postgres.connection import Connection
from adapters.postgres.types import Catalogue
from bizcore.call import Scope
from bizcore.errors import FieldProblem, UnknownReference, ValidationFailed
from bizcore.pipeline import Reference

_COMPANY: Final = "/company"


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference names; `company_id` is None where all companies share it."""

    id: UUID
    company_id: UUID | None


async def resolve(
    connection: Connection, catalogue: Catalogue, references: Sequence[Reference], scope: Scope
) -> Mapping[tuple[str, str], Found]:
    """What each (kind, given) names within `scope`; of companies that share a code, the one named beside comes first.

    Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED naming every one that is unknown.
    """
    if not references:
        return {}
    kinds = sorted({reference.kind for reference in references})
    given = [sorted({r.given for r in references if r.kind == kind}) for kind in kinds]
    companies = list(scope.companies) if scope.companies is not None else None
    company = next((r.given for r in references if r.path == _COMPANY), None)
    rows = await connection.fetch(_statement(catalogue, kinds), companies, company, *given)
    found = {(row["kind"], row["given"]): Found(row["id"], row["company_id"]) for row in rows}
    unknown = [reference for reference in references if (reference.kind, reference.given) not in found]
    if len(unknown) == 1:
        raise UnknownReference(unknown[0].path, unknown[0].given)
    if unknown:
        raise ValidationFailed(
            "Some references name nothing.",
            fields=[
                FieldProblem(r.path, "UNKNOWN_REFERENCE", f"Nothing is known as {r.given}.", r.given) for r in unknown
            ],
        )
    return found


def _statement(catalogue: Catalogue, kinds: Sequence[str]) -> str:
    # The rows keep the order that their own SQL gave them, behind those of the company named.
    parts = " UNION ALL ".join(
        f"""SELECT '{kind}' AS kind, g.given, r.id, r.company_id FROM unnest(${number}::text[]) AS g(given)
            JOIN LATERAL (
                SELECT s.id, s.company_id
                FROM (SELECT f.*, row_number() OVER () AS place
                      FROM ({catalogue.references[kind].replace("$given", "g.given")}) f) s
                WHERE s.company_id IS NULL OR $1::uuid[] IS NULL OR s.company_id = ANY($1)
                ORDER BY s.company_id = (SELECT id FROM company) DESC NULLS LAST, s.place LIMIT 1) r ON true"""
        for number, kind in enumerate(kinds, start=3)
    )
    return f"""
        WITH company AS MATERIALIZED (
            SELECT id FROM platform.company WHERE code = $2 OR id = platform.uuid_or_null($2))
        {parts}"""
