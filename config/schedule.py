"""Each periodic job, in one list. A job is idempotent and safe to run twice at once."""

from typing import TypedDict

from config import environment

MINUTE = 60.0
DAY = 24 * 60 * MINUTE
# In the demo a period ends when somebody presses a button, and nobody likes to wait for the mending of what was lost.
SWEEP_EVERY = MINUTE if environment.flag("TOLLWAY_DEMO") else 10 * MINUTE


class Job(TypedDict):
    task: str
    schedule: float  # seconds between two starts


BEAT_SCHEDULE: dict[str, Job] = {
    "partitions of the coming months": {"task": "usage.tasks.prepare_usage_partitions", "schedule": DAY},
    "webhook events that were not handled": {"task": "billing.tasks.handle_webhook_events_left", "schedule": 20.0},
    "what lost webhooks left": {"task": "billing.tasks.sweep_payments", "schedule": SWEEP_EVERY},
    "every customer at the payment provider": {"task": "billing.tasks.sweep_all_payments", "schedule": DAY},
    "facts that Redis missed": {"task": "billing.tasks.publish_everything", "schedule": MINUTE},
    "what idempotent requests made a day ago": {"task": "keys.tasks.forget_idempotent_issues", "schedule": 60 * MINUTE},
    "mail about leaked keys": {"task": "keys.tasks.mail_leak_reports", "schedule": 15.0},
    "when keys were used last": {"task": "keys.tasks.copy_last_uses", "schedule": 15.0},
    "usage of the hour": {"task": "billing.tasks.accrue_usage", "schedule": 60 * MINUTE},
    "notices of credit that will expire": {"task": "billing.tasks.send_expiry_notices", "schedule": 60 * MINUTE},
    "credit whose time has come": {"task": "billing.tasks.expire_credit", "schedule": 5 * MINUTE},
    "promises of the books": {"task": "billing.tasks.check_books", "schedule": 60 * MINUTE},
    "budgets that have reached a threshold": {"task": "billing.tasks.notice_budgets", "schedule": 15.0},
    "keys that spend far more than usual": {"task": "billing.tasks.freeze_what_races", "schedule": 15.0},
    "mail about frozen keys": {"task": "keys.tasks.mail_freezes", "schedule": 15.0},
    "advances that a killed worker left": {"task": "billing.tasks.resume_demo_clocks", "schedule": 10.0},
    "batches that nobody works on": {"task": "batches.tasks.advance_batches", "schedule": 5.0},
    "files and batches whose day has come": {"task": "batches.tasks.forget_old", "schedule": 60 * MINUTE},
}
