from datetime import UTC, datetime

import pytest

from core.period import Span, months_after


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_are_counted_from_the_anchor_with_its_day_clamped(anchor: str, months: int, expected: str) -> None:
    start = datetime.fromisoformat(anchor).replace(hour=9, tzinfo=UTC)

    assert months_after(start, months) == datetime.fromisoformat(expected).replace(hour=9, tzinfo=UTC)


def test_a_span_holds_its_start_but_not_its_end() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

    span = Span(start, end)

    assert start in span
    assert end not in span
    assert end in Span(start, None)
