"""The countries of the interface are those that the server takes."""

from __future__ import annotations

import re
from pathlib import Path

from bizcore.platform.countries import COUNTRIES

INTERFACE = Path(__file__).parents[3] / "web" / "src" / "lib" / "countries.ts"


def test_the_interface_offers_every_country_that_is_taken_and_no_other() -> None:
    _, codes = INTERFACE.read_text(encoding="utf-8").split("const CODES =", 1)
    offered = re.findall(r"\b[A-Z]{2}\b", codes.split(";", 1)[0])
    assert sorted(offered) == sorted(COUNTRIES)
