"""The contract as a page, to read and to try: Swagger UI as one of the web UI's own files, for whoever signs in there
shall trust no other host."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from services.api import static

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<noscript>The contract is at <a href="{contract}">{contract}</a>.</noscript>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({{url: "{contract}", dom_id: "#reference", deepLinking: true, validatorUrl: null}})</script>
</body>
</html>
"""


def add_routes(router: APIRouter, *, title: str, contract: str) -> None:
    """`contract` is the path of the OpenAPI document."""
    page = _PAGE.format(title=title, contract=contract)

    @router.get("/api/docs", include_in_schema=False)
    async def reference() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": static.policy(page)})
