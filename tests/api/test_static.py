"""The web UI as it is served: each page admits its own scripts and no others, and nothing outside its folder is shown."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from services.api.static import Files

OWN = "self.__next_f.push([1])"
PAGE = f'<html><script src="/_next/static/a.js"></script><script>{OWN}</script><p>Hello</p></html>'


@pytest.fixture
def browser(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "secret").write_text("not for the web")
    folder = tmp_path / "out"
    (folder / "_next" / "static").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "404.html").write_text("<p>Not here</p>")
    (folder / "_next" / "static" / "a.js").write_text("1")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=[Mount("/", Files(folder))])), base_url="http://here"
    )


async def test_a_page_admits_its_own_inline_scripts_by_hash_and_no_others(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, PAGE, "no-cache")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    own = base64.b64encode(hashlib.sha256(OWN.encode()).digest()).decode()
    assert policy["script-src"].split() == ["'self'", f"'sha256-{own}'"]
    assert (policy["default-src"], policy["object-src"], policy["frame-ancestors"]) == ("'self'", "'none'", "'none'")


async def test_a_page_that_changed_has_the_policy_of_what_it_is_now(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    before = (await browser.get("/")).headers["Content-Security-Policy"]
    (tmp_path / "out" / "index.html").write_text(PAGE.replace("[1]", "[2]"))
    assert (await browser.get("/")).headers["Content-Security-Policy"] != before


async def test_what_does_not_exist_is_the_uis_own_page_under_a_policy_too(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nowhere")
    assert (answer.status_code, answer.text) == (404, "<p>Not here</p>")
    assert "script-src 'self' " in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/_next/../../secret"])
async def test_nothing_outside_the_folder_is_shown(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "not for the web" not in answer.text


async def test_files_that_are_named_by_their_content_are_kept_for_a_year(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/_next/static/a.js")).headers["Cache-Control"] == "public, max-age=31536000, immutable"
