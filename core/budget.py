"""What a budget stands at, and the windows that it counts in. All windows are in UTC, and weeks begin on Monday."""

import calendar
from datetime import UTC, datetime, timedelta
from enum import StrEnum

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Node(StrEnum):
    """From the widest to the narrowest: the order in which a request's budgets are asked."""

    ORGANIZATION = "organization"
    PROJECT = "project"
    KEY = "key"
    MEMBER = "member"  # the user who made the key
    END_CUSTOMER = "end_customer"
    MODEL = "model"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class Window(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LIFETIME = "lifetime"

    @property
    def adjective(self) -> str:
        """As in "its daily limit"."""
        return ADJECTIVES[self]


ADJECTIVES = {Window.DAY: "daily", Window.WEEK: "weekly", Window.MONTH: "monthly", Window.LIFETIME: "lifetime"}


def window_start(window: Window, at: datetime) -> datetime:
    """Answer when the window that holds the aware instant `at` began; a lifetime began in 1970."""
    if window is Window.LIFETIME:
        return EPOCH
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if window is Window.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if window is Window.MONTH else day


def window_end(window: Window, start: datetime) -> datetime | None:
    """Answer when the window that began at `start` ends and the next one begins; a lifetime never does."""
    if window is Window.LIFETIME:
        return None
    if window is Window.MONTH:
        return start + calendar.monthrange(start.year, start.month)[1] * DAY
    return start + (7 * DAY if window is Window.WEEK else DAY)
