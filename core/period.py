"""Billing periods: half-open `[start, end)`, computed from the original anchor.

A clamped day returns: 31 Jan → 28 Feb → 31 Mar.
"""

import calendar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Aware instants; `end` is excluded, and None means not known yet."""

    start: datetime
    end: datetime | None

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant and (self.end is None or instant < self.end)


def months_after(anchor: datetime, months: int) -> datetime:
    """The anchor's day and time `months` later, the day clamped to the month's last."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    day = min(anchor.day, calendar.monthrange(year, month + 1)[1])
    return anchor.replace(year=year, month=month + 1, day=day)
