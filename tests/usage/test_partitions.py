from datetime import UTC, datetime

import pytest
from django.db import connection

from usage.partitions import prepare_partitions
from usage.tasks import prepare_usage_partitions

EXPECTED = ["usage_event_2031_11", "usage_event_2031_12", "usage_event_2032_01", "usage_event_2032_02"]


@pytest.mark.django_db
def test_this_month_and_the_coming_quarter_are_prepared_once() -> None:
    last_moment = datetime(2031, 11, 30, 23, 59, tzinfo=UTC)

    assert prepare_partitions(last_moment) == EXPECTED
    assert prepare_partitions(last_moment) == EXPECTED
    assert set(EXPECTED) <= partitions()


@pytest.mark.django_db
def test_the_daily_job_prepares_the_present_month(now: datetime) -> None:
    prepare_usage_partitions()

    assert "usage_event_2026_04" in partitions()


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage_event'::regclass")
        return {name for (name,) in cursor.fetchall()}
