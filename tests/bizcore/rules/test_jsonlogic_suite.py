"""The published table of cases that every JSONLogic implementation is measured by."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from bizcore.rules import compile_rule

SUITE = Path(__file__).parents[4] / "shared" / "data" / "jsonlogic" / "compatible.json"


@pytest.mark.skipif(not SUITE.exists(), reason="the published JSONLogic cases are not on this machine")
def test_every_case_of_the_published_table_gives_its_result() -> None:
    table = json.loads(SUITE.read_text(encoding="utf-8"), parse_float=Decimal)
    cases = [case for case in table if isinstance(case, dict)]
    wrong = []
    for case in cases:
        result = compile_rule(case["rule"], {}).evaluate(case.get("data"))
        # To Python true is 1; to JSON it is not.
        if result != case["result"] or isinstance(result, bool) != isinstance(case["result"], bool):
            wrong.append((case["rule"], case.get("data"), result, case["result"]))
    assert wrong == []
    assert len(cases) == 278
