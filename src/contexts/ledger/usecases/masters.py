"""Tax codes, exchange rates and bank accounts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from bizcore.errors import ValidationFailed
from bizcore.fields import UNSET, Field, Unset
from bizcore.platform.changes import at
from bizcore.platform.countries import require_country
from bizcore.values import Currency, ExchangeRate, electronic_iban
from contexts.ledger.ports import LedgerWork
from contexts.ledger.usecases.fields import Active, CompanyRef, CurrencyCode, Id, Name, Version, given

AccountRef = Annotated[UUID, Field("Account", ref="account")]
Code = Annotated[str, Field("Code", min_length=1, max_length=20, pattern=r"^[0-9A-Za-z._-]+$")]
Rate = Annotated[Decimal, Field("Rate", help="In percent", example="19", minimum=Decimal(0), maximum=Decimal(1000))]
Country = Annotated[str, Field("Country", help="ISO 3166-1", example="DE", pattern="^[A-Z]{2}$")]
TaxKindField = Annotated[Literal["input", "output", "both"], Field("Kind", help="On purchases, on sales, or both")]
InputAccount = Annotated[UUID, Field("Input account", help="The role input_tax's where left out", ref="account")]
OutputAccount = Annotated[UUID, Field("Output account", help="The role output_tax's where left out", ref="account")]
Iban = Annotated[str, Field("IBAN", help="ISO 13616", example="DE89 3704 0044 0532 0130 00", max_length=42)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTaxCode:
    """Add a tax code."""

    code: Code
    name: Name
    rate: Rate
    country: Country | None = None
    kind: TaxKindField = "both"
    input_account: InputAccount | None = None
    output_account: OutputAccount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTaxCode:
    """Change a tax code. A new rate is a new code: what was charged keeps its own."""

    id: Id
    version: Version = None
    name: Name | Unset = UNSET
    country: Country | Unset | None = UNSET
    kind: TaxKindField | Unset = UNSET
    input_account: InputAccount | Unset | None = UNSET
    output_account: OutputAccount | Unset | None = UNSET
    active: Active | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishExchangeRate:
    """Enter the rate of a day: what one unit of `base` costs in `quote`. It counts until a later one is known."""

    base: Annotated[str, Field("Base", help="ISO 4217", example="EUR", pattern="^[A-Z]{3}$")]
    quote: Annotated[str, Field("Quote", help="ISO 4217", example="USD", pattern="^[A-Z]{3}$")]
    rate: Annotated[Decimal, Field("Rate", example="1.0823", above=Decimal(0))]
    valid_on: Annotated[date, Field("Valid on")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBankAccount:
    """Add a bank account of a company."""

    code: Code
    name: Name
    company: CompanyRef | None = None
    account: AccountRef
    currency: CurrencyCode | None = None
    iban: Iban | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBankAccount:
    """Change a bank account."""

    id: Id
    version: Version = None
    name: Name | Unset = UNSET
    account: AccountRef | Unset = UNSET
    iban: Iban | Unset | None = UNSET
    active: Active | Unset = UNSET


async def create_tax_code(command: CreateTaxCode, work: LedgerWork) -> UUID:
    if command.country is not None:
        require_country(command.country, "/country")
    await _admit(work, input_account=command.input_account, output_account=command.output_account)
    return await work.ledger_masters.add(
        "tax_code",
        {
            "code": command.code,
            "name": command.name,
            "rate": command.rate,
            "country": command.country,
            "kind": command.kind,
            "input_account_id": command.input_account,
            "output_account_id": command.output_account,
        },
    )


async def change_tax_code(command: ChangeTaxCode, work: LedgerWork) -> UUID:
    if isinstance(command.country, str):
        require_country(command.country, "/country")
    await _admit(work, input_account=command.input_account, output_account=command.output_account)
    changes = given(command, input_account="input_account_id", output_account="output_account_id")
    return await work.ledger_masters.change("tax_code", command.id, command.version, changes)


async def publish_exchange_rate(command: PublishExchangeRate, work: LedgerWork) -> UUID:
    with at("/base"):
        base = Currency.of(command.base)
    with at("/quote"):
        quote = Currency.of(command.quote)
    if base == quote:
        raise ValidationFailed.at("/quote", "SAME_CURRENCY", "A rate relates two currencies.", given=quote.code)
    rate = ExchangeRate(base, quote, command.rate)
    return await work.ledger_masters.add(
        "exchange_rate",
        {"base": base.code, "quote": quote.code, "rate": rate.rate, "valid_on": command.valid_on},
    )


async def create_bank_account(command: CreateBankAccount, work: LedgerWork) -> UUID:
    await _admit(work, account=command.account)
    company = work.company(command.company)
    with at("/currency"):
        currency = Currency.of(command.currency or company.currency)
    return await work.ledger_masters.add(
        "bank_account",
        {
            "code": command.code,
            "name": command.name,
            "company_id": company.id,
            "account_id": command.account,
            "currency": currency.code,
            "iban": _electronic(command.iban),
        },
    )


async def change_bank_account(command: ChangeBankAccount, work: LedgerWork) -> UUID:
    await _admit(work, account=command.account)
    changes = given(command, account="account_id")
    if isinstance(command.iban, str):
        changes["iban"] = _electronic(command.iban)
    return await work.ledger_masters.change("bank_account", command.id, command.version, changes)


def _electronic(iban: str | None) -> str | None:
    with at("/iban"):
        return None if iban is None else electronic_iban(iban)


async def _admit(work: LedgerWork, **accounts: UUID | Unset | None) -> None:
    """Taxes and money are no control account's. Errors: ACCOUNT_INACTIVE, CONTROL_ACCOUNT at the field's name."""
    chart = (await work.journal.bookkeeping()).chart
    for name, id in accounts.items():
        if isinstance(id, UUID):
            chart.accounts[id].admit_direct_posting(f"/{name}")
