"""How master records of the ledger answer and list."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Integer, Label, Table, cast, select

from adapters.postgres.ledger import tables
from adapters.postgres.lists import reference, words
from adapters.postgres.platform import tables as platform
from adapters.postgres.types import RecordSql

_KEPT: Final = "'version', r.version, 'updated_at', platform.instant_text(r.updated_at)"
_company = platform.company.alias("c")
_parent = tables.account.alias("parent")
_account = tables.account.alias("a")


def _kept(table: Table) -> tuple[Label[object], ...]:
    return (table.c.version.label("version"), table.c.updated_at.label("updated_at"))


_ACCOUNT: Final = RecordSql(
    table="ledger.account",
    code="code",
    view=f"""jsonb_build_object(
        'id', r.id, 'code', r.code, 'name', r.name, 'type', r.type, 'control', r.control, 'currency', r.currency,
        'parent', r.parent_id, 'parent_code', (SELECT p.code FROM ledger.account p WHERE p.id = r.parent_id),
        'active', r.active, {_KEPT})""",
    listing=select(
        tables.account.c.id.label("id"),
        tables.account.c.code.label("code"),
        tables.account.c.name.label("name"),
        tables.account.c.type.label("type"),
        tables.account.c.control.label("control"),
        tables.account.c.currency.label("currency"),
        reference("parent", tables.account.c.parent_id, "account"),
        _parent.c.code.label("parent_code"),
        tables.account.c.active.label("active"),
        *_kept(tables.account),
        words("to_tsvector('simple', ledger.account.code || ' ' || ledger.account.name)"),
    ).select_from(tables.account.outerjoin(_parent, _parent.c.id == tables.account.c.parent_id)),
)

_ACCOUNT_ROLE: Final = RecordSql(
    table="ledger.account_role",
    code="role",
    view=f"""jsonb_build_object(
        'id', r.id, 'role', r.role, 'account', r.account_id,
        'account_code', (SELECT a.code FROM ledger.account a WHERE a.id = r.account_id),
        'company', r.company_id, 'party', r.party_id, 'item', r.item_id, 'item_category', r.item_category,
        {_KEPT})""",
    listing=select(
        tables.account_role.c.id.label("id"),
        tables.account_role.c.role.label("role"),
        reference("account", tables.account_role.c.account_id, "account"),
        _account.c.code.label("account_code"),
        # Assignments for everybody have no company, so a list within a member's companies would lose them.
        reference("for_company", tables.account_role.c.company_id, "company"),
        reference("party", tables.account_role.c.party_id, "party"),
        reference("item", tables.account_role.c.item_id, "item"),
        tables.account_role.c.item_category.label("item_category"),
        *_kept(tables.account_role),
    ).select_from(tables.account_role.join(_account, _account.c.id == tables.account_role.c.account_id)),
)

_PERIOD_VIEW: Final = """jsonb_build_object(
    'id', {r}.id, 'company', {r}.company_id,
    'company_code', (SELECT c.code FROM platform.company c WHERE c.id = {r}.company_id),
    'fiscal_year', {r}.fiscal_year_id, 'name', {r}.name, 'starts_on', {r}.starts_on, 'ends_on', {r}.ends_on,
    'state', {r}.state, 'reason', {r}.state_reason,
    'version', {r}.version, 'updated_at', platform.instant_text({r}.updated_at))"""

_PERIOD: Final = RecordSql(
    table="ledger.period",
    code="name",
    company="company_id",
    view=_PERIOD_VIEW.format(r="r"),
    listing=select(
        tables.period.c.id.label("id"),
        reference("company", tables.period.c.company_id, "company"),
        _company.c.code.label("company_code"),
        reference("fiscal_year", tables.period.c.fiscal_year_id, "fiscal_year"),
        tables.period.c.name.label("name"),
        tables.period.c.starts_on.label("starts_on"),
        tables.period.c.ends_on.label("ends_on"),
        tables.period.c.state.label("state"),
        tables.period.c.state_reason.label("reason"),
        *_kept(tables.period),
    ).select_from(tables.period.join(_company, _company.c.id == tables.period.c.company_id)),
)

_FISCAL_YEAR: Final = RecordSql(
    table="ledger.fiscal_year",
    code="name",
    company="company_id",
    view=f"""jsonb_build_object(
        'id', r.id, 'company', r.company_id,
        'company_code', (SELECT c.code FROM platform.company c WHERE c.id = r.company_id),
        'year', r.name::int, 'starts_on', r.starts_on, 'ends_on', r.ends_on,
        'periods', (SELECT jsonb_agg({_PERIOD_VIEW.format(r="p")} ORDER BY p.starts_on)
                    FROM ledger.period p WHERE p.fiscal_year_id = r.id), {_KEPT})""",
    listing=select(
        tables.fiscal_year.c.id.label("id"),
        reference("company", tables.fiscal_year.c.company_id, "company"),
        _company.c.code.label("company_code"),
        cast(tables.fiscal_year.c.name, Integer).label("year"),
        tables.fiscal_year.c.starts_on.label("starts_on"),
        tables.fiscal_year.c.ends_on.label("ends_on"),
        *_kept(tables.fiscal_year),
    ).select_from(tables.fiscal_year.join(_company, _company.c.id == tables.fiscal_year.c.company_id)),
)

_TAX_CODE: Final = RecordSql(
    table="ledger.tax_code",
    code="code",
    view=f"""jsonb_build_object(
        'id', r.id, 'code', r.code, 'name', r.name, 'rate', trim_scale(r.rate)::text, 'country', r.country,
        'kind', r.kind, 'input_account', r.input_account_id, 'output_account', r.output_account_id,
        'active', r.active, {_KEPT})""",
    listing=select(
        tables.tax_code.c.id.label("id"),
        tables.tax_code.c.code.label("code"),
        tables.tax_code.c.name.label("name"),
        tables.tax_code.c.rate.label("rate"),
        tables.tax_code.c.country.label("country"),
        tables.tax_code.c.kind.label("kind"),
        reference("input_account", tables.tax_code.c.input_account_id, "account"),
        reference("output_account", tables.tax_code.c.output_account_id, "account"),
        tables.tax_code.c.active.label("active"),
        *_kept(tables.tax_code),
        words("to_tsvector('simple', ledger.tax_code.code || ' ' || ledger.tax_code.name)"),
    ),
)

_EXCHANGE_RATE: Final = RecordSql(
    table="ledger.exchange_rate",
    code="base",
    view=f"""jsonb_build_object(
        'id', r.id, 'base', r.base, 'quote', r.quote, 'rate', trim_scale(r.rate)::text, 'valid_on', r.valid_on,
        {_KEPT})""",
    listing=select(
        tables.exchange_rate.c.id.label("id"),
        tables.exchange_rate.c.base.label("base"),
        tables.exchange_rate.c.quote.label("quote"),
        tables.exchange_rate.c.rate.label("rate"),
        tables.exchange_rate.c.valid_on.label("valid_on"),
        *_kept(tables.exchange_rate),
    ),
)

_BANK_ACCOUNT: Final = RecordSql(
    table="ledger.bank_account",
    code="code",
    company="company_id",
    view=f"""jsonb_build_object(
        'id', r.id, 'code', r.code, 'name', r.name, 'company', r.company_id,
        'company_code', (SELECT c.code FROM platform.company c WHERE c.id = r.company_id),
        'account', r.account_id, 'account_code', (SELECT a.code FROM ledger.account a WHERE a.id = r.account_id),
        'currency', r.currency, 'iban', r.iban, 'is_default', r.is_default, 'active', r.active, {_KEPT})""",
    listing=select(
        tables.bank_account.c.id.label("id"),
        tables.bank_account.c.code.label("code"),
        tables.bank_account.c.name.label("name"),
        reference("company", tables.bank_account.c.company_id, "company"),
        _company.c.code.label("company_code"),
        reference("account", tables.bank_account.c.account_id, "account"),
        _account.c.code.label("account_code"),
        tables.bank_account.c.currency.label("currency"),
        tables.bank_account.c.iban.label("iban"),
        tables.bank_account.c.is_default.label("is_default"),
        tables.bank_account.c.active.label("active"),
        *_kept(tables.bank_account),
    ).select_from(
        tables.bank_account.join(_company, _company.c.id == tables.bank_account.c.company_id).join(
            _account, _account.c.id == tables.bank_account.c.account_id
        )
    ),
)

_POSTING_RULE: Final = RecordSql(
    table="ledger.posting_rule",
    code="fact_kind",
    view=f"""jsonb_build_object(
        'id', r.id, 'fact_kind', r.fact_kind, 'revision', r.revision, 'book', r.definition -> 'book',
        'lines', (
            SELECT jsonb_agg(jsonb_build_object('own_account', false, 'budget_line', false, 'open_item', false)
                             || v.line ORDER BY v.position)
            FROM jsonb_array_elements(r.definition -> 'lines') WITH ORDINALITY v(line, position)), {_KEPT})""",
    listing=select(
        tables.posting_rule.c.id.label("id"),
        tables.posting_rule.c.fact_kind.label("fact_kind"),
        tables.posting_rule.c.revision.label("revision"),
        tables.posting_rule.c.definition.label("definition"),
        *_kept(tables.posting_rule),
    ),
)

RECORDS: Final[Mapping[str, RecordSql]] = {
    "account": _ACCOUNT,
    "account_role": _ACCOUNT_ROLE,
    "fiscal_year": _FISCAL_YEAR,
    "period": _PERIOD,
    "tax_code": _TAX_CODE,
    "exchange_rate": _EXCHANGE_RATE,
    "bank_account": _BANK_ACCOUNT,
    "posting_rule": _POSTING_RULE,
}
