"""What OpenAPI says of a declared command and of answers."""

from typing import Any

import pytest
from fastapi import FastAPI

from bizcore.documents.type import APPROVE
from bizcore.documents.view import DocumentView
from bizcore.fields import describe
from services.api import openapi
from services.api.schema import input_model, output_model
from tests.api.declared import NOTE, WRITE, WriteNote


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return input_model(WriteNote, frozenset({"id", "version"})).model_json_schema()


def test_a_body_has_the_declared_fields_without_those_of_the_route(schema: dict[str, Any]) -> None:
    assert sorted(schema["properties"]) == sorted({item.name for item in describe(WriteNote)} - {"id", "version"})
    assert schema["required"] == ["about", "lines"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["NoteLine"]["additionalProperties"] is False


def test_a_field_shows_its_words_its_bounds_and_what_it_refers_to(schema: dict[str, Any]) -> None:
    assert schema["properties"]["about"] == {
        "title": "About", "description": "Whom it is about", "x-ref": "party",
        "type": "string", "minLength": 1, "maxLength": 100,
    }  # fmt: skip
    assert schema["properties"]["copies"] == {"title": "Copies", "type": "integer", "minimum": 1, "maximum": 99}
    unit = schema["$defs"]["NoteLine"]["properties"]["unit"]
    assert (unit["x-ref"], unit["examples"], {"type": "null"} in unit["anyOf"]) == ("unit", ["KGM"], True)


def test_a_decimal_is_a_string_or_a_whole_number_and_never_a_float(schema: dict[str, Any]) -> None:
    weight = schema["$defs"]["NoteLine"]["properties"]["weight"]
    assert [option["type"] for option in weight["anyOf"]] == ["string", "integer"]


def test_null_is_offered_only_where_it_means_something(schema: dict[str, Any]) -> None:
    nullable = {n for n, p in schema["properties"].items() if {"type": "null"} in p.get("anyOf", [])}
    assert nullable == {"readers", "due_on", "title"}
    assert not [name for name, p in schema["properties"].items() if "default" in p]


def test_an_answer_has_every_member_whatever_its_value() -> None:
    schema = output_model(DocumentView).model_json_schema(mode="serialization")
    assert schema["required"] == list(schema["properties"])
    assert schema["properties"]["number"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert schema["additionalProperties"] is False


def test_a_change_needs_if_match_and_an_action_does_not() -> None:
    change, action = openapi.command(WRITE), openapi.action(NOTE, APPROVE)

    def if_match(operation: dict[str, Any]) -> dict[str, Any]:
        (found,) = [p for p in operation["parameters"] if p["name"] == "If-Match"]
        return dict(found)

    assert if_match(change)["required"] is True
    assert "required" not in if_match(action)
    assert (change["x-permission"], action["x-permission"]) == ("office.note.update", "office.note.approve")


def test_every_refusal_an_operation_may_give_is_named() -> None:
    assert sorted(openapi.command(WRITE)["responses"]) == ["200", *sorted(openapi.ERRORS)]


def test_the_document_holds_every_schema_that_it_refers_to() -> None:
    app = FastAPI()
    app.add_api_route("/notes/{id}", lambda: None, methods=["PATCH"], openapi_extra=openapi.command(WRITE))
    found = openapi.document(app)
    assert {"WriteNote", "NoteLine", "DocumentView", "ErrorEnvelope"} <= set(found["components"]["schemas"])
    assert missing(found, found) == []


def missing(part: Any, whole: dict[str, Any]) -> list[str]:
    """The references of `part` that lead nowhere in `whole`."""
    if isinstance(part, dict):
        target = part.get("$ref")
        lost = []
        if isinstance(target, str):
            place: Any = whole
            for step in target.removeprefix("#/").split("/"):
                place = place.get(step) if place is not None else None
            lost = [target] if place is None else []
        return lost + [found for value in part.values() for found in missing(value, whole)]
    if isinstance(part, list):
        return [found for value in part for found in missing(value, whole)]
    return []
