"""How a document type and a record type look in SQL: what their adapters declare, once each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select

from bizcore.errors import BusinessError
from bizcore.limits import KINDS


@dataclass(frozen=True, slots=True)
class DocumentSql:
    """The SQL of one document type. Every fragment is our own text and sees the header as `d` (platform.document).

    `aggregate` is an expression giving the jsonb object that the context's store builds the domain object from.
    `limit_keys` is a SELECT of the lock texts (`lock_text`) of the limits that the type's actions will need; read with
    the document's lock, and again with the sums. `view` gives the jsonb object of the type's own members of the answer;
    it may use `{as_of}` and `{known_at}`, which stand for a date and an instant; `explain` likewise gives, by JSON
    pointer into the answer, the {value, rows} of each derived member. `listing` is a Select whose labelled columns are
    the fields of lists, with the header's from `adapters.postgres.lists.header_columns`. `period_dates` are the dates
    whose accounting periods the actions will post to: locked and read with the facts.
    """

    aggregate: str
    view: str
    listing: Select[tuple[object, ...]]
    explain: str | None = None
    limit_keys: str | None = None
    period_dates: str | None = None  # an expression giving date[]


@dataclass(frozen=True, slots=True)
class RecordSql:
    """The SQL of one kind of master record: `view` gives its answer as jsonb, the row being `r` of `table`."""

    table: str
    view: str
    code: str  # the column of the natural key
    listing: Select[tuple[object, ...]] | None = None
    company: str | None = None  # the column that names the company it belongs to; None where all share it


@dataclass(frozen=True, slots=True)
class LimitSql:
    """How a kind of limit is summed: a SELECT of (id, allowed, taken, facts), numbers as text; the ids are `$ids`."""

    sums: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the adapters declare, by code: put together once, where services are composed."""

    documents: Mapping[str, DocumentSql] = field(default_factory=dict)
    records: Mapping[str, RecordSql] = field(default_factory=dict)
    limits: Mapping[str, LimitSql] = field(default_factory=dict)
    # By kind: SELECT id, company_id of what `$given` names. It may use `$on`, the date of the document that it is for,
    # null where that is today at the instant `$at`; and give a third column `problem`, with a null id: why it is none.
    references: Mapping[str, str] = field(default_factory=dict)


def named(table: str, *, code: str = "code", company: str = "NULL::uuid") -> str:
    """The SQL of a reference: the row of `table` that has the id or natural code given, and whose company it is.

    `company` is NULL where all companies share it.
    """
    return f"""SELECT id, {company} AS company_id FROM {table}
        WHERE {code} = $given OR id = platform.uuid_or_null($given)"""


def named_document(type: str) -> str:
    """The SQL of a reference to a document of one type, by its number or id."""
    return f"""SELECT id, company_id FROM platform.document WHERE type = '{type}' AND number = $given
        UNION ALL
        SELECT id, company_id FROM platform.document WHERE type = '{type}' AND id = platform.uuid_or_null($given)"""


def lock_text(kind: str, id_sql: str) -> str:
    """The SQL expression of a limit's lock text, the same as `bizcore.limits.LimitKey.lock`."""
    return f"'{KINDS.index(kind)}:{kind}:' || ({id_sql})::text"


@dataclass(frozen=True, slots=True)
class Part:
    """What one adapter package declares. `refusals` words what a constraint of its tables refuses, by its name."""

    documents: Mapping[str, DocumentSql] = field(default_factory=dict)
    records: Mapping[str, RecordSql] = field(default_factory=dict)
    limits: Mapping[str, LimitSql] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, Callable[[], BusinessError]] = field(default_factory=dict)
