"""The web UI: files of a static export, each page with a content policy that admits its own scripts and no others."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_YEAR = "public, max-age=31536000, immutable"


class Files(StaticFiles):
    """Serves GET and HEAD of `folder`; what does not exist is the UI's own page for that, or a short text."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True  # a UI that is not built is a plain answer here, no error of the server
        self.folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "There is no such route.")
        if not self.folder.is_dir():
            raise HTTPException(404, "The web UI is not built: run `make web`.")
        response = await super().get_response(path, scope)
        served = getattr(response, "path", None)
        if served is not None and str(served).endswith(".html"):
            file = Path(served)
            response.headers["Content-Security-Policy"] = _policy_of(file, file.stat().st_mtime_ns)
            response.headers["Cache-Control"] = "no-cache"
        elif "/_next/static/" in f"/{path}":
            response.headers["Cache-Control"] = _YEAR
        return response


@lru_cache(maxsize=512)
def _policy_of(file: Path, _modified: int) -> str:
    return policy(file.read_text("utf-8"))


def policy(page: str) -> str:
    """The content policy under which the page's own scripts run, and nothing from another host."""
    scripts = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in dict.fromkeys(_INLINE.findall(page))
        if text
    )
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; "
        "form-action 'self'; object-src 'none'"
    )
