"""How items and units look in SQL: answers, lists, references, and what their constraints mean."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import select

from adapters.postgres.catalog import tables
from adapters.postgres.lists import reference, words
from adapters.postgres.types import Part, RecordSql, named
from bizcore.errors import BusinessError
from bizcore.platform.errors import DuplicateCode

_ITEM_VIEW: Final = """jsonb_build_object(
    'id', r.id, 'sku', r.sku, 'name', r.name, 'kind', r.kind,
    'unit', r.unit_id, 'unit_code', (SELECT u.code FROM catalog.unit u WHERE u.id = r.unit_id),
    'category', r.category, 'valuation', r.valuation,
    'standard_cost', trim_scale(r.standard_cost)::text, 'sales_price', trim_scale(r.sales_price)::text,
    'tax_code', r.tax_code_id, 'active', r.active, 'attributes', r.attributes, 'version', r.version,
    'created_at', platform.instant_text(r.created_at), 'updated_at', platform.instant_text(r.updated_at))"""

_UNIT_VIEW: Final = """jsonb_build_object(
    'id', r.id, 'code', r.code, 'name', r.name, 'category', r.category,
    'numerator', r.numerator::text, 'denominator', r.denominator::text, 'version', r.version,
    'created_at', platform.instant_text(r.created_at), 'updated_at', platform.instant_text(r.updated_at))"""

_i, _u = tables.item.alias("r"), tables.unit.alias("u")
_units = tables.unit.alias("r")

_RECORDS: Final = {
    "item": RecordSql(
        table="catalog.item",
        code="sku",
        view=_ITEM_VIEW,
        listing=select(
            _i.c.id.label("id"),
            _i.c.sku.label("sku"),
            _i.c.name.label("name"),
            _i.c.kind.label("kind"),
            reference("unit", _i.c.unit_id, "unit"),
            _u.c.code.label("unit_code"),
            _i.c.category.label("category"),
            _i.c.valuation.label("valuation"),
            _i.c.standard_cost.label("standard_cost"),
            _i.c.sales_price.label("sales_price"),
            reference("tax_code", _i.c.tax_code_id, "tax_code"),
            _i.c.active.label("active"),
            _i.c.attributes.label("attributes"),
            _i.c.version.label("version"),
            _i.c.created_at.label("created_at"),
            _i.c.updated_at.label("updated_at"),
            words("to_tsvector('simple', r.sku || ' ' || r.name)"),
        ).select_from(_i.join(_u, _u.c.id == _i.c.unit_id)),
    ),
    "unit": RecordSql(
        table="catalog.unit",
        code="code",
        view=_UNIT_VIEW,
        listing=select(
            _units.c.id.label("id"),
            _units.c.code.label("code"),
            _units.c.name.label("name"),
            _units.c.category.label("category"),
            _units.c.numerator.label("numerator"),
            _units.c.denominator.label("denominator"),
            _units.c.version.label("version"),
            _units.c.created_at.label("created_at"),
            _units.c.updated_at.label("updated_at"),
            words("to_tsvector('simple', r.code || ' ' || r.name)"),
        ),
    ),
}

_REFERENCES: Final = {
    "item": named("catalog.item", code="sku"),
    "unit": named("catalog.unit"),
}

_REFUSALS: Final[Mapping[str, Callable[[], BusinessError]]] = {
    "item_sku_key": lambda: DuplicateCode("Another item has this SKU.", field="/sku"),
    "unit_code_key": lambda: DuplicateCode("Another unit has this code.", field="/code"),
}

PART: Final = Part(records=_RECORDS, references=_REFERENCES, refusals=_REFUSALS)
