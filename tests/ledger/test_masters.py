"""Accounts, roles, tax codes, rates, bank accounts and posting rules on PostgreSQL."""

from uuid import UUID

import pytest

from bizcore.errors import ValidationFailed, VersionConflict
from bizcore.ids import new_id
from bizcore.platform.errors import DuplicateCode
from contexts.ledger import facts
from contexts.ledger.errors import AccountCurrency, AccountHasPostings, AccountInactive, FactNotCovered
from tests.ledger.support import Books, Told


async def account(books: Books, code: str) -> dict[str, object]:
    return (await books.listed("account", ("code", code)))[0]


async def test_the_chart_of_package_standard_is_there(books: Books) -> None:
    inventory = await account(books, "1400")
    assert (inventory["name"], inventory["type"], inventory["control"]) == ("Inventory", "asset", "inventory")
    assert (await account(books, "2010"))["parent_code"] == "2000"
    assert [a["code"] for a in await books.listed("account", ("q", "payables"), ("sort", "code"))] == [
        "2000", "2010", "2050", "2060",
    ]  # fmt: skip


async def test_an_account_is_added_changed_and_taken_out_of_use(books: Books) -> None:
    made = await books.run(
        "ledger.account.create", {"code": "6085", "name": "Paper", "type": "expense", "parent": "6000"}
    )
    assert (made["code"], made["parent_code"], made["version"]) == ("6085", "6000", 1)
    await books.post(("6085", "debit", "1.00"), ("1020", "credit", "1.00"))
    changed = await books.run(
        "ledger.account.update", {"name": "Paper and pens", "active": False}, id=UUID(made["id"]), version=1
    )
    assert (changed["name"], changed["active"], changed["version"]) == ("Paper and pens", False, 2)
    with pytest.raises(AccountInactive):
        await books.post(("6085", "debit", "1.00"), ("1020", "credit", "1.00"))
    with pytest.raises(VersionConflict):
        await books.run("ledger.account.update", {"name": "Late"}, id=UUID(made["id"]), version=1)


async def test_a_code_is_used_once(books: Books) -> None:
    with pytest.raises(DuplicateCode) as refusal:
        await books.run("ledger.account.create", {"code": "1400", "name": "Second", "type": "asset"})
    assert refusal.value.details == {"field": "/code"}


async def test_an_account_is_not_grouped_under_itself(books: Books) -> None:
    found = await account(books, "6010")
    with pytest.raises(ValidationFailed):
        await books.run("ledger.account.update", {"parent": "6010"}, id=UUID(str(found["id"])), version=1)


async def test_no_account_is_grouped_under_one_that_is_grouped_under_it(books: Books) -> None:
    for code, parent in (("6910", "6000"), ("6911", "6910"), ("6912", "6911")):
        await books.run("ledger.account.create", {"code": code, "name": code, "type": "expense", "parent": parent})
    found = await account(books, "6910")
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.account.update", {"parent": "6912"}, id=UUID(str(found["id"])), version=1)
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [("/parent", "OWN_PARENT")]
    assert (await account(books, "6910"))["parent_code"] == "6000"
    lowest = await account(books, "6912")
    moved = await books.run("ledger.account.update", {"parent": "6910"}, id=UUID(str(lowest["id"])), version=1)
    assert moved["parent_code"] == "6910"


async def test_an_account_is_kept_in_the_currency_of_its_postings(books: Books) -> None:
    """What is posted in euro is in no account of dollars; of its own currency, or any, it may be said at any time."""
    made = await books.run("ledger.account.create", {"code": "1091", "name": "Till", "type": "asset"})
    id = UUID(str(made["id"]))
    await books.post(("1091", "debit", "1.00"), ("1020", "credit", "1.00"))
    with pytest.raises(AccountHasPostings):
        await books.run("ledger.account.update", {"currency": "USD"}, id=id, version=1)
    assert (await account(books, "1091"))["currency"] is None
    for version, currency in enumerate(("EUR", None), start=1):
        changed = await books.run("ledger.account.update", {"currency": currency}, id=id, version=version)
        assert changed["currency"] == currency


async def test_an_account_of_one_currency_takes_no_other_whoever_posts(books: Books) -> None:
    await books.run("ledger.account.create", {"code": "1092", "name": "Dollars", "type": "asset", "currency": "USD"})
    dollars = await account(books, "1092")
    with pytest.raises(ValidationFailed):
        await books.post(("6010", "debit", "1.00"), ("1092", "credit", "1.00"))
    with pytest.raises(AccountCurrency):
        await books.tell(Told(facts.SERVICE_RECEIVED, 1_00, options={"account_id": UUID(str(dollars["id"]))}))
    assert await books.balance("1092") == "0.00"


async def test_the_taxes_of_the_country_are_there(books: Books) -> None:
    codes = await books.listed("tax_code", ("sort", "-rate"))
    assert [(code["code"], code["rate"], code["country"]) for code in codes] == [
        ("VAT19", "19", "DE"),
        ("VAT7", "7", "DE"),
        ("VAT0", "0", "DE"),
    ]


async def test_a_tax_code_brings_its_account_to_the_postings(books: Books) -> None:
    tax = await books.run(
        "ledger.tax_code.create", {"code": "IMPORT19", "name": "Import", "rate": "19", "input_account": "1230"}
    )
    await books.tell(
        Told(facts.INVOICE_TAX, 19_00, options={"tax_code_id": UUID(tax["id"])}),
        Told(facts.INVOICE_PAYABLE, 19_00, options={"open_item_id": new_id()}),
    )
    assert (await books.balance("1230"), await books.balance("1210")) == ("19.00", "0.00")


async def test_a_company_has_one_bank_account_that_payments_take(books: Books) -> None:
    (default,) = await books.listed("bank_account")
    assert (default["code"], default["account_code"], default["is_default"]) == ("BANK-MAIN", "1020", True)
    made = await books.run("ledger.bank_account.create", {"code": "SAVE", "name": "Savings", "account": "1030"})
    assert (made["is_default"], made["currency"]) == (False, "EUR")
    changed = await books.run(
        "ledger.bank_account.update", {"iban": "de89 3704 0044 0532 0130 00"}, id=UUID(made["id"]), version=1
    )
    assert changed["iban"] == "DE89370400440532013000"


@pytest.mark.parametrize(
    ("command", "body", "path", "code"),
    [
        ("bank_account.create", {"code": "B", "name": "B", "account": "1030"}, "/iban", "INVALID_IBAN"),
        ("bank_account.update", {}, "/iban", "INVALID_IBAN"),
        ("tax_code.create", {"code": "T", "name": "T", "rate": "1"}, "/country", "UNKNOWN_COUNTRY"),
        ("tax_code.update", {}, "/country", "UNKNOWN_COUNTRY"),
    ],
)
async def test_ibans_and_countries_are_real_ones(
    books: Books, command: str, body: dict[str, object], path: str, code: str
) -> None:
    kind, action = command.split(".")
    record = (await books.listed(kind))[0]
    wrong = {"/iban": "DE88370400440532013000", "/country": "QQ"}[path]
    route = {"id": UUID(record["id"]), "version": record["version"]} if action == "update" else {}
    with pytest.raises(ValidationFailed) as refused:
        await books.run(f"ledger.{command}", {**body, path[1:]: wrong}, **route)
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [(path, code)]
    assert (await books.listed(kind))[0] == record


async def test_the_latest_rate_until_the_day_counts(books: Books) -> None:
    for day, rate in (("2026-01-01", "0.9000"), ("2026-02-01", "0.9500")):
        await books.run("ledger.exchange_rate.create", {"base": "CHF", "quote": "EUR", "rate": rate, "valid_on": day})
    with pytest.raises(DuplicateCode):
        await books.run(
            "ledger.exchange_rate.create", {"base": "CHF", "quote": "EUR", "rate": "1", "valid_on": "2026-02-01"}
        )
    rates = await books.listed("exchange_rate", ("base", "CHF"), ("sort", "valid_on"))
    assert [(rate["rate"], rate["valid_on"]) for rate in rates] == [("0.9", "2026-01-01"), ("0.95", "2026-02-01")]


@pytest.mark.parametrize(
    ("command", "body", "path"),
    [
        (
            "ledger.exchange_rate.create",
            {"base": "XXX", "quote": "EUR", "rate": "1", "valid_on": "2026-01-01"},
            "/base",
        ),
        (
            "ledger.exchange_rate.create",
            {"base": "EUR", "quote": "XXX", "rate": "1", "valid_on": "2026-01-01"},
            "/quote",
        ),
        ("ledger.account.create", {"code": "1090", "name": "Metal", "type": "asset", "currency": "XAU"}, "/currency"),
        (
            "ledger.bank_account.create",
            {"code": "G", "name": "Gold", "account": "1030", "currency": "XAU"},
            "/currency",
        ),
    ],
)
async def test_an_unknown_currency_is_named_with_its_place(
    books: Books, command: str, body: dict[str, object], path: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await books.run(command, body)
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [(path, "UNKNOWN_CURRENCY")]


async def test_a_new_revision_of_a_rule_posts_from_then_on(books: Books) -> None:
    kind = facts.STOCK_ADJUSTED
    await books.tell(Told(kind, 10_00))
    revised = await books.run(
        "ledger.posting_rule.create",
        {
            "fact_kind": kind,
            "lines": [{"side": "debit", "role": "inventory"}, {"side": "credit", "role": "price_difference"}],
        },
    )
    assert revised["revision"] == 2
    await books.tell(Told(kind, 3_00))
    assert (await books.balance("5030"), await books.balance("5020")) == ("-10.00", "-3.00")
    lineage = await books.fetch(
        """SELECT p.rule_revision FROM ledger.posting p JOIN ledger.fact f ON f.id = p.fact_id
           WHERE f.kind = $1 AND p.role <> 'inventory' ORDER BY f.id""",
        kind,
    )
    assert [row["rule_revision"] for row in lineage] == [1, 2]


async def test_a_rule_names_roles_that_accounts_play(books: Books) -> None:
    body = {"fact_kind": "rental.contract.signed", "lines": [{"side": "debit", "role": "nobody"}]}
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.posting_rule.create", body)
    assert (refused.value.fields[0].path, refused.value.fields[0].code) == ("/lines/0/role", "UNKNOWN_ROLE")


@pytest.mark.parametrize(
    ("roles", "flag"),
    [(("encumbrance", "commitment_control"), "budget_line"), (("payable", "supplier_advance"), "open_item")],
)
async def test_a_rule_counts_for_a_budget_or_an_open_item_once(books: Books, roles: tuple[str, str], flag: str) -> None:
    lines = [{"side": side, "role": role, flag: True} for side, role in zip(("debit", "credit"), roles, strict=True)]
    body = {"fact_kind": facts.ORDER_ORDERED, "book": "commitment", "lines": lines}
    with pytest.raises(ValidationFailed) as refused:
        await books.run("ledger.posting_rule.create", body)
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [(f"/lines/1/{flag}", "COUNTED_TWICE")]
    assert (
        await books.value("SELECT max(revision) FROM ledger.posting_rule WHERE fact_kind = $1", body["fact_kind"]) == 1
    )


async def test_a_fact_without_rule_is_refused_until_there_is_one(books: Books) -> None:
    with pytest.raises(FactNotCovered) as refused:
        await books.tell(Told("rental.contract.signed", 5_00))
    assert refused.value.details == {"fact": "rental.contract.signed"}
    assert await books.value("SELECT count(*) FROM ledger.fact WHERE kind = 'rental.contract.signed'") == 0
    await books.run("ledger.account_role.create", {"role": "rent", "account": "6030"})
    lines = [{"side": "debit", "role": "rent"}, {"side": "credit", "role": "bank"}]
    await books.run("ledger.posting_rule.create", {"fact_kind": "rental.contract.signed", "lines": lines})
    await books.tell(Told("rental.contract.signed", 5_00))
    assert await books.balance("6030") == "5.00"


async def test_a_role_of_one_company_goes_before_that_of_all(books: Books) -> None:
    made = await books.run("ledger.account_role.create", {"role": "expense", "account": "6020", "company": "MAIN"})
    await books.tell(Told(facts.SERVICE_RECEIVED, 2_00))
    assert (await books.balance("6020"), await books.balance("6010")) == ("2.00", "0.00")
    await books.run("ledger.account_role.update", {"account": "6010"}, id=UUID(made["id"]), version=1)
    await books.tell(Told(facts.SERVICE_RECEIVED, 2_00))
    assert (await books.balance("6020"), await books.balance("6010")) == ("2.00", "2.00")
    with pytest.raises(DuplicateCode):
        await books.run("ledger.account_role.create", {"role": "expense", "account": "6020", "company": "MAIN"})
