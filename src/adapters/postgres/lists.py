"""The one engine of every list: a Select of labelled columns, whose types say how a request may use them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Label,
    Numeric,
    Select,
    String,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR, array
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from adapters.postgres.list_request import (
    ATTRIBUTE,
    Condition,
    FieldKind,
    ListField,
    ListRequest,
    Operator,
    Value,
)
from adapters.postgres.metadata import metadata
from adapters.postgres.platform import tables
from adapters.postgres.types import Catalogue
from bizcore.call import Scope
from bizcore.errors import FieldProblem, ValidationFailed

# Aliases that every list of documents shares; SQL fragments name the header `d` too.
d: Final = tables.document.alias("d")
_company: Final = tables.company.alias("c")
_creator: Final = tables.principal.alias("cp")

COMPANY: Final = "company"
PARTY: Final = "party"
WORDS: Final = "words"


class Reference(TypeDecorator[Any]):
    """The type of a column that names a thing of the kind `ref`: a filter takes its id or its natural code."""

    impl = Uuid
    cache_ok = True

    def __init__(self, ref: str) -> None:
        super().__init__()
        self.ref = ref


class DecimalText(TypeDecorator[Any]):
    """The type of a text that writes out an exact decimal: it is shown as text and compared as a number."""

    impl = Text
    cache_ok = True


class TextList(TypeDecorator[Any]):
    """The type of a jsonb column that holds an array of texts: a filter asks for one of them."""

    impl = JSONB
    cache_ok = True


def reference(name: str, of: ColumnElement[Any], ref: str) -> Label[Any]:
    """A listed id that a filter may also give by natural code."""
    return type_coerce(of, Reference(ref)).label(name)


def amount(name: str, minor: ColumnElement[Any], currency: ColumnElement[Any]) -> Label[Any]:
    """An amount of minor units, listed as a decimal with every decimal of its currency."""
    return func.platform.amount_text(minor, currency, type_=DecimalText()).label(name)


def texts(name: str, of: ColumnElement[Any]) -> Label[Any]:
    return type_coerce(of, TextList()).label(name)


def words(vector: str) -> Label[Any]:
    """What `q` searches, never shown: the expression of a GIN index, letter for letter."""
    return literal_column(vector, TSVECTOR()).label(WORDS)


def header_columns() -> list[Label[Any]]:
    """The columns every list of documents has; the list selects from `header_from()`."""
    return [
        d.c.id.label("id"),
        d.c.type.label("type"),
        d.c.number.label("number"),
        d.c.title.label("title"),
        reference(COMPANY, d.c.company_id, "company"),
        _company.c.code.label("company_code"),
        reference(PARTY, d.c.party_id, "party"),
        d.c.currency.label("currency"),
        d.c.document_date.label("document_date"),
        d.c.state.label("state"),
        d.c.phase.label("phase"),
        d.c.version.label("version"),
        amount("total", d.c.total_minor, d.c.currency),
        d.c.created_at.label("created_at"),
        d.c.created_by.label("created_by"),
        _creator.c.name.label("created_by_name"),
        d.c.updated_at.label("updated_at"),
        d.c.attributes.label("attributes"),
        words("to_tsvector('simple', coalesce(d.number, '') || ' ' || coalesce(d.title, ''))"),
    ]


def header_from() -> FromClause:
    """The header with the rows its columns need: join a type's own table to it on `d.c.id`."""
    return d.join(_company, _company.c.id == d.c.company_id).join(_creator, _creator.c.id == d.c.created_by)


@lru_cache(maxsize=256)
def list_fields(listing: Select[Any]) -> Mapping[str, ListField]:
    """What may be shown, sorted and filtered of a list."""
    return {
        name: ListField(name, _kind(of.type), of.type.ref if isinstance(of.type, Reference) else None)
        for name, of in listing.selected_columns.items()
        if not isinstance(of.type, TSVECTOR)
    }


def _kind(type: TypeEngine[Any]) -> FieldKind:
    match type:
        case Reference():
            return FieldKind.REFERENCE
        case DecimalText() | Numeric():
            return FieldKind.DECIMAL
        case Uuid():
            return FieldKind.ID
        case Date():
            return FieldKind.DATE
        case DateTime():
            return FieldKind.INSTANT
        case Integer():
            return FieldKind.INTEGER
        case Boolean():
            return FieldKind.BOOLEAN
        case TextList():
            return FieldKind.LIST
        case JSONB():
            return FieldKind.OBJECT
        case String():
            return FieldKind.TEXT
    raise ValueError(f"a list has no fields of type {type!r}")


@dataclass(frozen=True, slots=True)
class Thing:
    """Where id, code and name of a kind of thing stand that a list may refer to."""

    table: Table
    code: str
    name: str = "name"
    company: str | None = None  # the column that names the company it belongs to; None where all share it
    vector: ColumnElement[Any] | None = None  # of its code and name, the table being `r`; None where none is indexed

    def shown(self, id: ColumnElement[Any], scope: Scope) -> ColumnElement[Any]:
        """The thing of this id as JSON; null where there is none, or none within `scope`."""
        of = self.table.alias()
        found = select(_object({"id": of.c.id, "code": of.c[self.code], "name": of.c[self.name]}))
        if self.company is not None and scope.companies is not None:
            found = found.where(of.c[self.company].in_(scope.companies))
        return found.where(of.c.id == id).correlate_except(of).scalar_subquery()

    def named(self, words: Sequence[str]) -> ColumnElement[Any]:
        """The ids of all whose code and name hold every word: an array, so that an index finds what refers to them."""
        assert self.vector is not None
        of = self.table.alias("r")
        found = select(of.c.id).where(_words_match(self.vector, words)).correlate(None)
        return func.array(found.scalar_subquery(), type_=ARRAY(Uuid))


NOTHING: Final[Mapping[str, Thing]] = MappingProxyType({})


def things(catalogue: Catalogue) -> dict[str, Thing]:
    """Of the kinds that have a list and a name: what a list can expand."""
    records = {
        kind: Thing(metadata.tables[sql.table], sql.code, company=sql.company, vector=_vector(sql.listing))
        for kind, sql in catalogue.records.items()
        if sql.listing is not None and "name" in metadata.tables[sql.table].c
    }
    return records | {type: Thing(tables.document, "number", "title", "company_id") for type in catalogue.documents}


def _vector(listing: Select[Any] | None) -> ColumnElement[Any] | None:
    return _bare(listing.selected_columns[WORDS]) if listing is not None and WORDS in listing.selected_columns else None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page; `rows` are JSON objects as text, made by the database."""

    rows: tuple[str, ...]
    next_cursor: str | None

    def body(self) -> bytes:
        """`{"data": [...], "next_cursor": ...}`"""
        return b'{"data":[%b],"next_cursor":%b}' % (",".join(self.rows).encode(), orjson.dumps(self.next_cursor))

    @property
    def data(self) -> list[dict[str, Any]]:
        return [orjson.loads(row) for row in self.rows]


async def list_page(
    connection: AsyncConnection,
    listing: Select[Any],
    request: ListRequest,
    *,
    scope: Scope,
    references: Mapping[str, str],
    things: Mapping[str, Thing] = NOTHING,
    company: str = COMPANY,
) -> ListPage:
    """One page of a list, in one statement. `references` are the catalogue's: a SELECT of id and company by kind;
    `things` those that the request may expand, by kind, and the parties by whose names it may find rows.

    A list with the field `company` shows what `scope` covers. Errors: UNKNOWN_REFERENCE for a reference in the filter
    that names nothing within it.
    """
    given = _Given(list_fields(listing), references, scope)
    statement = _statement(listing, request, given, things, company)
    row = (await connection.execute(statement)).one()
    given.refuse_unknown(row.unknown or [])
    shown = row.page[: request.limit]
    more = len(row.page) > request.limit
    return ListPage(tuple(r[0] for r in shown), request.cursor(shown[-1][1:]) if more else None)


def _statement(
    listing: Select[Any], request: ListRequest, given: "_Given", things: Mapping[str, Thing], company: str
) -> Select[Any]:
    columns = {name: _bare(of) for name, of in listing.selected_columns.items()}
    fields = list_fields(listing)
    keys = [_comparable(columns[key.field], fields[key.field]) for key in request.sort]
    chosen = [name for name in fields if not request.fields or name == "id" or name in request.fields]
    members = {name: _shown(columns[name], fields[name]) for name in chosen}
    if request.expand:
        kinds = {name: fields[name].ref or "" for name in request.expand}
        members["expanded"] = _object(
            {name: things[kind].shown(columns[name], given.scope) for name, kind in kinds.items()}
        )
    body = cast(_object(members), Text)

    page = listing.with_only_columns(array([body, *(cast(key, Text) for key in keys)]), maintain_column_froms=True)
    conditions = [given.condition(condition, columns) for condition in request.conditions]
    if given.scope.companies is not None and company in columns:
        conditions.append(columns[company].in_(given.scope.companies))
    if request.words:
        conditions.append(_said(columns, request.words, things.get(PARTY)))
    if request.after is not None:
        conditions.append(_behind(keys, request))
    for key, of in zip(request.sort, keys, strict=True):
        order = of.desc() if key.descending else of.asc()
        page = page.order_by(order if key.field == "id" else order.nulls_last())
    page = page.where(*conditions).limit(request.limit + 1)
    rows = func.array(page.scalar_subquery(), type_=ARRAY(Text, dimensions=2))
    return select(rows.label("page"), given.unknown().label("unknown"))


def _object(members: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """The members as a JSON object. Their names are our own, never input."""
    return func.json_build_object(*(part for name, of in members.items() for part in (literal_column(f"'{name}'"), of)))


def _bare(of: ColumnElement[Any]) -> ColumnElement[Any]:
    return of.element if isinstance(of, Label) else of


def _comparable(of: ColumnElement[Any], field: ListField) -> ColumnElement[Any]:
    return cast(of, Numeric) if field.kind is FieldKind.DECIMAL and isinstance(of.type, DecimalText) else of


def _shown(of: ColumnElement[Any], field: ListField) -> ColumnElement[Any]:
    """As JSON shows it: instants in UTC, decimals as text; the rest PostgreSQL writes as we do."""
    if field.kind is FieldKind.INSTANT:
        return func.platform.instant_text(of)
    if field.kind is FieldKind.DECIMAL and not isinstance(of.type, DecimalText):
        return cast(func.trim_scale(of), Text)
    return of


def words_query(given: Sequence[str]) -> str:
    """A tsquery that asks for every word, each also as the beginning of a longer one."""
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in given)
    return " & ".join(f"'{word}':*" for word in quoted)


def _words_match(vector: ColumnElement[Any], given: Sequence[str]) -> ColumnElement[bool]:
    query = func.to_tsquery(literal_column("'simple'"), literal(words_query(given), Text))
    return vector.op("@@", is_comparison=True)(query)


def _said(columns: Mapping[str, ColumnElement[Any]], words: Sequence[str], party: Thing | None) -> ColumnElement[bool]:
    """Rows that hold every word, or whose party's code and name do: people look for papers by whom they are with."""
    ways: list[ColumnElement[bool]] = [_words_match(columns[WORDS], words)] if WORDS in columns else []
    if party is not None and PARTY in columns:
        ways.append(columns[PARTY] == any_(party.named(words)))
    return or_(false(), *ways)


def _behind(keys: Sequence[ColumnElement[Any]], request: ListRequest) -> ColumnElement[bool]:
    """Rows behind the last one of the page before, nulls being last in either direction."""
    assert request.after is not None
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, of, value in zip(request.sort, keys, request.after, strict=True):
        if value is None:
            equal.append(of.is_(None))
            continue
        last = _literal(value)
        further = of < last if key.descending else of > last
        if key.field != "id":
            further = or_(further, of.is_(None))
        ways.append(and_(*equal, further))
        equal.append(of == last)
    return or_(*ways)


_SQL_TYPES: Final[Mapping[type, TypeEngine[Any]]] = {
    str: Text(),
    bool: Boolean(),
    UUID: Uuid(),
    date: Date(),
    datetime: DateTime(timezone=True),
    Decimal: Numeric(),
}


def _literal(value: Value) -> ColumnElement[Any]:
    return literal(value, _SQL_TYPES[type(value)])


_PATTERN: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_", "*": "%"})


def _like(of: ColumnElement[Any], given: str) -> ColumnElement[bool]:
    pattern = given.translate(_PATTERN)
    return of.ilike(literal(pattern if "*" in given else f"%{pattern}%", Text), escape="\\")


def _attribute(attributes: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
    """One of the organization's own fields; equality goes through the GIN index by containment."""
    name = condition.field.removeprefix(ATTRIBUTE)
    as_text = attributes.op("->>", return_type=Text())(literal(name, Text))
    first = condition.values[0]
    match condition.operator:
        case Operator.NULL:
            return as_text.is_(None) if first else as_text.isnot(None)
        case Operator.LIKE:
            return _like(as_text, str(first))
    holds = or_(*(attributes.contains({name: form}) for value in condition.values for form in _json_forms(str(value))))
    return not_(holds) if condition.operator is Operator.NE else holds


def _json_forms(given: str) -> list[object]:
    """What a text of a query string may mean in JSON: itself, and the whole number or boolean it writes."""
    forms: list[object] = [given]
    if given in ("true", "false"):
        forms.append(given == "true")
    elif given.lstrip("-").isdecimal() and given.isascii() and given.count("-") <= 1 and len(given) <= 18:
        forms.append(int(given))
    return forms


class _Given:
    """The references of a filter: resolved in the statement that uses them, refused after it when they name nothing."""

    def __init__(self, fields: Mapping[str, ListField], references: Mapping[str, str], scope: Scope) -> None:
        self.scope = scope
        self._fields, self._references = fields, references
        self._named: list[tuple[str, str]] = []  # (field, given)

    def condition(self, condition: Condition, columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
        if condition.field.startswith(ATTRIBUTE):
            return _attribute(columns["attributes"], condition)
        field = self._fields[condition.field]
        of = _comparable(columns[condition.field], field)
        first = condition.values[0]
        if condition.operator is Operator.NULL:
            return of.is_(None) if first else of.isnot(None)
        if condition.operator is Operator.LIKE:
            return _like(of, str(first))
        if field.kind is FieldKind.LIST:
            holds = or_(*(of.op("@>", is_comparison=True)(literal([value], JSONB)) for value in condition.values))
            return not_(holds) if condition.operator is Operator.NE else holds
        values = [self._value(field, value) for value in condition.values]
        match condition.operator:
            case Operator.EQ:
                return of == values[0]
            case Operator.NE:
                return of.is_distinct_from(values[0])
            case Operator.IN:
                return or_(*(of == value for value in values))
            case Operator.GT:
                return of > values[0]
            case Operator.GTE:
                return of >= values[0]
            case Operator.LT:
                return of < values[0]
        return of <= values[0]

    def _value(self, field: ListField, value: Value) -> ColumnElement[Any]:
        if field.kind is not FieldKind.REFERENCE:
            return _literal(value)
        at = len(self._named)
        self._named.append((field.name, str(value)))
        return literal_column(f"(SELECT given.id FROM given WHERE given.at = {at})", Uuid)

    def unknown(self) -> ColumnElement[Any]:
        """The positions of the references that name nothing to the caller; it also brings the CTE that resolves all."""
        if not self._named:
            return literal_column("NULL::int[]", ARRAY(Integer))
        parts, values = [], dict[str, Any]()
        visible = "true"
        if self.scope.companies is not None:
            visible = "r.company_id IS NULL OR r.company_id = ANY(CAST(:companies AS uuid[]))"
            values["companies"] = list(self.scope.companies)
        for at, (name, value) in enumerate(self._named):
            ref = self._fields[name].ref
            assert ref is not None
            values[f"given_{at}"] = value
            found = self._references[ref].replace("$given", f"CAST(:given_{at} AS text)")
            parts.append(f"SELECT {at} AS at, (SELECT r.id FROM ({found}) AS r WHERE {visible} LIMIT 1) AS id")
        cte = (
            text(" UNION ALL ".join(parts))
            .bindparams(**values)
            .columns(column("at", Integer), column("id", Uuid))
            .cte("given")
        )
        return select(func.array_agg(cte.c.at)).where(cte.c.id.is_(None)).scalar_subquery()

    def refuse_unknown(self, positions: Sequence[int]) -> None:
        if positions:
            problems = [
                FieldProblem(f"/{name}", "UNKNOWN_REFERENCE", f"Nothing is known as {value}.", value)
                for name, value in (self._named[at] for at in sorted(positions))
            ]
            raise ValidationFailed(problems[0].message, fields=problems)
