"""Who is asking: a user by access token, a machine by API key. A membership that ended ends its tokens within 5 s."""

import time
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

from fastapi import Request

from adapters.postgres.control.accounts import Accounts
from adapters.postgres.control.organizations import Organizations
from bizcore.tenancy import AccessClaims, Identity, InvalidToken, TokenCodec
from services.api.surface import bearer

FRESH_SECONDS: Final = 5.0
REMEMBERED: Final = 10_000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Authenticator:
    """Called with a request, answers its identity. Errors: UNAUTHENTICATED."""

    tokens: TokenCodec
    organizations: Organizations
    accounts: Accounts
    _stamps: dict[tuple[UUID, UUID], tuple[float, int]] = field(default_factory=dict)
    _machines: dict[str, tuple[float, Identity]] = field(default_factory=dict)

    async def __call__(self, request: Request) -> Identity:
        key = request.headers.get("X-Api-Key")
        return await self._machine(key) if key is not None else await self._user(bearer(request))

    async def _user(self, token: str) -> Identity:
        claims = self.tokens.verify(token)
        if await self._stamp(claims) != claims.stamp:
            raise InvalidToken
        return Identity(claims.organization_id, user_id=claims.user_id)

    async def _stamp(self, claims: AccessClaims) -> int:
        """The membership's stamp as of at most 5 s ago, but no older than the token; 0 where none is active."""
        at = (claims.user_id, claims.organization_id)
        seen, stamp = self._stamps.get(at, (-FRESH_SECONDS, 0))
        if stamp >= claims.stamp and time.monotonic() - seen < FRESH_SECONDS:
            return stamp
        member = await self.organizations.member(*at)
        stamp = member.stamp if member is not None and member.active else 0
        _remember(self._stamps, at, stamp)
        return stamp

    async def _machine(self, given: str) -> Identity:
        known = self._machines.get(given)
        if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
            return known[1]
        key = await self.accounts.key(given)
        identity = Identity(key.organization_id, principal_id=key.principal_id)
        _remember(self._machines, given, identity)
        return identity


def _remember(known: dict[K, tuple[float, V]], at: K, what: V) -> None:
    if len(known) > REMEMBERED:
        known.clear()
    known[at] = (time.monotonic(), what)
