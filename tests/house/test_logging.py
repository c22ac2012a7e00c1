"""One JSON object a line, whoever logs, and no secret in it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from adapters.logging import configure


@pytest.fixture
def logs() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_our_lines_and_the_libraries_lines_are_json_with_the_request(
    logs: None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("INFO")
    structlog.contextvars.bind_contextvars(request_id="r1", tenant="t_ab")
    structlog.get_logger("bizcore.test").info("signed in", actor="u1")
    logging.getLogger("library").warning("slow: %s", 3)
    structlog.get_logger("bizcore.test").debug("not shown")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [{name: value for name, value in line.items() if name != "at"} for line in lines] == [
        {"event": "signed in", "actor": "u1", "request_id": "r1", "tenant": "t_ab", "level": "info",
         "logger": "bizcore.test"},
        {"event": "slow: 3", "request_id": "r1", "tenant": "t_ab", "level": "warning", "logger": "library"},
    ]  # fmt: skip


def test_values_named_like_secrets_are_masked(logs: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    structlog.get_logger("x").info("request", password="p1", access_token="p2", Cookie="p3", user="kept")
    line = json.loads(capsys.readouterr().out)
    assert (line["password"], line["access_token"], line["Cookie"], line["user"]) == ("***", "***", "***", "kept")
