"""Posting rules: data that says what an accounting fact means to the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from bizcore.documents import Company
from bizcore.errors import ValidationFailed
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Currency, Money
from contexts.ledger.domain.account import CONTROL_OF_ROLE, Chart
from contexts.ledger.domain.journal_entry import Book, JournalEntry, Posting, RuleLineage, residue
from contexts.ledger.errors import FactNotCovered

EXCHANGE_DIFFERENCE = "exchange_difference"


class Side(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One posting of a rule: the fact's amount on one side of the account that plays `role`.

    `own_account` prefers the account that the fact names. Only the line with `budget_line` counts for the budget, only
    the one with `open_item` for the open balance: on both sides they would cancel out.
    """

    side: Side
    role: str
    own_account: bool = False
    budget_line: bool = False
    open_item: bool = False

    def plain(self) -> dict[str, object]:
        flags = ("own_account", "budget_line", "open_item")
        return {"side": self.side.value, "role": self.role, **{name: True for name in flags if getattr(self, name)}}


@dataclass(frozen=True, slots=True)
class PostingRule:
    """One revision of the rule for one kind of fact. A line alone is fine: its document's facts balance together."""

    id: UUID
    fact_kind: str
    revision: int
    book: Book
    lines: tuple[RuleLine, ...]

    @classmethod
    def parse(cls, id: UUID, fact_kind: str, revision: int, definition: Mapping[str, Any]) -> "PostingRule":
        lines = tuple(RuleLine(**{**line, "side": Side(line["side"])}) for line in definition["lines"])
        return cls(id, fact_kind, revision, Book(definition["book"]), lines)

    def definition(self) -> dict[str, object]:
        return {"book": self.book.value, "lines": [line.plain() for line in self.lines]}

    def check(self, known_roles: Sequence[str]) -> None:
        """Errors: VALIDATION_FAILED for a role that no account plays, an open item that no account would keep, and what
        would count a fact for its budget or open item more than once.
        """
        counted: set[str] = set()
        for index, line in enumerate(self.lines):
            if line.role not in known_roles:
                raise ValidationFailed.at(
                    f"/lines/{index}/role", "UNKNOWN_ROLE", "No account plays this role.",
                    given=line.role, allowed=sorted(known_roles),
                )  # fmt: skip
            control = CONTROL_OF_ROLE.get(line.role)
            keeps = control is not None and control.keeps_open_items
            if line.open_item != keeps:
                raise ValidationFailed.at(
                    f"/lines/{index}/open_item", "OPEN_ITEM",
                    "Open items are what payables and receivables consist of: there always, elsewhere never.",
                    given=line.open_item, allowed=keeps,
                )  # fmt: skip
            counts = {name for name in ("budget_line", "open_item") if getattr(line, name)}
            for name in counts & counted:
                raise ValidationFailed.at(
                    f"/lines/{index}/{name}", "COUNTED_TWICE",
                    "One line of a rule counts, or the fact would count twice or not at all.",
                    given=True, allowed=False,
                )  # fmt: skip
            counted |= counts

    def postings(self, fact: AccountingFact, chart: Chart) -> list[Posting]:
        """What the fact becomes. Errors: ROLE_WITHOUT_ACCOUNT, ACCOUNT_INACTIVE."""
        return [self._posting(line, fact, chart) for line in self.lines]

    def _posting(self, line: RuleLine, fact: AccountingFact, chart: Chart) -> Posting:
        debit = line.side is Side.DEBIT
        return Posting(
            account_id=chart.account_for(line.role, fact, own=line.own_account).id,
            amount=fact.amount if debit else -fact.amount,
            company_amount=fact.company_amount if debit else -fact.company_amount,
            role=line.role,
            party_id=fact.party_id,
            item_id=fact.item_id,
            budget_line_id=fact.budget_line_id if line.budget_line else None,
            open_item_id=fact.open_item_id if line.open_item else None,
            tax_code_id=fact.tax_code_id,
            dimensions=fact.dimensions,
            lineage=RuleLineage(fact.id, self.id, self.revision),
        )


def journalise(
    facts: Sequence[AccountingFact],
    rules: Mapping[str, PostingRule],
    chart: Chart,
    companies: Mapping[UUID, Company],
) -> list[JournalEntry]:
    """One balanced entry for each document, book, date and currency of the facts.

    What an entry in a foreign currency is short of in the company's, its parts having been valued at different rates,
    is the gain or loss on the exchange. Facts worth nothing make no posting.
    Errors: FACT_NOT_COVERED, ROLE_WITHOUT_ACCOUNT, ACCOUNT_INACTIVE, UNBALANCED_ENTRY.
    """
    groups: dict[tuple[UUID, UUID, Book, date, Currency], list[Posting]] = {}
    last: dict[tuple[UUID, UUID, Book, date, Currency], AccountingFact] = {}
    for fact in facts:
        rule = rules.get(fact.kind)
        if rule is None:
            raise FactNotCovered(f"No posting rule covers {fact.kind}.", fact=fact.kind)
        if not fact.amount and not fact.company_amount:
            continue
        key = (fact.document_id, fact.company_id, rule.book, fact.effective_on, fact.amount.currency)
        groups.setdefault(key, []).extend(rule.postings(fact, chart))
        last[key] = fact
    entries = []
    for key, postings in groups.items():
        document_id, company_id, book, on, currency = key
        company = companies[company_id]
        own = Currency.of(company.currency)
        short = residue(postings, own)
        if short and currency != own:
            postings.append(exchange_difference(short, currency, last[key], chart))
        entries.append(
            JournalEntry(
                id=new_id(),
                company=company,
                book=book,
                effective_on=on,
                currency=currency,
                document_id=document_id,
                description=None,
                postings=tuple(postings),
            )
        )
    return entries


def exchange_difference(short: Money, currency: Currency, fact: AccountingFact, chart: Chart) -> Posting:
    """What balances an entry in the company's currency. Errors: ROLE_WITHOUT_ACCOUNT."""
    return Posting(
        account_id=chart.account_for(EXCHANGE_DIFFERENCE, fact).id,
        amount=Money.zero(currency),
        company_amount=short,
        role=EXCHANGE_DIFFERENCE,
        party_id=fact.party_id,
    )
