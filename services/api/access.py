"""Members, roles and API keys of an organization. The account is the control plane's, what it may do the tenant's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import Text, func, select
from starlette.responses import Response

from adapters.identity.passwords import MAX_LENGTH, MIN_LENGTH
from adapters.postgres.control.organizations import NewUser
from adapters.postgres.platform import tables
from adapters.postgres.records import add_record, load_record, save_record
from adapters.postgres.types import Part, RecordSql, named
from adapters.postgres.work import PostgresWork
from bizcore.access import OWNER, is_pattern, not_held
from bizcore.errors import BusinessError, NotFound, PermissionDenied, ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.ids import new_id
from bizcore.platform.errors import DuplicateCode
from bizcore.records import RecordType
from bizcore.registry import Registered, Registry
from services.api import openapi
from services.api.answers import answer_json
from services.api.auth import Email, Identities, Name
from services.api.mounting import mount, path_id, read_body, require_json
from services.api.parsing import ParsedBody, parse_body
from services.api.surface import answered, surface

PERSONAL: Final = frozenset({"name", "email"})

Roles = Annotated[tuple[UUID, ...], Field("Roles", help="Codes such as buyer", ref="role", max_length=50)]
Companies = Annotated[
    tuple[UUID, ...], Field("Companies", help="Which companies the roles cover; all when left out", ref="company")
]


class LastOwner(BusinessError):
    code = "LAST_OWNER"


class AlreadyMember(BusinessError):
    code = "ALREADY_MEMBER"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberScopes:
    """What part of the organization a member's roles cover."""

    companies: Companies | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """Add somebody with their roles; who has an account already keeps their password and is invited."""

    email: Email
    name: Name
    password: (
        Annotated[str, Field("Password", help="Of a new account", min_length=MIN_LENGTH, max_length=MAX_LENGTH)] | None
    ) = None
    roles: Roles
    scopes: Annotated[MemberScopes, Field("Scopes")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMember:
    """Change what a member may do, or end the membership. It acts at once."""

    id: Annotated[UUID, Field("Member")]
    version: Annotated[int | None, Field("Version")] = None
    name: Name | Unset = UNSET
    roles: Roles | Unset = UNSET
    scopes: Annotated[MemberScopes, Field("Scopes")] | Unset | None = UNSET
    active: Annotated[bool, Field("Active")] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole:
    """A role of one's own: a set of permissions, `*` standing for any parts."""

    code: Annotated[str, Field("Code", pattern="^[a-z][a-z0-9_]{1,39}$")]
    name: Annotated[str, Field("Name", min_length=1, max_length=100)]
    permissions: Annotated[tuple[str, ...], Field("Permissions", example=["procurement.*.read"], max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRole:
    """Change what a role may do; for everybody who has it, at once."""

    id: Annotated[UUID, Field("Role")]
    version: Annotated[int | None, Field("Version")] = None
    name: Annotated[str, Field("Name", min_length=1, max_length=100)] | Unset = UNSET
    permissions: Annotated[tuple[str, ...], Field("Permissions", max_length=500)] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateApiKey:
    """A key for a machine, which acts under its own name with these roles. The secret is shown once."""

    name: Annotated[str, Field("Name", example="Warehouse scanner", min_length=1, max_length=100)]
    roles: Roles
    scopes: Annotated[MemberScopes, Field("Scopes")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    """End a key and the machine that had it."""

    id: Annotated[UUID, Field("Key")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """Somebody, or a machine, in the organization."""

    id: Annotated[UUID, Field("Id", help="The principal; documents name it as their creator")]
    kind: Annotated[str, Field("Kind", help="user, machine or system")]
    name: Annotated[str, Field("Name")]
    email: Annotated[str | None, Field("E-mail")]
    active: Annotated[bool, Field("Active")]
    roles: Annotated[tuple[str, ...], Field("Roles")]
    companies: Annotated[tuple[UUID, ...] | None, Field("Companies", help="null: all")]
    version: Annotated[int, Field("Version")]
    created_at: Annotated[datetime, Field("Since")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleView:
    """A set of permissions."""

    id: Annotated[UUID, Field("Id")]
    code: Annotated[str, Field("Code")]
    name: Annotated[str, Field("Name")]
    permissions: Annotated[tuple[str, ...], Field("Permissions")]
    shipped: Annotated[bool, Field("Shipped", help="Came with the package; it can be changed all the same")]
    members: Annotated[int, Field("Members")]
    version: Annotated[int, Field("Version")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyView:
    """A machine's key, without its secret."""

    id: Annotated[UUID, Field("Id")]
    prefix: Annotated[str, Field("Prefix", help="The part of the key that may be shown")]
    name: Annotated[str, Field("Name")]
    principal_id: Annotated[UUID, Field("Principal")]
    created_at: Annotated[datetime, Field("Created at")]
    last_used_at: Annotated[datetime | None, Field("Last used at")]
    revoked_at: Annotated[datetime | None, Field("Revoked at")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeys:
    """The organization's keys."""

    data: Annotated[tuple[ApiKeyView, ...], Field("Keys")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKeyView:
    """The machine with its key, which is shown this once."""

    id: Annotated[UUID, Field("Id")]
    kind: Annotated[str, Field("Kind")]
    name: Annotated[str, Field("Name")]
    email: Annotated[str | None, Field("E-mail")]
    active: Annotated[bool, Field("Active")]
    roles: Annotated[tuple[str, ...], Field("Roles")]
    companies: Annotated[tuple[UUID, ...] | None, Field("Companies")]
    version: Annotated[int, Field("Version")]
    created_at: Annotated[datetime, Field("Since")]
    key: Annotated[str | None, Field("Key", help="null in a replay and in a dry run")] = None


MEMBER = RecordType("member", "access", "access/members", "Member", MemberView)
ROLE = RecordType("role", "access", "access/roles", "Role", RoleView)
KEY = RecordType("member", "access", "access/api-keys", "API key", NewApiKeyView)

_GRANTED = """
    SELECT jsonb_agg(ro.code ORDER BY ro.code) FROM platform.role_grant g JOIN platform.role ro ON ro.id = g.role_id
    WHERE g.principal_id = r.id"""
_COMPANIES = "SELECT g.scope -> 'companies' FROM platform.role_grant g WHERE g.principal_id = r.id LIMIT 1"

_p, _r = tables.principal.alias("r"), tables.role.alias("r")
_grants = (
    select(func.string_agg(tables.role.c.code, ", ", type_=Text))
    .select_from(tables.role_grant.join(tables.role, tables.role.c.id == tables.role_grant.c.role_id))
    .where(tables.role_grant.c.principal_id == _p.c.id)
    .scalar_subquery()
)

PART = Part(
    records={
        "member": RecordSql(
            table="platform.principal",
            view=f"""jsonb_build_object(
                'id', r.id, 'kind', r.kind, 'name', r.name, 'email', r.email, 'active', r.active,
                'roles', coalesce(({_GRANTED}), '[]'), 'companies', nullif(({_COMPANIES}), 'null'),
                'version', r.version, 'created_at', platform.instant_text(r.created_at))""",
            code="name",
            listing=select(
                _p.c.id.label("id"),
                _p.c.kind.label("kind"),
                _p.c.name.label("name"),
                _p.c.email.label("email"),
                _p.c.active.label("active"),
                _grants.label("roles"),
                _p.c.version.label("version"),
                _p.c.created_at.label("created_at"),
            ),
        ),
        "role": RecordSql(
            table="platform.role",
            view="""jsonb_build_object(
                'id', r.id, 'code', r.code, 'name', r.name, 'permissions', r.permissions, 'shipped', r.shipped,
                'version', r.version,
                'members', (SELECT count(*) FROM platform.role_grant g WHERE g.role_id = r.id))""",
            code="code",
            listing=select(
                _r.c.id.label("id"),
                _r.c.code.label("code"),
                _r.c.name.label("name"),
                _r.c.shipped.label("shipped"),
                _r.c.version.label("version"),
            ),
        ),
    },
    references={"role": named("platform.role")},
    refusals={"role_code_key": lambda: DuplicateCode("There is a role with this code.", field="/code")},
)


class Members:
    """The commands on members, roles and keys: the tenant's rows through the pipeline, the account beside it.

    The account and its membership are written first and are harmless alone: without a principal they open nothing.
    """

    def __init__(self, identities: Callable[[], Identities]) -> None:
        self._find = identities

    @property
    def _identities(self) -> Identities:
        return self._find()

    async def add(self, command: AddMember, work: PostgresWork) -> UUID:
        await _may_grant(work, command.roles, command.scopes)
        accounts, organization_id = self._identities.accounts, work.tenant.organization_id
        user = await accounts.by_email(command.email)
        user_id = user.id if user is not None else None
        if user_id is None and command.password is None:
            raise ValidationFailed.at("/password", "REQUIRED", "A new account needs a first password.")
        known = await work.connection.fetchval("SELECT id FROM platform.principal WHERE user_id = $1", user_id)
        if known is not None:
            raise AlreadyMember("Somebody with this address is a member already.", member=known)
        if not work.call.dry_run:
            if user_id is None:
                assert command.password is not None
                hashed = await self._identities.passwords.hash(command.password)
                user_id = await accounts.add(NewUser(command.email, command.name, hashed))
            await self._identities.organizations.add_member(user_id, organization_id, accepted=user is None)
        values = {"user_id": user_id, "kind": "user", "name": command.name, "email": command.email, "active": True}
        id = add_record(work, "member", tables.principal, values, personal=PERSONAL)
        await _grant(work, id, command.roles, command.scopes, before=())
        return id

    async def change(self, command: ChangeMember, work: PostgresWork) -> UUID:
        row = await load_record(work, "member", tables.principal, command.id, command.version)
        before = await work.connection.fetch(
            "SELECT role_id, scope FROM platform.role_grant WHERE principal_id = $1", command.id
        )
        changes: dict[str, Any] = {}
        if not isinstance(command.name, Unset):
            changes["name"] = command.name
        if not isinstance(command.active, Unset):
            changes["active"] = command.active
        granted = not (isinstance(command.roles, Unset) and isinstance(command.scopes, Unset))
        roles = tuple(g["role_id"] for g in before) if isinstance(command.roles, Unset) else command.roles
        scopes = _scopes(before) if isinstance(command.scopes, Unset) else command.scopes
        if granted:
            await _may_grant(work, roles, scopes)
        if not changes.get("active", row["active"]) or granted:
            await _keep_an_owner(work, command.id, roles if changes.get("active", row["active"]) else ())
        save_record(work, "member", tables.principal, row, changes, personal=PERSONAL, touched=granted)
        if granted:
            await _grant(work, command.id, roles, scopes, before=tuple(g["role_id"] for g in before))
        if "active" in changes and row["user_id"] is not None and not work.call.dry_run:
            organizations = self._identities.organizations
            await organizations.set_member_active(row["user_id"], work.tenant.organization_id, changes["active"])
        return command.id

    async def create_role(self, command: CreateRole, work: PostgresWork) -> UUID:
        _check_patterns(command.permissions)
        await _hold(work, command.permissions)
        values = {
            "code": command.code,
            "name": command.name,
            "permissions": list(command.permissions),
            "shipped": False,
        }
        id = add_record(work, "role", tables.role, values)
        await _bump_grants(work)
        return id

    async def change_role(self, command: ChangeRole, work: PostgresWork) -> UUID:
        row = await load_record(work, "role", tables.role, command.id, command.version)
        changes: dict[str, Any] = {} if isinstance(command.name, Unset) else {"name": command.name}
        if not isinstance(command.permissions, Unset):
            if row["code"] == OWNER:
                raise LastOwner("The role owner keeps every permission: somebody must be able to give them.")
            _check_patterns(command.permissions)
            await _hold(work, command.permissions)
            changes["permissions"] = list(command.permissions)
        save_record(work, "role", tables.role, row, changes)
        await _bump_grants(work)
        return command.id

    async def create_key(self, command: CreateApiKey, work: PostgresWork) -> UUID:
        await _may_grant(work, command.roles, command.scopes)
        values = {"user_id": None, "kind": "machine", "name": command.name, "email": None, "active": True}
        id = add_record(work, "member", tables.principal, values)
        await _grant(work, id, command.roles, command.scopes, before=())
        return id

    async def revoke_key(self, command: RevokeApiKey, work: PostgresWork) -> UUID:
        accounts, organization_id = self._identities.accounts, work.tenant.organization_id
        machine = await accounts.machine_of(organization_id, command.id)
        if machine is None:
            raise NotFound("No such key.")
        row = await load_record(work, "member", tables.principal, machine, None)
        save_record(work, "member", tables.principal, row, {"active": False}, personal=PERSONAL)
        if not work.call.dry_run:
            await accounts.revoke_key(organization_id, command.id)  # harmless alone: asking again ends the machine too
        return machine


def _check_patterns(patterns: Sequence[str]) -> None:
    for index, pattern in enumerate(patterns):
        if not is_pattern(pattern):
            raise ValidationFailed.at(
                f"/permissions/{index}", "NOT_A_PERMISSION", "A permission is context.type.action; * stands for parts.",
                given=pattern[:100], allowed="procurement.*.read",
            )  # fmt: skip


async def _held(work: PostgresWork, roles: Sequence[UUID] | None = None) -> list[str]:
    """The permission patterns of these roles, or of the principal's own."""
    rows = await work.connection.fetch(
        """SELECT DISTINCT pattern FROM platform.role r, jsonb_array_elements_text(r.permissions) AS pattern
           WHERE CASE WHEN $1::uuid[] IS NULL THEN r.code = ANY($2) ELSE r.id = ANY($1) END""",
        roles,
        sorted(work.principal.roles),
    )
    return [row["pattern"] for row in rows]


async def _hold(work: PostgresWork, asked: Sequence[str]) -> None:
    """Nobody hands on what they have not got. Errors: PERMISSION_DENIED."""
    if missing := not_held(asked, await _held(work)):
        raise PermissionDenied(missing[0])


async def _may_grant(work: PostgresWork, roles: Sequence[UUID], scopes: MemberScopes | None) -> None:
    """Neither more permissions nor more companies than one's own. Errors: PERMISSION_DENIED, VALIDATION_FAILED."""
    await _hold(work, await _held(work, list(roles)))
    companies = scopes.companies if scopes is not None else None
    if work.scope.companies is not None and not work.scope.companies.issuperset(companies or (None,)):
        own = [company.code for key, company in work.configuration.companies.items() if work.scope.covers(key)]
        message = "Roles are given for companies that one's own roles cover."
        raise ValidationFailed.at("/scopes/companies", "OUT_OF_SCOPE", message, allowed=sorted(own))


async def _keep_an_owner(work: PostgresWork, id: UUID, roles: Sequence[UUID]) -> None:
    """Errors: LAST_OWNER when nobody active would be left with the role."""
    row = await work.connection.fetchrow(
        """SELECT r.id, EXISTS (SELECT FROM platform.role_grant g JOIN platform.principal p ON p.id = g.principal_id
                                WHERE g.role_id = r.id AND p.active AND p.kind = 'user' AND p.id <> $1) AS others
           FROM platform.role r WHERE r.code = $2 FOR NO KEY UPDATE OF r""",
        id,
        OWNER,
    )
    assert row is not None, "the role owner is shipped"
    if not row["others"] and row["id"] not in roles:
        raise LastOwner("Somebody must stay owner: make another member owner first.")


async def _grant(
    work: PostgresWork, id: UUID, roles: Sequence[UUID], scopes: MemberScopes | None, *, before: Sequence[UUID]
) -> None:
    companies = scopes.companies if scopes is not None else None
    scope = None if companies is None else {"companies": [str(company) for company in companies]}
    for role in before:
        work.writes.delete(tables.role_grant, {"principal_id": id, "role_id": role})
    for role in dict.fromkeys(roles):
        work.writes.insert(tables.role_grant, {"principal_id": id, "role_id": role, "scope": scope})
    work.subjects[id].after |= {"/roles": [str(role) for role in roles], "/scope": scope}
    await _bump_grants(work)


async def _bump_grants(work: PostgresWork) -> None:
    """From the commit on, every process reads the grants anew."""
    version = await work.connection.fetchval("SELECT grants_version FROM platform.configuration FOR NO KEY UPDATE")
    work.writes.update(tables.configuration, {"only": True}, {"grants_version": version + 1})


def _scopes(grants: Sequence[Any]) -> MemberScopes | None:
    scope = orjson.loads(grants[0]["scope"] or b"null") if grants else None
    return None if scope is None else MemberScopes(companies=tuple(UUID(company) for company in scope["companies"]))


def add_routes(router: APIRouter, find: Callable[[], Identities]) -> None:
    """`find` gives the running application's identities."""
    own = Members(find)
    commands = (
        Registered(AddMember, "access.member.create", "POST access/members", own.add, MEMBER),
        Registered(ChangeMember, "access.member.update", "PATCH access/members/{id}", own.change, MEMBER),
        Registered(CreateRole, "access.role.create", "POST access/roles", own.create_role, ROLE),
        Registered(ChangeRole, "access.role.update", "PATCH access/roles/{id}", own.change_role, ROLE),
    )
    mount(router, Registry("access", record_types=(MEMBER, ROLE), commands=commands))
    create_key = Registered(CreateApiKey, "access.api_key.create", "POST access/api-keys", own.create_key, KEY)
    revoke_key = Registered(RevokeApiKey, "access.api_key.revoke", "DELETE access/api-keys/{id}", own.revoke_key, KEY)

    @router.post(
        "/access/api-keys",
        operation_id="access.api_key.create",
        status_code=201,
        openapi_extra=openapi.command(create_key),
    )
    async def create(request: Request) -> Response:
        body = await read_body(request)

        def parse() -> ParsedBody:
            require_json(request, body)
            return parse_body(CreateApiKey, body, {})

        answer = await surface(request).run(request, create_key, parse)
        key = None
        if not answer.replayed and not surface(request).call(request, command=True).dry_run:
            identity = await surface(request).authenticate(request)
            machine = orjson.loads(answer.body)
            # A machine whose key was not kept opens nothing; asking again makes another.
            key = await find().accounts.add_key(new_id(), identity.organization_id, answer.subject_id, machine["name"])
        body_with_key = orjson.dumps({**orjson.loads(answer.body), "key": key})
        return answered(replace(answer, body=body_with_key))

    @router.get(
        "/access/api-keys",
        operation_id="access.api_key.list",
        openapi_extra=openapi.operation(
            "List: API keys",
            "access",
            "access.api_key.read",
            [],
            openapi.responses("200", openapi.answers(ApiKeys), ("400", "401", "403", "429", "503")),
        ),
    )
    async def keys(request: Request) -> Response:
        async with surface(request).reading(request, "access.api_key.read") as read:
            organization_id = read.tenant.organization_id
        found = await find().accounts.keys(organization_id)
        return answer_json({"data": found})

    @router.delete(
        "/access/api-keys/{id}",
        operation_id="access.api_key.revoke",
        status_code=204,
        openapi_extra=openapi.operation(
            "Revoke an API key",
            "access",
            "access.api_key.revoke",
            [openapi.ID],
            openapi.responses("204", None, ("400", "401", "403", "404", "429", "503")),
        ),
    )
    async def revoke(request: Request) -> Response:
        await surface(request).run(request, revoke_key, lambda: parse_body(RevokeApiKey, b"", {"id": path_id(request)}))
        return Response(status_code=204)
