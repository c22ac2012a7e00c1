"""Taking back: from the accounts where a fact stands in the books, whatever posting rules and roles say by then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Currency
from contexts.ledger.domain.account import Chart
from contexts.ledger.domain.journal_entry import JournalEntry, Posting, RuleLineage, residue
from contexts.ledger.domain.posting_rule import EXCHANGE_DIFFERENCE, exchange_difference


@dataclass(frozen=True, slots=True)
class Precedent:
    """A fact as its document told it, and the entry in which it stands."""

    fact: AccountingFact
    entry: JournalEntry

    def alike(self, reversing: AccountingFact) -> bool:
        """Whether both are about the same thing, whatever their amounts."""
        return _subject(self.fact) == _subject(reversing)

    def equals(self, reversing: AccountingFact) -> bool:
        """Whether nothing of it remains."""
        opposite = (-reversing.amount, -reversing.company_amount)
        return self.alike(reversing) and (self.fact.amount, self.fact.company_amount) == opposite

    def postings(self, reversing: AccountingFact) -> list[Posting]:
        """Those of the entry, with the amounts of the fact that takes them back."""
        return [
            self._turned(posting, posting.lineage, reversing)
            for posting in self.entry.postings
            if posting.lineage is not None and posting.lineage.fact_id == self.fact.id
        ]

    def _turned(self, posting: Posting, lineage: RuleLineage, reversing: AccountingFact) -> Posting:
        # Every line of a rule posts the whole fact, on one side or the other.
        same_side = (posting.amount, posting.company_amount) == (self.fact.amount, self.fact.company_amount)
        return replace(
            posting,
            amount=reversing.amount if same_side else -reversing.amount,
            company_amount=reversing.company_amount if same_side else -reversing.company_amount,
            lineage=replace(lineage, fact_id=reversing.id),
        )


def _subject(fact: AccountingFact) -> tuple[object, ...]:
    return (
        fact.document_id,
        fact.kind,
        fact.line_id,
        fact.item_id,
        fact.account_id,
        fact.budget_line_id,
        fact.open_item_id,
        fact.tax_code_id,
    )


def precedents(
    reversing: Iterable[AccountingFact], told: Iterable[AccountingFact], standing: Iterable[JournalEntry]
) -> dict[UUID, Precedent]:
    """What each reversing fact takes back, by its id: of the facts `told` that stand in an entry, each once.

    Equal amounts find each other before others do. What a reversal tells for the first time has no precedent.
    """
    entries = {
        posting.lineage.fact_id: entry
        for entry in standing
        for posting in entry.postings
        if posting.lineage is not None
    }
    left = [Precedent(fact, entries[fact.id]) for fact in told if fact.id in entries]
    found: dict[UUID, Precedent] = {}
    facts = list(reversing)
    for fits in (Precedent.equals, Precedent.alike):
        for fact in facts:
            precedent = next((each for each in left if fact.id not in found and fits(each, fact)), None)
            if precedent is not None:
                left.remove(precedent)
                found[fact.id] = precedent
    return found


def take_back(
    reversing: Sequence[AccountingFact], precedents: Mapping[UUID, Precedent], chart: Chart
) -> list[JournalEntry]:
    """One entry for each that is taken back, naming it; whatever the rules are, it needs none of them.

    It counts from the earliest day of its facts. A foreign currency's difference goes back to where it was posted.
    Errors: ROLE_WITHOUT_ACCOUNT for a difference that the entry did not have.
    """
    groups: dict[UUID, list[AccountingFact]] = {}
    for fact in reversing:
        if fact.amount or fact.company_amount:
            groups.setdefault(precedents[fact.id].entry.id, []).append(fact)
    entries = []
    for facts in groups.values():
        original = precedents[facts[0].id].entry
        postings = [posting for fact in facts for posting in precedents[fact.id].postings(fact)]
        short = residue(postings, Currency.of(original.company.currency))
        if short and original.currency.code != original.company.currency:
            before = next((posting for posting in original.postings if posting.role == EXCHANGE_DIFFERENCE), None)
            again = exchange_difference(short, original.currency, facts[-1], chart) if before is None else before
            postings.append(replace(again, company_amount=short))
        entries.append(
            replace(
                original,
                id=new_id(),
                effective_on=min(fact.effective_on for fact in facts),
                original_on=None,
                reverses_id=original.id,
                postings=tuple(postings),
            )
        )
    return entries
