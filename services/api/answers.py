"""Answers as JSON: never cached, for derived members change without their document."""

from collections.abc import Mapping
from uuid import UUID

import orjson
from starlette.responses import Response


def encoded(content: object) -> bytes:
    """As JSON; a value without a form of its own (a Decimal, a float by mistake) is our bug and a TypeError."""
    return orjson.dumps(content, default=_id)


def answer_json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(content), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def _id(value: object) -> str:
    """asyncpg's ids are a subclass that orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
