"""Inventory on PostgreSQL: what the services compose."""

from typing import Final

from sqlalchemy import select

from adapters.postgres.inventory import tables
from adapters.postgres.inventory.first_steps import first_steps
from adapters.postgres.inventory.records import STOCK
from adapters.postgres.lists import reference, words
from adapters.postgres.platform import tables as platform
from adapters.postgres.types import Part, RecordSql, named
from bizcore.platform.errors import DuplicateCode

__all__ = ["PART", "first_steps"]

_VIEW: Final = """jsonb_build_object(
    'id', r.id, 'code', r.code, 'name', r.name, 'company', r.company_id,
    'company_code', (SELECT c.code FROM platform.company c WHERE c.id = r.company_id),
    'is_default', r.is_default, 'active', r.active, 'attributes', r.attributes, 'version', r.version,
    'created_at', platform.instant_text(r.created_at), 'updated_at', platform.instant_text(r.updated_at))"""

_r = tables.location.alias("r")
_c = platform.company.alias("c")

_LISTING: Final = select(
    _r.c.id.label("id"),
    _r.c.code.label("code"),
    _r.c.name.label("name"),
    reference("company", _r.c.company_id, "company"),
    _c.c.code.label("company_code"),
    _r.c.is_default.label("is_default"),
    _r.c.active.label("active"),
    _r.c.attributes.label("attributes"),
    _r.c.version.label("version"),
    _r.c.created_at.label("created_at"),
    _r.c.updated_at.label("updated_at"),
    words("to_tsvector('simple', r.code || ' ' || r.name)"),
).select_from(_r.join(_c, _c.c.id == _r.c.company_id))

PART: Final = Part(
    records={
        "location": RecordSql(
            table="inventory.location", view=_VIEW, code="code", listing=_LISTING, company="company_id"
        )
    },
    limits={"stock": STOCK},
    references={"location": named("inventory.location", company="company_id")},
    refusals={
        "location_code_key": lambda: DuplicateCode("Another location has this code.", field="/code"),
    },
)
