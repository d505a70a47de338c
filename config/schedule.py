"""Each periodic job, in one list. A job is idempotent and safe to run twice at once."""

from typing import TypedDict


class Job(TypedDict):
    task: str
    schedule: float  # seconds between two starts


BEAT_SCHEDULE: dict[str, Job] = {}
