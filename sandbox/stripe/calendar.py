"""Billing periods: months from an anchor, clamped to the length of the month (31 Jan, 28 Feb, 31 Mar)."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from itertools import count

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def period_end(anchor: int, after: int, *, interval: str, interval_count: int) -> int:
    """Answer the first whole number of intervals from the anchor that lies after a second."""
    for steps in count(1):
        moment = _add(anchor, steps * interval_count, interval)
        if moment > after:
            return moment
    raise AssertionError


def add_intervals(start: int, steps: int, *, interval: str) -> int:
    """Answer the second that lies this many intervals later."""
    return _add(start, steps, interval)


def _add(anchor: int, steps: int, interval: str) -> int:
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=steps * DAYS[interval])).timestamp())
    month = start.month - 1 + steps * MONTHS[interval]
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def day_text(second: int) -> str:
    """Answer a day as invoice lines name it, e.g. "16 Jan 2026"."""
    return datetime.fromtimestamp(second, UTC).strftime("%-d %b %Y")
