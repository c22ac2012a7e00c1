"""Currencies of ISO 4217."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from bizcore.errors import ValidationFailed

_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency in use, and how many `digits` its minor unit lies behind the point: EUR 2, JPY 0, KWD 3.

    Metals, bond units and test codes (XAU, XBA, XTS) have no minor unit and are no currency to keep books in.
    """

    code: str
    digits: int

    known: ClassVar[Mapping[str, "Currency"]]

    @classmethod
    def of(cls, code: str) -> "Currency":
        """Errors: UNKNOWN_CURRENCY."""
        currency = cls.known.get(code)
        if currency is None:
            raise ValidationFailed.at(
                "",
                "UNKNOWN_CURRENCY",
                f"{code[:20]!r} is no active ISO 4217 currency code.",
                given=code[:20],
                allowed="three capital letters, such as EUR",
            )
        return currency

    def __str__(self) -> str:
        return self.code

    def plain(self) -> str:
        return self.code


Currency.known = MappingProxyType(
    {code: Currency(code, digits) for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()}
)
