"""Jobs. Each may run twice at once and any number of times, and ends in one action."""

from celery import shared_task

from keys import last_uses


@shared_task
def copy_last_uses() -> None:
    last_uses.copy_last_uses()
