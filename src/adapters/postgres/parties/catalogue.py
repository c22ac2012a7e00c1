"""How parties and payment terms look in SQL: answers, lists, references, and what their constraints mean."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import select

from adapters.postgres.lists import reference, texts, words
from adapters.postgres.parties import tables
from adapters.postgres.types import Part, RecordSql, named
from bizcore.errors import BusinessError
from bizcore.platform.errors import DuplicateCode

_KEEPING: Final = """'active', r.active, 'attributes', r.attributes, 'version', r.version,
    'created_at', platform.instant_text(r.created_at), 'updated_at', platform.instant_text(r.updated_at)"""

# A dry run draws no number: such a party has its id for a code, which nobody sees.
_CODE: Final = "nullif(r.code, r.id::text)"

_PARTY_VIEW: Final = f"""jsonb_build_object(
    'id', r.id, 'code', {_CODE}, 'name', r.name, 'roles', r.roles, 'country', r.country, 'currency', r.currency,
    'tax_id', r.tax_id, 'tax_code', r.tax_code_id,
    'payment_terms', r.payment_terms_id,
    'payment_terms_code', (SELECT t.code FROM parties.payment_terms t WHERE t.id = r.payment_terms_id),
    'email', r.email, 'iban', r.iban, 'addresses', r.addresses, {_KEEPING})"""

# Percentages leave as text; a part says everything, whatever was left out when it was given.
_TERMS_VIEW: Final = f"""jsonb_build_object(
    'id', r.id, 'code', r.code, 'name', r.name,
    'parts', (SELECT jsonb_agg(jsonb_build_object(
                  'percent', p.part -> 'percent', 'remainder', coalesce(p.part -> 'remainder', 'false'),
                  'months', coalesce(p.part -> 'months', '0'), 'days', coalesce(p.part -> 'days', '0'),
                  'day_of_month', p.part -> 'day_of_month') ORDER BY p.at)
              FROM jsonb_array_elements(r.parts) WITH ORDINALITY AS p(part, at)),
    {_KEEPING})"""

_p, _t = tables.party.alias("r"), tables.payment_terms.alias("t")
_terms = tables.payment_terms.alias("r")

_RECORDS: Final = {
    "party": RecordSql(
        table="parties.party",
        code="code",
        view=_PARTY_VIEW,
        listing=select(
            _p.c.id.label("id"),
            _p.c.code.label("code"),
            _p.c.name.label("name"),
            texts("roles", _p.c.roles),
            _p.c.country.label("country"),
            _p.c.currency.label("currency"),
            _p.c.tax_id.label("tax_id"),
            reference("payment_terms", _p.c.payment_terms_id, "payment_terms"),
            _t.c.code.label("payment_terms_code"),
            _p.c.email.label("email"),
            _p.c.iban.label("iban"),
            _p.c.active.label("active"),
            _p.c.attributes.label("attributes"),
            _p.c.version.label("version"),
            _p.c.created_at.label("created_at"),
            _p.c.updated_at.label("updated_at"),
            words("to_tsvector('simple', r.code || ' ' || r.name)"),
        ).select_from(_p.outerjoin(_t, _t.c.id == _p.c.payment_terms_id)),
    ),
    "payment_terms": RecordSql(
        table="parties.payment_terms",
        code="code",
        view=_TERMS_VIEW,
        listing=select(
            _terms.c.id.label("id"),
            _terms.c.code.label("code"),
            _terms.c.name.label("name"),
            _terms.c.parts.label("parts"),
            _terms.c.active.label("active"),
            _terms.c.version.label("version"),
            _terms.c.created_at.label("created_at"),
            _terms.c.updated_at.label("updated_at"),
            words("to_tsvector('simple', r.code || ' ' || r.name)"),
        ),
    ),
}

_REFERENCES: Final = {
    "party": named("parties.party"),
    "payment_terms": named("parties.payment_terms"),
}

_REFUSALS: Final[Mapping[str, Callable[[], BusinessError]]] = {
    "party_code_key": lambda: DuplicateCode("Another party has this code.", field="/code"),
    "payment_terms_code_key": lambda: DuplicateCode("Other payment terms have this code.", field="/code"),
}

PART: Final = Part(records=_RECORDS, references=_REFERENCES, refusals=_REFUSALS)
