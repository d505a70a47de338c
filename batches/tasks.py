"""Jobs. Each may run twice at once and any number of times, and ends in one action."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from batches import advance, forget
from batches.waking import wake, wake_live


@shared_task(name="batches.tasks.advance_batch")
def advance_batch(pk: str) -> None:
    if advance.advance_batch(UUID(pk)):
        wake(UUID(pk))


@shared_task(name="batches.tasks.advance_batches")
def advance_batches() -> None:
    wake_live(at=timezone.now())


@shared_task(name="batches.tasks.forget_old")
def forget_old() -> None:
    forget.forget_old(now=timezone.now())
