"""Windows of budgets: in UTC, weeks from Monday, each beginning where the one before ends."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.budget import EPOCH, Window, window_end, window_start

ANY_INSTANT = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        (Window.DAY, datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        (Window.WEEK, datetime(2026, 2, 23, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
        (Window.MONTH, datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        (Window.LIFETIME, EPOCH, None),
    ],
)
def test_a_saturday_lies_in_its_day_week_and_month(window: Window, start: datetime, end: datetime | None) -> None:
    saturday = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)

    assert window_start(window, saturday) == start
    assert window_end(window, start) == end


def test_another_time_zone_changes_nothing() -> None:
    late = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert window_start(Window.MONTH, late) == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("window", [Window.DAY, Window.WEEK, Window.MONTH])
@given(at=ANY_INSTANT)
def test_windows_tile(window: Window, at: datetime) -> None:
    start = window_start(window, at)
    end = window_end(window, start)

    assert end is not None
    assert start <= at < end
    assert window_start(window, end) == end
    assert window_start(window, end - timedelta(microseconds=1)) == start
