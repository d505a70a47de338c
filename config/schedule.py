"""Each periodic job, in one list. A job is idempotent and safe to run twice at once."""

from typing import TypedDict


class Job(TypedDict):
    task: str
    schedule: float  # seconds between two starts


DAY = 24 * 60 * 60.0

BEAT_SCHEDULE: dict[str, Job] = {
    "prepare usage partitions": {"task": "usage.tasks.prepare_usage_partitions", "schedule": DAY},
}
