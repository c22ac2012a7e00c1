import csv
from pathlib import Path

import pytest

from bizcore.errors import ValidationFailed
from bizcore.values import Currency

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / "iso4217" / "codes-all.csv"


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("HUF", 2)])
def test_a_currency_knows_the_digits_of_its_minor_unit(code: str, digits: int) -> None:
    assert Currency.of(code) == Currency(code, digits)


@pytest.mark.parametrize("code", ["eur", "XAU", "XTS", "DEM", "", "EURO", "E" * 1000])
def test_what_is_no_currency_in_use_is_refused(code: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        Currency.of(code)
    (field,) = refusal.value.fields
    assert (field.code, field.given) == ("UNKNOWN_CURRENCY", code[:20])


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published ISO 4217 list is not on this machine")
def test_the_currencies_are_those_of_the_published_list() -> None:
    with PUBLISHED.open(encoding="utf-8") as file:
        published = {
            row["AlphabeticCode"]: int(row["MinorUnit"])
            for row in csv.DictReader(file)
            if not row["WithdrawalDate"] and row["MinorUnit"].isdigit()
        }
    assert {currency.code: currency.digits for currency in Currency.known.values()} == published
