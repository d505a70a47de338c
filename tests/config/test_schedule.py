"""The list of periodic jobs names tasks that exist, and every task that nobody calls stands in it."""

from config import celery_app
from config.schedule import BEAT_SCHEDULE

SCHEDULED = {job["task"] for job in BEAT_SCHEDULE.values()}


def test_every_job_is_a_task_of_ours() -> None:
    celery_app.loader.import_default_modules()

    assert celery_app.tasks.keys() >= SCHEDULED


def test_partitions_are_prepared_ahead() -> None:
    assert "usage.tasks.prepare_usage_partitions" in SCHEDULED


def test_what_was_lost_is_swept_up() -> None:
    assert {"billing.tasks.sweep_payments", "billing.tasks.publish_everything"} <= SCHEDULED
