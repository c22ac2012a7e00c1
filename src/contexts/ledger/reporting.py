"""What reports of the ledger share: their parameters, amounts as text, and the postings that explain a value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

from bizcore.bounds import FIRST_DAY, LAST_DAY
from bizcore.documents import Company
from bizcore.errors import LimitExceeded
from bizcore.explained import ExplainedRow
from bizcore.fields import Field
from bizcore.values import Currency, Money
from contexts.ledger.ports import LedgerReading, PostedLine, Span

BEGINNING: Final = FIRST_DAY  # so that an answer's days are days that one may ask for
EVER: Final = LAST_DAY
EXPLAINED_LINES: Final = 10_000  # beyond that an explanation helps nobody: page through the general ledger

CompanyParameter = Annotated[UUID, Field("Company", help="The only one where it is left out", ref="company")]
AsOf = Annotated[date, Field("As of", help="Entries effective until this day")]
KnownAt = Annotated[datetime, Field("Known at", help="What was recorded by this instant; all that is where left out")]
Explain = Annotated[bool, Field("Explain", help="With the rows that add up to each value")]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPosting(ExplainedRow):
    """One posting behind a value."""

    entry: Annotated[str, Field("Entry")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A value with the rows it is the sum of."""

    value: Annotated[str, Field("Value")]
    rows: Annotated[tuple[ExplainedPosting, ...], Field("Rows")]


class Shown:
    """Minor units of a company's currency as text."""

    def __init__(self, company: Company) -> None:
        self._currency = Currency.of(company.currency)

    def text(self, minor: int) -> str:
        return Money(minor, self._currency).text()

    def explanation(self, lines: Iterable[PostedLine], sign: int = 1) -> Explanation:
        """Of what the lines add up to, `sign` turning debit positive into what the value shows as positive."""
        return self.total((line, sign) for line in lines)

    def total(self, lines: Iterable[tuple[PostedLine, int]]) -> Explanation:
        """The same of lines that count with a sign of their own each."""
        value, rows = 0, []
        for line, sign in lines:
            minor = sign * line.company_amount_minor
            value += minor
            rows.append(
                ExplainedPosting(
                    document=line.document_id,
                    document_type=line.document_type,
                    document_number=line.document_number,
                    line=line.fact_line_id,
                    entry=line.entry_number,
                    date=line.effective_on,
                    recorded_at=line.recorded_at,
                    amount=self.text(minor),
                )
            )
        return Explanation(value=self.text(value), rows=tuple(rows))


async def all_postings(span: Span, reading: LedgerReading) -> list[PostedLine]:
    """Errors: LIMIT_EXCEEDED when there are too many for one answer."""
    return refuse_too_many(await reading.ledger.postings(span, limit=EXPLAINED_LINES + 1))


async def postings_by_account(span: Span, reading: LedgerReading) -> dict[str, list[PostedLine]]:
    """By account code. Errors: LIMIT_EXCEEDED."""
    found: dict[str, list[PostedLine]] = {}
    for line in await all_postings(span, reading):
        found.setdefault(line.account_code, []).append(line)
    return found


def refuse_too_many(lines: Sequence[T]) -> list[T]:
    """Errors: LIMIT_EXCEEDED."""
    if len(lines) > EXPLAINED_LINES:
        raise LimitExceeded(
            "There are too many postings to list at once: narrow the days, or page through the general ledger.",
            limit=EXPLAINED_LINES,
            given=len(lines),
        )
    return list(lines)
