"""One member's way into the API: a token, JSON in and out, and a refusal as an exception that says everything."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import httpx


class Refused(Exception):
    """The API said no where the replay expected yes."""

    def __init__(self, method: str, path: str, status: int, error: dict[str, Any]) -> None:
        super().__init__(
            f"{method} {path} → {status} {error.get('code')}: {error.get('message')} {error.get('details')}"
        )
        self.code = error.get("code")
        self.details = error.get("details", {})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in. Every command carries a key of its own, as a careful integrator's would."""

    http: httpx.Client
    token: str

    @classmethod
    def sign_in(cls, http: httpx.Client, email: str, password: str) -> Self:
        answer = _checked(http.post("auth/login", json={"email": email, "password": password}))
        return cls(http, answer["access_token"])

    def get(self, path: str, **query: Any) -> Any:
        return _checked(self.http.get(path, params=query, headers=self._headers()))

    def post(self, path: str, body: Any = None) -> Any:
        headers = {**self._headers(), "Idempotency-Key": str(uuid4())}
        return _checked(self.http.post(path, json=body if body is not None else {}, headers=headers))

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every row of a list."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.get(path, limit=200, **query, **({"cursor": cursor} if cursor else {}))
            rows += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise Refused(answer.request.method, answer.request.url.path, answer.status_code, body.get("error", {}))
    return answer.json() if answer.content else None
