"""References: ids and natural codes in the input, resolved in one statement before a handler sees them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from adapters.postgres.connection import Connection
from adapters.postgres.types import Catalogue
from bizcore.errors import FieldProblem, UnknownReference, ValidationFailed
from bizcore.pipeline import Reference


async def resolve(
    connection: Connection, catalogue: Catalogue, references: Sequence[Reference]
) -> Mapping[tuple[str, str], UUID]:
    """The id of each (kind, given). Errors: UNKNOWN_REFERENCE, VALIDATION_FAILED naming every one that is unknown."""
    if not references:
        return {}
    kinds = sorted({reference.kind for reference in references})
    given = [sorted({r.given for r in references if r.kind == kind}) for kind in kinds]
    rows = await connection.fetch(_statement(catalogue, kinds), *given)
    found: dict[tuple[str, str], UUID] = {(row["kind"], row["given"]): row["id"] for row in rows}
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
    return " UNION ALL ".join(
        f"""SELECT '{kind}' AS kind, g.given, r.id FROM unnest(${number}::text[]) AS g(given)
            JOIN LATERAL ({catalogue.references[kind].replace("$given", "g.given")} LIMIT 1) r ON true"""
        for number, kind in enumerate(kinds, start=1)
    )
