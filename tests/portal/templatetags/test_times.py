"""When a key was last used, as exact as an hourly sum allows."""

from datetime import datetime, timedelta

import pytest

from portal.templatetags.times import ago


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0, "this hour"),
        (1, "last hour"),
        (2, "2 hours ago"),
        (23, "23 hours ago"),
        (24, "yesterday"),
        (49, "2 days ago"),
    ],
)
def test_hours_become_words(now: datetime, hours: int, text: str) -> None:
    assert ago(now - timedelta(hours=hours)) == text


def test_what_is_long_ago_has_a_date(now: datetime) -> None:
    assert ago(now - timedelta(days=40)) == "27 Feb 2026"
