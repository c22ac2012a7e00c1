"""From the query string to a declared query: every parameter described, what is missing or unreadable named."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from fastapi import Request

from adapters.postgres.reading import PostgresReading
from adapters.postgres.references import resolve
from bizcore.bounds import MAX_REFERENCE, MAX_TEXT
from bizcore.clock import day_of, instant_of
from bizcore.errors import Malformed, ValidationFailed
from bizcore.fields import Described
from bizcore.pipeline import Occasion, Reference
from bizcore.values.exact import parse_decimal
from services.api.parsing import described


async def parse_query(declaration: type, request: Request, read: PostgresReading) -> Any:
    """Errors: MALFORMED for a missing or unreadable parameter; UNKNOWN_REFERENCE."""
    fields = {item.name: item for item in described(declaration)}
    given = dict(request.query_params.multi_items())
    given |= {name: str(value) for name, value in request.path_params.items()}
    values: dict[str, Any] = {}
    references = []
    for name, item in fields.items():
        if name not in given or given[name] == "":
            if item.required:
                raise Malformed(f"The parameter {name} is needed: {item.info.label}.", parameter=name)
            continue
        if "\x00" in given[name]:
            raise Malformed(f"{name} cannot hold the character NUL.", parameter=name)
        longest = MAX_REFERENCE if item.info.ref is not None else item.info.max_length or MAX_TEXT
        if len(given[name]) > longest:
            raise Malformed(f"{name} holds at most {longest} characters.", parameter=name, limit=longest)
        if item.info.ref is not None:
            references.append(Reference(f"/{name}", item.info.ref, given[name]))
        else:
            values[name] = _parse(item, given[name])
    occasion = Occasion(on=values.get("as_of"))
    found = await resolve(read.connection, read.catalogue, references, read.scope, occasion, at=read.call.at)
    values |= {r.path[1:]: found[r.kind, r.given].id for r in references}
    return declaration(**values)


def _parse(item: Described, text: str) -> Any:
    kind = item.type
    try:
        if kind is bool:
            return {"true": True, "false": False}[text]
        if kind is int:
            number = int(text)
            low, high = item.info.minimum, item.info.maximum
            if (low is not None and number < low) or (high is not None and number > high):
                raise ValueError
            return number
        if kind is date:
            return day_of(text)
        if kind is datetime:
            return instant_of(text)
        if kind is Decimal:
            return parse_decimal(text)
        if kind is UUID:
            return UUID(text)
        if get_origin(kind) is Literal:
            if text not in get_args(kind):
                raise Malformed(f"{item.name} is one of those allowed.", given=text[:100], allowed=get_args(kind))
            return text
    except (ValueError, KeyError, ValidationFailed):
        raise Malformed(
            f"{item.name} cannot be read: {item.info.help or item.info.label}.", parameter=item.name, given=text[:100]
        ) from None
    return text
