"""Value-added taxes that sign-up adds, by country of the company. Source: national rates at the beginning of 2026."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class CountryTax:
    code: str
    name: str
    rate: Decimal


def _taxes(name: str, *rates: str) -> tuple[CountryTax, ...]:
    """The standard rate first; codes such as VAT20 and VAT5.5."""
    return tuple(CountryTax(f"VAT{rate}", f"{name} {rate} %", Decimal(rate)) for rate in rates)


TAXES: Final = {
    "AT": _taxes("Umsatzsteuer", "20", "13", "10", "0"),
    "BE": _taxes("TVA / BTW", "21", "12", "6", "0"),
    "CH": _taxes("Mehrwertsteuer", "8.1", "3.8", "2.6", "0"),
    "CZ": _taxes("DPH", "21", "12", "0"),
    "DE": _taxes("Umsatzsteuer", "19", "7", "0"),
    "DK": _taxes("Moms", "25", "0"),
    "ES": _taxes("IVA", "21", "10", "4", "0"),
    "FI": _taxes("ALV", "25.5", "13.5", "10", "0"),
    "FR": _taxes("TVA", "20", "10", "5.5", "2.1", "0"),
    "GB": _taxes("VAT", "20", "5", "0"),
    "IE": _taxes("VAT", "23", "13.5", "9", "0"),
    "IT": _taxes("IVA", "22", "10", "5", "4", "0"),
    "LU": _taxes("TVA", "17", "14", "8", "3", "0"),
    "NL": _taxes("Btw", "21", "9", "0"),
    "NO": _taxes("MVA", "25", "15", "12", "0"),
    "PL": _taxes("VAT", "23", "8", "5", "0"),
    "PT": _taxes("IVA", "23", "13", "6", "0"),
    "SE": _taxes("Moms", "25", "12", "6", "0"),
}
