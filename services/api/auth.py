"""Signing up, in and out, and changing between one's organizations: by hand, for there is no tenant yet to ask in."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.identity.passwords import MAX_LENGTH, MIN_LENGTH, Passwords
from adapters.postgres.control.accounts import Accounts, User
from adapters.postgres.control.attempts import Allowance, Attempts
from adapters.postgres.control.organizations import AccountExists, Member, NewUser, Organizations
from adapters.postgres.tenancy.migrate import head
from adapters.postgres.tenancy.provision import Provisioner
from adapters.postgres.tenancy.resolver import PooledTenants
from bizcore.clock import Clock
from bizcore.errors import BusinessError, ErrorKind, NotFound, Unauthenticated, ValidationFailed
from bizcore.fields import Field
from bizcore.ids import new_id
from bizcore.settings import Settings
from bizcore.tenancy import ACCESS_TOKEN_LIFE, AccessClaims, Organization, Signup, TokenCodec, is_slug
from bizcore.values import Currency
from services.api import openapi
from services.api.answers import answer_json
from services.api.mounting import read_body, require_json
from services.api.parsing import parse_body
from services.api.surface import bearer, surface

COOKIE = "bizcore_refresh"
COOKIE_PATH = "/api/v1/auth"
COOKIE_SECONDS = int(timedelta(days=30).total_seconds())
EMAIL = r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$"

D = TypeVar("D")

Email = Annotated[str, Field("E-mail", example="ada@example.com", pattern=EMAIL, max_length=254, personal=True)]
Password = Annotated[str, Field("Password", min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
Name = Annotated[str, Field("Name", min_length=1, max_length=200, personal=True)]
Slug = Annotated[str, Field("Slug", help="Letters, digits and hyphens", example="acme", max_length=40)]


class SignupClosed(BusinessError):
    code = "SIGNUP_CLOSED"
    kind = ErrorKind.FORBIDDEN


class NoOrganization(BusinessError):
    code = "NO_ORGANIZATION"
    kind = ErrorKind.FORBIDDEN


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganizationName:
    """How the organization is called, and in addresses."""

    name: Annotated[str, Field("Organization", example="Acme", min_length=1, max_length=200)]
    slug: Slug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCompany:
    """The first company of an organization; its currency keeps the books and cannot change."""

    name: Annotated[str, Field("Company", example="Acme GmbH", min_length=1, max_length=200)]
    country: Annotated[str, Field("Country", help="ISO 3166-1 alpha-2", example="DE", pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Field("Currency", help="ISO 4217", example="EUR", pattern="^[A-Z]{3}$")]
    timezone: Annotated[str, Field("Time zone", help="IANA name; dates are the company's", example="Europe/Berlin")] = (
        "UTC"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """Found an organization: the same e-mail and password resume one that was not finished."""

    email: Email
    password: Password
    name: Name
    organization: Annotated[NewOrganizationName, Field("Organization")]
    company: Annotated[FirstCompany, Field("Company")]
    package: Annotated[Literal["standard"], Field("Package", help="The configuration to begin with")] = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrganization:
    """Found another organization."""

    organization: Annotated[NewOrganizationName, Field("Organization")]
    company: Annotated[FirstCompany, Field("Company")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Sign in to one's default organization, or the one named."""

    email: Email
    password: Annotated[str, Field("Password", min_length=1, max_length=MAX_LENGTH)]
    organization: Slug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Choose another password: every other session of the account ends."""

    password: Annotated[str, Field("Present password", min_length=1, max_length=MAX_LENGTH)]
    new_password: Annotated[str, Field("New password", min_length=MIN_LENGTH, max_length=MAX_LENGTH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A browser's token comes in its cookie; others give it here."""

    refresh_token: Annotated[str, Field("Refresh token", max_length=200)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """Somebody with an account."""

    id: Annotated[UUID, Field("Id")]
    email: Annotated[str, Field("E-mail")]
    name: Annotated[str, Field("Name")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationView:
    """One of one's organizations."""

    id: Annotated[UUID, Field("Id")]
    slug: Annotated[str, Field("Slug")]
    name: Annotated[str, Field("Name")]
    status: Annotated[str, Field("Status")]
    accepted: Annotated[bool, Field("Accepted", help="false: an invitation")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCompanyView:
    """A company of the organization."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str, Field("Name")]
    currency: Annotated[str, Field("Currency")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A token for one user and one organization, and what it opens."""

    access_token: Annotated[str, Field("Access token")]
    refresh_token: Annotated[str, Field("Refresh token", help="For API clients; browsers have theirs in a cookie")]
    token_type: Annotated[str, Field("Token type")]
    expires_in: Annotated[int, Field("Expires in", help="Seconds")]
    user: Annotated[UserView, Field("User")]
    organization: Annotated[OrganizationView, Field("Organization")]
    company: Annotated[SessionCompanyView, Field("Company", help="The first one")]
    organizations: Annotated[tuple[OrganizationView, ...], Field("Organizations")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationsView:
    """One's organizations and invitations."""

    data: Annotated[tuple[OrganizationView, ...], Field("Organizations")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeView:
    """Who one is here, and what one may do."""

    user: Annotated[UserView | None, Field("User", help="null for a machine")]
    organization: Annotated[OrganizationView, Field("Organization")]
    principal: Annotated[UUID, Field("Principal", help="What documents name as their creator")]
    name: Annotated[str, Field("Name")]
    roles: Annotated[tuple[str, ...], Field("Roles")]
    permissions: Annotated[tuple[str, ...], Field("Permissions", help="Patterns; * stands for any parts")]
    companies: Annotated[tuple[SessionCompanyView, ...], Field("Companies")]
    organizations: Annotated[tuple[OrganizationView, ...], Field("Organizations")]


@dataclass(frozen=True, slots=True)
class Identities:
    """What signing in needs of the control plane."""

    settings: Settings
    clock: Clock
    tokens: TokenCodec
    accounts: Accounts
    organizations: Organizations
    attempts: Attempts
    passwords: Passwords
    provisioner: Provisioner
    tenants: PooledTenants

    # -- the limits of strangers -----------------------------------------------------------------------------------

    @property
    def failures(self) -> Allowance:
        return Allowance("login.account", self.settings.login_failures_per_account, timedelta(minutes=15))

    @property
    def logins(self) -> Allowance:
        return Allowance("login.address", self.settings.login_attempts_per_address, timedelta(minutes=1))

    @property
    def signups(self) -> Allowance:
        return Allowance("signup.address", self.settings.signups_per_address, timedelta(hours=1))

    # -- what is done ----------------------------------------------------------------------------------------------

    async def sign_up(self, given: SignUp, request_id: str) -> tuple[User, Organization]:
        """A new account with its organization, or the unfinished one brought to its end. Errors: ACCOUNT_EXISTS."""
        _check(given.organization, given.company)
        hashed = await self.passwords.hash(given.password)
        new = NewUser(given.email, given.name, hashed)
        try:
            user_id, organization = await self._reserve(new, given.organization)
        except AccountExists:
            user, organization = await self._unfinished(given)
            user_id = user.id
        user = User(user_id, given.email, given.name, hashed)
        await self._provision(user, organization, given.company, request_id)
        return user, organization

    async def found(self, user: User, given: FoundOrganization, request_id: str) -> Organization:
        _check(given.organization, given.company)
        _, organization = await self._reserve(user.id, given.organization)
        await self._provision(user, organization, given.company, request_id)
        return organization

    async def _reserve(self, founder: NewUser | UUID, given: NewOrganizationName) -> tuple[UUID, Organization]:
        return await self.organizations.reserve(
            founder, name=given.name, slug=given.slug, schema_version=head("tenant")
        )

    async def _unfinished(self, given: SignUp) -> tuple[User, Organization]:
        user = await self.accounts.by_email(given.email)
        assert user is not None, "accounts are never removed"
        mine = await self.passwords.verify(given.password, user.password_hash)
        if mine and (left := await self.organizations.unfinished(user.id, restores=False)):
            return user, left[0]
        raise AccountExists("There is an account with this address: sign in to it.", email=given.email)

    async def _provision(self, user: User, organization: Organization, company: FirstCompany, request_id: str) -> None:
        now = self.clock.now()
        await self.provisioner.provision(
            Signup(
                organization_id=organization.id,
                user_id=user.id,
                email=user.email,
                name=user.name,
                company_id=new_id(),
                principal_id=new_id(),
                company_name=company.name,
                country=company.country,
                currency=company.currency,
                timezone=company.timezone,
                at=now,
                today=self.clock.today(zoneinfo.ZoneInfo(company.timezone)),
                request_id=request_id,
            )
        )

    async def log_in(self, given: LogIn) -> tuple[User, Organization]:
        """Errors: UNAUTHENTICATED, the same and as late for an unknown address as for a wrong password."""
        account = given.email.lower()
        await self.attempts.check(self.failures, account)
        user = await self.accounts.by_email(given.email)
        if not await self.passwords.verify(given.password, user.password_hash if user else None) or user is None:
            await self.attempts.count(self.failures, account)
            raise Unauthenticated("E-mail and password do not belong together.")
        await self.attempts.clear(self.failures, account)
        members = await self.organizations.of_user(user.id)
        chosen = next((m for m in members if given.organization in (None, m.organization.slug)), None)
        if chosen is None:
            raise NoOrganization("You are not a member of such an organization.", organization=given.organization)
        if not chosen.accepted:
            await self.organizations.accept(user.id, chosen.organization.id)
        return user, chosen.organization

    async def change_password(self, user: User, given: ChangePassword) -> None:
        """Errors: VALIDATION_FAILED for a wrong present password, which counts as a failed sign-in; RATE_LIMITED."""
        account = user.email.lower()
        await self.attempts.check(self.failures, account)
        if not await self.passwords.verify(given.password, user.password_hash):
            await self.attempts.count(self.failures, account)
            raise ValidationFailed.at("/password", "WRONG_PASSWORD", "This is not your present password.")
        await self.attempts.clear(self.failures, account)
        await self.accounts.set_password(user.email, await self.passwords.hash(given.new_password))

    async def session(self, user: User, organization: Organization, refresh_token: str | None = None) -> dict[str, Any]:
        """The answer that opens an organization to a user. Errors: UNAUTHENTICATED once the membership has ended."""
        member = await self.organizations.member(user.id, organization.id)
        if member is None or not member.active:
            raise Unauthenticated("You are no longer a member of this organization.")
        claims = AccessClaims(user.id, organization.id, member.stamp)
        tenant = await self.tenants.get(organization.id)
        async with tenant.connection() as connection:
            company = await connection.fetchrow(
                "SELECT id, code, name, currency FROM platform.company ORDER BY id LIMIT 1"
            )
        assert company is not None, "an active organization has its first company"
        return {
            "access_token": self.tokens.issue(claims),
            "refresh_token": refresh_token or await self.accounts.open_session(user.id, organization.id),
            "token_type": "Bearer",
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "user": {"id": user.id, "email": user.email, "name": user.name},
            "organization": _organization(member),
            "company": dict(company),
            "organizations": [_organization(m) for m in await self.organizations.of_user(user.id)],
        }


def add_routes(router: APIRouter) -> None:
    """The identities are in the running application's state."""

    def operation(summary: str, body: type | None, view: type | None, status: str, *, open: bool) -> dict[str, Any]:
        errors = ("400", "401", "403", "404", "409", "413", "422", "429", "503")
        schema = openapi.answers(view) if view is not None else None
        found = openapi.operation(summary, "identity", None, [], openapi.responses(status, schema, errors))
        if open:
            found["security"] = []
        if body is not None:
            found["requestBody"] = openapi.body(body)
        return found

    @router.post(
        "/auth/signup",
        operation_id="auth.signup",
        status_code=201,
        openapi_extra=operation("Found an organization", SignUp, SessionView, "201", open=True),
    )
    async def signup(request: Request) -> Response:
        own = identities(request)
        if own.settings.signup == "closed":
            raise SignupClosed("New organizations are made by the operator here.")
        await own.attempts.count(own.signups, _address(request))
        given = await _given(SignUp, request)
        user, organization = await own.sign_up(given, request.state.request_id)
        return _signed_in(request, await own.session(user, organization), 201)

    @router.post(
        "/auth/login",
        operation_id="auth.login",
        openapi_extra=operation("Sign in", LogIn, SessionView, "200", open=True),
    )
    async def login(request: Request) -> Response:
        own = identities(request)
        await own.attempts.count(own.logins, _address(request))
        user, organization = await own.log_in(await _given(LogIn, request))
        return _signed_in(request, await own.session(user, organization))

    @router.post(
        "/auth/refresh",
        operation_id="auth.refresh",
        openapi_extra=operation("A new access token", Refresh, SessionView, "200", open=True),
    )
    async def refresh(request: Request) -> Response:
        own = identities(request)
        token = (await _given(Refresh, request)).refresh_token or request.cookies.get(COOKIE)
        if token is None:
            raise Unauthenticated("Sign in: there is no refresh token.")
        rotated = await own.accounts.rotate(token)
        user = await own.accounts.by_id(rotated.user_id)
        found = await own.organizations.placement(rotated.organization_id)
        if user is None or found is None:
            raise Unauthenticated("Sign in again.")
        return _signed_in(request, await own.session(user, found[0], rotated.token))

    @router.post(
        "/auth/logout",
        operation_id="auth.logout",
        status_code=204,
        openapi_extra=operation("Sign out", Refresh, None, "204", open=True),
    )
    async def logout(request: Request) -> Response:
        token = (await _given(Refresh, request)).refresh_token or request.cookies.get(COOKIE)
        if token is not None:
            await identities(request).accounts.end_session(token)
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return response

    @router.post(
        "/auth/password",
        operation_id="auth.password",
        openapi_extra=operation("Change one's password", ChangePassword, SessionView, "200", open=False),
    )
    async def password(request: Request) -> Response:
        own, user = identities(request), await _user(request)
        identity = await surface(request).authenticate(request)
        await own.change_password(user, await _given(ChangePassword, request))
        here = await own.organizations.placement(identity.organization_id)
        assert here is not None
        return _signed_in(request, await own.session(user, here[0]))

    @router.get(
        "/organizations",
        operation_id="organizations.list",
        openapi_extra=operation("One's organizations", None, OrganizationsView, "200", open=False),
    )
    async def organizations(request: Request) -> Response:
        user = await _user(request)
        members = await identities(request).organizations.of_user(user.id)
        return answer_json({"data": [_organization(member) for member in members]})

    @router.post(
        "/organizations",
        operation_id="organizations.create",
        status_code=201,
        openapi_extra=operation("Found another organization", FoundOrganization, SessionView, "201", open=False),
    )
    async def found(request: Request) -> Response:
        own, user = identities(request), await _user(request)
        if own.settings.signup == "closed":
            raise SignupClosed("New organizations are made by the operator here.")
        await own.attempts.count(own.signups, _address(request))
        organization = await own.found(user, await _given(FoundOrganization, request), request.state.request_id)
        return _signed_in(request, await own.session(user, organization), 201)

    @router.post(
        "/organizations/{slug}/token",
        operation_id="organizations.token",
        openapi_extra={
            **operation("A token for another of one's organizations", None, SessionView, "200", open=False),
            "parameters": [{"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}],
        },
    )
    async def change(request: Request) -> Response:
        own, user = identities(request), await _user(request)
        slug = request.path_params["slug"]
        members = await own.organizations.of_user(user.id)
        chosen = next((member for member in members if member.organization.slug == slug), None)
        if chosen is None:
            raise NotFound("You are not a member of such an organization.")
        if not chosen.accepted:
            await own.organizations.accept(user.id, chosen.organization.id)
        return _signed_in(request, await own.session(user, chosen.organization))

    @router.get("/me", operation_id="me", openapi_extra=operation("Who one is here", None, MeView, "200", open=False))
    async def me(request: Request) -> Response:
        own = identities(request)
        identity = await surface(request).authenticate(request)
        user = await own.accounts.by_id(identity.user_id) if identity.user_id is not None else None
        members = await own.organizations.of_user(user.id) if user is not None else []
        here = await own.organizations.placement(identity.organization_id)
        assert here is not None
        async with surface(request).reading(request, None) as read:
            patterns = await read.connection.fetch(
                """SELECT DISTINCT pattern FROM platform.role r, jsonb_array_elements_text(r.permissions) AS pattern
                   WHERE r.code = ANY($1) ORDER BY pattern""",
                sorted(read.principal.roles),
            )
            seen = [company for key, company in read.configuration.companies.items() if read.scope.covers(key)]
            return answer_json(
                {
                    "user": {"id": user.id, "email": user.email, "name": user.name} if user is not None else None,
                    "organization": _shown(here[0], accepted=True),
                    "principal": read.principal.id,
                    "name": read.principal.name,
                    "roles": sorted(read.principal.roles),
                    "permissions": [row["pattern"] for row in patterns],
                    "companies": [
                        {"id": c.id, "code": c.code, "name": c.name, "currency": c.currency}
                        for c in sorted(seen, key=lambda company: company.code)
                    ],
                    "organizations": [_organization(member) for member in members],
                }
            )


def identities(request: Request) -> Identities:
    found: Identities = request.app.state.identities
    return found


async def _given(declaration: type[D], request: Request) -> D:
    body = await read_body(request)
    require_json(request, body)
    parsed = parse_body(declaration, body, {})
    given: D = parsed.build({})
    return given


async def _user(request: Request) -> User:
    """The signed-in user; a machine is none. Errors: UNAUTHENTICATED."""
    bearer(request)
    identity = await surface(request).authenticate(request)
    user = await identities(request).accounts.by_id(identity.user_id) if identity.user_id is not None else None
    if user is None:
        raise Unauthenticated("This is for people: sign in.")
    return user


def _check(organization: NewOrganizationName, company: FirstCompany) -> None:
    """Errors: VALIDATION_FAILED for a slug, currency or time zone that is none."""
    if organization.slug is not None and not is_slug(organization.slug):
        raise ValidationFailed.at(
            "/organization/slug", "NOT_A_SLUG", "A slug has small letters, digits and single hyphens.",
            given=organization.slug, allowed="acme-works",
        )  # fmt: skip
    try:
        Currency.of(company.currency)
    except ValidationFailed as refusal:
        raise refusal.within("/company/currency") from None
    if company.timezone not in zoneinfo.available_timezones():
        raise ValidationFailed.at(
            "/company/timezone",
            "UNKNOWN_TIME_ZONE",
            "No such time zone.",
            given=company.timezone,
            allowed="Europe/Berlin",
        )


def _signed_in(request: Request, session: Mapping[str, Any], status: int = 200) -> Response:
    response = answer_json(session, status)
    response.set_cookie(
        COOKIE,
        session["refresh_token"],
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def _organization(member: Member) -> dict[str, Any]:
    return _shown(member.organization, accepted=member.accepted)


def _shown(organization: Organization, *, accepted: bool) -> dict[str, Any]:
    return {
        "id": organization.id,
        "slug": organization.slug,
        "name": organization.name,
        "status": organization.status.value,
        "accepted": accepted,
    }


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
