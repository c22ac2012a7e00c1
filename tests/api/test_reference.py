"""The contract as a page."""

import re

import httpx
import pytest

from services.api.app import PREFIX, WEB, create_app


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app()), base_url="http://bizcore.test")


async def test_the_reference_is_of_our_own_origin_alone(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/docs")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert re.findall(r"(?:https?:)?//[^\s\"'<>]+", answer.text) == []
    assert f'url: "{PREFIX}/openapi.json"' in answer.text
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/]{43}='", policy["script-src"])


@pytest.mark.skipif(not (WEB / "swagger").is_dir(), reason="the web UI is not built: `make web`")
async def test_every_file_that_the_reference_names_is_served(client: httpx.AsyncClient) -> None:
    page = (await client.get("/api/docs")).text
    files = re.findall(r'(?:src|href)="(/(?!api/)[^"]+)"', page)
    assert len(files) == 3
    for file in files:
        answer = await client.get(file)
        assert (answer.status_code, len(answer.content) > 100) == (200, True), file
