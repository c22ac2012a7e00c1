"""Who is asking: a user by access token, a machine by API key. A membership that ended ends its tokens within 5 s."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from fastapi import Request

from adapters.postgres.control.accounts import Accounts
from adapters.postgres.control.organizations import Organizations
from bizcore.tenancy import Identity, InvalidToken, TokenCodec
from services.api.surface import bearer

FRESH_SECONDS: Final = 5.0
REMEMBERED: Final = 10_000


@dataclass(slots=True)
class Authenticator:
    """Called with a request, answers its identity. Errors: UNAUTHENTICATED."""

    tokens: TokenCodec
    organizations: Organizations
    accounts: Accounts
    _known: dict[Hashable, tuple[float, object]] = field(default_factory=dict)

    async def __call__(self, request: Request) -> Identity:
        key = request.headers.get("X-Api-Key")
        return await self._machine(key) if key is not None else await self._user(bearer(request))

    async def _user(self, token: str) -> Identity:
        claims = self.tokens.verify(token)
        stamp = await self._stamp(claims.user_id, claims.organization_id)
        if stamp != claims.stamp:
            raise InvalidToken
        return Identity(claims.organization_id, user_id=claims.user_id)

    async def _stamp(self, user_id: UUID, organization_id: UUID) -> object:
        """The membership's stamp as of at most 5 s ago; None where there is no active membership."""
        at = (user_id, organization_id)
        known = self._known.get(at)
        if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
            return known[1]
        member = await self.organizations.member(user_id, organization_id)
        return self._remember(at, member.stamp if member is not None and member.active else None)

    async def _machine(self, given: str) -> Identity:
        known = self._known.get(given)
        if known is not None and time.monotonic() - known[0] < FRESH_SECONDS and isinstance(known[1], Identity):
            return known[1]
        key = await self.accounts.key(given)
        identity = Identity(key.organization_id, principal_id=key.principal_id)
        self._remember(given, identity)
        return identity

    def _remember(self, at: Hashable, what: object) -> object:
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known[at] = (time.monotonic(), what)
        return what
