"""What the shipped posting rules make of each kind of fact, account by account."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from bizcore.documents import Company
from bizcore.facts import AccountingFact
from bizcore.ids import new_id
from contexts.ledger import facts
from contexts.ledger.domain.account import Chart, RoleKey
from contexts.ledger.domain.journal_entry import Book, JournalEntry
from contexts.ledger.domain.posting_rule import PostingRule, journalise
from contexts.ledger.errors import AccountInactive, FactNotCovered, RoleWithoutAccount, UnbalancedEntry
from contexts.ledger.standard.chart import CHART, ROLES
from contexts.ledger.standard.rules import RULES
from tests.contexts.ledger.support import (
    ACCOUNTS,
    COMPANY,
    STANDARD_CHART,
    STANDARD_RULES,
    USD,
    fact,
    shown,
)


def entries_of(*told: AccountingFact, chart: Chart = STANDARD_CHART) -> list[JournalEntry]:
    return journalise(told, STANDARD_RULES, chart, {COMPANY.id: COMPANY})


GOLDEN = [
    (facts.REQUISITION_REQUESTED, Book.COMMITMENT, [("9100", "100.00"), ("9900", "-100.00")]),
    (facts.REQUISITION_RELIEVED, Book.COMMITMENT, [("9100", "-100.00"), ("9900", "100.00")]),
    (facts.ORDER_ORDERED, Book.COMMITMENT, [("9200", "100.00"), ("9900", "-100.00")]),
    (facts.ORDER_RELIEVED, Book.COMMITMENT, [("9200", "-100.00"), ("9900", "100.00")]),
    (facts.GOODS_RECEIVED, Book.ACTUAL, [("1400", "100.00"), ("2020", "-100.00")]),
    (facts.SERVICE_RECEIVED, Book.ACTUAL, [("6010", "100.00"), ("2020", "-100.00")]),
    (facts.STOCK_ISSUED, Book.ACTUAL, [("5000", "100.00"), ("1400", "-100.00")]),
    (facts.STOCK_ADJUSTED, Book.ACTUAL, [("1400", "100.00"), ("5030", "-100.00")]),
    (facts.STOCK_REVALUED, Book.ACTUAL, [("1400", "100.00"), ("5020", "-100.00")]),
    (facts.BUDGET_APPROVED, Book.BUDGET, [("9000", "100.00"), ("9010", "-100.00")]),
]
ONE_SIDED = {
    facts.INVOICE_MATCHED: ("2020", 1),
    facts.INVOICE_CHARGED: ("6010", 1),
    facts.INVOICE_PRICE_DIFFERENCE: ("5020", 1),
    facts.INVOICE_TAX: ("1210", 1),
    facts.INVOICE_PAYABLE: ("2010", -1),
    facts.PAYMENT_PAID: ("1020", -1),
    facts.PAYMENT_SETTLED: ("2010", 1),
    facts.PAYMENT_ADVANCE: ("1310", 1),
    facts.PAYMENT_RECEIVED: ("1020", 1),
    facts.PAYMENT_REFUNDED: ("1310", -1),
    facts.PAYMENT_PREPAID: ("2300", -1),
}


@pytest.mark.parametrize(("kind", "book", "expected"), GOLDEN)
def test_a_fact_becomes_a_balanced_entry(kind: str, book: Book, expected: list[tuple[str, str]]) -> None:
    (entry,) = entries_of(fact(kind, 100_00))
    assert entry.book is book
    assert shown(entry) == expected


@pytest.mark.parametrize(("kind", "book", "expected"), GOLDEN)
def test_the_same_fact_negated_takes_it_back(kind: str, book: Book, expected: list[tuple[str, str]]) -> None:
    (entry,) = entries_of(fact(kind, -100_00, reverses_document=True))
    assert [(code, -Decimal(amount)) for code, amount in shown(entry)] == [
        (code, Decimal(amount)) for code, amount in expected
    ]


@pytest.mark.parametrize(("kind", "code", "sign"), [(kind, *rest) for kind, rest in ONE_SIDED.items()])
def test_a_one_sided_rule_posts_to_its_account(kind: str, code: str, sign: int) -> None:
    (posting,) = STANDARD_RULES[kind].postings(fact(kind, 100_00), STANDARD_CHART)
    assert (posting.account_id, posting.amount.minor) == (ACCOUNTS[code].id, sign * 100_00)


def test_every_shipped_rule_has_a_golden_test() -> None:
    assert {kind for kind, _, _ in GOLDEN} | set(ONE_SIDED) == set(RULES)


def test_the_facts_of_a_supplier_invoice_balance_together() -> None:
    invoice = UUID(int=9)
    (entry,) = entries_of(
        fact(facts.INVOICE_MATCHED, 1_000_00),
        fact(facts.INVOICE_PRICE_DIFFERENCE, 50_00),
        fact(facts.INVOICE_CHARGED, 20_00),
        fact(facts.INVOICE_TAX, 203_30),
        fact(facts.INVOICE_PAYABLE, 1_273_30, open_item_id=invoice),
    )
    assert shown(entry) == [
        ("2020", "1000.00"),
        ("5020", "50.00"),
        ("6010", "20.00"),
        ("1210", "203.30"),
        ("2010", "-1273.30"),
    ]
    assert [posting.open_item_id for posting in entry.postings] == [None, None, None, None, invoice]


def test_a_payment_settles_what_is_allocated_and_keeps_the_rest_as_an_advance() -> None:
    (entry,) = entries_of(
        fact(facts.PAYMENT_PAID, 500_00),
        fact(facts.PAYMENT_SETTLED, 300_00),
        fact(facts.PAYMENT_ADVANCE, 200_00),
    )
    assert shown(entry) == [("1020", "-500.00"), ("2010", "300.00"), ("1310", "200.00")]


def test_facts_that_do_not_balance_are_refused_with_the_difference() -> None:
    with pytest.raises(UnbalancedEntry) as refused:
        entries_of(fact(facts.INVOICE_MATCHED, 100_00), fact(facts.INVOICE_PAYABLE, 99_00))
    assert refused.value.details == {"difference": "1.00", "currency": "EUR"}


def test_what_two_rates_leave_over_is_the_exchange_difference() -> None:
    # 100 USD were owed at 92.40 EUR and cost 95.10 EUR when they were paid
    (entry,) = entries_of(
        fact(facts.PAYMENT_SETTLED, 100_00, own=92_40, currency=USD),
        fact(facts.PAYMENT_PAID, 100_00, own=95_10, currency=USD),
    )
    assert shown(entry) == [("2010", "92.40"), ("1020", "-95.10"), ("4700", "2.70")]
    assert entry.postings[-1].amount.minor == 0


def test_a_fact_that_no_rule_covers_is_named() -> None:
    with pytest.raises(FactNotCovered) as refused:
        entries_of(fact("rental.contract.signed", 1_00))
    assert refused.value.details == {"fact": "rental.contract.signed"}


def test_a_fact_worth_nothing_makes_no_entry() -> None:
    assert entries_of(fact(facts.GOODS_RECEIVED, 0)) == []


def test_facts_of_several_days_and_books_make_an_entry_each() -> None:
    later = date(2026, 3, 16)
    entries = entries_of(
        fact(facts.GOODS_RECEIVED, 1_00),
        fact(facts.GOODS_RECEIVED, 2_00),
        fact(facts.GOODS_RECEIVED, 4_00, effective_on=later),
        fact(facts.ORDER_RELIEVED, 8_00),
    )
    assert [(entry.book, entry.effective_on, len(entry.postings)) for entry in entries] == [
        (Book.ACTUAL, date(2026, 3, 15), 4),
        (Book.ACTUAL, later, 2),
        (Book.COMMITMENT, date(2026, 3, 15), 2),
    ]


def test_only_the_side_that_is_spent_counts_for_the_budget() -> None:
    line = new_id()
    (entry,) = entries_of(fact(facts.GOODS_RECEIVED, 1_00, budget_line_id=line))
    assert [posting.budget_line_id for posting in entry.postings] == [line, None]


def test_each_posting_remembers_its_rule_and_fact() -> None:
    received = fact(facts.GOODS_RECEIVED, 1_00)
    (entry,) = entries_of(received)
    rule = STANDARD_RULES[facts.GOODS_RECEIVED]
    assert {(p.lineage.fact_id, p.lineage.rule_id, p.lineage.revision) for p in entry.postings if p.lineage} == {
        (received.id, rule.id, 1)
    }


ITEM, PARTY, TOOL, OTHER = UUID(int=21), UUID(int=22), UUID(int=23), UUID(int=24)
PARTICULAR = replace(
    STANDARD_CHART,
    roles={
        **STANDARD_CHART.roles,
        RoleKey("expense", item_id=ITEM): ACCOUNTS["6090"].id,
        RoleKey("expense", item_category="Tools"): ACCOUNTS["6080"].id,
        RoleKey("expense", party_id=PARTY): ACCOUNTS["6110"].id,
        RoleKey("expense", company_id=COMPANY.id): ACCOUNTS["6120"].id,
    },
    categories={ITEM: "Tools", TOOL: "Tools", OTHER: "Rent"},
)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"item_id": ITEM, "party_id": PARTY, "account_id": ACCOUNTS["6030"].id}, "6030"),
        ({"item_id": ITEM, "party_id": PARTY}, "6090"),
        ({"item_id": TOOL, "party_id": PARTY}, "6080"),
        ({"item_id": OTHER, "party_id": PARTY}, "6110"),
        ({"party_id": PARTY}, "6110"),
        ({}, "6120"),
        ({"company_id": UUID(int=99)}, "6010"),
    ],
)
def test_the_most_particular_account_plays_the_role(options: dict[str, UUID], code: str) -> None:
    told = fact(facts.SERVICE_RECEIVED, 1_00, **options)
    companies = {COMPANY.id: COMPANY, UUID(int=99): Company(UUID(int=99), "B", "B", "DE", "EUR", "UTC")}
    (entry,) = journalise([told], STANDARD_RULES, PARTICULAR, companies)
    assert shown(entry)[0] == (code, "1.00")


def test_a_tax_code_brings_its_own_account() -> None:
    tax = new_id()
    chart = replace(STANDARD_CHART, tax_accounts={(tax, "input_tax"): ACCOUNTS["1230"].id})
    (posting,) = STANDARD_RULES[facts.INVOICE_TAX].postings(fact(facts.INVOICE_TAX, 1_00, tax_code_id=tax), chart)
    assert posting.account_id == ACCOUNTS["1230"].id


def test_a_role_without_account_is_named() -> None:
    with pytest.raises(RoleWithoutAccount) as refused:
        entries_of(fact(facts.GOODS_RECEIVED, 1_00), chart=Chart(accounts={}, roles={}))
    assert refused.value.details == {"role": "inventory", "fact": facts.GOODS_RECEIVED}


def test_an_account_out_of_use_takes_no_posting() -> None:
    closed = replace(ACCOUNTS["1400"], active=False)
    chart = replace(STANDARD_CHART, accounts={**STANDARD_CHART.accounts, closed.id: closed})
    with pytest.raises(AccountInactive):
        entries_of(fact(facts.GOODS_RECEIVED, 1_00), chart=chart)


@pytest.mark.parametrize("rule", STANDARD_RULES.values(), ids=lambda rule: rule.fact_kind)
def test_a_rule_is_what_its_definition_says(rule: PostingRule) -> None:
    assert PostingRule.parse(rule.id, rule.fact_kind, rule.revision, rule.definition()) == rule


def test_the_shipped_rules_name_roles_that_accounts_play() -> None:
    for rule in STANDARD_RULES.values():
        rule.check(list(ROLES))


def test_the_shipped_chart_has_every_parent_and_role_it_names() -> None:
    codes = [account.code for account in CHART]
    assert len(codes) == len(set(codes))
    assert {account.parent for account in CHART if account.parent} | set(ROLES.values()) <= set(codes)
