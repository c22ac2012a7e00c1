"""From the query string to a declared query: every parameter described, an unknown one answered with the nearest."""

import difflib
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from fastapi import Request

from adapters.postgres.reading import PostgresReading
from adapters.postgres.references import resolve
from bizcore.bounds import FIRST_DAY, LAST_DAY, MAX_TEXT
from bizcore.clock import instant_of
from bizcore.errors import Malformed, ValidationFailed
from bizcore.fields import Described, describe
from bizcore.pipeline import Occasion, Reference
from bizcore.values.exact import parse_decimal


async def parse_query(declaration: type, request: Request, read: PostgresReading) -> Any:
    """Errors: MALFORMED for an unknown, missing or unreadable parameter; UNKNOWN_REFERENCE."""
    fields = {item.name: item for item in describe(declaration)}
    given = dict(request.query_params.multi_items())
    for name in given:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            raise Malformed(
                f"There is no parameter {name[:100]!r}.", given=name[:100], nearest=near, allowed=sorted(fields)
            )
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
        if item.info.ref is not None:
            references.append(Reference(f"/{name}", item.info.ref, given[name][:100]))
        else:
            values[name] = _parse(item, given[name])
    occasion = Occasion(on=values.get("as_of"))
    found = await resolve(read.connection, read.catalogue, references, read.scope, occasion, at=read.call.at)
    values |= {r.path[1:]: found[r.kind, r.given].id for r in references}
    return declaration(**values)


def _parse(item: Described, text: str) -> Any:
    if len(text) > MAX_TEXT:
        raise Malformed(f"{item.name} holds at most {MAX_TEXT} characters.", parameter=item.name)
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
            on = date.fromisoformat(text)
            if not FIRST_DAY <= on <= LAST_DAY:
                raise ValueError
            return on
        if kind is datetime:
            return instant_of(text.replace(" ", "+"))
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
