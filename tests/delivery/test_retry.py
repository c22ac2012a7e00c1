"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webhooks.retry import DELAYS, delay_after, parse_retry_after
from adapters.webhooks.subscription import is_filter, is_pattern, type_matches, wants

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_ten_tries_span_three_days_and_three_and_a_half_hours() -> None:
    assert len(DELAYS) == 10
    assert sum(DELAYS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)
    assert delay_after(9, None, lambda: 0.0) == timedelta(hours=24)
    assert delay_after(10, timedelta(hours=1), lambda: 0.0) is None


@given(st.integers(1, 9), st.floats(0, 1))
def test_jitter_only_lengthens_and_by_a_tenth_at_most(tries: int, chance: float) -> None:
    delay = delay_after(tries, None, lambda: chance)
    assert delay is not None
    assert DELAYS[tries] <= delay <= DELAYS[tries] * 1.1


def test_the_receivers_time_counts_when_it_is_later() -> None:
    assert delay_after(1, timedelta(minutes=2), lambda: 0.0) == timedelta(minutes=2)
    assert delay_after(2, timedelta(minutes=2), lambda: 0.0) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("9" * 400, timedelta(hours=24)),
        ("-5", None),
        ("soon", None),
        ("Sat, 21 Nov 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Sat, 21 Nov 2037 12:01:00 GMT", timedelta(hours=24)),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, expected: timedelta | None) -> None:
    assert parse_retry_after(header, NOW) == expected


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        ("procurement.*", True),
        ("procurement.purchase_order.*", True),
        ("procurement.*.activated.v1", True),
        ("procurement.purchase_order.activated.v1", True),
        ("procurement.purchase_order", False),
        ("procurement.purchase.*", False),
        ("billing.*", False),
        ("procurement.*.activated", False),
        ("procurement.purchase_order.activated.v1.*", False),
    ],
)
def test_a_star_is_one_part_and_at_the_end_the_rest(pattern: str, matches: bool) -> None:
    assert is_pattern(pattern)
    assert type_matches(pattern, "procurement.purchase_order.activated.v1") is matches


@pytest.mark.parametrize("text", ["", "Procurement.*", "a..b", ".a", "a.", "*.a", "**", "a.b*", "a b", "a\n"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    assert not is_pattern(text)


def test_a_missing_member_is_not_null() -> None:
    assert wants(["*"], {"data.x": None}, {"type": "a.b.c.v1", "data": {"x": None}})
    assert not wants(["*"], {"data.x": None}, {"type": "a.b.c.v1", "data": {}})
    assert not wants(["*"], {"data.x.y": "1"}, {"type": "a.b.c.v1", "data": {"x": "1"}})


@pytest.mark.parametrize(
    "value",
    [
        [], {"a": {"b": 1}}, {"": "x"}, {"a..b": "x"}, {"a": [[1]]}, {"a": 1.5}, "x", {"a\0": 1}, {"a": "\0"},
        {"a": 2**53}, {"a": ["x", -(2**53)]},
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(value: object) -> None:
    assert not is_filter(value)
