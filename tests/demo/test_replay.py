"""The main job on real input: purchasing cases replayed over HTTP, every claim of the replay proven."""

from pathlib import Path

import pytest

from services.cli.demo.cases import Kind, plan, read_cases
from services.cli.demo.command import SAMPLE, replay_and_prove

REAL = Path(__file__).parents[3] / "shared" / "data" / "p2p_sample"

real_cases = pytest.mark.skipif(not REAL.is_dir(), reason="the purchasing cases of ../shared/data are not there")


def test_the_projects_own_sample_is_replayed_and_proven(whole_system: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_and_prove(whole_system, plan(read_cases(SAMPLE))) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "Counted: 6 requisitions, 6 requisitions approved, 6 orders, 6 orders approved, 8 receipts" in said
    assert said.count("  holds  ") == 15
    assert "Blocked on arrival are the invoices ahead of their goods: 2 of 2" in said


@real_cases
def test_eight_real_cases_are_replayed_and_proven(whole_system: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_and_prove(whole_system, plan(read_cases(REAL, 8))) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "Blocked on arrival are the invoices ahead of their goods: 4 of 4\n" in said
    assert "Released by hand are the invoices paid ahead of their goods: 3 of 3\n" in said
    assert "No invoice is blocked at the end: 1 lifted by their goods, 0 still blocked\n" in said


@real_cases
@pytest.mark.slow
def test_all_real_cases_are_replayed_and_proven(whole_system: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_and_prove(whole_system, plan(read_cases(REAL))) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "Blocked on arrival are the invoices ahead of their goods: 18 of 18\n" in said
    assert "Released by hand are the invoices paid ahead of their goods: 12 of 12\n" in said
    assert "No invoice is blocked at the end: 6 lifted by their goods, 0 still blocked\n" in said


@real_cases
@pytest.mark.parametrize(("cases", "ahead", "early"), [(8, 4, 3), (None, 18, 12)])
def test_the_plan_knows_which_invoices_come_and_are_paid_before_their_goods(
    cases: int | None, ahead: int, early: int
) -> None:
    made = plan(read_cases(REAL, cases))
    charged, paid = made.ahead_of_goods(Kind.INVOICE), made.ahead_of_goods(Kind.PAY)
    assert (len(charged), len(paid)) == (ahead, early)
    assert paid < charged


@real_cases
def test_the_plan_takes_each_step_at_the_last_of_its_events_and_in_order() -> None:
    made = plan(read_cases(REAL))
    assert len(made.orders) == 89
    assert [step.at for step in made.steps] == sorted(step.at for step in made.steps)
    for step in made.steps:
        if step.order is None or step.kind is Kind.ORDER:
            continue
        earlier = [s.kind for s in made.steps if s.order == step.order and (s.at, s.kind) < (step.at, step.kind)]
        assert Kind.ORDER in earlier
        assert step.kind <= Kind.APPROVE_ORDER or Kind.APPROVE_ORDER in earlier


@real_cases
def test_the_receipts_of_an_order_share_out_exactly_what_was_ordered() -> None:
    made = plan(read_cases(REAL))
    for order in made.orders:
        parts = [step.quantities for step in made.steps if step.kind is Kind.RECEIVE and step.order == order]
        if parts:
            assert [sum(column) for column in zip(*parts, strict=True)] == [line.quantity for line in order.lines]
