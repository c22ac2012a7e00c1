"""Taking facts back, without a database."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from bizcore.values import Money
from contexts.ledger import facts
from contexts.ledger.domain.account import Chart, RoleKey
from contexts.ledger.domain.journal_entry import JournalEntry
from contexts.ledger.domain.posting_rule import journalise
from contexts.ledger.domain.taking_back import precedents, take_back
from tests.contexts.ledger.support import ACCOUNTS, COMPANY, EUR, STANDARD_CHART, STANDARD_RULES, USD, fact, shown

# Every role leads to the same account by now, so what is taken back by it would show.
ELSEWHERE = Chart(STANDARD_CHART.accounts, dict.fromkeys(STANDARD_CHART.roles, ACCOUNTS["6500"].id))


def posted(*told: AccountingFact) -> list[JournalEntry]:
    return journalise(told, STANDARD_RULES, STANDARD_CHART, {COMPANY.id: COMPANY})


def turned(told: AccountingFact, minor: int | None = None) -> AccountingFact:
    amount, own = (-told.amount, -told.company_amount) if minor is None else (Money(minor, EUR), Money(minor, EUR))
    return replace(told, id=new_id(), amount=amount, company_amount=own, reverses_document=True)


def taken_back(
    told: list[AccountingFact], reversing: list[AccountingFact], chart: Chart = ELSEWHERE
) -> list[JournalEntry]:
    return take_back(reversing, precedents(reversing, told, posted(*told)), chart)


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=8))
def test_all_facts_taken_back_are_the_entry_with_its_signs_turned(minors: list[int]) -> None:
    told = [fact(facts.GOODS_RECEIVED, minor, line_id=new_id()) for minor in minors]
    (original,), reversing = posted(*told), [turned(each) for each in reversed(told)]
    (entry,) = take_back(reversing, precedents(reversing, told, [original]), ELSEWHERE)
    assert entry.reverses_id == original.id
    assert sorted((p.account_id, -p.company_amount.minor) for p in entry.postings) == sorted(
        (p.account_id, p.company_amount.minor) for p in original.postings
    )


def test_each_entry_is_taken_back_by_one_of_its_own() -> None:
    """Allocated, given back and allocated again on one day."""
    item = new_id()
    told = [fact(facts.PAYMENT_SETTLED, minor, open_item_id=item) for minor in (50_00, -50_00, 50_00)]
    bank = [fact(facts.PAYMENT_PAID, minor) for minor in (50_00, -50_00, 50_00)]
    standing = [entry for pair in zip(told, bank, strict=True) for entry in posted(*pair)]
    reversing = [turned(each) for each in told + bank]
    entries = take_back(reversing, precedents(reversing, told + bank, standing), ELSEWHERE)
    assert {entry.reverses_id for entry in entries} == {entry.id for entry in standing}
    assert [shown(entry) for entry in entries] == [
        [("2010", "-50.00"), ("1020", "50.00")],
        [("2010", "50.00"), ("1020", "-50.00")],
        [("2010", "-50.00"), ("1020", "50.00")],
    ]


def test_another_amount_of_the_same_goes_to_the_same_accounts() -> None:
    """An order that was amended gets another commitment back than its receipt relieved."""
    relieved = fact(facts.ORDER_RELIEVED, 50_00, line_id=new_id())
    (entry,) = taken_back([relieved], [turned(relieved, -60_00)])
    assert shown(entry) == [("9200", "60.00"), ("9900", "-60.00")]


def test_what_equals_is_found_before_what_is_alike() -> None:
    line = new_id()
    told = [fact(facts.ORDER_RELIEVED, minor, line_id=line) for minor in (10_00, 20_00)]
    reversing = [turned(told[1]), turned(told[0])]
    found = precedents(reversing, told, posted(*told))
    assert [found[each.id].fact.id for each in reversing] == [told[1].id, told[0].id]


def test_what_was_never_told_has_no_precedent_and_follows_the_rules() -> None:
    received = fact(facts.GOODS_RECEIVED, 10_00)
    assert precedents([fact(facts.STOCK_REVALUED, 1_00)], [received], posted(received)) == {}


def test_an_exchange_difference_goes_back_to_where_it_was_posted() -> None:
    item = new_id()
    told = [
        fact(facts.PAYMENT_SETTLED, 100_00, own=92_40, currency=USD, open_item_id=item),
        fact(facts.PAYMENT_PAID, 100_00, own=95_10, currency=USD),
    ]
    (entry,) = taken_back(told, [turned(each) for each in told])
    assert shown(entry) == [("2010", "-92.40"), ("1020", "95.10"), ("4700", "-2.70")]


def test_a_difference_that_the_entry_did_not_have_is_posted_by_its_role() -> None:
    told = [
        fact(facts.PAYMENT_SETTLED, 100_00, own=92_40, currency=USD, open_item_id=new_id()),
        fact(facts.PAYMENT_PAID, 100_00, own=92_40, currency=USD),
    ]
    back = [turned(told[0]), replace(turned(told[1]), company_amount=Money(-95_10, EUR))]
    chart = Chart(STANDARD_CHART.accounts, {RoleKey("exchange_difference"): ACCOUNTS["4700"].id})
    (entry,) = taken_back(told, back, chart)
    assert shown(entry) == [("2010", "-92.40"), ("1020", "95.10"), ("4700", "-2.70")]


def test_it_counts_from_the_earliest_day_of_what_takes_it_back() -> None:
    told = [fact(facts.GOODS_RECEIVED, 10_00), fact(facts.SERVICE_RECEIVED, 5_00)]
    days = (date(2026, 4, 1), date(2026, 3, 15))
    reversing = [replace(turned(each), effective_on=day) for each, day in zip(told, days, strict=True)]
    (entry,) = taken_back(told, reversing)
    assert entry.effective_on == date(2026, 3, 15)
