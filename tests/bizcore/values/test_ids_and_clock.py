import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bizcore.clock import Clock, FixedClock, SystemClock
from bizcore.ids import new_id


def test_an_id_is_a_uuidv7_of_this_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after + 1


def test_ids_made_in_a_burst_are_in_the_order_of_their_making() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert len({made for batch in batches for made in batch}) == 16_000


def test_a_clock_set_back_does_not_disturb_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert new_id() > before


def test_today_is_the_date_where_the_company_is() -> None:
    clock: Clock = FixedClock(datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    assert clock.today(ZoneInfo("UTC")) == date(2026, 1, 31)
    assert clock.today(ZoneInfo("Europe/Berlin")) == date(2026, 2, 1)
    assert clock.today(ZoneInfo("America/New_York")) == date(2026, 1, 31)


def test_a_fixed_clock_moves_only_when_told_to() -> None:
    clock = FixedClock(datetime(2026, 1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    assert clock.now() == clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_an_instant_without_time_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FixedClock(datetime(2026, 1, 1))


def test_the_clock_of_the_system_tells_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
